"""The chain of a session."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.links import cells_digest, first_broken_link, link_digest
from jupyter_mlops.records.source import CellExecution, CellStatus

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder("session", lambda: AT)


def ran(recorder: Recorder, source: str, *, cell: str | None = None, count: int = 1) -> CellExecution:
    recorder.started(source, cell=cell, count=count)
    execution = recorder.ended("ok")
    assert execution is not None, recorder.failures
    return execution


def notebook(*cells: tuple[str | None, str]) -> str:
    return json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": "# title"},
                *({"cell_type": "code", "source": s, **({"id": i} if i else {})} for i, s in cells),
            ]
        }
    )


def test_an_execution_says_what_ran_and_what_it_read_and_wrote(recorder) -> None:
    recorder.document(["a", "b"])
    ran(recorder, "x = 1", cell="a")
    recorder.started("y = x + 1\nz = [x]", cell="b", count=2)
    execution = recorder.ended("error", error="ValueError: no", outputs=["d1"])
    assert execution is not None
    assert (execution.sequence, execution.cell, execution.position, execution.count) == (2, "b", 1, 2)
    assert (execution.reads, execution.writes, execution.opaque) == (("x",), ("y", "z"), False)
    assert (execution.status, execution.error, execution.outputs) == (
        CellStatus.ERROR,
        "ValueError: no",
        ("d1",),
    )
    assert (execution.started, execution.ended, execution.session) == (AT, AT, "session")


def test_each_link_carries_the_digest_of_the_one_before(recorder) -> None:
    first, second = ran(recorder, "x = 1"), ran(recorder, "y = 2", count=2)
    assert (first.previous, second.previous) == ("", first.digest)
    assert second.digest == link_digest(second)
    assert first_broken_link(recorder.chain) is None


@pytest.mark.parametrize(
    "change",
    [{"source": "x = 2"}, {"count": 9}, {"status": CellStatus.ERROR}, {"reads": ("q",)}, {"position": 4}],
)
def test_a_changed_link_shows(recorder, change) -> None:
    for i in range(3):
        ran(recorder, f"x = {i}", count=i + 1)
    chain = list(recorder.chain)
    chain[1] = replace(chain[1], **change)
    assert first_broken_link(chain) == 1


def test_a_changed_link_with_a_new_digest_breaks_the_next(recorder) -> None:
    for i in range(3):
        ran(recorder, f"x = {i}", count=i + 1)
    chain = list(recorder.chain)
    forged = replace(chain[1], source="x = 9", digest="")
    chain[1] = replace(forged, digest=link_digest(forged))
    assert first_broken_link(chain) == 2


def test_a_missing_link_shows(recorder) -> None:
    for i in range(3):
        ran(recorder, f"x = {i}", count=i + 1)
    cut = (recorder.chain[0], recorder.chain[2])
    assert first_broken_link(cut) is None
    assert cells_digest(cut) != cells_digest(recorder.chain)


def test_a_chain_survives_its_way_through_json(recorder) -> None:
    ran(recorder, "x = 1", cell="a")
    stored = json.loads(json.dumps(encode(recorder.chain)))
    assert first_broken_link([decode(CellExecution, item) for item in stored]) is None


def test_secrets_are_masked_and_the_digest_cannot_be_guessed_back(recorder) -> None:
    secret = "api_key = 'hunter2'"
    execution = ran(recorder, secret)
    again = ran(Recorder("other", lambda: AT), secret)
    assert execution.source == "api_key = '***'"
    assert execution.source_digest != again.source_digest
    assert "hunter2" not in json.dumps(encode(execution))


def test_a_recorder_that_saw_the_first_cell_is_not_blind(recorder) -> None:
    ran(recorder, "x = 1", count=1)
    assert recorder.blind is False


def test_a_recorder_that_came_later_is_blind(recorder) -> None:
    ran(recorder, "x = 1", count=3)
    assert recorder.blind is True


def test_ended_without_started_is_nothing(recorder) -> None:
    assert recorder.ended("ok") is None
    assert recorder.failures == []


def test_failures_are_kept_and_never_raised(recorder) -> None:
    assert recorder.started(None) is None  # type: ignore[arg-type]
    assert recorder.ended("no such status") is None
    recorder.document(3)  # type: ignore[arg-type]
    recorder.document_file("no/such/file.ipynb")
    assert [f.partition(":")[0] for f in recorder.failures] == [
        "started",
        "ended",
        "document",
        "document_file",
    ]


def test_the_running_cell_is_known(recorder) -> None:
    recorder.started("x = 1", cell="a")
    assert recorder.running is not None
    assert (recorder.running.cell, recorder.running.status) == ("a", CellStatus.RUNNING)
    recorder.ended("ok")
    assert recorder.running is None


def test_positions_come_from_the_saved_file_where_the_front_end_is_silent(recorder, tmp_path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(("a", "x = 1"), ("b", "y = 2")))
    recorder.document_file(path)
    assert [ran(recorder, "y = 2", cell="b").position, ran(recorder, "x = 1", cell="a").position] == [2, 1]
    assert recorder.order == ("a", "b")


def test_a_cell_the_document_does_not_hold_has_no_position(recorder, tmp_path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(("a", "x = 1")))
    recorder.document_file(path)
    assert ran(recorder, "x = 1", cell="new").position is None


def test_the_newest_report_of_the_front_end_wins_over_the_file(recorder, tmp_path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(("a", "x = 1"), ("b", "y = 2")))
    recorder.document(["b", "a"])
    recorder.document_file(path)
    assert ran(recorder, "x = 1", cell="a").position == 1
    recorder.document(["b", "c", "a"])
    assert ran(recorder, "x = 1", cell="a").position == 2


def test_a_foreign_executor_without_ids_is_followed_by_text_and_order(recorder, tmp_path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(("a", "x = 1"), ("b", "x += 1"), ("c", "x += 1"), ("d", "%%track t\nprint(x)")))
    recorder.document_file(path)
    places = [ran(recorder, s).position for s in ("x = 1", "x += 1", "x += 1", "print(x)")]
    assert places == [1, 2, 3, 4]


def test_a_text_that_stands_twice_above_has_no_known_position(recorder, tmp_path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(notebook((None, "x += 1"), (None, "x += 1"), (None, "y = 1")))
    recorder.document_file(path)
    ran(recorder, "y = 1")
    assert ran(recorder, "x += 1").position is None


def test_a_file_is_read_again_only_when_it_has_changed(recorder, tmp_path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(("a", "x = 1")))
    recorder.document_file(path)
    path.write_text(notebook(("n", "new = 1"), ("a", "x = 1")))
    recorder.document_file(path)
    assert ran(recorder, "x = 1", cell="a").position == 2


def test_a_deleted_cell_keeps_its_place_in_the_order(recorder) -> None:
    recorder.document(["a", "b", "c"])
    recorder.document(["a", "c"])
    recorder.document(["n", "a", "c"])
    assert recorder.order == ("n", "a", "b", "c")


def test_threads_may_ask_while_cells_run(recorder) -> None:
    stop = threading.Event()
    broken: list[int | None] = []

    def watch() -> None:
        while not stop.is_set():
            broken.append(first_broken_link(recorder.chain))

    thread = threading.Thread(target=watch)
    thread.start()
    for i in range(50):
        ran(recorder, f"x{i} = {i}", count=i + 1)
    stop.set()
    thread.join()
    assert set(broken) <= {None}
    assert [c.sequence for c in recorder.chain] == list(range(1, 51))
