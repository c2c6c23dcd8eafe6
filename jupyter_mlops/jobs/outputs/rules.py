"""By which rules outputs are compared, and what a comparison of two of them comes to."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.reproduced import ReproductionVerdict

__all__ = [
    "SAME",
    "Compared",
    "Rules",
    "compared_figures",
    "compared_numbers",
    "differs",
    "incomparable",
    "was",
    "within",
]

_LONGEST = 80  # characters of a value in a sentence
_DIGITS = 1000  # of a whole number that is read as one
_WHOLE = re.compile(r"\s*[-+]?\d+\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How near is near enough, and what is looked past.

    ``relative`` and ``absolute`` are of numbers, wherever they stand; ``masks`` are regular expressions whose matches
    say nothing, beside those that ``masks.masked`` knows.
    """

    relative: float = 1e-6
    absolute: float = 1e-9
    masks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for mask in self.masks:
            try:
                re.compile(mask)
            except re.error as failure:
                raise Invalid(
                    f"the mask {mask!r:.80} is not a regular expression: {failure}",
                    remedy="Mend it, or leave it out of output_masks in .mlops/config.toml.",
                ) from None
        if not (self.relative >= 0 and self.absolute >= 0):
            raise Invalid(
                f"a tolerance of {min(self.relative, self.absolute)} allows nothing, not even equal numbers",
                remedy="Give 0 for equal numbers only, or a positive number.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One part of an output beside another: the verdict, and the first difference in words."""

    verdict: ReproductionVerdict = ReproductionVerdict.IDENTICAL
    says: str = ""

    @property
    def differs(self) -> bool:
        """Tell whether they are further apart than the tolerance."""
        return self.verdict is ReproductionVerdict.DIFFERS


SAME = Compared()


def within(says: str) -> Compared:
    """Return that the two are not the same, and near enough."""
    return Compared(verdict=ReproductionVerdict.WITHIN_TOLERANCE, says=says)


def differs(says: str) -> Compared:
    """Return that the two are not the same."""
    return Compared(verdict=ReproductionVerdict.DIFFERS, says=says)


def incomparable(failure: Exception) -> Compared:
    """Return that two outputs count as different because comparing them failed: a verdict is to be written anyway."""
    return differs(f"cannot be compared: {_cut(f'{type(failure).__name__}: {failure}')}")


def was(before: object, after: object) -> str:
    """Return the sentence of a value that was one thing and is another now, each cut to a readable length."""
    return f"was {_cut(str(before))} and is {_cut(str(after))}"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…") or "empty"


def compared_numbers(before: float, after: float, rules: Rules) -> ReproductionVerdict:
    """Compare two numbers, whole ones to their last digit: NaN equals itself here, and an infinite one only itself."""
    if before == after:
        return ReproductionVerdict.IDENTICAL
    try:
        if math.isnan(before) and math.isnan(after):
            return ReproductionVerdict.IDENTICAL
        near = _near(before, after, rules)
    except OverflowError:  # a whole number beyond all floats
        near = False
    return ReproductionVerdict.WITHIN_TOLERANCE if near else ReproductionVerdict.DIFFERS


def _near(before: float, after: float, rules: Rules) -> bool:
    if isinstance(before, int) and isinstance(after, int):
        # As floats they could be equal, and then they would be near by any rule.
        return abs(before - after) <= max(rules.relative * max(abs(before), abs(after)), rules.absolute)
    return math.isclose(before, after, rel_tol=rules.relative, abs_tol=rules.absolute)


def compared_figures(before: str, after: str, rules: Rules) -> ReproductionVerdict:
    """Compare two numbers as they were printed.

    Raises
    ------
    ValueError
        One of them is no number.
    """
    one, two = _number(before), _number(after)
    if one is None or two is None:
        same = before.strip() == after.strip()
        return ReproductionVerdict.IDENTICAL if same else ReproductionVerdict.DIFFERS
    return compared_numbers(one, two, rules)


def _number(text: str) -> float | None:
    """Return the number that *text* is, a whole one as such; None where it is too large to be held."""
    value = float(text)
    if len(text) <= _DIGITS and _WHOLE.fullmatch(text):
        return int(text)
    return None if math.isinf(value) and any(map(str.isdigit, text)) else value
