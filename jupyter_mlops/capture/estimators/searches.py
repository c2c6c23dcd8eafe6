"""A search as its candidates: what was tried, how it did on each split, how long it took."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from jupyter_mlops.capture.estimators.seen import CandidateSeen
from jupyter_mlops.capture.estimators.training import parameters, plain
from jupyter_mlops.capture.estimators.trials import TrialSearch, trials_of

__all__ = ["MOST_CANDIDATES", "candidates", "is_search", "results_table", "search_in"]

MOST_CANDIDATES = 10
_LARGEST_TABLE = 5_000_000  # bytes
_SPLIT = re.compile(r"split(\d+)_(test|train)_(.+)")


def is_search(estimator: Any) -> bool:
    """Tell whether *estimator* has searched: scikit-learn's searches, halving, others made like them or of trials."""
    return _has_results(estimator) or bool(trials_of(estimator))


def _has_results(estimator: Any) -> bool:
    try:
        results = estimator.cv_results_
    except Exception:  # noqa: BLE001 - where it is computed when asked, it may fail on a trial that failed
        return False
    return isinstance(results, Mapping) and "params" in results


def search_in(estimator: Any) -> Any:
    """Return the search that *estimator* is, or that a pipeline ends with; None where there is none.

    One that knows its trials instead of a table of results is returned as one with a table.
    """
    steps = getattr(estimator, "steps", None)
    last = steps[-1][1] if isinstance(steps, list) and steps else None
    for one in (estimator, last):
        if one is not None and _has_results(one):
            return one
        trials = trials_of(one)
        if trials:
            return TrialSearch(one, trials)
    return None


def candidates(search: Any, most: int = MOST_CANDIDATES) -> tuple[CandidateSeen, ...]:
    """Return the best candidates, the best first, with all their parameters and the score of each split."""
    results = search.cv_results_
    base = parameters(search.estimator)
    order = _best_first(search)
    return tuple(_candidate(results, base, place) for place in order[:most])


def _best_first(search: Any) -> list[int]:
    results = search.cv_results_
    rank = next((key for key in _rank_names(search) if key in results), None)
    if rank is None:
        return list(range(len(results["params"])))
    # a halving search tries a candidate several times: what was measured on more data says more
    iteration = results.get("iter", [0] * len(results["params"]))
    return sorted(range(len(results["params"])), key=lambda i: (-int(iteration[i]), int(results[rank][i]), i))


def _rank_names(search: Any) -> list[str]:
    refit = getattr(search, "refit", None)
    named = [f"rank_test_{refit}"] if isinstance(refit, str) else []
    return [*named, "rank_test_score", *(key for key in search.cv_results_ if key.startswith("rank_test_"))]


def _candidate(results: Mapping[str, Any], base: dict[str, Any], place: int) -> CandidateSeen:
    params = {name: plain(value) for name, value in results["params"][place].items()}
    metrics: dict[str, float] = {}
    series: dict[str, list[tuple[int, float]]] = {}
    for key, values in results.items():
        if key == "params" or key.startswith("param_"):
            continue
        split = _SPLIT.fullmatch(key)
        if split:
            if values[place] is not None:  # a trial that was given up has not seen all splits
                number, of, name = split.groups()
                point = (int(number), float(values[place]))
                series.setdefault(_metric_name("fold", of, name), []).append(point)
        elif values[place] is not None:
            metrics |= _aggregate(key, values[place])
    known = {"iter", "n_resources"} & metrics.keys()
    return CandidateSeen(
        name=", ".join(f"{name}={value}" for name, value in params.items())[:80] or "candidate",
        params={**base, **params, **{name: int(metrics.pop(name)) for name in known}},
        metrics=metrics,
        series={name: tuple(points) for name, points in series.items()},
    )


def _aggregate(key: str, value: Any) -> dict[str, float]:
    """Return a column of the result table under the name that cross-validation gives the same number."""
    kind, _, rest = key.partition("_")
    if rest in {"fit_time", "score_time"}:
        seconds = f"{rest.partition('_')[0]}_seconds"
        return {seconds if kind == "mean" else f"{seconds}_std": float(value)}
    of, _, name = rest.partition("_")
    if kind in {"mean", "std"} and of in {"test", "train"}:
        said = _metric_name("cv", of, name)
        return {said if kind == "mean" else f"{said}_std": float(value)}
    try:
        return {key: float(value)}
    except (TypeError, ValueError):
        return {}


def _metric_name(prefix: str, of: str, name: str) -> str:
    return f"{prefix}_{name}" if of == "test" else f"{prefix}_train_{name}"


def results_table(search: Any) -> bytes | None:
    """Return the whole result table as CSV; None where it would be large."""
    import pandas as pd

    out = io.StringIO()
    pd.DataFrame(search.cv_results_).to_csv(out, index=False)
    content = out.getvalue().encode()
    return content if len(content) <= _LARGEST_TABLE else None
