"""One executed cell as a run: armed before it runs, brought home after it; whatever front end has the cell run."""

from __future__ import annotations

import mimetypes
import os
import threading
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_mlops.capture.document import document_state
from jupyter_mlops.capture.environment import variables
from jupyter_mlops.capture.outputs import Output
from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.capture.slicing import Slice, slice_of
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.beside import KeptModel
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.links import cells_digest
from jupyter_mlops.records.run import DocumentState, Run, RunInput
from jupyter_mlops.records.source import CellExecution, Source
from jupyter_mlops.render.beside import Beside
from jupyter_mlops.settings import OnRerun
from jupyter_mlops.tracking.active import arm, belonging, disarm, relative_to, status_after
from jupyter_mlops.tracking.assignments import params_of
from jupyter_mlops.tracking.blocks import add_chain
from jupyter_mlops.tracking.busy import Busy
from jupyter_mlops.tracking.ended import blocks_ended
from jupyter_mlops.tracking.failures import error_of
from jupyter_mlops.tracking.files import CellFiles
from jupyter_mlops.tracking.folding import with_digest
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.harvest import Harvest
from jupyter_mlops.tracking.harvested import with_harvest
from jupyter_mlops.tracking.here import here, in_job
from jupyter_mlops.tracking.lives import earlier_cells
from jupyter_mlops.tracking.models import kept_models
from jupyter_mlops.tracking.parcels import far, file_note
from jupyter_mlops.tracking.reruns import arm_run, live_of, resume_run
from jupyter_mlops.tracking.runs import draft_run
from jupyter_mlops.tracking.seeds import seeds_of
from jupyter_mlops.tracking.surroundings import Look, module_sentences
from jupyter_mlops.tracking.watching import watch_tracked
from jupyter_mlops.workspace import Workspace

__all__ = ["Ended", "Place", "TrackedCell", "begin_cell", "grade_blocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a cell stands, and what it runs in."""

    cell: str | None  # its id
    document: Path | None  # the notebook's file
    namespace: MutableMapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the front end knows about a cell that has ended."""

    failure: BaseException | None
    outputs: Sequence[Output]
    execution: CellExecution | None
    source: str  # secrets masked
    document: Path | None
    known_names: frozenset[str]  # that no cell need have written
    is_own: Callable[[str], bool]  # is a frame, by its file name, code of a cell?


class _AfterEnd:
    """Keeps what the background finds out until the end has been said: the end's own words would take its place."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._held: list[Mapping[str, Any]] = []
        self._open = False

    def say(self, note: Mapping[str, Any]) -> None:
        """Say *note*, now or once the end has been said."""
        with self._lock:
            if not self._open:
                self._held.append(note)
                return
        self._say(note)

    def release(self) -> Sequence[Mapping[str, Any]]:
        """Say what was held back, which is returned too; from now on nothing is."""
        with self._lock:
            self._open = True
        for note in self._held:
            self._say(note)
        return self._held


class TrackedCell:
    """A run that a cell has opened, until the cell ends."""

    def __init__(self, ws: Workspace, run: ActiveRun, at: Place) -> None:
        self.ws, self.run, self.cell = ws, run, at.cell
        self.cells: tuple[CellExecution, ...] = ()  # what the run rests on, known at its end
        self._files: list[Artifact] = []
        self._late = _AfterEnd(run.say)
        self.read = CellFiles(ws, self._late.say, [at.document] if at.document is not None else [])
        self._around: Callable[[Mapping[str, Any]], None] | None = None
        self._busy = Busy(run, ws.settings.system_seconds)
        self._look = Look(ws, self._tell, self._tell_card)

    def end(self, recorder: Recorder, ended: Ended) -> Run:
        """Say the run's end with all that was seen; returns the run as it will be kept."""
        disarm(self.run)
        inputs, written = self.read.end()
        self._busy.end()
        captured = replace(self._captured(recorder, ended), inputs=inputs, written=written)
        if self.read.note:
            captured = replace(captured, notes=(*captured.notes, self.read.note))
        error = error_of(ended.failure, cell=self.cell, source=ended.source, is_own=ended.is_own)
        captured = with_harvest(self.run, captured, self._left, error)
        self.run.harvest = None  # it holds what was fitted, and the run may be kept for its card
        for output in ended.outputs:
            self._keep(output)
        kept = self.run.end_soon(
            End(
                status=status_after(ended.failure),
                at=self.ws.now(),
                captured=captured,
                error=error,
            )
        )
        for note in self._late.release():
            if "digested" in note:
                kept = with_digest(kept, decode(RunInput, note["digested"]))
        return kept

    def _tell(self, seen: Mapping[str, Any]) -> None:
        self._late.say({"surroundings": seen})
        self._tell_card(seen)
        for note in module_sentences(seen.get("module_notes", {})):
            self._late.say({"note": note})

    def _tell_card(self, seen: Mapping[str, Any]) -> None:
        if self._around is not None:
            self._around(seen)

    def shown_by(
        self, digested: Callable[[RunInput], None], around: Callable[[Mapping[str, Any]], None]
    ) -> None:
        """Tell what comes late to whoever shows the run: digests, and what surrounds it."""
        self.read.late, self._around = digested, around

    def wait_commit(self, seconds: float) -> None:
        """Wait until whoever shows the run was told its commit, but no longer than *seconds*."""
        self._look.wait_commit(seconds)

    def beside(self) -> Beside:
        """Return what the card says beyond the record, once the cell has ended."""
        return Beside(
            outputs=tuple(self._files),
            models=tuple(KeptModel.of(name, kept) for name, kept in sorted(kept_models(self.run.id).items())),
            counts=tuple(cell.count for cell in self.cells),
        )

    def _captured(self, recorder: Recorder, ended: Ended) -> Captured:
        execution = ended.execution
        if execution is None:
            return Captured(grade_reason="the recorder did not see this cell", last_cell=self.cell)
        begun = self.run.begun.source
        captured = chain_under(
            self.ws, recorder, ended, begun, earlier_cells(self.run.begun, recorder.session)
        )
        assert captured.source is not None
        self.cells = captured.cells
        imports = self._look.imports()
        return replace(
            captured,
            source=replace(captured.source, **self._look.seen(), **imports),
            notes=(*captured.notes, *module_sentences(imports.get("module_notes", {}))),
            params=params_of(captured.cells, execution.sequence, execution.reads),
            last_cell=self.cell,
        )

    def _left(self, name: str, size: int) -> None:
        """Take note of a file for the card; its digest is taken in the background."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._files.append(Artifact(run=self.run.id, name=name, digest="", size=size, media_type=kind))

    def _keep(self, output: Output) -> None:
        artifact = Artifact(
            run=self.run.id,
            name=output.name,
            digest=output.digest,
            size=len(output.content),
            media_type=output.media_type,
        )
        try:
            self.run.say(file_note(self.ws, artifact, output.content, carry=far(self.ws)))
            self._files.append(artifact)
        except (MlopsError, OSError) as failure:  # the end must be said whatever happens
            self.run.note(f"{output.name} was not kept: {failure}")


def chain_under(
    ws: Workspace, recorder: Recorder, ended: Ended, source: Source, earlier: Collection[int] = ()
) -> Captured:
    """Return what a run rests on that the cell just ended has brought forth: its cells, their grade, its source.

    *earlier* are executions of this session that it rests on from before it went on.
    """
    assert ended.execution is not None
    at = ended.execution.sequence
    found = slice_of(
        recorder.chain,
        at,
        at,
        blind=recorder.blind,
        known_names=ended.known_names,
        order=recorder.order,
        earlier=earlier,
    )
    state = document_state(found.cells, ended.document)
    return Captured(
        source=_source(ws, recorder, ended, found, source),
        grade=found.grade,
        grade_reason=found.reason,
        # Anything but saved is settled by the first save after the run.
        document=state if state is DocumentState.SAVED else DocumentState.UNKNOWN,
        cells=found.cells,
        last_cell=ended.execution.cell,
    )


def grade_blocks(recorder: Recorder, ended: Ended) -> tuple[tuple[Workspace, Run, Captured], ...]:
    """Add the chain to the runs that blocks of the cell just ended have opened; return them with it."""
    blocks = blocks_ended()
    if not blocks or ended.execution is None:
        return ()
    found: dict[tuple[int, ...], Captured] = {}
    graded = []
    for ws, run in blocks:
        earlier = earlier_cells(run, recorder.session)
        captured = found.get(earlier) or chain_under(ws, recorder, ended, Source(), earlier)
        found[earlier] = captured
        add_chain([(ws, run)], captured)
        graded.append((ws, run, captured))
    return tuple(graded)


def _source(ws: Workspace, recorder: Recorder, ended: Ended, found: Slice, source: Source) -> Source:
    return replace(
        source,
        notebook=_notebook(ws, ended.document) or source.notebook,
        session=recorder.session,
        cells=cells_digest(found.cells) if found.cells else None,
        rests_on=tuple(cell.sequence for cell in found.cells),
        executed=len(recorder.chain),
        outside=found.outside,
        seeds=seeds_of(recorder.chain, {cell.sequence for cell in found.cells}),
        variables=variables(ws.settings.environment_variables),
    )


def begin_cell(
    *,
    name: str,
    experiment: str = "",
    tags: Mapping[str, str] | None = None,
    on_rerun: OnRerun | None = None,
    resume: str = "",
    at: Place,
) -> TrackedCell | None:
    """Arm a run for the cell that is about to run; None where recording is switched off.

    Where the run that it should *resume* cannot go on, another is begun and says so: the cell is about to run anyway.
    """
    ws = here()
    if ws.settings.disabled:
        return None
    ws = ws.acting_as(replace(ws.actor, via=Door.JOB if in_job() else Door.NOTEBOOK))
    named = bool(experiment)
    parent, job, experiment = belonging(experiment)
    draft = draft_run(
        ws,
        name=name,
        experiment=experiment,
        source=Source(notebook=_notebook(ws, at.document)),
        tags=tags,
        parent=parent,
        job=job,
    )
    draft = replace(draft, last_cell=at.cell)
    problem = ""
    try:
        resumed = resume_run(ws, resume, experiment=experiment if named else "") if resume else None
    except MlopsError as failure:
        resumed, problem = None, f"begun anew: {failure.message}"
    run = ActiveRun(live_of(ws, resumed) if resumed else arm_run(ws, draft, on_rerun or ws.settings.on_rerun))
    if problem:
        run.note(problem)
    if watch_tracked(at.namespace):
        run.harvest = Harvest()
    arm(run)
    return TrackedCell(ws, run, at)


def _notebook(ws: Workspace, document: Path | None) -> str | None:
    named = os.environ.get("JUPYTER_MLOPS_NOTEBOOK")  # a job executes a copy; people know the original
    if named:
        return named
    return None if document is None else relative_to(ws.settings.root, document)
