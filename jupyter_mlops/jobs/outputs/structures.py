"""JSON and what Python prints of its own containers, compared by values: the order of keys says nothing."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import zip_longest
from typing import Any

from jupyter_mlops.jobs.outputs.masks import masked
from jupyter_mlops.jobs.outputs.rules import SAME, Compared, Rules, compared_numbers, differs, was, within
from jupyter_mlops.records.reproduced import ReproductionVerdict

__all__ = ["compare_structures", "parsed"]

_LARGEST = 1_000_000  # characters that are read as a structure
_OPENING = ("{", "[", "(")
_DEEPEST = 100
_ABSENT = object()
_INFINITE = re.compile(r"\binf\b")  # no literal of Python is infinite but by overflow


def parsed(text: str) -> Any | None:
    """Return the container that *text* is, as JSON or as Python writes it; None where it is none."""
    text = text.strip()
    if not text.startswith(_OPENING) or len(text) > _LARGEST:
        return None
    for read in (_from_json, _from_python):
        try:
            found = read(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
        return found if isinstance(found, (Mapping, list, tuple, Set)) else None
    return None


def _from_json(text: str) -> Any:
    return json.loads(text, parse_float=_held)


def _held(number: str) -> float | str:
    """Return a number; one that no float can hold stays as it is written, or all such would be equal."""
    value = float(number)
    return number if math.isinf(value) else value


def _from_python(text: str) -> Any:
    found = ast.literal_eval(text)
    if _INFINITE.search(repr(found)):
        raise ValueError("it holds a number that no float can hold")
    return found


def compare_structures(before: Any, after: Any, rules: Rules) -> Compared:
    """Compare two values of mappings, sequences, texts and numbers; the sentence names the way to the first difference."""
    found = SAME
    for place, one, two in _pairs("", before, after, 0):
        compared = _compare_leaves(one, two, rules)
        if compared is SAME:
            continue
        said = f"{place.removeprefix('.')} {compared.says}".strip()
        if compared.differs:
            return differs(said)
        found = within(said) if found is SAME else found
    return found


def _pairs(place: str, before: Any, after: Any, depth: int) -> Iterator[tuple[str, Any, Any]]:
    """Walk both at once; where they are not of one kind, they are handed on whole."""
    if depth > _DEEPEST:
        yield place, before, after
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            one, two = before.get(key, _ABSENT), after.get(key, _ABSENT)
            yield from _pairs(f"{place}.{key}", one, two, depth + 1)
    elif _is_sequence(before) and _is_sequence(after):
        for number, (one, two) in enumerate(zip_longest(before, after, fillvalue=_ABSENT)):
            yield from _pairs(f"{place}[{number}]", one, two, depth + 1)
    else:
        yield place, before, after


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _compare_leaves(before: Any, after: Any, rules: Rules) -> Compared:
    if before is _ABSENT or after is _ABSENT:
        return differs(f"is new: {after!r:.60}" if before is _ABSENT else f"is gone: {before!r:.60}")
    if _is_number(before) and _is_number(after):
        verdict = compared_numbers(before, after, rules)
        if verdict is ReproductionVerdict.IDENTICAL:
            return SAME
        said = was(before, after)
        return within(said) if verdict is ReproductionVerdict.WITHIN_TOLERANCE else differs(said)
    if isinstance(before, str) and isinstance(after, str):
        one, two = masked(before, rules.masks), masked(after, rules.masks)
        return SAME if one == two else differs(was(one, two))
    return SAME if before == after else differs(was(repr(before), repr(after)))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
