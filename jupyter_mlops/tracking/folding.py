"""From the journal into the store: points by their numbers, notes into the run they speak of."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.run import RUN_STEPS, DocumentState, Grade, MetricPoint, Run, RunInput
from jupyter_mlops.store.journal_files import abandoned, remove_files
from jupyter_mlops.store.journal_records import Said, read_segment
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.lives import over_lives, source_over_lives
from jupyter_mlops.workspace import Workspace

__all__ = [
    "as_ended",
    "end_run",
    "fold_abandoned",
    "keep_run",
    "put_down",
    "with_blobs",
    "with_digest",
    "with_surroundings",
]


T = TypeVar("T")


def put_down(ws: Workspace, tx: Transaction, owner: str, said: Said) -> None:
    """Write what the journal *said* about the run *owner*. Saying it twice changes nothing."""
    run = _run(ws, tx, owner, said.notes)
    if said.curves:
        tx.metrics.extend(said.curves)
    if said.notes:
        _put_notes(ws, tx, run, said.notes)


def with_blobs(ws: Workspace, said: Said) -> Said:
    """Put the bytes of small files, which travel in the journal, where bytes rest; before a transaction, not in it."""
    if not any("file" in note for note in said.notes):
        return said
    return replace(said, notes=tuple(_with_blob(ws, note) for note in said.notes))


def _with_blob(ws: Workspace, note: Mapping[str, Any]) -> Mapping[str, Any]:
    if "file" not in note:
        return note
    artifact = dict(note["file"])
    content = base64.b64decode(artifact.pop("content"))
    artifact["digest"] = ws.blobs.put(io.BytesIO(content))
    return {"artifact": artifact}


def _put_notes(ws: Workspace, tx: Transaction, run: Run, notes: Sequence[Mapping[str, Any]]) -> None:
    before = run
    for note in notes:
        for kind, content in note.items():
            for file in _files(run, kind, content):
                tx.artifacts.replace(file)
            if kind == "child":
                _keep_child(ws, tx, content)
            elif kind == "end":
                run = before = end_run(ws, tx, run, decode(End, content))
            elif kind in _MERGES:
                run = _MERGES[kind](run, content)
    if run is not before:
        tx.runs.replace(run)


def _keep_child(ws: Workspace, tx: Transaction, content: Mapping[str, Any]) -> None:
    """Write a run that was over before anybody could tell the store of it."""
    run = decode(Run, content["run"])
    try:
        tx.runs.get(run.id)
    except NotFound:
        keep_run(ws, tx, run)
        tx.metrics.append([decode(MetricPoint, point) for point in content["points"]])
        end_run(ws, tx, run, decode(End, content["end"]))


def as_ended(run: Run, notes: Sequence[Mapping[str, Any]], end: End, metrics: Mapping[str, float]) -> Run:
    """Return *run* as it will be kept, once what was said of it has come to the store."""
    for note in notes:
        for kind, content in note.items():
            run = _MERGES[kind](run, content) if kind in _MERGES else run
    captured = _with_captured(run, end.captured)
    return replace(
        captured, status=end.status, ended=end.at, error=end.error, metrics={**run.metrics, **metrics}
    )


def _run(ws: Workspace, tx: Transaction, owner: str, notes: Sequence[Mapping[str, Any]]) -> Run:
    try:
        return tx.runs.get(owner)
    except NotFound:
        born = next((n["run"] for n in notes if "run" in n), None)
        if born is None:
            raise
        return keep_run(ws, tx, decode(Run, born))


def keep_run(ws: Workspace, tx: Transaction, run: Run) -> Run:
    """Keep a run that has begun."""
    tx.runs.add(run)
    event = ws.event("run.started", run.id, name=run.name, experiment=run.experiment)
    tx.events.append([replace(event, actor=run.actor, at=run.started)])
    return run


def end_run(ws: Workspace, tx: Transaction, run: Run, end: End) -> Run:
    """Write the end of *run*; an end it cannot have (it has had one) changes nothing."""
    if end.status not in RUN_STEPS[run.status]:
        return run
    captured = end.captured
    ended = replace(
        _with_captured(run, captured), status=end.status, ended=end.at, error=end.error, lease=None
    )
    tx.runs.replace(ended)
    if captured.cells:
        tx.cells.append(run.id, captured.cells)
    for artifact in captured.artifacts:
        tx.artifacts.replace(replace(artifact, run=run.id))
    event = ws.event(
        f"run.{end.status.value}",
        run.id,
        grade=ended.grade.value,
        error=end.error.kind if end.error else None,
    )
    tx.events.append([replace(event, actor=run.actor)])
    return ended


def _with_captured(run: Run, captured: Captured) -> Run:
    unsaid = captured.grade is Grade.UNKNOWN and not captured.grade_reason
    grade, reason = (
        (run.grade, run.grade_reason)
        if unsaid
        else over_lives(run.earlier, captured.grade, captured.grade_reason)
    )
    return replace(
        run,
        source=source_over_lives(run, captured.source) if captured.source else run.source,
        grade=grade,
        grade_reason=reason,
        document=run.document if captured.document is DocumentState.UNKNOWN else captured.document,
        inputs=_joined(run.inputs, captured.inputs),
        written=_joined(run.written, captured.written),
        # What the user logged outright wins over what was only seen.
        params={**captured.params, **run.params},
        tags={**captured.tags, **run.tags},
        notes=_joined(run.notes, captured.notes),
        last_cell=captured.last_cell or run.last_cell,
    )


def _joined(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    """Both, in order, each once; compared, since a record that holds a mapping has no hash."""
    return (
        *one,
        *(item for place, item in enumerate(other) if item not in one and item not in other[:place]),
    )


def _merge_params(run: Run, content: Any) -> Run:
    changed = [k for k, v in content.items() if k in run.params and run.params[k] != v]
    for key in changed:
        run = _merge_note(run, f"parameter {key} was {run.params[key]!r} and became {content[key]!r}")
    return replace(run, params={**run.params, **content})


def _merge_note(run: Run, content: Any) -> Run:
    return run if content in run.notes else replace(run, notes=(*run.notes, content))


def _merge_input(run: Run, content: Any) -> Run:
    seen = decode(RunInput, content)
    return run if seen in run.inputs else replace(run, inputs=(*run.inputs, seen))


def with_digest(run: Run, seen: RunInput) -> Run:
    """Put a digest that came late in the place that waits for it."""

    def settled(items: tuple[RunInput, ...]) -> tuple[RunInput, ...]:
        waits = next((item for item in items if not item.digest and _same_file(item, seen)), None)
        return tuple(seen if item is waits else item for item in items)

    return replace(run, inputs=settled(run.inputs), written=settled(run.written))


def _same_file(one: RunInput, other: RunInput) -> bool:
    return (one.name, one.role, one.kind, one.size) == (other.name, other.role, other.kind, other.size)


def with_surroundings(run: Run, content: Mapping[str, Any]) -> Run:
    """Put what was seen around a run, as ``tracking.surroundings`` tells it, into its source."""
    fields: dict[str, Any] = {
        name: tuple(value) if name == "dirty" else value
        for name, value in content.items()
        if name != "beside"
    }
    for said in content.get("beside", {}).get("said", ()):
        run = _merge_note(run, said)
    return replace(run, source=replace(run.source, **fields)) if fields else run


def _files(run: Run, kind: str, content: Any) -> Sequence[Artifact]:
    """Return the files that a note brings; what was kept of the surroundings belongs to the run that they are of."""
    if kind == "artifact":
        return [decode(Artifact, content)]
    kept = content.get("beside", {}).get("files", ()) if kind == "surroundings" else ()
    return [replace(decode(Artifact, file), run=run.id) for file in kept]


_MERGES: Mapping[str, Callable[[Run, Any], Run]] = {
    "params": _merge_params,
    "tags": lambda run, content: replace(run, tags={**run.tags, **content}),
    "note": _merge_note,
    "input": _merge_input,
    "digested": lambda run, content: with_digest(run, decode(RunInput, content)),
    "surroundings": with_surroundings,
    "last_cell": lambda run, content: replace(run, last_cell=content),
}


def fold_abandoned(ws: Workspace, folder: Path) -> tuple[str, ...]:
    """Fold what dead writers left in *folder*; return their runs' ids."""
    found = []
    for owner, writer, paths in abandoned(folder):
        if _fold_files(ws, owner, paths):
            remove_files(folder, owner, writer)
            found.append(owner)
    return tuple(dict.fromkeys(found))


def _fold_files(ws: Workspace, owner: str, paths: Sequence[Path]) -> bool:
    for path in paths:
        offset = 0
        names: Mapping[int, str] = {}
        while True:
            said = read_segment(path, owner, offset=offset, names=names)
            if said:
                said = with_blobs(ws, said)
                try:
                    with ws.store.write() as tx:
                        put_down(ws, tx, owner, said)
                except NotFound:
                    path.rename(path.with_suffix(".orphan"))  # its run was never kept, or was removed
                    break
            if said.end == offset or not said:
                break
            offset, names = said.end, said.names
    return True
