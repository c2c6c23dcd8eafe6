"""What a kernel says, written down at once beside the live notebook."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from jupyter_mlops.jobs import get_job
from jupyter_mlops.jobs.output_log import OutputLog, fold_outputs, log_beside
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.records.job import JobStatus
from tests.jobs.running import executed, run, started, text_of, until


def stream(text: str) -> dict:
    return {"msg_type": "stream", "content": {"name": "stdout", "text": text}}


def shown(text: str, kind: str = "display_data", **more: object) -> dict:
    return {"msg_type": kind, "content": {"data": {"text/plain": text}, "metadata": {}, **more}}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A live notebook of three cells, none of which is known to have run."""
    cells = [nbformat.v4.new_code_cell(str(place), id=f"cell-{place}") for place in range(3)]
    for cell in cells:
        cell.metadata["papermill"] = {"status": "pending", "exception": None}
    path = tmp_path / "notebook.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def folded(document: Path) -> list:
    fold_outputs(document)
    return nbformat.read(document, 4).cells


def test_what_was_said_since_the_notebook_was_written_is_put_into_it(document) -> None:
    log = OutputLog(document)
    log.begin("cell-0")
    for message in (stream("a"), stream("b"), shown("c")):
        log.add(message)
    log.begin("cell-1")
    log.add(
        {
            "msg_type": "execute_result",
            "content": {"data": {"text/plain": "7"}, "metadata": {}, "execution_count": 2},
        }
    )

    cells = folded(document)

    assert [output.get("text") or output.data["text/plain"] for output in cells[0].outputs] == ["a", "b", "c"]
    assert (cells[1].outputs[0].data["text/plain"], cells[1].execution_count) == ("7", 2)
    assert [cell.metadata.papermill.status for cell in cells] == ["completed", "failed", "pending"]
    assert not log_beside(document).exists()


def test_displays_that_change_and_outputs_that_are_cleared_end_as_they_stood(document) -> None:
    log = OutputLog(document)
    log.begin("cell-0")
    log.add(shown("old", transient={"display_id": "d"}))
    log.begin("cell-1")
    log.add(stream("gone"))
    log.add({"msg_type": "clear_output", "content": {"wait": False}})
    log.add(shown("new", "update_display_data", transient={"display_id": "d"}))
    log.add({"msg_type": "error", "content": {"ename": "E", "evalue": "v", "traceback": []}})

    cells = folded(document)

    assert cells[0].outputs[0].data["text/plain"] == "new"
    assert [output.output_type for output in cells[1].outputs] == ["error"]


def test_once_the_notebook_is_written_only_the_cell_at_hand_is_kept(document) -> None:
    log = OutputLog(document)
    log.begin("cell-0")
    log.add(stream("first"))
    log.begin("cell-1")
    log.add(stream("second"))

    log.saved()
    log.add(stream(" more"))

    assert b"first" not in log_beside(document).read_bytes()
    cells = folded(document)
    assert cells[0].outputs == []
    assert [output.text for output in cells[1].outputs] == ["second", " more"]


def test_a_line_that_was_cut_off_costs_that_line_alone(document) -> None:
    log = OutputLog(document)
    log.begin("cell-0")
    log.add(stream("whole"))
    with log_beside(document).open("ab") as file:
        file.write(b'{"msg_type": "stre')

    assert folded(document)[0].outputs[0].text == "whole"


def test_a_second_time_changes_nothing_and_without_a_log_there_is_nothing_to_do(document) -> None:
    log = OutputLog(document)
    log.begin("cell-0")
    log.add(stream("said"))
    lines = log_beside(document).read_bytes()
    fold_outputs(document)
    once = document.read_bytes()
    log_beside(document).write_bytes(lines)

    fold_outputs(document)
    fold_outputs(document)

    assert document.read_bytes() == once


def test_what_is_no_output_is_not_kept_and_the_end_takes_the_log_away(document) -> None:
    log = OutputLog(document)
    log.begin("cell-0")
    log.add({"msg_type": "status", "content": {"execution_state": "busy"}})
    assert len(log_beside(document).read_bytes().splitlines()) == 1

    log.close()

    assert not log_beside(document).exists()


@pytest.mark.kernel
def test_a_killed_worker_loses_nothing_of_what_its_kernel_had_said(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    last = f"for n in range(100): print(n)\nopen({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)"
    job, worker = started(place, write("print('first')", "7", last))
    document = job_folder(place.settings, job.id) / "notebook.ipynb"
    until(mark.exists)
    until(lambda: b"99\\n" in log_beside(document).read_bytes())

    worker.process.kill()
    worker.process.wait()

    assert get_job(place, job.id).status is JobStatus.LOST
    notebook = nbformat.read(document, 4)
    assert text_of(notebook) == "first\n" + "".join(f"{n}\n" for n in range(100))
    assert notebook.cells[1].outputs[0].data["text/plain"] == "7"
    nbformat.validate(notebook)


@pytest.mark.kernel
def test_a_job_that_ends_by_itself_leaves_no_log(place, write) -> None:
    job = run(place, write("print(1)"))

    assert text_of(executed(place, job)) == "1\n"
    assert [
        name for name in os.listdir(job_folder(place.settings, job.id)) if name.endswith(".outputs")
    ] == []
