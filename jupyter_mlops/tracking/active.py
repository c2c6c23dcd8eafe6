"""Which run is current. The only ambient state of the package stands in this file."""

from __future__ import annotations

import os
import sys
import warnings
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path

from jupyter_mlops.capture import estimators
from jupyter_mlops.capture.modules import look_at_imports
from jupyter_mlops.errors import MlopsError, Unavailable
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.run import Run, RunError, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.settings import OnRerun
from jupyter_mlops.tracking.blocks import add_environment
from jupyter_mlops.tracking.commits import look_ahead
from jupyter_mlops.tracking.ended import block_ended, listening
from jupyter_mlops.tracking.failures import error_said, status_with, traceback_text
from jupyter_mlops.tracking.handle import ActiveRun, MutedRun
from jupyter_mlops.tracking.harvest import Harvest
from jupyter_mlops.tracking.harvested import with_harvest
from jupyter_mlops.tracking.here import here, in_job
from jupyter_mlops.tracking.live import Live, begin_unseen
from jupyter_mlops.tracking.log import log_artifact
from jupyter_mlops.tracking.outputs import output_files
from jupyter_mlops.tracking.patches import patch_files, patch_notes
from jupyter_mlops.tracking.pulse import hurry
from jupyter_mlops.tracking.reruns import live_of, resume_run, start_or_continue
from jupyter_mlops.tracking.runs import close_run, draft_run
from jupyter_mlops.tracking.surroundings import around_script
from jupyter_mlops.workspace import Workspace

__all__ = ["arm", "belonging", "current_run", "disarm", "output", "status_after", "track"]

_current: ContextVar[ActiveRun | None] = ContextVar("jupyter_mlops_run", default=None)
_armed: list[ActiveRun] = []  # threads and pools inherit no context: they fall back to the kernel's run
_said: set[str] = set()
_PATIENCE = 1.0  # seconds
_SOME_UNASKED, _MOST_UNASKED = 8, 24
_unasked: deque[Live] = deque()  # begun by a fit outside tracked cells, and not yet in the store


def current_run() -> ActiveRun | None:
    """Return the run that is going on: that of the innermost ``with track(...)``, else the tracked cell's."""
    return _current.get() or (_armed[-1] if _armed else None)


def arm(run: ActiveRun) -> None:
    """Make *run* the one that every thread of this process falls back to."""
    _armed.append(run)


def disarm(run: ActiveRun) -> None:
    """Take *run* back."""
    if run in _armed:
        _armed.remove(run)


def output(name: str, value: object) -> None:
    """Leave a named result with the current run, and in a job with the job's, where a pipeline's next step reads it.

    Anything that JSON can say within 1 MB: numbers, text, dates, lists and mappings of these. A DataFrame is registered as the
    dataset ``EXPERIMENT.NAME``, a file that is given as a ``Path`` is kept with the run; the result then says where it lies. A
    result of the same name takes the place of the earlier one.

    Outside both nothing is kept, and that is said once: the same notebook may be run by hand and as a job.

    Raises
    ------
    Invalid
        The name is not usable, or the value cannot be kept.
    NotFound
        There is no such file.
    """
    run = current_run()
    own = os.environ.get("JUPYTER_MLOPS_RUN") if in_job() else None
    if isinstance(run, MutedRun):
        return
    if run is None and not own:
        if "output" not in _said:
            _said.add("output")
            warnings.warn(f"no run is open: the output {name!r} is kept nowhere", stacklevel=2)
        return
    experiment = run.experiment if run else os.environ.get("JUPYTER_MLOPS_EXPERIMENT") or "default"
    place = here if run is None or own else lambda: run.workspace
    for file in output_files(name, value, experiment=experiment, workspace=place):
        if run is not None:
            run.log_artifact(file.content, file.name, media_type=file.media_type)
        if own and (run is None or run.id != own):
            # The current run has it in its journal where the store is away: that must not fail the cell.
            with suppress(*(() if run is None else (Unavailable,))):
                log_artifact(
                    here(), run=own, content=file.content, name=file.name, media_type=file.media_type
                )


@contextmanager
def track(
    name: str = "",
    *,
    experiment: str = "",
    tags: Mapping[str, str] | None = None,
    on_rerun: OnRerun | str | None = None,
    resume: str = "",
    workspace: Workspace | str | Path | None = None,
) -> Iterator[ActiveRun]:
    """Track what happens in a ``with`` block as a run.

    Parameters
    ----------
    name
        What people call the run; by default made from its id.
    experiment
        The name it is filed under, by default ``default``; slashes make folders.
    tags
        Words for finding it again.
    on_rerun
        What happens where the name is taken in this experiment by an earlier run of the same file:
        ``continue``, ``replace`` or ``fork``; by default as the settings say (``fork``).
    resume
        In place of a new run, one that goes on: its id, a tail of it, or its name.
    workspace
        Where to keep it; by default found upward from the working folder.

    Yields
    ------
    ActiveRun
        Inside another run, a child of it. An exception fails the run and goes on outward; an interrupt
        cancels it. Where the store is away the run waits in the journal; where nothing can be written at all it
        keeps nothing. Either is said in a warning, and the block goes on.

    Raises
    ------
    NotFound
        There is no run to be resumed.
    Conflict
        The one to be resumed is still going on, or was put away.
    """
    outer = current_run()
    ws = here(workspace) if workspace is not None or outer is None else outer.workspace
    if ws.settings.disabled:
        yield MutedRun(name, experiment)
        return
    parent, job, named = belonging(experiment)
    draft = draft_run(
        ws, name=name, experiment=named, source=_script_source(ws), tags=tags, parent=parent, job=job
    )
    policy = OnRerun(on_rerun or ws.settings.on_rerun)
    handle, away = _opened(ws, draft, policy, resume, experiment)
    if isinstance(handle, MutedRun):
        yield handle
        return
    if estimators.is_on():
        handle.harvest = Harvest()
    token = _current.set(handle)
    try:
        yield handle
    except BaseException as failure:
        _end(handle, failure, told=away)
        raise
    else:
        _end(handle, None, told=away)
    finally:
        _current.reset(token)


def _opened(
    ws: Workspace, draft: Run, policy: OnRerun, resume: str, experiment: str
) -> tuple[ActiveRun, bool]:
    """Return the run that a block begins or resumes, and whether it had to begin elsewhere than in its store."""
    try:
        resumed = resume_run(ws, resume, experiment=experiment) if resume else None
        return ActiveRun(live_of(ws, resumed or _begun(ws, draft, policy))), False
    except (Unavailable, OSError) as failure:
        if resume:  # another run would be no answer to that
            raise
        return _begun_elsewhere(ws, draft, failure, policy), True


def _begun(ws: Workspace, draft: Run, policy: OnRerun) -> Run:
    """Begin *draft*, as *policy* says. A script waits for its store; a cell only a second, for somebody waits for the cell."""
    if policy is not OnRerun.FORK or not listening():
        return start_or_continue(ws, draft, policy)
    live = begin_unseen(ws, draft)
    hurry()
    try:
        known = live.wait_known(_PATIENCE)  # whoever is handed its id finds it
    except BaseException as failure:  # an interrupt: there is no block yet that could end it
        live.end_soon(End(status=status_after(failure), at=ws.now(), captured=Captured(source=draft.source)))
        raise
    silence = "" if known else f"it has not answered for {_PATIENCE:g} s; another process may hold it"
    _tell_trouble(draft, live.trouble or silence)
    return draft


def _tell_trouble(draft: Run, trouble: str) -> None:
    """Say once, and not again for each block of a loop, that the store is away."""
    if not trouble:
        _said.discard("away")
    elif "away" not in _said:
        _said.add("away")
        warnings.warn(
            f"run {draft.short} waits in the journal until its store is back: {trouble}", stacklevel=6
        )


def _begun_elsewhere(ws: Workspace, draft: Run, failure: Exception, policy: OnRerun) -> ActiveRun:
    """Begin a run while its store is away: in the journal alone, or, where there is no room for one either, nowhere.

    The block goes on in any case, and one warning says what became of its recording.
    """
    try:
        handle = ActiveRun(begin_unseen(ws, draft))
    except (MlopsError, OSError):
        warnings.warn(f"this block is not recorded: {failure}", stacklevel=5)
        return MutedRun(draft.name, draft.experiment, str(failure))
    beside = "" if policy is OnRerun.FORK else f" (as a run of its own: {policy.value} needs the store)"
    warnings.warn(
        f"run {draft.short} waits in the journal until its store is back{beside}: {failure}", stacklevel=5
    )
    return handle


def _make_room() -> None:
    """Have few runs at once whose journals stand open: each takes two of the process's file descriptors.

    Raises
    ------
    Unavailable
        The store is away, so that none of them can be brought home; what comes now is not recorded.
    """
    while _unasked and (_unasked[0].ended or _unasked[0].journal.pid != os.getpid()):
        _unasked.popleft()
    if len(_unasked) >= _SOME_UNASKED:  # no more patience with a loop of fits
        for live in _unasked:
            live.patient_since = None
        hurry()
    if len(_unasked) >= _MOST_UNASKED:
        if failure := _unasked[0].failure:  # the background has tried, and a fit waits for no store
            raise Unavailable(
                f"the store cannot be reached: {failure}",
                remedy="Fits are recorded when it is back.",
            )
        _unasked[0].fold()


@contextmanager
def track_unasked(name: str, library: str, error: RunError | None = None) -> Iterator[ActiveRun]:
    """Keep a run that nobody asked for, so that nobody waits for it: the journal has it, the background the rest.

    It is over with the block; what is said afterwards still reaches it. Its tag ``autolog`` names the *library* that brought
    it about. Where that has raised, *error* is what.
    """
    ws = here()
    if ws.settings.disabled:
        yield MutedRun(name)
        return
    parent, job, experiment = belonging()
    draft = draft_run(
        ws,
        name=name,
        experiment=experiment,
        source=_script_source(ws),
        tags={"autolog": library},
        parent=parent,
        job=job,
    )
    _make_room()
    handle = ActiveRun(begin_unseen(ws, draft, patient=True))
    _unasked.append(live_of(ws, draft))
    captured = Captured(source=draft.source)
    try:
        yield handle
        captured = with_harvest(handle, captured, error=error)
    except Exception as failure:  # noqa: BLE001 - it ends all the same, and says what is missing
        captured = replace(captured, notes=(f"not all of it could be kept: {failure}"[:300],))
    finally:
        end = End(status=status_with(error), at=ws.now(), captured=captured, error=error)
        block_ended(ws, handle.end_soon(end))
        if not listening():  # else it comes with the chain
            add_environment(ws, draft.id)


def belonging(experiment: str = "") -> tuple[str | None, str | None, str]:
    """Return parent, job and experiment of a run that begins now: from the current run, else from the job's kernel."""
    outer = current_run()
    job = os.environ.get("JUPYTER_MLOPS_JOB") or None
    if outer is not None:
        return outer.id or None, job, experiment or outer.experiment
    parent = os.environ.get("JUPYTER_MLOPS_RUN") or None
    return parent, job, experiment or os.environ.get("JUPYTER_MLOPS_EXPERIMENT") or "default"


def status_after(failure: BaseException | None) -> RunStatus:
    """Return how a run ends that *failure* ended."""
    if failure is None or (isinstance(failure, SystemExit) and failure.code in {None, 0}):
        return RunStatus.FINISHED
    cancelled = (
        isinstance(failure, (KeyboardInterrupt, GeneratorExit)) or type(failure).__name__ == "CancelledError"
    )
    return RunStatus.CANCELLED if cancelled else RunStatus.FAILED


def _end(handle: ActiveRun, failure: BaseException | None, *, told: bool) -> None:
    status = status_after(failure)
    error = None
    if failure is not None and status is not RunStatus.FINISHED:
        text = traceback_text(failure, failure.__traceback__)
        said = error_said(failure)
        error = None if said is None else replace(said, traceback=text)
    ws, captured = handle.workspace, _captured(handle, failure)
    try:
        if listening():
            end = End(status=status, at=ws.now(), captured=captured, error=error)
            block_ended(ws, handle.end_soon(end))
        else:
            close_run(ws, run=handle.id, status=status, captured=captured, error=error)
    except Exception as trouble:  # noqa: BLE001 - the block has ended; its own result must not turn into ours
        if told and isinstance(trouble, (Unavailable, OSError)):
            return  # when it began
        warnings.warn(
            f"run {handle.id[-6:]}: its end could not be written ({trouble}); it waits in the journal",
            stacklevel=4,
        )


def _captured(handle: ActiveRun, failure: BaseException | None) -> Captured:
    """What was seen of the block; what cannot be had now is missing and said so, since the end must be said in any case."""
    captured = Captured(source=handle.begun.source)
    try:
        if not listening():  # else it comes with the chain, when nobody waits for it
            source = around_script(handle.workspace, handle.begun.source)
            files = patch_files(handle.workspace, source.patch)
            said = patch_notes(handle.workspace, source.patch)
            captured = replace(captured, source=source, artifacts=files, notes=said)
        return with_harvest(handle, captured, error=error_said(failure))
    except Exception as trouble:  # noqa: BLE001 - whatever it is, the run has ended
        return replace(captured, notes=(f"not all of it could be kept: {trouble}"[:300],))


def _script_source(ws: Workspace) -> Source:
    """Return the script this process runs, relative to the project; nothing where there is none."""
    look_at_imports()  # where no hook does
    if not listening():
        look_ahead(ws.settings.root)
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if not file or file.startswith("<"):  # a program that came in by standard input
        return Source()
    return Source(notebook=relative_to(ws.settings.root, Path(file)))


def relative_to(root: Path, path: Path) -> str:
    """Return *path* inside *root* with forward slashes; outside, its name only, since a home folder is nobody's business."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name
