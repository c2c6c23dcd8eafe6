"""Whether a value fits a type, and what it then is: as a value of Python, as JSON, as an expression.

Of a union the first option counts that the value is of already; where there is none, the first that it can be
converted to. Text of a command line is of none: the first option that can read it counts, one for text the last. What is JSON-ready always reads back as the same value: where an option would be told wrongly, it is
named (``{"type": "date", "value": "2026-01-31"}``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from jupyter_mlops.jobs import plain
from jupyter_mlops.jobs.annotations import longest_matched
from jupyter_mlops.jobs.scalars import SCALARS, Misfit, read_literal
from jupyter_mlops.records.parameter import Bound, ParameterType, Unread

__all__ = ["ANY", "TEXT", "as_code", "as_ready", "fit", "has_text_keys", "untagged"]

ANY = ParameterType(kind="any")
TEXT = ParameterType(kind="str")
# Text of these kinds is no word for nothing, unless all that can be given is text; a file may be called none even then.
_TEXTUAL = frozenset({"str", "path", "any", "secret"})
_NOTHING = frozenset({"none", "null"})
_COLLECTIONS: Mapping[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


def fit(kind: ParameterType, value: Any) -> Any:
    """Return *value* as Python has a value of this *kind*.

    Raises
    ------
    Misfit
        It is none, or outside of the limits.
    """
    if value is None or _is_word_for_nothing(kind, value):
        if kind.nullable or kind == ANY:
            return None
        raise Misfit(f"needs {_article(kind.spelled)}, and None is not allowed")
    if kind.choices:
        return _chosen(kind, value)
    if kind.options:
        return _first_option(kind, value)
    found = _READERS.get(kind.kind, _scalar)(kind, value)
    _keep_limits(kind, found)
    return found


def _is_word_for_nothing(kind: ParameterType, value: object) -> bool:
    if not kind.nullable or not isinstance(value, str) or value.strip().lower() not in _NOTHING:
        return False
    if kind.choices:
        return not any(isinstance(c, str) and c.lower() in _NOTHING for c in kind.choices)
    # Nothing else gives None on a command line, so there it comes before text.
    textual = any(option.kind in _TEXTUAL for option in kind.options or (kind,))
    return not textual or (isinstance(value, Unread) and kind.kind != "path")


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _scalar(kind: ParameterType, value: object) -> object:
    return SCALARS[kind.kind].read(value)


def _chosen(kind: ParameterType, value: Any) -> object:
    for choice in kind.choices:
        if type(choice) is type(value) and choice == value:
            return choice
    for choice in kind.choices:
        same = isinstance(choice, bool) == isinstance(value, bool) and choice == value
        if same or (isinstance(value, str) and _says(value, choice)):
            return choice
    raise Misfit(f"must be one of {', '.join(map(repr, kind.choices))}", "choices")


def _says(text: str, choice: object) -> bool:
    if isinstance(choice, bool):
        return text.strip().lower() == str(choice).lower()
    return not isinstance(choice, str) and text.strip() == str(choice)


# --- unions --------------------------------------------------------------------------------------------


def _first_option(kind: ParameterType, value: Any) -> object:
    named = _named_option(kind, value)
    if named is not None:
        return fit(named, value["value"])
    for option in _in_order(kind, value):
        with suppress(Misfit):
            return fit(option, value)
    # One option that the value is of already tells best what is wrong with it.
    near = [option for option in kind.options if _is_exact(option, value)]
    if len(near) == 1:
        fit(near[0], value)
    raise Misfit(f"must be {kind.spelled}")


def _in_order(kind: ParameterType, value: object) -> list[ParameterType]:
    if isinstance(value, Unread):
        return sorted(kind.options, key=lambda option: option.kind in _TEXTUAL)
    return sorted(kind.options, key=lambda option: not _is_exact(option, value))


def _named_option(kind: ParameterType, value: object) -> ParameterType | None:
    if not isinstance(value, Mapping) or set(value) != {"type", "value"}:
        return None
    return next((option for option in kind.options if option.spelled == value["type"]), None)


def _is_exact(kind: ParameterType, value: object) -> bool:
    if kind.choices:
        return any(type(c) is type(value) and c == value for c in kind.choices)
    if kind.kind in SCALARS:
        return SCALARS[kind.kind].exact(value)
    if kind.kind == "dict":
        return isinstance(value, Mapping)
    return kind.kind == "any" or isinstance(value, _EXACT[kind.kind])


_EXACT: Mapping[str, type] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


# --- collections ---------------------------------------------------------------------------------------


def _from_text(value: object) -> object:
    """Read text as a collection: a literal of Python, or JSON."""
    if not isinstance(value, str):
        return value
    found = read_literal(value)
    if isinstance(found, str):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return found


def _items(kind: ParameterType, value: object) -> object:
    found = _from_text(value)
    if isinstance(found, (str, bytes, Mapping)) or not isinstance(found, (list, tuple, set, frozenset)):
        raise Misfit(f"must be a list of values ({kind.spelled})")
    if kind.places and len(found) != len(kind.places):
        raise Misfit(
            f"must have {_count(len(kind.places), 'item')}, and has {len(found)} ({kind.spelled})", "length"
        )
    types = kind.places or (kind.items or ANY,) * len(found)
    fitted = [_within(f"item {i + 1}", t, item) for i, (t, item) in enumerate(zip(types, found, strict=True))]
    try:
        return _COLLECTIONS[kind.kind](fitted)
    except TypeError:
        raise Misfit(f"holds a list or a dict, which a {kind.kind} cannot") from None


def _dict(kind: ParameterType, value: object) -> object:
    found = _from_text(value)
    if isinstance(found, list) and not has_text_keys(kind):
        found = _from_pairs(found)
    if not isinstance(found, Mapping):
        raise Misfit(f"must be names with values ({kind.spelled})")
    keys, values = kind.keys or TEXT, kind.values or ANY
    if keys == TEXT and not all(isinstance(key, str) for key in found):
        raise Misfit("may have text as keys only")
    made = {
        _within("a key", keys, key): _within(f"the value of {str(key)[:40]!r}", values, item)
        for key, item in found.items()
    }
    if len(made) < len(found):
        raise Misfit("has two keys that are the same", "keys")
    return made


def _from_pairs(pairs: list[Any]) -> object:
    with suppress(ValueError, TypeError):
        return {(tuple(key) if isinstance(key, list) else key): item for key, item in pairs}
    return pairs


def has_text_keys(kind: ParameterType) -> bool:
    """Tell whether the keys go as text into an object of JSON; others go as pairs."""
    keys = kind.keys or TEXT
    return keys.kind in SCALARS and not keys.nullable and (not keys.choices or keys.kind != "any")


def _within(place: str, kind: ParameterType, value: object) -> Any:
    try:
        # In a collection text is text where nothing else is declared: quotes stood about it.
        return plain.checked(value) if kind == ANY else fit(kind, value)
    except Misfit as failure:
        raise Misfit(f"{failure.sentence} ({place})", failure.rule) from None


def _any(_kind: ParameterType, value: object) -> object:
    if isinstance(value, str):
        found = read_literal(value)
        simple = isinstance(found, (bool, int, float, list, dict, type(None)))
        return plain.checked(found if simple else value)
    return plain.checked(value)


_READERS: Mapping[str, Callable[[ParameterType, Any], Any]] = {
    **dict.fromkeys(_COLLECTIONS, _items),
    "dict": _dict,
    "any": _any,
}


# --- limits --------------------------------------------------------------------------------------------


def _keep_limits(kind: ParameterType, found: Any) -> None:
    for name, says, holds in _ORDER:
        bound: Bound | None = getattr(kind, name)
        if bound is not None and not _compared(kind, found, bound, holds):
            raise Misfit(f"must be {says} {bound}", name)
    if kind.multiple_of is not None and not _is_multiple(found, kind.multiple_of):
        raise Misfit(f"must be a multiple of {kind.multiple_of}", "multiple_of")
    unit = "character" if isinstance(found, str) else "item"
    if kind.min_length is not None and len(found) < kind.min_length:
        raise Misfit(
            f"must have at least {_count(kind.min_length, unit)}, and has {len(found)}", "min_length"
        )
    if kind.max_length is not None and len(found) > kind.max_length:
        raise Misfit(f"must have at most {_count(kind.max_length, unit)}, and has {len(found)}", "max_length")
    if kind.pattern is not None:
        _match(kind.pattern, found)


def _match(pattern: str, text: str) -> None:
    longest = longest_matched(pattern)
    if len(text) > longest:  # with it, time grows faster than the text does
        raise Misfit(f"may have at most {longest:,} characters, as it must match {pattern}", "pattern")
    if re.search(pattern, text) is None:
        raise Misfit(f"must match {pattern}", "pattern")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


_ORDER: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("minimum", "at least", lambda a, b: a >= b),
    ("exclusive_minimum", "above", lambda a, b: a > b),
    ("maximum", "at most", lambda a, b: a <= b),
    ("exclusive_maximum", "below", lambda a, b: a < b),
)


def _compared(kind: ParameterType, found: Any, bound: Bound, holds: Callable[[Any, Any], bool]) -> bool:
    limit = bound if kind.kind in {"int", "float"} else SCALARS[kind.kind].read(bound)
    try:
        return holds(found, limit)
    except TypeError:  # a time with a zone and one without
        raise Misfit(f"cannot be compared with {bound}: one of them has a time zone", "zone") from None


def _is_multiple(found: Any, step: float) -> bool:
    try:
        return Decimal(repr(found)) % Decimal(repr(step)) == 0
    except ArithmeticError:  # infinite, not a number, or too many digits for it
        return isinstance(found, int) and isinstance(step, int) and found % step == 0


# --- JSON and code -------------------------------------------------------------------------------------


def as_ready(kind: ParameterType, found: Any) -> Any:
    """Return what ``fit`` returned as JSON-ready data that fits again, as the same."""
    if found is None:
        return None
    if kind.choices or kind.kind == "any":
        return found
    if kind.options:
        return _ready_option(kind, found)
    if kind.kind in SCALARS:
        return SCALARS[kind.kind].ready(found)
    if kind.kind == "dict":
        return _ready_dict(kind, found)
    return [as_ready(t, item) for t, item in _parts(kind, found)]


def _ready_option(kind: ParameterType, found: Any) -> object:
    option = _option_of(kind, found)
    ready = as_ready(option, found)
    with suppress(Misfit):
        if as_code(kind, fit(kind, ready)) == as_code(kind, found):
            return ready
    return {"type": option.spelled, "value": ready}


def _option_of(kind: ParameterType, found: Any) -> ParameterType:
    """Return the option that *found* was made by."""
    for option in (each for each in kind.options if _is_exact(each, found)):
        with suppress(Misfit):
            if as_code(option, fit(option, found)) == as_code(option, found):
                return option
    raise Misfit(f"must be {kind.spelled}")


def _ready_dict(kind: ParameterType, found: Mapping[Any, Any]) -> object:
    keys, values = kind.keys or TEXT, kind.values or ANY
    pairs = [(as_ready(keys, key), as_ready(values, item)) for key, item in found.items()]
    if has_text_keys(kind):
        return {_as_key(key): item for key, item in pairs}
    return [[key, item] for key, item in pairs]


def _as_key(ready: object) -> str:
    if isinstance(ready, bool):
        return str(ready).lower()
    return ready if isinstance(ready, str) else repr(ready)


def _parts(kind: ParameterType, found: Any) -> list[tuple[ParameterType, Any]]:
    items = sorted(found, key=repr) if isinstance(found, (set, frozenset)) else list(found)
    types = kind.places or (kind.items or ANY,) * len(items)
    return list(zip(types, items, strict=True))


def as_code(kind: ParameterType, found: Any) -> str:
    """Return what ``fit`` returned as an expression of Python that holds literals and our own names only."""
    if found is None:
        return "None"
    if kind.choices or kind.kind == "any":
        return plain.code(found)
    if kind.options:
        return as_code(_option_of(kind, found), found)
    if kind.kind in SCALARS:
        return SCALARS[kind.kind].code(found)
    if kind.kind == "dict":
        keys, values = kind.keys or TEXT, kind.values or ANY
        pairs = (f"{as_code(keys, k)}: {as_code(values, v)}" for k, v in found.items())
        return f"{{{', '.join(pairs)}}}"
    inner = ", ".join(as_code(t, item) for t, item in _parts(kind, found))
    return _WRITTEN[kind.kind](inner, len(found))


_WRITTEN: Mapping[str, Callable[[str, int], str]] = {
    "list": lambda inner, _count: f"[{inner}]",
    "tuple": lambda inner, count: f"({inner}{',' if count == 1 else ''})",
    "set": lambda inner, count: f"{{{inner}}}" if count else "set()",
    "frozenset": lambda inner, count: f"frozenset({{{inner}}})" if count else "frozenset()",
}


def untagged(kind: ParameterType, ready: Any) -> Any:
    """Return JSON-ready data for readers: without the names that options of unions were given."""
    if kind.options:
        named = _named_option(kind, ready)
        return ready if named is None else untagged(named, ready["value"])
    if isinstance(ready, dict):
        return {key: untagged(kind.values or ANY, item) for key, item in ready.items()}
    if isinstance(ready, list) and kind.kind in _COLLECTIONS:
        return [
            untagged(t, item)
            for t, item in zip(kind.places or (kind.items or ANY,) * len(ready), ready, strict=False)
        ]
    return ready
