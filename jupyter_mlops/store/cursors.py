"""Cursors: where a page ended, as text that only fits the question it came from."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.store.fields import Kind, Sort

__all__ = ["read_cursor", "write_cursor"]


def write_cursor(mark: str, values: Sequence[Any]) -> str:
    """Return the text that leads to the records after the one with these sort *values*.

    *mark* says to which question it belongs.
    """
    body = json.dumps([mark, *values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:6] + body).decode().rstrip("=")


def read_cursor(text: str, mark: str, order: Sequence[Sort]) -> tuple[Any, ...]:
    """Return the sort values of the last record of the page before.

    Raises
    ------
    Invalid
        The text is damaged, or belongs to another question.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if hashlib.sha256(raw[6:]).digest()[:6] != raw[:6]:
            raise Invalid("damaged", remedy="Ask again without a cursor.")  # told below, with the rest
        found = json.loads(raw[6:])
        fits = isinstance(found, list) and found[0] == mark and _fit(found[1:], order)
    except (ValueError, binascii.Error, IndexError, RecursionError):
        fits = False
    if not fits:
        raise Invalid(
            f"the cursor {text[:24]!r} does not belong to this query",
            remedy="Give the cursor of the page before with the same filter and order, or none.",
        )
    return tuple(found[1:])


def _fit(values: Sequence[Any], order: Sequence[Sort]) -> bool:
    expected: list[tuple[type, ...]] = []
    for step in order:
        if step.target.kind is Kind.PARAM:
            expected += [(int, float), (str,)]
        else:
            expected.append(_HELD[step.target.kind])
    return len(values) == len(expected) and all(
        value is None or (isinstance(value, allowed) and _holdable(value))
        for value, allowed in zip(values, expected, strict=True)
    )


def _holdable(value: Any) -> bool:
    """Tell whether a database can be asked for *value*: no cursor that was written has a longer number."""
    return not isinstance(value, int) or -(2**63) <= value < 2**63


_HELD: Mapping[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.TIME: (str,),
    Kind.NUMBER: (int, float),
    Kind.FLAG: (int,),
}
