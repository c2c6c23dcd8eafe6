"""Text and JSON to values, strictly, and values to the one JSON text that every door gives."""

from __future__ import annotations

import json
import math
from datetime import datetime
from enum import Enum
from typing import Any

from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.operations.kinds import members_of, without_none
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.parameter import Unread

__all__ = ["error_json", "from_text", "read_json", "to_json"]

_LARGEST = 2**63 - 1  # what every store can keep
_DEEPEST = 64
_TRUTH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def from_text(kind: Any, text: str, at: str) -> Any:
    """Read *text* as a *kind*; a record, a list or a mapping is read as JSON.

    Raises
    ------
    Invalid
        The text is not one; the message says what was expected *at* which parameter.
    """
    bare = without_none(kind)
    if bare is str:
        return text
    if bare in (Any, object):
        return Unread(text)  # whoever knows what is wanted (a notebook's parameters cell) reads it
    if bare is bool:
        return _truth(text, at)
    if bare in (int, float):
        return _number(bare, text, at)
    if len(members_of(bare)) > 1:
        return _loosely(bare, text, at)
    plain = bare is datetime or (isinstance(bare, type) and issubclass(bare, Enum))
    return decode(bare, text if plain else read_json(text, at=at), at=at)


def _truth(text: str, at: str) -> bool:
    try:
        return _TRUTH[text.lower()]
    except KeyError:
        return decode(bool, text, at=at)  # which says what was expected, as for JSON


def _number(kind: type[int | float], text: str, at: str) -> int | float:
    try:
        number = kind(text)
    except ValueError:
        return decode(kind, text, at=at)
    return _bounded(number, at) if kind is int else number


def _bounded(number: Any, at: str) -> Any:
    if abs(number) > _LARGEST:
        raise Invalid(
            f"{at}: {str(number)[:24]}… is too large; whole numbers reach to {_LARGEST}",
            remedy=f"Give a number from {-_LARGEST} to {_LARGEST}, or a text.",
        )
    return number


def _loosely(kind: Any, text: str, at: str) -> Any:
    """A value of several possible types is what JSON says it is, and text where JSON says nothing."""
    try:
        value = read_json(text, at=at)
    except Invalid:
        value = text
    try:
        return decode(kind, value, at=at)
    except Invalid:
        return decode(kind, text, at=at)


def read_json(text: str | bytes, *, at: str) -> Any:
    """Read strict JSON: no NaN, no number a store cannot keep, no nesting without end, no key twice."""
    try:
        found = json.loads(
            text,
            parse_constant=lambda word: _refuse(f"{at}: {word} is not JSON"),
            parse_int=lambda digits: _whole(digits, at),
            parse_float=lambda digits: _finite(digits, at),
            object_pairs_hook=lambda pairs: _once(pairs, at),
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as failure:
        raise Invalid(
            f"{at}: expected JSON: {failure}",
            remedy='Write it as JSON: {"name": "text", "number": 1.5, "list": [1, 2]}.',
        ) from None
    except RecursionError:
        raise _too_deep(at) from None
    if not _shallow(found):
        raise _too_deep(at)
    return found


def _too_deep(at: str) -> Invalid:
    return Invalid(f"{at}: nested too deeply", remedy=f"At most {_DEEPEST} levels make sense here.")


def _shallow(value: Any) -> bool:
    """Tell whether *value* can be written again: whatever walks into it later needs a frame for each level, or more."""
    level = [value]
    for _ in range(_DEEPEST + 1):
        level = [item for item in level if isinstance(item, (list, dict))]
        if not level:
            return True
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return False


def _refuse(message: str) -> Any:
    raise Invalid(message, remedy="Write null where there is no number.")


def _whole(digits: str, at: str) -> int:
    # Checked on the text: Python itself takes quadratic time for very long numbers.
    if len(digits) > 20:  # noqa: PLR2004
        raise Invalid(
            f"{at}: {digits[:24]}… is too large",
            remedy=f"Give a number from {-_LARGEST} to {_LARGEST}, or a text.",
        )
    number: int = _bounded(int(digits), at)
    return number


def _finite(digits: str, at: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Invalid(f"{at}: {digits[:24]} is too large", remedy="Write null where there is no number.")
    return number


def _once(pairs: list[tuple[str, Any]], at: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Invalid(f"{at}: a key stands twice in one object", remedy="Leave one of the two out.")
    return found


def to_json(value: object) -> str:
    """Return the answer of a verb as the one JSON text every door gives."""
    return json.dumps(encode(value), ensure_ascii=False, allow_nan=False)


def error_json(failure: MlopsError) -> str:
    """Return an error as the one JSON text every door gives."""
    said = {"code": failure.code, "message": failure.message, "remedy": failure.remedy, "data": failure.data}
    return to_json(said)
