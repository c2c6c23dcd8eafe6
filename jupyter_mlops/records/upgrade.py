"""What upgrading a store did."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Upgrade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A store brought to today's schema, or found to have it already."""

    store: str  # where, without a password
    before: str | None  # revision; None: the store was empty
    after: str
    backup: str | None = (
        None  # the copy made before: a file, or a schema of the same database; None: nothing had to be changed
    )

    @property
    def changed(self) -> bool:
        """True where there was something to do."""
        return self.before != self.after
