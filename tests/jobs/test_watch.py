"""What is known of a running notebook. No kernel: the cells tell of themselves as the engine would."""

from __future__ import annotations

import base64
import hashlib
import threading

import nbformat
import pytest
from clocks import Clock
from nbclient.exceptions import CellExecutionError, DeadKernelError

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.watch import Watch
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.source import CellStatus


def cell(source: str, id: str = "c1", *outputs: dict[str, object]) -> nbformat.NotebookNode:  # noqa: A002
    made = nbformat.v4.new_code_cell(source, id=id)
    made.outputs = [nbformat.from_dict(output) for output in outputs]
    return made


def failed(name: str, value: str, trace: str = "\x1b[31mTraceback\x1b[0m") -> CellExecutionError:
    return CellExecutionError(traceback=trace, ename=name, evalue=value)


@pytest.fixture
def watch(clock: Clock) -> Watch:
    return Watch("job1", 3, clock)


def test_progress_tells_the_cell_by_its_place_and_its_first_line(watch: Watch, clock: Clock) -> None:
    assert watch.progress is None
    watch.cell_started(cell("\n\n   # größe\nx = 1", "a"), 0)
    assert watch.progress is not None
    assert (watch.progress.index, watch.progress.total, watch.progress.cell) == (0, 3, "a")
    assert (watch.progress.source, watch.progress.started) == ("# größe", clock())
    watch.cell_ended(cell("", "a"), None)
    watch.cell_started(cell("y" * 500, "b"), 5)
    assert (watch.progress.index, len(watch.progress.source)) == (1, 120)
    watch.cell_ended(cell("", "b"), None)
    watch.cell_started(cell("", "c"), 6)
    assert watch.progress.source == ""


def test_every_cell_is_a_link_of_the_jobs_chain_with_what_it_showed(watch: Watch) -> None:
    shown = {"output_type": "stream", "name": "stdout", "text": "\ud800 odd"}
    watch.cell_started(cell("x = 1", "a"), 0)
    watch.cell_ended(cell("x = 1", "a", shown, {**shown, "text": "other"}), None)
    watch.cell_started(cell("y = x", "b"), 1)
    watch.cell_ended(cell("y = x", "b", shown), failed("ValueError", "no"))
    first, second = watch.recorder.chain
    assert (first.session, first.cell, first.count, first.status) == ("job1", "a", 1, CellStatus.OK)
    assert (second.count, second.status, second.error) == (2, CellStatus.ERROR, "ValueError: no")
    assert len(set(first.outputs)) == 2
    assert second.outputs == first.outputs[:1]
    assert first.outputs[0].startswith("stream:")


def test_what_a_job_displayed_has_the_mark_that_it_has_in_a_notebook(watch: Watch) -> None:
    pixels = {"image/png": base64.b64encode(b"\x89PNG").decode(), "text/plain": "<Figure>"}
    displayed = {"output_type": "display_data", "data": pixels, "metadata": {}}
    card = {**displayed, "data": {"text/html": '<div class="jmlops-still">', "text/plain": "run 1"}}
    watch.cell_started(cell("plot()", "a"), 0)
    watch.cell_ended(cell("plot()", "a", displayed, card), None)
    (ran,) = watch.recorder.chain
    digest = hashlib.sha256(b"\x89PNG").hexdigest()
    assert ran.outputs == (f"image/png:{digest}",)


def test_the_time_of_a_cell_counts_only_while_it_runs(watch: Watch) -> None:
    assert watch.cell_started_at is None
    watch.cell_started(cell("1"), 0)
    assert watch.cell_started_at is not None
    watch.cell_ended(cell("1"), None)
    assert watch.cell_started_at is None


def test_a_job_without_a_failure_has_succeeded(watch: Watch) -> None:
    watch.cell_started(cell("1"), 0)
    watch.cell_ended(cell("1"), None)
    assert watch.outcome(None) == (JobStatus.SUCCEEDED, None)


def test_a_failing_cell_is_named_with_its_class_and_what_helps(watch: Watch) -> None:
    watch.cell_started(cell("import x", "a"), 0)
    watch.cell_ended(cell("import x", "a"), failed("ModuleNotFoundError", "No module named 'x'"))
    status, error = watch.outcome(None)
    assert status is JobStatus.FAILED
    assert error is not None
    assert (error.kind, error.cell, error.index, error.traceback) == (
        "ModuleNotFoundError",
        "a",
        0,
        "Traceback",
    )
    assert "Install 'x'" in error.remedy


@pytest.mark.parametrize(
    ("message", "well"), [("0", True), ("", True), ("None", True), ("1", False), ("no", False)]
)
def test_an_early_exit_is_a_failure_only_where_it_says_so(watch: Watch, message: str, well: bool) -> None:
    watch.cell_started(cell("exit"), 0)
    watch.cell_ended(cell("exit"), failed("SystemExit", message))
    assert (watch.outcome(None)[0] is JobStatus.SUCCEEDED) is well


def test_a_kernel_that_died_is_no_exception_of_the_cell(watch: Watch) -> None:
    watch.cell_started(cell("1", "a"), 0)
    watch.cell_ended(cell("1", "a"), DeadKernelError("Kernel died"))
    status, error = watch.outcome(DeadKernelError("Kernel died"))
    assert status is JobStatus.FAILED
    assert error is not None
    assert (error.kind, error.cell) == ("kernel_died", "a")


def test_what_is_raised_outside_of_cells_fails_the_job_with_its_own_remedy(watch: Watch) -> None:
    status, error = watch.outcome(Invalid("no kernel called 'x' is installed", remedy="Installed: python3."))
    assert status is JobStatus.FAILED
    assert error is not None
    assert (error.kind, error.remedy, error.cell) == ("Invalid", "Installed: python3.", None)
    assert watch.outcome(KeyError("x"))[1].kind == "KeyError"  # type: ignore[union-attr]


def test_the_first_reason_to_stop_counts_and_is_told_with_the_cell_it_met(watch: Watch) -> None:
    assert not watch.stopping()
    watch.cell_started(cell("1", "a"), 0)
    barrier = threading.Barrier(8)

    def ask(number: int) -> None:
        barrier.wait()
        watch.ask_to_stop(JobStatus.CANCELLED, "cancelled", f"by {number}")

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watch.stopping()
    assert watch.stop is not None
    first = watch.stop
    watch.ask_to_stop(JobStatus.TIMED_OUT, "timed_out", "too late")
    assert watch.stop is first
    assert (first[1].cell, first[1].index) == ("a", 0)


def test_a_job_told_to_stop_ends_as_it_was_told_also_where_its_cell_failed_of_it(watch: Watch) -> None:
    watch.cell_started(cell("1"), 0)
    watch.ask_to_stop(JobStatus.TIMED_OUT, "timed_out", "too long", "Give it more time.")
    watch.cell_ended(cell("1"), failed("KeyboardInterrupt", ""))
    status, error = watch.outcome(None)
    assert status is JobStatus.TIMED_OUT
    assert error is not None
    assert (error.kind, error.message, error.remedy) == ("timed_out", "too long", "Give it more time.")
    assert watch.outcome(RuntimeError("stopped"))[0] is JobStatus.TIMED_OUT


def test_a_wish_that_came_after_the_last_cell_changes_nothing(watch: Watch) -> None:
    watch.cell_started(cell("1"), 0)
    watch.cell_ended(cell("1"), None)
    watch.ask_to_stop(JobStatus.CANCELLED, "cancelled", "enough")
    assert watch.outcome(None) == (JobStatus.SUCCEEDED, None)


def test_there_is_nothing_to_interrupt_or_kill_before_a_kernel_is_known(watch: Watch) -> None:
    watch.interrupt()
    watch.kill()
    assert watch.exit_code() is None
