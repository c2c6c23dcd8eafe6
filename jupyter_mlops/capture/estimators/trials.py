"""A search that knows its trials, as Optuna's does: the same table of results that scikit-learn's searches have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

__all__ = ["TrialSearch", "trials_of"]

_DONE = "COMPLETE"


def trials_of(estimator: Any) -> Sequence[Any]:
    """Return the trials of a search that has made some, each with its parameters; empty where it is none."""
    if estimator is None or not hasattr(type(estimator), "fit"):
        return ()
    try:
        trials = estimator.trials_
    except Exception:  # noqa: BLE001 - it is computed when asked, and raises before the fit
        return ()
    if not isinstance(trials, Sequence) or isinstance(trials, str):
        return ()
    return trials if all(isinstance(getattr(one, "params", None), dict) for one in trials) else ()


class TrialSearch:
    """A search seen through its trials.

    Attributes
    ----------
    cv_results_
        A column for all that the trials say of themselves; None where one says nothing.
    """

    def __init__(self, search: Any, trials: Sequence[Any]) -> None:
        self._search = search
        self.cv_results_ = _table(trials, maximize=not _minimizes(search))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._search, name)


def _minimizes(search: Any) -> bool:
    study: Any = getattr(search, "study_", None)
    try:
        return getattr(study.direction, "name", "") == "MINIMIZE"
    except Exception:  # noqa: BLE001 - one with several aims has several directions, and raises
        return False


def _table(trials: Sequence[Any], *, maximize: bool) -> dict[str, list[Any]]:
    rows = [_row(trial) for trial in trials]
    names = dict.fromkeys(name for row in rows for name in row)
    table: dict[str, list[Any]] = {"params": [dict(trial.params) for trial in trials]}
    for name in dict.fromkeys(name for trial in trials for name in trial.params):
        table[f"param_{name}"] = [trial.params.get(name) for trial in trials]
    table |= {name: [row.get(name) for row in rows] for name in names}
    if "mean_test_score" in table:
        table["rank_test_score"] = _ranks(table["mean_test_score"], table["state"], maximize=maximize)
    return table


def _row(trial: Any) -> dict[str, Any]:
    """Return what a trial says of itself: its own numbers, its value, how it ended, how long it took."""
    said = getattr(trial, "user_attrs", None)
    row: dict[str, Any] = {
        str(name): number for name, number in dict(said or {}).items() if _number(number) is not None
    }
    values = _values(trial)
    known = {place: number for place, number in enumerate(map(_number, values)) if number is not None}
    if len(values) == 1:
        row |= {"mean_test_score": row.get("mean_test_score", known[0])} if known else {}
    else:
        row |= {f"value_{place}": number for place, number in known.items()}
    took = getattr(getattr(trial, "duration", None), "total_seconds", None)
    if callable(took):
        row["seconds"] = took()
    return {**row, "state": str(getattr(getattr(trial, "state", None), "name", _DONE))}


def _values(trial: Any) -> list[Any]:
    values = getattr(trial, "values", None)
    return list(values) if isinstance(values, Sequence) else [getattr(trial, "value", None)]


def _number(value: Any) -> float | None:
    """Return *value* as a number a run can keep, None where it is none."""
    if isinstance(value, (bool, str, bytes)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _ranks(scores: Sequence[Any], states: Sequence[str], *, maximize: bool) -> list[int]:
    """Rank those that came to an end, ties alike; those that did not come after all of them."""
    known = [
        score for score, state in zip(scores, states, strict=True) if score is not None and state == _DONE
    ]
    ranks = []
    for score, state in zip(scores, states, strict=True):
        if score is None or state != _DONE:
            ranks.append(len(known) + 1)
        else:
            ranks.append(1 + sum(1 for other in known if (other > score if maximize else other < score)))
    return ranks
