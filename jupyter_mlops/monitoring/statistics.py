"""How far two samples lie apart, and whether chance explains it. Pure: numbers in, numbers out.

The reference is known by its profile (bins and counts), the window by its values. Every answer has two halves, a size
and a probability, because a large window makes any trifle significant and a small one makes everything look large.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Distance",
    "adjusted",
    "chi_square",
    "kolmogorov_smirnov",
    "population_stability",
    "stability_limit",
    "two_proportions",
]

_POOLED = 5.0  # the smallest expected count a category may have on its own
_CHANCE = 0.001  # of a stability index beyond its limit when nothing changed


@dataclass(frozen=True, slots=True)
class Distance:
    """One comparison: the size of the difference (no unit) and the chance of it when nothing changed."""

    effect: float
    p_value: float


def population_stability(reference: Sequence[float], window: Sequence[float]) -> float:
    """Return the population stability index of two counts over the same bins.

    Half a row is added to each bin, so that an empty one does not make it infinite.
    """
    expected, found = sum(reference) + 0.5 * len(reference), sum(window) + 0.5 * len(window)
    total = 0.0
    for one, other in zip(reference, window, strict=True):
        p, q = (one + 0.5) / expected, (other + 0.5) / found
        total += (q - p) * math.log(q / p)
    return total


def stability_limit(bins: int, reference_rows: int, window_rows: int, chance: float = _CHANCE) -> float:
    """Return what the index stays below when nothing changed: it is then a multiple of a chi-square variable."""
    from scipy.stats import chi2

    return float(chi2.ppf(1 - chance, max(bins - 1, 1))) * (1 / reference_rows + 1 / window_rows)


def kolmogorov_smirnov(
    edges: Sequence[float], counts: Sequence[int], values: Any, deviation: float
) -> Distance:
    """Compare a binned reference with *values* (one-dimensional, finite).

    The distributions are compared at the bins' edges, where the reference is known exactly; that makes the
    probability cautious. Ties make it more so.

    Returns
    -------
    The effect is the mean shift of the quantiles at the bins' edges (a Wasserstein distance, taken where the reference
    is known) over the reference's standard deviation.
    """
    import numpy as np
    from scipy.special import kolmogorov

    reference = np.concatenate([[0.0], np.cumsum(counts) / max(sum(counts), 1)])
    window = _shares_below(np.asarray(edges), np.sort(np.asarray(values, dtype="float64")))
    rows, live = sum(counts), len(values)
    effective = rows * live / (rows + live)
    gap = float(np.max(np.abs(reference - window)))
    root = math.sqrt(effective)
    p_value = float(kolmogorov((root + 0.12 + 0.11 / root) * gap))  # Stephens' correction for few rows
    return Distance(_quantile_shift(edges, reference, values) / deviation if deviation > 0 else gap, p_value)


def _shares_below(edges: Any, ordered: Any) -> Any:
    import numpy as np

    shares = np.searchsorted(ordered, edges, side="left") / len(ordered)
    # A bin holds its left edge and not its right one; only the last holds both.
    shares[-1] = np.searchsorted(ordered, edges[-1], side="right") / len(ordered)
    return shares


def _quantile_shift(edges: Sequence[float], shares: Any, values: Any) -> float:
    """Return by how much the window's quantiles differ from the inner edges, which are the reference's, on average."""
    import numpy as np

    if len(edges) < 3:  # noqa: PLR2004 - one bin has no inner edge
        return float(abs(np.mean(values) - (edges[0] + edges[-1]) / 2))
    inner = np.asarray(edges[1:-1], dtype="float64")
    return float(np.mean(np.abs(np.quantile(values, shares[1:-1]) - inner)))


def chi_square(reference: Mapping[str, int], window: Mapping[str, int]) -> Distance:
    """Compare counts by category; rare ones are pooled until each is expected five times.

    Returns
    -------
    The effect is the Jensen-Shannon distance to base 2, from 0 (equal) to 1 (nothing in common).
    """
    from scipy.stats import chi2

    rows, live = sum(reference.values()), sum(window.values())
    pairs = _pooled(reference, window, rows, live)
    if len(pairs) < 2:  # noqa: PLR2004 - one category cannot differ
        return Distance(_jensen_shannon(reference, window), 1.0)
    total = 0.0
    for one, other in pairs:
        share = (one + other) / (rows + live)
        total += (one - rows * share) ** 2 / (rows * share) + (other - live * share) ** 2 / (live * share)
    return Distance(_jensen_shannon(reference, window), float(chi2.sf(total, len(pairs) - 1)))


def _pooled(
    reference: Mapping[str, int], window: Mapping[str, int], rows: int, live: int
) -> list[tuple[int, int]]:
    names = {**reference, **window}
    pairs = sorted(((reference.get(name, 0), window.get(name, 0)) for name in names), key=sum)
    smaller = min(rows, live) / (rows + live)
    kept: list[tuple[int, int]] = []
    pool = (0, 0)
    for pair in pairs:
        pool = (pool[0] + pair[0], pool[1] + pair[1])
        if sum(pool) * smaller >= _POOLED:
            kept.append(pool)
            pool = (0, 0)
    if sum(pool) and kept:
        kept[-1] = (kept[-1][0] + pool[0], kept[-1][1] + pool[1])
    return kept


def _jensen_shannon(reference: Mapping[str, int], window: Mapping[str, int]) -> float:
    rows, live = sum(reference.values()) or 1, sum(window.values()) or 1
    total = 0.0
    for name in {**reference, **window}:
        p, q = reference.get(name, 0) / rows, window.get(name, 0) / live
        middle = (p + q) / 2
        total += sum(share / 2 * math.log2(share / middle) for share in (p, q) if share)
    return math.sqrt(max(total, 0.0))


def two_proportions(one: int, rows: int, other: int, live: int) -> Distance:
    """Compare two shares by the pooled normal test; the effect is their absolute difference."""
    from scipy.stats import norm

    share = (one + other) / (rows + live)
    spread = math.sqrt(share * (1 - share) * (1 / rows + 1 / live))
    difference = abs(other / live - one / rows)
    return Distance(difference, float(2 * norm.sf(difference / spread)) if spread else 1.0)


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's adjusted p-values, in the order given."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    result = [1.0] * len(p_values)
    smallest = 1.0
    for rank in range(len(order), 0, -1):
        place = order[rank - 1]
        smallest = min(smallest, p_values[place] * len(p_values) / rank)
        result[place] = smallest
    return result
