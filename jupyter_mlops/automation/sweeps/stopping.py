"""When a trial is given up: it is worse than half of the others were on their way to the same step.

The median stopping rule of Golovin et al., Google Vizier: A Service for Black-Box Optimization (KDD 2017), section
3.2.2: at step s a trial is stopped if its best value by then is strictly worse than the median of the running averages,
up to step s, of what the completed trials have logged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.sweep import EarlyStop, Goal

__all__ = ["stops"]

Curve = Sequence[tuple[int, float]]


def stops(rule: EarlyStop, goal: Goal, own: Curve, others: Sequence[Curve]) -> float | None:
    """Return the median that a trial is worse than, or None where it may go on.

    Parameters
    ----------
    rule
        How many values it must have logged, and among how many others it is judged.
    goal
        Which way is better.
    own
        What the trial has logged so far: steps and values.
    others
        The same of those that have succeeded. One that did not come as far is not counted.
    """
    if not own or len(own) < rule.after:
        return None
    sign = 1.0 if goal.direction is Direction.LOWER else -1.0  # from here on, less is better
    step = max(at for at, _ in own)
    best = min((sign * value for _, value in own if not math.isnan(value)), default=math.inf)
    averages = [found for curve in others if (found := _average(curve, step, sign)) is not None]
    if not averages or len(averages) < rule.among:
        return None
    middle = median(averages)
    return sign * middle if best > middle else None


def _average(curve: Curve, step: int, sign: float) -> float | None:
    """Return the mean of what *curve* has up to *step*; None where it has nothing there, or ends before.

    A first value is often none that means anything: what is not a number is left out. Where the last one is not, the
    trial has come to nothing, and no earlier value makes up for that.
    """
    so_far = [(at, sign * value) for at, value in sorted(curve, key=lambda point: point[0]) if at <= step]
    if not so_far or max(at for at, _ in curve) < step:
        return None
    if math.isnan(so_far[-1][1]):
        return math.inf
    values = [value for _, value in so_far if not math.isnan(value)]
    mean = sum(values) / len(values)
    return math.inf if math.isnan(mean) else mean  # of two infinities
