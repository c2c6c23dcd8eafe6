"""Live answers against the outcomes that became known later."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeGuard

from jupyter_mlops.monitoring.window import last_predictions, outcomes_of
from jupyter_mlops.records.quality import QualityReport
from jupyter_mlops.registry.served import deployment_of
from jupyter_mlops.store.fields import as_float
from jupyter_mlops.workspace import Workspace

__all__ = ["check_quality"]


def check_quality(ws: Workspace, deployment: str, *, rows: int = 1000) -> QualityReport:
    """Measure the last answers of a deployment whose outcome is known.

    Numbers give ``mae``, ``rmse`` and ``bias`` (answer minus outcome), anything else ``accuracy``.

    Parameters
    ----------
    deployment
        Its id, the last characters of it, or ``model@alias`` for the newest deployment of that alias.
    rows
        How many of the last answers to look at.
    """
    with ws.store.read() as tx:
        served = deployment_of(tx, deployment)
        window = last_predictions(tx, served.id, rows)
        known = outcomes_of(tx, served.id)
    version = window[-1].version if window else served.version
    asked = [p for p in window if p.version == version]
    counted = [p for p in asked if p.request in known]
    pairs = [(p.prediction, known[p.request]) for p in counted]
    metrics = _metrics(pairs)
    return QualityReport(
        deployment=served.id,
        model=served.model,
        version=version,
        started=counted[0].at if counted else None,
        ended=counted[-1].at if counted else None,
        rows=len(pairs),
        answered=len(asked),
        metrics=metrics,
        summary=_summary(len(pairs), len(asked), metrics),
    )


def _metrics(pairs: Sequence[tuple[object, object]]) -> dict[str, float]:
    if not pairs:
        return {}
    gaps = [as_float(said) - as_float(was) for said, was in pairs if _number(said) and _number(was)]
    if len(gaps) == len(pairs):
        return {
            "mae": sum(map(abs, gaps)) / len(gaps),
            "rmse": math.sqrt(sum(gap * gap for gap in gaps) / len(gaps)),
            "bias": sum(gaps) / len(gaps),
        }
    return {"accuracy": sum(1 for said, was in pairs if said == was or str(said) == str(was)) / len(pairs)}


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _summary(rows: int, answered: int, metrics: dict[str, float]) -> str:
    if not rows:
        return f"No outcome is known yet of {answered} answers."
    told = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
    return f"{told} over the {rows} of {answered} answers whose outcome is known."
