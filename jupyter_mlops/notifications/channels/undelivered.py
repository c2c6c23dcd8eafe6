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
    """

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.message = message
        self.final = final
