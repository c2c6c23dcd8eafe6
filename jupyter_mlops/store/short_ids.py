"""A record found by its id, or by the last characters of it: what people read off a table and type."""

from __future__ import annotations

from typing import Protocol, TypeVar

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.query import Comparison, Field, Operator, Query, Scope
from jupyter_mlops.store.protocol import Collection

__all__ = ["by_id"]

_SHORTEST = 4  # fewer characters fit by chance
_WHOLE = 26
_NAMED = 5


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


def by_id(records: Collection[T], noun: str, key: str) -> T:
    """Return the record that *key* names.

    Parameters
    ----------
    noun
        How a sentence calls one of *records*: ``run``.
    key
        Its id, or the last characters of it, at least 4, where they name one record only.

    Raises
    ------
    NotFound
        There is none, or the tail is too short.
    Invalid
        More than one record ends so; the message names them.
    """
    asked = key.strip().lower()
    try:
        return records.get(asked)
    except NotFound as absent:
        if not _SHORTEST <= len(asked) < _WHOLE or not (asked.isascii() and asked.isalnum()):
            raise NotFound(
                f"there is no {noun} {key!r:.60}",
                remedy=f"{absent.remedy} {_SHORTEST} or more characters of the end do.",
            ) from None
        listing = absent.remedy
    ends_so = Comparison(Field(Scope.ATTRIBUTE, "id"), Operator.LIKE, f"%{asked}")
    page = records.find(Query(where=ends_so, limit=_NAMED))
    if not page.items:
        raise NotFound(f"no {noun} ends in {asked!r}", remedy=listing)
    if page.total > 1:
        raise Invalid(
            f"{page.total} {noun}s end in {asked!r}: {', '.join(map(_told, page))}"
            f"{', …' if page.total > len(page) else ''}",
            remedy="Give more of the id.",
        )
    return page[0]


def _told(record: _Identified) -> str:
    name = getattr(record, "name", "")
    return f"{record.id[-10:]} ({name})" if name else record.id[-10:]
