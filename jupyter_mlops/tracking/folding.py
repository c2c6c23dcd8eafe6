"""From the journal into the store: points by their numbers, notes into the run they speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.run import Run, RunInput
from jupyter_mlops.store.journal import Said, abandoned, read_segment, remove_files
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["fold_abandoned", "put_down"]


def put_down(tx: Transaction, owner: str, said: Said) -> None:
    """Write what the journal *said* about the run *owner*. Saying it twice changes nothing."""
    if said.notes:
        _put_notes(tx, owner, said.notes)
    if said.points:
        tx.metrics.append(said.points)


def _put_notes(tx: Transaction, owner: str, notes: Sequence[Mapping[str, Any]]) -> None:
    before = run = _run(tx, owner, notes)
    for note in notes:
        for kind, content in note.items():
            if kind == "artifact":
                tx.artifacts.replace(decode(Artifact, content))
            else:
                run = _MERGES[kind](run, content) if kind in _MERGES else run
    if run is not before:
        tx.runs.replace(run)


def _run(tx: Transaction, owner: str, notes: Sequence[Mapping[str, Any]]) -> Run:
    try:
        return tx.runs.get(owner)
    except NotFound:
        born = next((n["run"] for n in notes if "run" in n), None)
        if born is None:
            raise
        run = decode(Run, born)
        tx.runs.add(run)
        return run


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


_MERGES: Mapping[str, Callable[[Run, Any], Run]] = {
    "params": _merge_params,
    "tags": lambda run, content: replace(run, tags={**run.tags, **content}),
    "note": _merge_note,
    "input": _merge_input,
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
        while True:
            said = read_segment(path, owner, offset=offset)
            if said:
                try:
                    with ws.store.write() as tx:
                        put_down(tx, owner, said)
                except NotFound:
                    path.rename(path.with_suffix(".orphan"))  # its run was never kept, or was removed
                    break
            if said.end == offset or not said:
                break
            offset = said.end
    return True
