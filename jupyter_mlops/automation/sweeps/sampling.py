"""How many trials a sweep has, and which values each of them gets: of a grid, by chance, or spread evenly.

What these draw follows from the axes, the seed and the trial's number alone, whoever asks and in whatever order. That is
what makes a sweep resumable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from jupyter_mlops.automation.sweeps.bayesian import open_bayesian
from jupyter_mlops.automation.sweeps.drawing import seeded, size_of, value_at, value_of
from jupyter_mlops.automation.sweeps.protocol import Known, Proposer
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.sweep import Axis, Sampler, Sweep

__all__ = ["Known", "Proposer", "count_of", "open_proposer"]

_MOST = 10_000  # trials, and values of one axis of a grid
_DRAWS = 2**53  # how many numbers Random.random() can give
_DIGITS = 30  # binary ones of SciPy's points: it goes forward by many points at once only with so few
_BITS = 52  # of a scrambled point


def count_of(axes: Mapping[str, Axis], sampler: Sampler, wanted: int | None) -> int:
    """Return how many trials a sweep has.

    Parameters
    ----------
    axes
        The values of each parameter.
    sampler
        A grid has as many as it has combinations, or fewer where fewer are wanted: the first ones of it.
    wanted
        How many trials somebody asked for; all samplers but a grid need it.

    Raises
    ------
    Invalid
        There are no values, too many trials, or nobody said how many; a span of a grid has no step.
    """
    if not axes or not all(size_of(axis) != 0 for axis in axes.values()):
        raise Invalid(
            "a sweep needs at least one parameter with values", remedy="Such as -p alpha 0.1,0.2,0.5."
        )
    if wanted is not None and not 1 <= wanted <= _MOST:
        raise Invalid(
            f"{wanted:,} trials are wanted; a sweep has 1 to {_MOST:,}",
            remedy="Say another number of trials.",
        )
    if sampler is Sampler.GRID:
        return _count_of_grid(axes, wanted)
    if wanted is None:
        raise Invalid(
            f"how many trials the sampler {sampler} is to draw is not said",
            remedy=f"Say a number of trials, from 1 to {_MOST:,}: --trials 50.",
        )
    return wanted


def open_proposer(plan: Sweep) -> Proposer:
    """Open the sampler of a sweep.

    Raises
    ------
    Invalid
        A span of a grid has no step; Bayesian sampling has no goal.
    Unavailable
        Optuna is not installed, and Bayesian sampling needs it.
    """
    match plan.sampler:
        case Sampler.GRID:
            return _Grid(plan)
        case Sampler.RANDOM:
            return _Random(plan)
        case Sampler.SOBOL:
            return _Sobol(plan)
        case Sampler.BAYESIAN:
            return open_bayesian(plan)


# --- a grid --------------------------------------------------------------------------------------------


def _count_of_grid(axes: Mapping[str, Axis], wanted: int | None) -> int:
    count = math.prod(_sizes(axes).values())
    if wanted is None and count > _MOST:
        raise Invalid(
            f"the grid has {count:,} combinations; a sweep has at most {_MOST:,} trials",
            remedy="Give fewer values, or have some of the combinations drawn: --sampler random --trials 50.",
        )
    return count if wanted is None else min(wanted, count)


def _sizes(axes: Mapping[str, Axis]) -> dict[str, int]:
    return {name: _size_in_grid(name, axis) for name, axis in axes.items()}


def _size_in_grid(name: str, axis: Axis) -> int:
    size = size_of(axis)
    if size is not None and size <= _MOST:
        return size
    has = "every number between two" if size is None else f"{size:,} values"
    raise Invalid(
        f"parameter {name!r} has {has}; a grid takes at most {_MOST:,} single ones of each",
        remedy=f'Say a step, as in -p {name} "LOW..HIGH step N", or have values drawn: --sampler random --trials 50.',
        data={"name": name, "rule": "grid"},
    )


class _Grid:
    """Every combination, the last name varying fastest."""

    def __init__(self, plan: Sweep) -> None:
        self._axes, self._sizes = plan.axes, _sizes(plan.axes)

    def propose(self, number: int, known: Sequence[Known]) -> dict[str, object]:  # noqa: ARG002
        """Return the combination *number*."""
        places: dict[str, int] = {}
        rest = number
        for name in reversed(list(self._axes)):
            rest, places[name] = divmod(rest, self._sizes[name])
        if rest:
            count = math.prod(self._sizes.values())
            raise Invalid(
                f"the grid has {count:,} combinations, counted from 0, and none with the number {number:,}",
                remedy="Ask for fewer trials.",
            )
        return {name: value_at(axis, places[name]) for name, axis in self._axes.items()}


# --- what is drawn -------------------------------------------------------------------------------------


class _Random:
    """By chance: each value for itself."""

    def __init__(self, plan: Sweep) -> None:
        self._axes, self._seed = plan.axes, plan.seed

    def propose(self, number: int, known: Sequence[Known]) -> dict[str, object]:  # noqa: ARG002
        """Return the values that the seed has for *number*."""
        return {name: value_of(axis, self._draw(number, name), _DRAWS) for name, axis in self._axes.items()}

    def _draw(self, number: int, name: str) -> int:
        return int(seeded(self._seed, number, name).random() * _DRAWS)


class _Sobol:
    """Evenly spread, in every direction, however many are taken.

    SciPy has the plain sequence. It is scrambled here, by a random linear matrix and a digital shift for each axis
    (Matoušek, On the L2-discrepancy for anchored boxes, J. Complexity 14, 1998), because NumPy, which SciPy would draw
    them from, does not promise the same numbers in every version.
    """

    def __init__(self, plan: Sweep) -> None:
        self._axes = plan.axes
        # By name, so that neither their order nor what is fixed changes what is drawn for one of them.
        self._names = sorted(name for name, axis in plan.axes.items() if size_of(axis) != 1)
        self._scrambled = {name: _Scrambled(plan.seed, name) for name in self._names}
        self._engine = _plain_sobol(len(self._names))

    def propose(self, number: int, known: Sequence[Known]) -> dict[str, object]:  # noqa: ARG002
        """Return the point *number* of the sequence."""
        self._engine.reset()
        if number:  # SciPy cannot go forward by nothing
            self._engine.fast_forward(number)
        point = dict(zip(self._names, self._engine.random(1)[0], strict=False))
        return {
            name: self._value(name, axis, float(point[name])) if name in point else value_at(axis, 0)
            for name, axis in self._axes.items()
        }

    def _value(self, name: str, axis: Axis, place: float) -> object:
        return value_of(axis, self._scrambled[name].draw(int(place * 2**_DIGITS)), 2**_BITS)


def _plain_sobol(dimensions: int) -> Any:
    from scipy.stats.qmc import Sobol

    return Sobol(max(1, dimensions), scramble=False, bits=_DIGITS)


class _Scrambled:
    """The scrambling of one axis: to each binary digit a random choice of those before it is added, and a random one."""

    def __init__(self, seed: int, name: str) -> None:
        random = seeded(seed, "sobol", name)
        self._shift = int(random.random() * 2**_BITS)
        self._rows = [_row(digit, random) for digit in range(_BITS)]

    def draw(self, number: int) -> int:
        """Return the number that stands for *number*, the digits of a plain point, in the scrambled sequence."""
        found = 0
        for row in self._rows:
            found = found << 1 | (row & number).bit_count() & 1
        return found ^ self._shift


def _row(digit: int, random: Random) -> int:
    """Return which digits of a plain point add up to one of the scrambled point, the first digit in the highest bit."""
    before = min(digit, _DIGITS)
    row = int(random.random() * 2**before) << (_DIGITS - before)
    return row if digit >= _DIGITS else row | 1 << (_DIGITS - 1 - digit)
