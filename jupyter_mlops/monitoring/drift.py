"""Live data against the data a version was trained on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.monitoring.comparing import MINIMUM_ROWS, compare
from jupyter_mlops.monitoring.window import last_predictions
from jupyter_mlops.records.drift import ColumnDrift, DriftReport
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.registry import get_version
from jupyter_mlops.registry.served import deployment_of
from jupyter_mlops.workspace import Workspace

__all__ = ["check_drift", "find_reports", "measure_drift"]


def check_drift(ws: Workspace, deployment: str, *, rows: int = 1000) -> DriftReport:
    """Compare the last rows a deployment was asked about with the data its version was trained on.

    The report is kept, with an event; schedules that wait for drift look at it.

    Parameters
    ----------
    deployment
        Its id, the last characters of it, or ``model@alias`` for the newest deployment of that alias.
    rows
        How many of the last rows to look at; fewer than 200 decide nothing.

    Raises
    ------
    NotFound
        Nothing was served under that name.
    Invalid
        The version carries no profile of its training data.
    """
    import pandas as pd

    with ws.store.read() as tx:
        served = deployment_of(tx, deployment)
        window = last_predictions(tx, served.id, rows)
    # Rows of the version that answers now; a swap in the window must not mix two references.
    version = window[-1].version if window else served.version
    asked_of = [prediction for prediction in window if prediction.version == version]
    frame = pd.DataFrame([dict(prediction.features) for prediction in asked_of])
    started = asked_of[0].at if asked_of else ws.now()
    ended = asked_of[-1].at if asked_of else ws.now()
    columns = _measured(ws, served.model, version, frame)
    report = DriftReport(
        id=ws.new_id(),
        deployment=served.id,
        model=served.model,
        version=version,
        started=started,
        # A report is about rows up to its end; two on one instant would be one.
        ended=max(ended, started + timedelta(microseconds=1)),
        rows=len(frame),
        columns=columns,
        verdict=_verdict(len(frame), columns),
        summary=_summary(len(frame), columns),
    )
    _keep(ws, report)
    return report


def measure_drift(ws: Workspace, reference: str, frame: Any) -> tuple[ColumnDrift, ...]:
    """Compare a DataFrame of one's own with the training data of the version behind *reference*; keeps nothing."""
    version = get_version(ws, reference)
    return compare(_profile(version.reference, version.profile), frame)


def find_reports(
    ws: Workspace, query: str = "", *, order: str = "", limit: int = 100, cursor: str | None = None
) -> Page[DriftReport]:
    """Find drift reports, the newest first."""
    with ws.store.read() as tx:
        return tx.reports.find(
            asked(query, order=order, limit=limit, cursor=cursor, now=ws.now(), of=DriftReport)
        )


def _measured(ws: Workspace, model: str, version: int, frame: Any) -> tuple[ColumnDrift, ...]:
    found = get_version(ws, f"{model}:{version}")
    profile = _profile(found.reference, found.profile)
    return compare(profile, frame) if len(frame) >= MINIMUM_ROWS else ()


def _profile(reference: str, profile: Profile | None) -> Profile:
    if profile is None or not profile.columns:
        raise Invalid(
            f"{reference} carries no profile of its training data, so there is nothing to compare with",
            remedy="Log the model with its data: run.log_model(model, data=X); autolog does so by itself.",
        )
    return profile


def _verdict(rows: int, columns: tuple[ColumnDrift, ...]) -> Outcome:
    if rows < MINIMUM_ROWS:
        return Outcome.UNKNOWN
    return Outcome.FAILED if any(column.moved for column in columns) else Outcome.PASSED


def _summary(rows: int, columns: tuple[ColumnDrift, ...]) -> str:
    if rows < MINIMUM_ROWS:
        return f"Only {rows} live rows: fewer than {MINIMUM_ROWS} decide nothing."
    moved = sorted((c for c in columns if c.moved), key=lambda c: -c.effect)
    if not moved:
        return f"None of {len(columns)} columns moved over {rows} rows."
    named = ", ".join(column.name for column in moved[:3]) + (" …" if len(moved) > 3 else "")  # noqa: PLR2004
    return f"{len(moved)} of {len(columns)} columns moved over {rows} rows: {named}."


def _keep(ws: Workspace, report: DriftReport) -> None:
    told = {
        "report": report.id,
        "version": report.version,
        "rows": report.rows,
        "verdict": report.verdict.value,
        "moved": [column.name for column in report.columns if column.moved],
    }
    with ws.store.write() as tx:
        tx.reports.add(report)
        tx.events.append([ws.event("drift.checked", report.deployment, **told)])
