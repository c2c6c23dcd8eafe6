"""What an annotation says of a parameter. It is read as a syntax tree, never evaluated."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]  # nothing public tells what an expression is made of
from typing import Any

from jupyter_mlops.jobs.constants import UNKNOWN, constant, last_name, name_called
from jupyter_mlops.jobs.scalars import SCALARS
from jupyter_mlops.records.parameter import ParameterType

__all__ = ["Declared", "holds_secret", "longest_matched", "parts_of", "read_annotation"]

ANY = ParameterType(kind="any")
_NOTHING = ParameterType(kind="any", nullable=True)  # the annotation None
_SCALARS = ("int", "float", "str", "bool", "date", "datetime", "time", "timedelta")
_KINDS: Mapping[str, str] = {
    **{name: name for name in (*_SCALARS, "list", "tuple", "dict", "set", "frozenset")},
    **dict.fromkeys(("List", "Sequence", "MutableSequence", "Iterable", "Collection"), "list"),
    **dict.fromkeys(("Dict", "Mapping", "MutableMapping"), "dict"),
    **dict.fromkeys(("Set", "MutableSet", "AbstractSet"), "set"),
    **dict.fromkeys(("Path", "PurePath", "PosixPath", "PurePosixPath"), "path"),
    **dict.fromkeys(("Secret", "SecretStr"), "secret"),
    "FrozenSet": "frozenset",
    "Tuple": "tuple",
    "Decimal": "decimal",
}
_ORDERED = frozenset({"int", "float", "decimal", "date", "datetime", "time", "timedelta"})
_SIZED = frozenset({"str", "list", "tuple", "set", "frozenset", "dict"})


@dataclass(frozen=True, slots=True)
class Declared:
    """The type that an annotation gives, and the words it has for its reader."""

    type: ParameterType
    help: str = ""


def parts_of(kind: ParameterType) -> Iterator[ParameterType]:
    """Yield *kind* and every type that is part of it, at any depth."""
    yield kind
    for part in (*kind.options, *kind.places, kind.items, kind.keys, kind.values):
        if part is not None:
            yield from parts_of(part)


def holds_secret(kind: ParameterType) -> bool:
    """Tell whether *kind* is a secret, or has one in it."""
    return any(part.kind == "secret" for part in parts_of(kind))


def read_annotation(node: ast.expr) -> Declared:
    """Return what the annotation *node* says; a type that is not known is ``any``.

    Ranges and lengths are read from ``Annotated``: calls named as in annotated-types (``Ge``, ``Gt``, ``Le``,
    ``Lt``, ``Interval``, ``MultipleOf``, ``MinLen``, ``MaxLen``, ``Len``), of ``Field`` with the same names in small
    letters, ``Range(0, 10)`` with both ends, ``range(0, 10)`` and the slice ``0:10`` without the last. A text, ``Doc``
    or a description is help.
    """
    if isinstance(node, ast.Constant):
        return _of_constant(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return Declared(_union([read_annotation(node.left).type, read_annotation(node.right).type]))
    if isinstance(node, ast.Subscript):
        parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _of_generic(last_name(node.value), parts)
    return Declared(ParameterType(kind=_KINDS.get(last_name(node), "any")))


def _of_constant(value: object) -> Declared:
    if value is None:
        return Declared(_NOTHING)
    if isinstance(value, str):
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return read_annotation(ast.parse(value.strip(), mode="eval").body)
    return Declared(ANY)


def _of_generic(name: str, parts: Sequence[ast.expr]) -> Declared:
    if name == "Literal":
        return Declared(_literal(parts))
    if name == "Annotated":
        return _limited(read_annotation(parts[0]), parts[1:])
    if name in {"Final", "ClassVar"}:
        return read_annotation(parts[0])
    if name in {"Optional", "Union"}:
        optional = [_NOTHING] if name == "Optional" else []
        return Declared(_union([*(read_annotation(part).type for part in parts), *optional]))
    return Declared(_container(_KINDS.get(name, "any"), parts))


def _container(kind: str, parts: Sequence[ast.expr]) -> ParameterType:
    types = [read_annotation(part).type for part in parts if not _is_ellipsis(part)]
    if kind == "dict" and len(types) == 2:  # noqa: PLR2004  # keys and values
        return ParameterType(kind=kind, keys=_said(types[0]), values=_said(types[1]))
    if kind == "tuple" and not any(map(_is_ellipsis, parts)):
        return ParameterType(kind=kind, places=tuple(types))
    if kind in {"list", "set", "frozenset", "tuple"} and len(types) == 1:
        return ParameterType(kind=kind, items=_said(types[0]))
    # Whatever has a secret in it is told as something that has: it is to be refused, not to be taken for plain.
    return ParameterType(kind=kind, places=tuple(part for part in types if holds_secret(part)))


def _said(kind: ParameterType) -> ParameterType | None:
    return None if kind == ANY else kind


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _literal(parts: Sequence[ast.expr]) -> ParameterType:
    values = [found for found in map(constant, parts) if found is not UNKNOWN]
    choices = tuple(v for v in values if isinstance(v, (str, int, float, bool)))
    kinds = {type(v).__name__ for v in choices}
    kind = kinds.pop() if len(kinds) == 1 else "any"
    return ParameterType(kind=kind, choices=choices, nullable=None in values)


def _union(members: Sequence[ParameterType]) -> ParameterType:
    """Put *members* together; one that allows anything allows it for all of them."""
    nullable = any(member.nullable for member in members)
    flat: list[ParameterType] = []
    for member in members:
        parts = member.options or (() if member == _NOTHING else (replace(member, nullable=False),))
        flat += [part for part in parts if part not in flat]
    if any(member.kind == "secret" for member in flat):
        return ParameterType(
            kind="secret", nullable=nullable
        )  # whatever else is allowed, it is handled as one
    if (hidden := next(filter(holds_secret, flat), None)) is not None:
        return hidden  # that anything else is allowed beside it must not hide it
    if ANY in flat or not flat:
        return ParameterType(kind="any", nullable=nullable)
    if len(flat) == 1:
        return replace(flat[0], nullable=nullable)
    if all(member.choices for member in flat):
        kinds = {member.kind for member in flat}
        choices = tuple(choice for member in flat for choice in member.choices)
        return ParameterType(
            kind=kinds.pop() if len(kinds) == 1 else "any", choices=choices, nullable=nullable
        )
    return ParameterType(kind="union", options=tuple(flat), nullable=nullable)


# --- what Annotated adds -------------------------------------------------------------------------------

_NAMED_LIMITS: Mapping[str, str] = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusive_minimum",
    "lt": "exclusive_maximum",
    "min": "minimum",
    "max": "maximum",
    "multiple_of": "multiple_of",
    "min_length": "min_length",
    "max_length": "max_length",
    "pattern": "pattern",
    "regex": "pattern",
}
# A call with its arguments by place: what each of them limits.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "Ge": ("ge",),
    "Le": ("le",),
    "Gt": ("gt",),
    "Lt": ("lt",),
    "Interval": (),
    "Range": ("min", "max"),
    "MultipleOf": ("multiple_of",),
    "MinLen": ("min_length",),
    "MaxLen": ("max_length",),
    "Len": ("min_length", "max_length"),
    "Field": (),
}


def _limited(declared: Declared, metadata: Sequence[ast.expr]) -> Declared:
    kind, told = declared.type, declared.help
    for node in metadata:
        told = told or _help_in(node)
        for name, bound in _limits_in(node, sized=kind.kind in _SIZED).items():
            kind = _with_limit(kind, name, bound)
    return Declared(kind, told)


def _help_in(node: ast.expr) -> str:
    found: object = UNKNOWN
    if isinstance(node, ast.Constant):
        found = node.value
    elif isinstance(node, ast.Call):
        named = [k.value for k in node.keywords if k.arg == "description"]
        args = [*named, *(node.args if name_called(node) == "Doc" else ())]
        found = constant(args[0]) if args else UNKNOWN
    return found if isinstance(found, str) else ""


def _limits_in(node: ast.expr, *, sized: bool) -> dict[str, Any]:
    if isinstance(node, ast.Slice):
        ends = [UNKNOWN if end is None else constant(end) for end in (node.lower, node.upper)]
        return _half_open(ends, sized=sized)
    if not isinstance(node, ast.Call):
        return {}
    name = name_called(node)
    args = [constant(arg) for arg in node.args]
    if name in {"range", "slice"}:
        ends = [0, *args] if len(args) == 1 else args[:2]
        return _half_open(ends, sized=sized)
    if name not in _CALLED:
        return {}
    given = dict(zip(_CALLED[name], args, strict=False))
    given |= {str(k.arg): constant(k.value) for k in node.keywords}
    return {_NAMED_LIMITS[n]: v for n, v in given.items() if n in _NAMED_LIMITS and v is not UNKNOWN}


def _half_open(ends: Sequence[object], *, sized: bool) -> dict[str, Any]:
    """From the first end up to the second and without it, as Python counts; of something with a length, its length."""
    first, last = [end if isinstance(end, (int, float)) else None for end in (*ends, None, None)[:2]]
    if sized:
        return {"min_length": first, "max_length": None if last is None else int(last) - 1}
    return {"minimum": first, "exclusive_maximum": last}


def _with_limit(kind: ParameterType, name: str, bound: object) -> ParameterType:
    """Return *kind* with one limit more, on the options of a union that it makes sense for; else as it was."""
    if kind.options:
        return replace(kind, options=tuple(_with_limit(option, name, bound) for option in kind.options))
    fits, read = _LIMITS[name]
    return replace(kind, **{name: read(bound)}) if bound is not None and fits(kind.kind, bound) else kind


def _fits_ordered(kind: str, bound: object) -> bool:
    number = isinstance(bound, (int, float)) and not isinstance(bound, bool)
    return kind in _ORDERED and (
        SCALARS[kind].exact(bound) or (number and kind in {"int", "float", "decimal"})
    )


def _as_bound(bound: Any) -> object:
    if isinstance(bound, (int, float)):
        return bound
    return next(scalar.ready(bound) for scalar in SCALARS.values() if scalar.exact(bound))


def _fits_pattern(kind: str, bound: object) -> bool:
    with suppress(re.error, RecursionError, OverflowError):
        return kind == "str" and isinstance(bound, str) and re.compile(bound) is not None
    return False


def _is_count(bound: object) -> bool:
    return isinstance(bound, int) and not isinstance(bound, bool) and bound >= 0


_LIMITS: Mapping[str, tuple[Callable[[str, Any], bool], Callable[[Any], Any]]] = {
    **dict.fromkeys(
        ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum"), (_fits_ordered, _as_bound)
    ),
    "multiple_of": (
        lambda kind, bound: kind in {"int", "float"} and isinstance(bound, (int, float)) and bound > 0,
        lambda bound: bound,
    ),
    **dict.fromkeys(
        ("min_length", "max_length"), (lambda kind, bound: kind in _SIZED and _is_count(bound), int)
    ),
    "pattern": (_fits_pattern, str),
}


# --- what a pattern may cost ---------------------------------------------------------------------------

_LONG = 16  # a repeat that varies by more counts as one without end
_MOST_WAYS = 100_000  # in which a pattern may be tried at one place
_LONGEST_MATCHED = (
    10_000,
    10_000,
    1_000,
    300,
    100,
    50,
)  # characters, by the power of them that time takes
_LAST = 127  # of ASCII
_OTHERS = frozenset(
    "\u00a0\u0663\u00e9\u2013"
)  # for all beyond it: one blank, digit, letter, and any other sign
_SIGNS = frozenset(map(chr, range(_LAST + 1))) | _OTHERS


class _Endless(Exception):
    """A pattern could be tried in more ways than anyone can wait for."""


@lru_cache(maxsize=256)
def longest_matched(pattern: str) -> int:
    """Return how many characters a text may have that *pattern* is looked for in; 0 for one that could take forever.

    Python tries every way to divide a text among repeats. A repeat of what can match in several ways, as in ``(a+)+``, has
    more of them with every character; one whose end is told by the sign behind it, as in ``a+,``, has one.
    """
    try:
        tree = _parser.parse(pattern)
        ways, long = _ways(tree, _SIGNS)
    except (_Endless, re.error, RecursionError, OverflowError):
        return 0
    anchored = str(list(tree)[:1]).startswith("[(AT, AT_BEGINNING") and not tree.state.flags & re.MULTILINE
    # Each that may share a text takes time as its length, one more is only gone through, and each place is a start.
    power = max(0, min(long + 1, sum(map(pattern.count, "*+{"))) - anchored)
    return _LONGEST_MATCHED[power] if ways <= _MOST_WAYS and power < len(_LONGEST_MATCHED) else 0


def _ways(sequence: Any, behind: frozenset[str]) -> tuple[int, int]:
    """Return in how many ways short repeats and alternatives can match, and how many long repeats may share a text."""
    ways, long = 1, 0
    for place, (operator, argument) in enumerate(sequence):
        name, after = str(operator), _first(sequence[place + 1 :], behind)
        if name.endswith("REPEAT"):
            here = _ways_of_repeat(argument[0], argument[1], argument[2], after)
        elif name == "BRANCH":
            here = _ways_of_branches(argument[1], after)
        else:
            parts = argument if isinstance(argument, tuple) else (argument,)
            signs = after if name == "SUBPATTERN" else _SIGNS
            inner = [_ways(part, signs) for part in parts if isinstance(part, _parser.SubPattern)]
            here = math.prod(w for w, _ in inner), sum(n for _, n in inner)
        ways, long = min(ways * here[0], 2 * _MOST_WAYS), long + here[1]
    return ways, long


def _ways_of_repeat(least: int, most: int, body: Any, after: frozenset[str]) -> tuple[int, int]:
    least, most = int(least), int(most)
    single = len(body) == 1 and str(body[0][0]) in _SINGLE
    last, last_long = _ways(body, after)
    if most <= 1 and not single:
        return last + 1, last_long
    # Behind one round is the next one, but for the last.
    ways, long = _ways(body, _first(body, _SIGNS))
    # What may be empty counts too: nothing can be repeated without end at one place.
    if most > 1 and (long or body.getwidth()[0] == 0 or most * math.log(ways) > math.log(_MOST_WAYS)):
        raise _Endless
    here = ways**most if ways > 1 else 1
    if single and not _signs_of(*body[0]) & after:
        return here, 0  # it must end where such a sign is
    return (here, 1) if most - least > _LONG else (here * last * (most - least + 1), last_long)


def _ways_of_branches(branches: Sequence[Any], after: frozenset[str]) -> tuple[int, int]:
    found = [_ways(branch, after) for branch in branches]
    first = [_first(branch, _SIGNS) for branch in branches]
    apart = sum(map(len, first)) == len(frozenset().union(*first))  # the first sign decides
    return (max if apart else sum)([w for w, _ in found]), sum(n for _, n in found)


_SINGLE = frozenset({"LITERAL", "NOT_LITERAL", "IN", "ANY"})


def _first(sequence: Any, behind: frozenset[str]) -> frozenset[str]:
    """Return the signs that *sequence* may begin with, or more of them; *behind* where it is empty."""
    if not len(sequence):
        return behind
    name, argument = str(sequence[0][0]), sequence[0][1]
    if name in _SINGLE:
        return _signs_of(*sequence[0])
    if name == "SUBPATTERN" or (name.endswith("REPEAT") and argument[0] > 0):
        return _first(argument[-1], _SIGNS)
    return _SIGNS


def _signs_of(operator: Any, argument: Any, *, at_least: bool = False) -> frozenset[str]:
    """Return the signs that one place of a pattern may match; with *at_least*, those that it does in any case."""
    match str(operator):
        case "IN" if str(argument[0][0]) == "NEGATE":
            return _SIGNS.difference(*(_signs_of(*part, at_least=True) for part in argument[1:]))
        case "IN":
            return frozenset().union(*(_signs_of(*part) for part in argument))
        case "NOT_LITERAL":
            return _SIGNS - _signs_of("LITERAL", argument, at_least=True)
        case "LITERAL" | "RANGE" as name:
            low, high = argument if name == "RANGE" else (argument, argument)
            found = {chr(code) for code in range(low, min(high, _LAST) + 1)}
            # Where case is passed over, letters match more: their other case, and these some beyond ASCII.
            more = {sign.swapcase() for sign in found} | (
                _OTHERS if high > _LAST or found & set("iksIKS") else set()
            )
            return frozenset(found if at_least else found | more)
        case "CATEGORY":
            return _signs_of_category(str(argument), all if at_least else any)
    return _SIGNS


def _signs_of_category(name: str, holds: Callable[[Sequence[object]], bool]) -> frozenset[str]:
    letter = name.rpartition("_")[2][0].lower()
    form = "\\" + (letter.upper() if "_NOT_" in name else letter)
    return frozenset(s for s in _SIGNS if holds([re.match(form, s, how) for how in (0, re.ASCII)]))
