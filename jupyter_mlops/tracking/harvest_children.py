"""Further fits of a run, and the candidates of its searches, as child runs that have begun and ended already."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import replace

from jupyter_mlops.capture.estimators.seen import CandidateSeen
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import MetricPoint, Run, RunStatus
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
    return Yield(
        seen=None,
        name=one.name,
        params={name: as_param(value) for name, value in one.params.items()},
        metrics=one.metrics,
        series=one.series,
        inputs=tuple(item for item in share.inputs if item.role == "train"),
    )


def _child(ws: Workspace, parent: Run, share: Yield) -> Run:
    return replace(
        parent,
        id=ws.new_id(),
        name=share.name or "fit",
        status=RunStatus.RUNNING,
        parent=parent.id,
        lease=None,
        params=share.params,
        inputs=share.inputs,
        written=(),
        tags={},
        notes=(),
    )


def _as_note(ws: Workspace, run: Run, share: Yield, captured: Captured) -> dict[str, object]:
    now = ws.now()
    values = [(key, 0, value) for key, value in share.metrics.items() if key not in share.series]
    values += [(key, step, value) for key, points in share.series.items() for step, value in points]
    points = [
        MetricPoint(owner=run.id, sequence=number, key=key, value=value, step=step, at=now)
        for number, (key, step, value) in enumerate(values, 1)
    ]
    # What the cell wrote is the parent's: a digest that comes late would never reach the children.
    own = replace(captured, params={}, inputs=(), written=(), artifacts=(), notes=(), tags={})
    end = End(status=RunStatus.FINISHED, at=now, captured=own)
    return {"child": {"run": encode(run), "points": encode(points), "end": encode(end)}}
