"""One kernel session: what happens before and after each cell. Hooks never raise."""

from __future__ import annotations

import atexit
import re
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import wraps
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_mlops.capture.document import stands_in_no_file
from jupyter_mlops.capture.modules import follow_reloads, look_at_imports
from jupyter_mlops.capture.outputs import Output
from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.magics.document import DocumentWatch
from jupyter_mlops.magics.earlier import Earlier, cells_before, failed_before
from jupyter_mlops.magics.ending import Troubles, end_plainly, said_by, status_of
from jupyter_mlops.magics.options import options_of
from jupyter_mlops.magics.outputs import Seen, Shown
from jupyter_mlops.magics.overhead import Overhead
from jupyter_mlops.magics.placing import Placed, PlaceWatch
from jupyter_mlops.magics.reloading import reloads_of
from jupyter_mlops.magics.saving import SaveWatch
from jupyter_mlops.magics.unheard import Unheard
from jupyter_mlops.magics.unsettled import Unsettled
from jupyter_mlops.magics.warming import PLACES, Warming
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import CellExecution, CellStatus
from jupyter_mlops.store import notices
from jupyter_mlops.tracking.ended import any_block_ended, listen
from jupyter_mlops.tracking.pulse import cell_runs, quiet
from jupyter_mlops.workspace import new_id, utc_now

if (
    TYPE_CHECKING
):  # what a run takes is imported with the first tracked cell: most of the time of loading was its
    from jupyter_mlops.magics.card import Card
    from jupyter_mlops.magics.options import TrackOptions
    from jupyter_mlops.tracking.cells import Ended, TrackedCell
    from jupyter_mlops.workspace import Workspace

__all__ = ["Session"]

_MOST_FAILURES = 3
_IPYTHONS_OWN = re.compile(r"__\w+__|_{1,3}|_[dio]h|_i{1,3}|_i?\d+")
_LATE = 0.5  # seconds of bookkeeping for one hook: far beyond the budget
H = TypeVar("H", bound=Callable[..., None])


def _say(text: str) -> None:
    print(f"jupyter_mlops: {text}", file=sys.stderr)  # noqa: T201 - this is how a kernel speaks to its user


def _hook(method: H) -> H:
    """Keep every failure away from the user's cell, and the hook's time on record."""

    @wraps(method)
    def guarded(self: Session, *args: Any) -> None:
        if (self.off and self.tracked is None) or threading.get_ident() != self.thread:
            return  # a subshell's executions come from another thread: they are no cells of this document
        try:
            with self.overhead.hook(), quiet():
                method(self, *args)
        except Exception as failure:  # noqa: BLE001 - the cell goes on whatever we do
            self.failed(failure)
        if self.overhead.hooks:
            self.spent(self.overhead.hooks[-1])

    return guarded  # type: ignore[return-value]


class Session:
    """Records every cell of a shell from now on, and tracks those that ask for it.

    Parameters
    ----------
    shell
        The IPython shell; its events are registered by ``open``.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.recorder = Recorder(new_id(), utc_now)
        self.shown = Shown(shell)
        self._places = PlaceWatch(self.recorder)
        self.document = DocumentWatch(shell, self._places.tell, self._places.forget)
        self.tracked: TrackedCell | None = None
        self.card: Card | None = None
        self.overhead = Overhead()
        self.off = False
        self.thread = threading.get_ident()
        self._failures = self._late = self._recorder_failures = 0
        self._blind = False
        self._open = False  # a cell is running
        self._told_disabled = False
        self._unsettled = Unsettled(_say)
        self._saves = SaveWatch()
        # A shell of a terminal or a script waits for nobody in front of the cells.
        self._warming = Warming(PLACES if getattr(shell, "kernel", None) is not None else ())
        self._unheard = Unheard()
        self._lasts: dict[tuple[str, str], Run] = {}  # by experiment and name
        self._kept = (self.before, self.after, self._finish)  # the very objects that are registered

    def open(self) -> None:
        """Listen to the shell. Called inside a cell, as ``%load_ext`` is: that cell is the first on record."""
        before, after, finish = self._kept
        self.shell.events.register("pre_run_cell", before)
        self.shell.events.register("post_run_cell", after)
        atexit.register(finish)
        listen(True)
        notices.listen(True)
        follow_reloads(reloads_of(self.shell))
        look_at_imports()
        running = _runs_a_cell(self.shell)
        self._blind = self._has_names(self.shell.execution_count - running)
        cell = _cell_of(self.shell) if running else None
        if running:
            executed = self.shell.history_manager.input_hist_raw
            failed = failed_before(self.shell)
            self.document.ran(executed[1:])
            self._replay(cells_before(self.document.path(), cell, executed[1:-1], failed))
            self._started(executed[-1], cell)
        self.document.open(cell)

    def _replay(self, cells: Sequence[Earlier]) -> None:
        """Put cells on record that ran before the extension was loaded; with them nothing was missed."""
        for count, earlier in enumerate(cells, 1):
            if count == 1:
                self.recorder.document_file(self.document.path() or "")
            self.recorder.started(earlier.source, cell=earlier.cell, count=count)
            self.recorder.ended(CellStatus.ERROR if earlier.failed else CellStatus.OK)
            self._blind = False

    def _has_names(self, count: int) -> bool:
        """Tell whether the user's namespace holds what cells before the one numbered *count* may have made."""
        hidden = self.shell.user_ns_hidden
        made = [n for n in self.shell.user_ns if n not in hidden and not n.startswith("_")]
        return count > 1 and bool(made)

    def close(self) -> None:
        """Leave the shell as it was; a cell that is being tracked ends here."""
        before, after, finish = self._kept
        for event, hook in (("pre_run_cell", before), ("post_run_cell", after)):
            if hook in self.shell.events.callbacks[event]:
                self.shell.events.unregister(event, hook)
        if self.tracked is not None:
            self._end(None)
        self.shown.undo()
        self._finish()
        atexit.unregister(finish)
        if self._places.waits:
            self.document.leave()  # "Run All" reloads the extension in front of the page's answer
        else:
            self.document.close()
        listen(False)
        notices.listen(False)
        cell_runs(False)
        self.off = True

    def _finish(self) -> None:
        """Before the kernel goes: what was never saved is unsaved."""
        self._warming.end()
        self._unsettled.tell()
        self._saves.close(self.document.path())

    @_hook
    def before(self, info: Any) -> None:
        """A cell is about to run."""
        if self.off or info.silent or not info.store_history:
            return
        if self._open:
            if _cells_under_way(self.shell) > 1:
                return  # a cell that the open one runs is a part of it
            # Its end was never told, as an interrupt in another hook can bring about.
            self._end(KeyboardInterrupt())
        self._started(info.raw_cell, getattr(info, "cell_id", None))
        self._unsettled.tell()
        look_at_imports()  # what the cell will import has not been imported yet
        options = options_of(info.raw_cell)
        self.shown.begin(keep=options is not None)
        if options is not None:
            self._track(options, getattr(info, "cell_id", None))

    def _track(self, options: TrackOptions, cell: str | None) -> None:
        try:
            from jupyter_mlops.magics.card import Card
            from jupyter_mlops.tracking.cells import Place, begin_cell

            self.tracked = begin_cell(
                name=options.name,
                experiment=options.experiment,
                tags=dict(options.tags),
                on_rerun=options.on_rerun,
                resume=options.resume,
                at=Place(
                    cell=cell,
                    document=self.document.path(),
                    namespace=self.shell.user_ns,
                ),
            )
        except Exception as failure:  # noqa: BLE001 - the user's cell is worth more than our record of it
            remedy = failure.remedy if isinstance(failure, MlopsError) else ""
            _say(f"this cell is not tracked: {failure if not remedy else failure.args[0]} {remedy}".rstrip())
            return
        self._bind(options.variable)
        if self.tracked is None:
            self._tell_disabled()
        else:
            self.card = Card(self.shell, self.shown, self.tracked.ws, self.tracked.run, self._lasts)
            self.tracked.shown_by(self.card.digested, self.card.surrounded)
            self.card.begin()

    def _started(self, source: str, cell: str | None) -> None:
        self._warming.wakes()
        self.document.begins(source)
        path = self.document.path()
        place = self.document.place(path)
        if place is not None:
            self.recorder.document_file(place)
        self._saves.look(path)
        first = not self.recorder.chain and self.recorder.running is None
        # The shell counts on before it tells us.
        sequence = self.recorder.started(source, cell=cell, count=self.shell.execution_count - 1)
        if sequence is not None and self.document.given:
            stands_in_no_file(self.recorder.session, sequence)
        if first:
            # The recorder only sees a number in front of the cell; whether there is anything
            # that it missed can be seen in the namespace.
            self.recorder.blind = self._blind
        self._open = True
        cell_runs(True)

    def _bind(self, variable: str | None) -> None:
        """Give the run a name in the notebook: the one asked for, else ``run`` where that is free."""
        from jupyter_mlops.tracking.handle import ActiveRun, MutedRun

        names = self.shell.user_ns
        free = variable is not None or "run" not in names or isinstance(names["run"], ActiveRun)
        if free:
            run = self.tracked.run if self.tracked is not None else MutedRun()
            names[variable or "run"] = run

    def _tell_disabled(self) -> None:
        if not self._told_disabled:
            self._told_disabled = True
            _say("JUPYTER_MLOPS_DISABLED is set: nothing is recorded")

    @_hook
    def after(self, result: Any) -> None:
        """A cell has run."""
        info = result.info
        if not self._open or (info is not None and (info.silent or not info.store_history)):
            return
        if _cells_under_way(self.shell):
            return
        self._end(result.error_before_exec or result.error_in_exec)

    def _end(self, failure: BaseException | None) -> None:
        """Tell the recorder and the run that the cell has ended; whatever fails on the way, both are told."""
        self._open = False
        cell_runs(False)
        troubles = Troubles()
        nothing: tuple[Seen, list[Output]] = (Seen(keep=False), [])
        seen, files = troubles.kept_from(self.shown.end, nothing)
        how, said = status_of(failure), said_by(failure)
        told = troubles.kept_from(lambda: self.recorder.ended(how, error=said, outputs=seen.digests), None)
        troubles.kept_from(look_at_imports, None)
        tracked, self.tracked = self.tracked, None
        if self.off:
            troubles.kept_from(self.shown.undo, None)  # it was left on for the sake of this cell
        if tracked is not None or any_block_ended():
            troubles.kept_from(lambda: self._end_runs(tracked, failure, told, files, troubles), None)
        if tracked is not None:
            troubles.kept_from(lambda: end_plainly(tracked.ws, tracked.run, failure), None)
        troubles.kept_from(self._unheard.tell, None)
        self._warming.rests()
        if troubles.first is not None:
            self.failed(troubles.first)

    def _end_runs(
        self,
        tracked: TrackedCell | None,
        failure: BaseException | None,
        execution: CellExecution | None,
        files: Sequence[Output],
        troubles: Troubles,
    ) -> None:
        from jupyter_mlops.tracking.cells import Ended, grade_blocks

        ended = Ended(
            failure=failure,
            outputs=files,
            execution=execution,
            source=execution.source if execution is not None else "",
            document=troubles.kept_from(self.document.path, None),
            known_names=troubles.kept_from(self._known_names, frozenset()),
            is_own=_is_cell,
        )
        runs: list[tuple[Workspace, Run, Card | None]] = []
        placed, order = not self.document.asked or self._places.told, self.recorder.order
        if tracked is not None:
            runs = troubles.kept_from(lambda: self._end_tracked(tracked, ended), runs)
        for ws, run, captured in grade_blocks(self.recorder, ended):
            self._saves.add(ws, run, captured.cells)
            graded = replace(run, grade=captured.grade, grade_reason=captured.grade_reason)
            runs.append((ws, graded, None))
        if runs and execution is not None and not placed:
            at, known = execution.sequence, ended.known_names
            self._places.add(Placed(runs=runs, execution=at, known_names=known, order=order))

    def _end_tracked(self, tracked: TrackedCell, ended: Ended) -> list[tuple[Workspace, Run, Card | None]]:
        card, self.card = self.card, None
        harvest = tracked.run.harvest
        try:
            with self.overhead.keeps_model() if harvest is not None and harvest.fitted else nullcontext():
                run = tracked.end(self.recorder, ended)
        except (Exception, KeyboardInterrupt) as trouble:  # noqa: BLE001 - said once, and the cell goes on
            _say(f"the end of run {tracked.run.id[-6:]} could not be written: {said_by(trouble)}")
            return []
        self._unsettled.add(tracked.run)
        self._saves.add(tracked.ws, run, tracked.cells)
        if card is not None:
            try:
                with self.overhead.waits():
                    self._unheard.ends(card, tracked)
            finally:
                card.end(run, tracked.beside())
        return [(tracked.ws, run, card)]

    def _known_names(self) -> frozenset[str]:
        """Names that no cell need have written: IPython's own, and the run's."""
        from jupyter_mlops.tracking.handle import ActiveRun

        # IPython hides what a startup file has made, too; that came from no cell.
        hidden = {name for name in self.shell.user_ns_hidden if _IPYTHONS_OWN.fullmatch(name)}
        bound = {name for name, value in self.shell.user_ns.items() if isinstance(value, ActiveRun)}
        return frozenset(hidden | bound | {"get_ipython", "display", "In", "Out", "exit", "quit", "open"})

    def failed(self, failure: Exception) -> None:
        """Count a failure of our own; the third switches recording off, visibly."""
        self._failures += 1
        if self._failures >= _MOST_FAILURES and not self.off:
            self.off = True
            self._warming.end()  # from here on nobody tells it of cells
            if self.tracked is None:
                self.shown.undo()
            _say(
                f"recording has switched itself off after {self._failures} failures "
                f"(the last: {type(failure).__name__}: {failure}). %reload_ext jupyter_mlops starts it again."
            )

    def spent(self, seconds: float) -> None:
        """Judge what a hook has cost. Far too slow again and again is a failure, as is a recorder that fails."""
        self._late = self._late + 1 if seconds > _LATE else 0
        if self._late >= _MOST_FAILURES:
            self._failures = _MOST_FAILURES
            self.failed(TimeoutError(f"{seconds:.1f} s of bookkeeping for one cell"))
        failures = getattr(self.recorder, "failures", ())
        for failure in failures[self._recorder_failures :]:
            self.failed(RuntimeError(failure))
        self._recorder_failures = len(failures)


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith("<ipython-input")


def _runs_a_cell(shell: Any) -> bool:
    """Tell whether the shell is in the middle of a cell, as it is under ``%load_ext``."""
    if shell.history_manager is None or shell.execution_count < 2:  # noqa: PLR2004 - it counts on before a cell runs
        return False
    last = shell.last_execution_result
    return last is None or last.execution_count != shell.execution_count - 1


def _cells_under_way(shell: Any) -> int:
    """Return how many cells of *shell* are on the stack: a cell may run others with ``run_cell``."""
    found = 0
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - inspect.stack() would read source files for each cell
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and frame.f_locals.get("self") is shell:
            found += 1
        frame = frame.f_back
    return found


def _cell_of(shell: Any) -> str | None:
    """Return the id of the cell that runs now, where the front end sent one."""
    try:
        parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
        cell = parent["metadata"]["cellId"]
    except (KeyError, TypeError, LookupError):
        return None
    return cell if isinstance(cell, str) else None
