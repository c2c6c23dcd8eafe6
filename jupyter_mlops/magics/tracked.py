"""One tracked cell: armed before it runs, brought home after it."""

from __future__ import annotations

import hashlib
import io
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_mlops.capture.document import document_state
from jupyter_mlops.capture.environment import GitState, git_state
from jupyter_mlops.capture.outputs import Output
from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.capture.slicing import Slice, slice_of
from jupyter_mlops.magics.options import TrackOptions
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import Run, RunError
from jupyter_mlops.records.source import CellExecution, Source
from jupyter_mlops.render.text import plain
from jupyter_mlops.tracking.active import arm, belonging, disarm, here, in_job, relative_to, status_after
from jupyter_mlops.tracking.assignments import params_of
from jupyter_mlops.tracking.environment import environment_digest, this_environment
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.harvest import Harvest, keep_children, keep_fitted_model
from jupyter_mlops.tracking.reruns import arm_run
from jupyter_mlops.tracking.runs import draft_run, finish_run
from jupyter_mlops.tracking.watching import watch_tracked
from jupyter_mlops.workspace import Workspace

__all__ = ["Ended", "TrackedCell", "begin_tracked"]

_GIT_PATIENCE = 0.5  # seconds the end of a cell waits for git, which has had the cell's own time already


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the shell knows about a cell that has ended."""

    failure: BaseException | None
    outputs: Sequence[Output]
    execution: CellExecution | None
    document: Path | None
    known_names: frozenset[str]


class TrackedCell:
    """A run that a cell has opened, until the cell ends."""

    def __init__(self, ws: Workspace, run: ActiveRun, cell: str | None) -> None:
        self.ws, self.run, self.cell = ws, run, cell
        self._git: GitState = (None, None, ())
        self._look = threading.Thread(target=self._look_around, name="jupyter-mlops-git", daemon=True)
        self._look.start()

    def _look_around(self) -> None:
        """Beside the cell, because git may be slow and the environment has hundreds of files."""
        try:
            self._git = git_state(self.ws.settings.root)
            this_environment()
        except Exception:  # noqa: BLE001, S110 - a run without a commit is still a run
            pass

    def end(self, recorder: Recorder, ended: Ended) -> Run:
        """Write the run's end with all that was seen; returns the run as it is kept."""
        disarm(self.run)
        slice_ = self._slice(recorder, ended)
        captured = self._captured(recorder, ended, slice_)
        own, others = self.run.harvest.gather() if self.run.harvest is not None else (None, ())
        if own is not None:
            if own.metrics:
                self.run.log_metrics(own.metrics)
            captured = replace(
                captured,
                params={**captured.params, **own.params},
                inputs=own.inputs,
                notes=(*captured.notes, *self._notes(own.seen)),
            )
        finished = finish_run(
            self.ws,
            run=self.run.id,
            status=status_after(ended.failure),
            captured=captured,
            error=_error(ended.failure, self.cell),
        )
        if others:
            keep_children(self.ws, finished, others, captured)
        return finished

    def _notes(self, seen: Any) -> tuple[str, ...]:
        assert self.run.harvest is not None
        refusal = keep_fitted_model(self.ws, self.run.id, seen) if seen is not None else None
        return (*self.run.harvest.notes, *([refusal] if refusal else []))

    def _slice(self, recorder: Recorder, ended: Ended) -> Slice:
        if ended.execution is None:
            return Slice(reason="the recorder did not see this cell")
        at = ended.execution.sequence
        return slice_of(
            recorder.chain, at, at, blind=recorder.blind, known_names=ended.known_names, order=recorder.order
        )

    def _captured(self, recorder: Recorder, ended: Ended, found: Slice) -> Captured:
        self._look.join(_GIT_PATIENCE)
        execution = ended.execution
        reads = execution.reads if execution is not None else ()
        last = execution.sequence if execution is not None else 0
        return Captured(
            source=self._source(recorder, ended, found),
            grade=found.grade,
            grade_reason=found.reason,
            document=document_state(found.cells, ended.document),
            cells=found.cells,
            params=params_of(found.cells, last, reads),
            artifacts=tuple(self._keep(output) for output in ended.outputs),
            last_cell=self.cell,
        )

    def _source(self, recorder: Recorder, ended: Ended, found: Slice) -> Source:
        commit, branch, dirty = self._git
        digest = hashlib.sha256("\n".join(cell.digest for cell in found.cells).encode()).hexdigest()
        return replace(
            self.run.begun.source,
            notebook=_notebook(self.ws, ended.document) or self.run.begun.source.notebook,
            session=recorder.session,
            cells=digest if found.cells else None,
            rests_on=tuple(cell.sequence for cell in found.cells),
            executed=len(recorder.chain),
            commit=commit,
            branch=branch,
            dirty=dirty,
            environment=environment_digest(self.ws),
            python=this_environment().python,
            outside=found.outside,
        )

    def _keep(self, output: Output) -> Artifact:
        digest = self.ws.blobs.put(io.BytesIO(output.content))
        return Artifact(
            run=self.run.id,
            name=output.name,
            digest=digest,
            size=len(output.content),
            media_type=output.media_type,
        )


def begin_tracked(
    options: TrackOptions, *, cell: str | None, document: Path | None, namespace: dict[str, Any]
) -> TrackedCell | None:
    """Arm a run for the cell that is about to run; None where recording is switched off."""
    ws = here()
    if ws.settings.disabled:
        return None
    ws = ws.acting_as(replace(ws.actor, via=Door.JOB if in_job() else Door.NOTEBOOK))
    parent, job, experiment = belonging(options.experiment)
    draft = draft_run(
        ws,
        name=options.name,
        experiment=experiment,
        source=Source(notebook=_notebook(ws, document)),
        tags=dict(options.tags),
        parent=parent,
        job=job,
    )
    live = arm_run(ws, replace(draft, last_cell=cell), options.on_rerun or ws.settings.on_rerun)
    run = ActiveRun(live)
    if watch_tracked(namespace):
        run.harvest = Harvest()
    arm(run)
    return TrackedCell(ws, run, cell)


def _notebook(ws: Workspace, document: Path | None) -> str | None:
    import os

    named = os.environ.get("JUPYTER_MLOPS_NOTEBOOK")  # a job executes a copy; people know the original
    if named:
        return named
    return None if document is None else relative_to(ws.settings.root, document)


def _error(failure: BaseException | None, cell: str | None) -> RunError | None:
    if failure is None or (isinstance(failure, SystemExit) and failure.code in {None, 0}):
        return None
    frames = _own_frames(failure)
    text = plain("".join(traceback.format_exception(type(failure), failure, frames)))
    return RunError(
        kind=type(failure).__name__, message=str(failure), traceback=text, cell=cell, line=_line(failure)
    )


def _own_frames(failure: BaseException) -> TracebackType | None:
    """Return the traceback from the first frame of the cell on; what lies above it is the shell's own."""
    frames = failure.__traceback__
    while frames is not None and not _is_cell(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return frames


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith("<ipython-input")


def _line(failure: BaseException) -> int | None:
    """Return the line of the cell that failed."""
    if isinstance(failure, SyntaxError):
        return failure.lineno
    frames = _own_frames(failure)
    return None if frames is None else frames.tb_lineno
