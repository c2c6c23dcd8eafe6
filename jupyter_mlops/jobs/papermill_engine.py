"""Our papermill engine: cells by their id, few and whole writes, metadata that tells the truth.

Also usable by itself, as ``papermill --engine mlops IN OUT``.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from typing import Any, Protocol

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager
from papermill.iorw import papermill_io

from jupyter_mlops.jobs.notebook import to_bytes
from jupyter_mlops.jobs.output_log import OutputLog
from jupyter_mlops.jobs.places import write_whole
from jupyter_mlops.jobs.scripts import starting_code
from jupyter_mlops.jobs.secrets import JobSecrets

__all__ = ["CellClient", "KernelDiedAtStart", "MlopsEngine", "Observer", "Stopped", "TruthfulManager"]

_SAVE_EVERY = 2.0  # seconds between writes of the live notebook
_SAVE_SHARE = 0.1  # of the time, at most, goes into writing it
_IOPUB_WAIT = 3600  # a cell that prints faster than we read still gets all of its output kept
_ANSWER_WAIT = 1.0  # seconds between two questions to a kernel that comes up
_DRAIN_WAIT = 0.3  # seconds of silence after which a dead kernel has nothing more to say


class Stopped(Exception):  # an order, not an error
    """Somebody asked the execution to stop between two cells."""


class KernelDiedAtStart(DeadKernelError):  # its base is named so
    """The kernel's process ended before it had answered."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(f"the kernel ended before it answered (exit code {exit_code})")
        self.exit_code = exit_code


class Observer(Protocol):
    """What is told of an execution; called from the executing thread, and must return at once."""

    def kernel_started(self, manager: AsyncKernelManager) -> None:
        """A kernel is up and has answered."""

    def stopping(self) -> bool:
        """Tell whether no further cell may start."""

    def cell_started(self, cell: NotebookNode, index: int) -> None:
        """A code cell (*index* among all cells) is about to be sent."""

    def cell_ended(self, cell: NotebookNode, failure: BaseException | None) -> None:
        """The cell has ended; its outputs are complete."""


class _Unwatched:
    """Nobody looks: papermill's own command uses the engine."""

    def kernel_started(self, manager: AsyncKernelManager) -> None: ...

    def stopping(self) -> bool:
        return False

    def cell_started(self, cell: NotebookNode, index: int) -> None: ...

    def cell_ended(self, cell: NotebookNode, failure: BaseException | None) -> None: ...


class TruthfulManager(NotebookExecutionManager):  # type: ignore[misc]
    """Papermill's notes on a notebook, without its rewriting and without its white lies.

    Papermill writes the whole file twice a cell and marks cells that never ran as completed. This one writes
    at most every two seconds (and at most a tenth of the time), whole or not at all, and calls a cell
    ``completed`` only when it was.
    """

    def __init__(
        self,
        nb: NotebookNode,
        output_path: str | Path | None,
        *,
        secrets: JobSecrets | None = None,
        **settings: Any,
    ) -> None:
        self.secrets = secrets or JobSecrets()
        self._every = _SAVE_EVERY
        self._saved = 0.0
        self._pending: asyncio.TimerHandle | None = None
        self.outputs: OutputLog | None = None  # what a kernel says between two writes
        super().__init__(nb, output_path=output_path, **settings)

    def save(self, **changes: Any) -> None:
        """Write if it is time; else see to it that it will be written when it is, output or none."""
        if changes.get("nb"):
            self.nb = changes["nb"]
        wait = self._saved + self._every - time.monotonic()
        if wait <= 0:
            self._write()
        elif self._pending is None:
            # Outside of a loop a cell begins or ends, and another save follows.
            try:
                self._pending = asyncio.get_running_loop().call_later(wait, self._write)
            except RuntimeError:
                return

    def autosave_cell(self) -> None:
        """Called at each message of the kernel."""
        self.save()

    def finish(self) -> None:
        """Write now, whatever the time."""
        self._write()

    def _write(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        begun = time.monotonic()
        shown = self.screened()
        if isinstance(self.output_path, Path):
            write_whole(self.output_path, to_bytes(shown))
            if self.outputs is not None:
                self.outputs.saved()
        elif self.output_path:
            papermill_io.write(to_bytes(shown).decode(), self.output_path)
        self._saved = time.monotonic()
        self._every = max(_SAVE_EVERY, (self._saved - begun) / _SAVE_SHARE)
        self.last_save_time = self.now()

    def screened(self) -> Mapping[str, Any]:
        """Withhold the outputs that contain a secret, and return the notebook as it may be written."""
        shown: Mapping[str, Any] = self.nb if self.secrets.screen is None else self.secrets.screen(self.nb)
        return shown

    def cell_exception(self, cell: NotebookNode, cell_index: int | None = None, **details: Any) -> None:
        """Say that the cell failed, and when."""
        super().cell_exception(cell, cell_index=cell_index, **details)
        super().cell_complete(cell, cell_index=cell_index)

    def notebook_complete(self, **changes: Any) -> None:
        """Close the notes. What never ran stays ``pending``; what was interrupted is ``failed``."""
        statuses = {cell.id: cell.metadata.papermill["status"] for cell in self.nb.cells}
        interrupted = {name for name, status in statuses.items() if status == self.RUNNING}
        super().notebook_complete(**changes)
        for cell in self.nb.cells:
            cell.metadata.papermill["status"] = self.FAILED if cell.id in interrupted else statuses[cell.id]
            cell.metadata.papermill["exception"] = (
                cell.metadata.papermill["exception"] or cell.id in interrupted
            )
        if interrupted:
            self.nb.metadata.papermill["exception"] = True
        self.finish()
        if self.outputs is not None:
            self.outputs.close()
            self.outputs = None


class CellClient(PapermillNotebookClient):  # type: ignore[misc]
    """Runs the cells, each under its id, and loses nothing of what the kernel said."""

    def __init__(
        self, nb_man: TruthfulManager, observer: Observer, script: str | None = None, **settings: Any
    ) -> None:
        super().__init__(nb_man, iopub_timeout=_IOPUB_WAIT, timeout=None, **settings)
        self.script = script  # where it lies, if the notebook was made of one
        self.observer = observer
        self._parent_message: str | None = None

    def execute(self, **start: Any) -> NotebookNode:
        """Start the kernel, run the cells to the end or to the first that fails, and shut the kernel down."""
        self.reset_execution_trackers()
        with self.setup_kernel(**start):
            self.observer.kernel_started(self.km)
            self.papermill_execute_cells()
            self.set_widgets_metadata()
        ran: NotebookNode = self.nb
        return ran

    async def async_start_new_kernel_client(self) -> Any:
        """Connect to the started kernel, and return as soon as it has answered on both of its channels."""
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.allow_stdin = False
        try:
            reply = await self._first_answer(time.monotonic() + self.startup_timeout)
        except BaseException:
            await self._async_cleanup_kernel()
            raise
        self.nb.metadata["language_info"] = reply["content"]["language_info"]
        return self.kc

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    async def _first_answer(self, deadline: float) -> dict[str, Any]:
        while True:
            asked = self.kc.kernel_info()
            reply = await _answer_to(asked, self.kc.shell_channel)
            # Its word there proves that no output will be missed; waiting for silence would prove less, later.
            if reply is not None and await _answer_to(asked, self.kc.iopub_channel) is not None:
                return reply
            if not await self.km.is_alive():
                raise KernelDiedAtStart(_exit_code(self.km))
            if time.monotonic() > deadline:
                raise TimeoutError(f"the kernel did not answer within {self.startup_timeout} s")

    def papermill_execute_cells(self) -> None:
        """Run the cells in order."""
        if self.script is not None:
            self._hand_over(starting_code(self.nb, self.script))
        for index, cell in enumerate(self.nb.cells):
            if self.observer.stopping():
                raise Stopped
            runs = cell.cell_type == "code" and cell.source.strip()
            try:
                self._run(cell, index) if runs else self._pass_over(cell, index)
            except CellExecutionError as failure:
                self.nb_man.cell_exception(cell, cell_index=index, exception=failure)
                break

    def _pass_over(self, cell: NotebookNode, index: int) -> None:
        self.nb_man.cell_start(cell, index)
        self.nb_man.cell_complete(cell, cell_index=index)

    def _run(self, cell: NotebookNode, index: int) -> None:
        if code := self.nb_man.secrets.before(cell.id):
            self._hand_over(code)
        # Jupyter's front ends name the cell here; it is how a kernel knows which one it runs.
        self.kc.session.metadata = {"cellId": cell.id}
        self._parent_message = None
        self.nb_man.cell_start(cell, index)
        if self.nb_man.outputs is not None:
            self.nb_man.outputs.begin(cell.id)
        self.observer.cell_started(cell, index)
        try:
            self.execute_cell(cell, index)
        except BaseException as failure:
            if isinstance(failure, DeadKernelError):
                self._drain(cell, index)
            self.nb_man.screened()
            self.observer.cell_ended(cell, failure)
            raise
        self.nb_man.screened()
        self.observer.cell_ended(cell, None)
        self.nb_man.cell_complete(cell, cell_index=index)

    async def _async_hand_over(self, code: str) -> None:
        """Have the kernel execute *code* without a trace: no output, no history, no place among the cells."""
        asked = self.kc.execute(code, silent=True, store_history=False, allow_stdin=False)
        reply = None
        while reply is None:
            reply = await _answer_to(asked, self.kc.shell_channel)
            if reply is None and not await self.km.is_alive():
                raise DeadKernelError("Kernel died")
        if reply["content"]["status"] != "ok":
            # Its own words might repeat the code.
            raise RuntimeError("the kernel did not take what it has to know before the cell")

    _hand_over = run_sync(_async_hand_over)

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take one message of the running cell."""
        self._parent_message = msg["parent_header"].get("msg_id")
        if self.nb_man.outputs is not None:
            self.nb_man.outputs.add(msg)
        made: NotebookNode | None = super().process_message(msg, cell, cell_index)
        return made

    def _drain(self, cell: NotebookNode, index: int) -> None:
        """Take what the kernel had said before it died and we had not yet read."""
        asyncio.get_event_loop().run_until_complete(self._take_rest(cell, index))

    async def _take_rest(self, cell: NotebookNode, index: int) -> None:
        while True:
            try:
                message = await self.kc.iopub_channel.get_msg(timeout=_DRAIN_WAIT)
                if message["parent_header"].get("msg_id") == self._parent_message:
                    self.process_message(message, cell, index)
            except Exception:  # noqa: BLE001  # empty, idle or torn: in each case the kernel has said its last
                return


def _exit_code(manager: Any) -> int | None:
    process = getattr(manager.provisioner, "process", None)
    return None if process is None else process.poll()


async def _answer_to(asked: str, channel: Any) -> dict[str, Any] | None:
    """Return the next message on *channel* that belongs to the request *asked*; None where none comes for a second."""
    while True:
        try:
            message: dict[str, Any] = await channel.get_msg(timeout=_ANSWER_WAIT)
        except Empty:
            return None
        if message["parent_header"].get("msg_id") == asked:
            return message


class MlopsEngine(Engine):  # type: ignore[misc]
    """The engine behind every job."""

    @classmethod
    def execute_notebook(
        cls,
        nb: NotebookNode,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool | dict[str, Any] = True,
        log_output: bool = False,
        **settings: Any,
    ) -> NotebookNode:
        """Execute *nb*. A job gives ``document`` (a path), ``manager``, ``observer``, ``env``, ``folder`` and ``script``."""
        document: Path | None = settings.pop("document", None)
        notes = TruthfulManager(
            nb,
            document or output_path,
            secrets=settings.pop("secrets", None),
            progress_bar=progress_bar,
            log_output=log_output,
        )
        # papermill puts what it was given there: for a job, the notebook itself.
        nb.metadata.papermill["input_path"] = settings.pop("notebook", None) or str(
            settings.get("input_path", "")
        )
        nb.metadata.papermill["output_path"] = str(output_path) if output_path else None
        if document is not None and notes.secrets.screen is None:
            # Messages are written down as they come, and a secret may be spread over several: with secrets, none are.
            notes.outputs = OutputLog(document)
        notes.notebook_start()
        notes.finish()
        try:
            cls.execute_managed_notebook(notes, kernel_name, log_output=log_output, **settings)
        finally:
            notes.notebook_complete()
        ran: NotebookNode = notes.nb
        return ran

    @classmethod
    def execute_managed_notebook(cls, nb_man: TruthfulManager, kernel_name: str, **settings: Any) -> None:
        """Run the cells in a kernel of their own."""
        observer: Observer = settings.get("observer") or _Unwatched()
        manager: AsyncKernelManager | None = settings.get("manager")
        client = CellClient(
            nb_man,
            observer,
            script=settings.get("script"),
            km=manager,
            kernel_name=kernel_name,
            startup_timeout=settings.get("start_timeout", 60),
            log_output=settings.get("log_output", False),
            stdout_file=settings.get("stdout_file"),
            stderr_file=settings.get("stderr_file"),
        )
        start: dict[str, Any] = {"cleanup_kc": True}
        environment: Mapping[str, str] | None = settings.get("env")
        if environment is not None:
            inherited = {n: v for n, v in os.environ.items() if n not in nb_man.secrets.hidden}
            start["env"] = {**inherited, **environment}
        if settings.get("folder"):
            start["cwd"] = str(settings["folder"])
        client.execute(**start)

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """Return the kernel's name; a notebook that names none is Python's."""
        return name or nb.metadata.get("kernelspec", {}).get("name") or "python3"

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """Return the language's name; a notebook that names none is Python's."""
        info, spec = nb.metadata.get("language_info", {}), nb.metadata.get("kernelspec", {})
        return language or info.get("name") or spec.get("language") or "python"
