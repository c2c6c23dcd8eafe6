"""One window of rows against one profile, column by column: pure, and the only place that says *moved*."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from jupyter_mlops.monitoring.statistics import (
    Distance,
    adjusted,
    chi_square,
    kolmogorov_smirnov,
    population_stability,
    stability_limit,
    two_proportions,
)
from jupyter_mlops.records.drift import ColumnDrift
from jupyter_mlops.records.profile import ColumnProfile, Profile

__all__ = ["MINIMUM_ROWS", "Thresholds", "compare"]

MINIMUM_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a column has moved: both the adjusted chance and the size must say so."""

    chance: float = 0.01  # false discovery rate over the columns of a window
    numeric: float = 0.1  # in standard deviations of the reference
    category: float = 0.1  # Jensen-Shannon distance, base 2
    share: float = 0.02  # of missing values, of a boolean


def compare(reference: Profile, frame: Any, thresholds: Thresholds | None = None) -> tuple[ColumnDrift, ...]:
    """Return how each column of *reference* fares in *frame* (a pandas DataFrame); what the reference lacks is left out.

    A column that is missing has moved, whatever the rest says. So has a numeric one that holds text.
    """
    limits = thresholds or Thresholds()
    found = [_column(column, reference.rows, frame, limits) for column in reference.columns]
    tested = [place for place, drift in enumerate(found) if drift.p_value is not None]
    chances = adjusted([float(found[place].p_value or 0.0) for place in tested])
    for place, chance in zip(tested, chances, strict=True):
        drift = found[place]
        moved = chance <= limits.chance and drift.moved
        found[place] = replace(drift, p_value=chance, moved=moved, summary=_sentence(drift, moved))
    return tuple(found)


def _column(column: ColumnProfile, rows: int, frame: Any, limits: Thresholds) -> ColumnDrift:
    if column.name not in frame.columns:
        return _broken(column, "is missing from the live rows")
    values = frame[column.name]
    missing = _missing(column, rows, values, limits)
    if missing is not None:
        return missing
    values = values.dropna()
    if not len(values) or rows <= column.nulls:
        return _same(column, "has no values to compare")
    try:
        return _compared(column, values, limits)
    except (TypeError, ValueError):
        return _broken(column, f"held {column.dtype} and now holds {values.dtype}")


def _compared(column: ColumnProfile, values: Any, limits: Thresholds) -> ColumnDrift:
    if column.kind in {"numeric", "datetime"} and column.edges:
        return _numeric(column, _numbers(values, column.kind), limits)
    if column.kind in {"boolean", "category"} and column.top:
        return _categories(column, values, limits)
    return _same(column, "is of a kind that is not compared")


def _missing(column: ColumnProfile, rows: int, values: Any, limits: Thresholds) -> ColumnDrift | None:
    """Missing values come first: a column that is empty now has nothing else to be compared by."""
    told = two_proportions(column.nulls, max(rows, 1), int(values.isna().sum()), len(values))
    if told.effect < limits.share or told.p_value > limits.chance:
        return None
    was, now = column.nulls / max(rows, 1), float(values.isna().mean())
    summary = f"{column.name}: {now:.1%} of the values are missing, {was:.1%} were"
    return ColumnDrift(name=column.name, statistic="missing_values", effect=told.effect, p_value=told.p_value, moved=True, summary=summary)  # fmt: skip


def _numbers(values: Any, kind: str) -> Any:
    import numpy as np
    import pandas as pd

    if kind == "datetime":
        moments = pd.to_datetime(values, utc=True).dt.tz_localize(None)
        values = (moments - pd.Timestamp(0)) / np.timedelta64(1, "s")
    numbers = pd.Series(values).to_numpy(dtype="float64")
    return numbers[np.isfinite(numbers)]


def _numeric(column: ColumnProfile, numbers: Any, limits: Thresholds) -> ColumnDrift:
    import numpy as np

    if not len(numbers):
        return _same(column, "has no finite values to compare")
    told = kolmogorov_smirnov(column.edges, column.counts, numbers, column.deviation or 0.0)
    inner = np.asarray(column.edges[1:-1])
    live = np.bincount(np.searchsorted(inner, numbers, side="right"), minlength=len(column.counts))
    index = population_stability(column.counts, live.tolist())
    limit = stability_limit(len(column.counts), sum(column.counts), len(numbers))
    shift = float(np.mean(numbers)) - (column.mean or 0.0)
    inside = f"its mean went from {column.mean or 0.0:.4g} by {shift:+.4g}, stability index {index:.3f} (chance alone: below {limit:.3f})"
    return _measured(column, "kolmogorov_smirnov", told, limits.numeric, inside)


def _categories(column: ColumnProfile, values: Any, limits: Thresholds) -> ColumnDrift:
    counted = values.astype(str).str.slice(0, 100).value_counts()
    live = {str(name): int(count) for name, count in counted.items()}
    told = chi_square(dict(column.top), _known_as(live, column))
    strange = {name: count for name, count in live.items() if name not in column.top}
    complete = (column.distinct or 0) <= len(column.top)
    inside = f"the shares of its {len(column.top)} values differ by {told.effect:.2f}"
    if strange and complete:
        worst = max(strange, key=lambda name: strange[name])
        inside += f"; {sum(strange.values())} rows hold values never seen in training, such as {worst!r:.40}"
    bar = limits.share if column.kind == "boolean" else limits.category
    return _measured(column, "chi_square", told, bar, inside)


def _known_as(live: dict[str, int], column: ColumnProfile) -> dict[str, int]:
    """Fold what lies outside a cut-off list of frequent values: there its absence from the list says nothing."""
    if (column.distinct or 0) <= len(column.top):
        return live
    return {name: count for name, count in live.items() if name in column.top}


def _measured(column: ColumnProfile, statistic: str, told: Distance, bar: float, inside: str) -> ColumnDrift:
    return ColumnDrift(
        name=column.name,
        statistic=statistic,
        effect=told.effect,
        p_value=told.p_value,
        moved=told.effect >= bar,  # the chance is asked once all columns are known
        summary=inside,
    )


def _sentence(drift: ColumnDrift, moved: bool) -> str:
    if drift.statistic == "missing_values":
        return drift.summary
    verdict = "moved" if moved else "did not move"
    return f"{drift.name} {verdict}: {drift.summary}"


def _broken(column: ColumnProfile, why: str) -> ColumnDrift:
    return ColumnDrift(
        name=column.name, statistic="schema", effect=1.0, moved=True, summary=f"{column.name} {why}"
    )


def _same(column: ColumnProfile, why: str) -> ColumnDrift:
    return ColumnDrift(name=column.name, statistic="none", effect=0.0, summary=f"{column.name} {why}")
