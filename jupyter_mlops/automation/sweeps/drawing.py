"""The values of one axis: how many there are, which stands at a place, and which a drawn number stands for.

All of it is exact arithmetic, so that the same seed gives the same values on every machine.
"""

from __future__ import annotations

import json
from decimal import Context, Decimal
from fractions import Fraction
from random import Random

from jupyter_mlops.records.sweep import Axis, Choices, Span

__all__ = ["exact", "seeded", "size_of", "text_of", "value_at", "value_of"]

# Logarithms of decimal numbers are rounded correctly; those of the machine's own differ in the last digit.
_DIGITS = Context(prec=40)
_HALF = Decimal("0.5")


def seeded(*parts: object) -> Random:
    """Return a generator of random numbers for *parts*.

    Python promises that ``random()``, and it alone, gives the same numbers for the same text in every version.
    """
    return Random(":".join(map(str, parts)))  # noqa: S311  # nothing is kept secret by it


def exact(number: float) -> Fraction:
    """Return *number* as it is written: 0.1 is a tenth, not the binary number next to it."""
    return Fraction(repr(float(number)))


def text_of(value: object) -> str:
    """Return a JSON-ready value as text, by which it is told from others: true is not the number 1, and 1 not 1.0."""
    return json.dumps(value, sort_keys=True, default=dict)  # a mapping of a record is a read-only one


def size_of(axis: Axis) -> int | None:
    """Return how many values *axis* has; None where any number between its ends is one."""
    if isinstance(axis, Choices):
        return len(axis.values)
    step = _step(axis)
    return None if step is None else int((exact(axis.high) - exact(axis.low)) // step) + 1


def value_at(axis: Axis, place: int) -> object:
    """Return the value at *place*, counted from 0, of an axis that has a size."""
    if isinstance(axis, Choices):
        return axis.values[place]
    step = _step(axis)
    if step is None:
        raise ValueError("between the ends of a span without a step no value has a place")
    number = exact(axis.low) + place * step
    return int(number) if axis.whole else float(number)


def value_of(axis: Axis, draw: int, of: int) -> object:
    """Return the value that *draw* stands for, one of the numbers from 0 to *of* - 1, all of them equally likely.

    The least stands for the lower end and the greatest for the upper one.
    """
    if isinstance(axis, Span) and axis.log:
        return _by_magnitude(axis, Fraction(draw, of - 1))
    size = size_of(axis)
    if size is not None:
        return value_at(axis, draw * size // of)
    assert isinstance(axis, Span)
    low, high = Fraction(axis.low), Fraction(axis.high)
    return float(low + (high - low) * Fraction(draw, of - 1))


def _step(span: Span) -> Fraction | None:
    if span.step is not None:
        return exact(span.step)
    return Fraction(1) if span.whole else None


def _by_magnitude(span: Span, share: Fraction) -> float | int:
    low, high = Decimal(span.low), Decimal(span.high)
    if span.whole:  # each whole number has the room from half a step below it to half a step above
        low, high = _DIGITS.subtract(low, _HALF), _DIGITS.add(high, _HALF)
    first, last = _DIGITS.ln(low), _DIGITS.ln(high)
    part = _DIGITS.divide(Decimal(share.numerator), Decimal(share.denominator))
    found = _DIGITS.exp(_DIGITS.fma(_DIGITS.subtract(last, first), part, first))
    if span.whole:
        return min(max(int(_DIGITS.to_integral_value(found)), int(span.low)), int(span.high))
    return min(max(float(found), span.low), span.high)
