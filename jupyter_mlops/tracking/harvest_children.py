"""Further fits of a run, and the candidates of its searches, as child runs that have begun and ended already."""

from __future__ import annotations

import base64
import math
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from jupyter_mlops.capture.estimators.seen import CandidateSeen
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import MetricPoint, Run, RunStatus
from jupyter_mlops.tracking.failures import status_with
from jupyter_mlops.tracking.harvest import Yield
from jupyter_mlops.tracking.log import as_param
from jupyter_mlops.workspace import Workspace

__all__ = ["child_notes", "file_notes"]


def child_notes(
    ws: Workspace, parent: Run, own: Yield, others: Sequence[Yield], captured: Captured
) -> list[dict[str, object]]:
    """Return one note for each child of *parent*: the further fits, and the candidates of all searches."""
    notes: list[dict[str, object]] = []
    for share in others:
        child = _child(ws, parent, share)
        notes.append(_as_note(ws, child, share, captured))
        notes.extend(file_notes(child.id, share.artifacts))
        notes.extend(_candidate_notes(ws, child, share, captured))
    return notes + _candidate_notes(ws, parent, own, captured)


def file_notes(run: str, files: Mapping[str, bytes]) -> list[dict[str, object]]:
    """Return notes that leave small files with *run*, by way of a journal: this waits for no store."""
    notes: list[dict[str, object]] = []
    for name, content in files.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        artifact = Artifact(run=run, name=name, digest="", size=len(content), media_type=kind)
        notes.append({"file": {**encode(artifact), "content": base64.b64encode(content).decode()}})
    return notes


def _candidate_notes(ws: Workspace, parent: Run, share: Yield, captured: Captured) -> list[dict[str, object]]:
    found = []
    for one in share.candidates:
        of = _candidate_share(share, one)
        found.append(_as_note(ws, _child(ws, parent, of), of, captured))
    return found


def _candidate_share(share: Yield, one: CandidateSeen) -> Yield:
    seconds = _seconds(one)
    return Yield(
        seen=None,
        name=one.name,
        params={name: as_param(value) for name, value in one.params.items()},
        metrics=one.metrics,
        series=one.series,
        inputs=tuple(item for item in share.inputs if item.role == "train"),
        started=share.started,
        ended=None if share.started is None or seconds is None else share.started + seconds,
    )


def _seconds(one: CandidateSeen) -> float | None:
    """Return how long a candidate took on all splits, fits and scores; None where its search does not say."""
    known = one.metrics.get("seconds")
    if known is None and "fit_seconds" in one.metrics:  # means over the splits
        splits = max((len(points) for points in one.series.values()), default=1)
        known = splits * (one.metrics["fit_seconds"] + one.metrics.get("score_seconds", 0.0))
    return known if known is not None and math.isfinite(known) and known >= 0 else None


def _child(ws: Workspace, parent: Run, share: Yield) -> Run:
    return replace(
        parent,
        id=ws.new_id(),
        name=share.name or "fit",
        status=RunStatus.RUNNING,
        parent=parent.id,
        earlier=None,
        lease=None,
        started=_at(ws, share.started, parent.started) or parent.started,
        params=share.params,
        inputs=share.inputs,
        written=(),
        tags={},
        notes=(),
    )


def _at(ws: Workspace, seconds: float | None, earliest: datetime) -> datetime | None:
    """Return a time that was taken from the clock; a child neither begins before its parent nor ends later than now."""
    if seconds is None:
        return None
    return max(earliest, min(datetime.fromtimestamp(seconds, UTC), ws.now()))


def _as_note(ws: Workspace, run: Run, share: Yield, captured: Captured) -> dict[str, object]:
    ended = _at(ws, share.ended, run.started) or ws.now()
    values = [(key, 0, value) for key, value in share.metrics.items() if key not in share.series]
    values += [(key, step, value) for key, points in share.series.items() for step, value in points]
    points = [
        MetricPoint(owner=run.id, sequence=number, key=key, value=value, step=step, at=ended)
        for number, (key, step, value) in enumerate(values, 1)
    ]
    # What the cell wrote is the parent's: a digest that comes late would never reach the children.
    own = replace(captured, params={}, inputs=(), written=(), artifacts=(), notes=(), tags={})
    end = End(status=status_with(share.error), at=ended, captured=own, error=share.error)
    return {"child": {"run": encode(run), "points": encode(points), "end": encode(end)}}
