"""What a notebook's parameters cell declares: names, and for each the type its values must have, as a small tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Bound", "Parameter", "ParameterType", "Unread"]

Bound = int | float | str  # text for what JSON has no type for: a date, a Decimal


class Unread(str):
    """Text of a command line, where all is text: what it stands for is told by the type that is declared."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterType:
    """The type of a parameter, or of a part of one: what kind of value, of what, and within which limits."""

    # int, float, str, bool, date, datetime, time, timedelta, decimal, path, secret; list, tuple, set, frozenset, dict;
    # union; any
    kind: str
    items: ParameterType | None = None  # of each item of a list, a set or a tuple[T, ...]; None: any
    places: tuple[ParameterType, ...] = ()  # of a tuple[A, B]: what stands at each place
    keys: ParameterType | None = None  # of a dict; None: text
    values: ParameterType | None = None  # of a dict; None: any
    options: tuple[ParameterType, ...] = ()  # of a union, in the order in which they are tried
    nullable: bool = False
    choices: tuple[str | int | float | bool, ...] = ()
    minimum: Bound | None = None
    maximum: Bound | None = None
    exclusive_minimum: Bound | None = None
    exclusive_maximum: Bound | None = None
    multiple_of: int | float | None = None
    min_length: int | None = None  # characters of a text, items of anything else
    max_length: int | None = None
    pattern: str | None = None  # a regular expression that is found somewhere in the text

    @property
    def spelled(self) -> str:
        """The type as an annotation would say it, without its limits: ``list[int] | None``."""
        text = self._bare()
        return f"{text} | None" if self.nullable and self.kind != "any" else text

    def _bare(self) -> str:
        if self.options:
            return " | ".join(option.spelled for option in self.options)
        if self.kind == "dict" and (self.keys or self.values):
            return f"dict[{_spelled(self.keys, 'str')}, {_spelled(self.values)}]"
        if self.places:
            return f"tuple[{', '.join(place.spelled for place in self.places)}]"
        if self.items:
            more = ", ..." if self.kind == "tuple" else ""
            return f"{self.kind}[{self.items.spelled}{more}]"
        return self.kind

    @property
    def limits(self) -> tuple[str, ...]:
        """What a value must be besides of its type, each in words: ``at least 0``."""
        return tuple(self._limits())

    def _limits(self) -> Iterator[str]:
        if self.choices:
            yield f"one of {', '.join(map(repr, self.choices))}"
        said: tuple[tuple[str, object], ...] = (
            ("at least", self.minimum),
            ("above", self.exclusive_minimum),
            ("at most", self.maximum),
            ("below", self.exclusive_maximum),
            ("a multiple of", self.multiple_of),
        )
        yield from (f"{word} {bound}" for word, bound in said if bound is not None)
        unit = "character" if self.kind in {"str", "path"} else "item"
        lengths = (("at least", self.min_length), ("at most", self.max_length))
        yield from (f"{word} {n} {unit}{'' if n == 1 else 's'}" for word, n in lengths if n is not None)
        if self.pattern is not None:
            yield f"text that matches {self.pattern}"
        for part in (
            *self.options,
            *(self.places or ()),
            *filter(None, (self.items, self.keys, self.values)),
        ):
            yield from (f"{part.spelled}: {limit}" for limit in part.limits)


def _spelled(part: ParameterType | None, otherwise: str = "any") -> str:
    return part.spelled if part else otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a notebook, as its parameters cell declares it."""

    name: str
    type: ParameterType
    default: object = None  # JSON-ready
    required: bool = False
    help: str = ""
