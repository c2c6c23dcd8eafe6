"""What a channel says when a message did not get through."""

from __future__ import annotations

__all__ = ["Undelivered"]


class Undelivered(Exception):
    """A message was not delivered.

    Parameters
    ----------
    message
        One sentence that names the receiver and what went wrong. It never holds a secret.
    final
        Another try cannot help: somebody has to change something first.
    elsewhere
        This process lacks what it takes; another one may have it, or this one later.
    """

    def __init__(self, message: str, *, final: bool, elsewhere: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.final = final
        self.elsewhere = elsewhere
