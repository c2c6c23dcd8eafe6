"""Whether the saved notebook still says what ran."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from jupyter_mlops.capture.document import document_state, merged_order, read_document
from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.records.run import DocumentState

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def save(tmp_path):
    def write(cells: dict[str, str], *, ids: bool = True, after: float = 60):
        path = tmp_path / "n.ipynb"
        content = [
            {"cell_type": "code", "source": [s], **({"id": i} if ids else {})} for i, s in cells.items()
        ]
        path.write_text(json.dumps({"cells": content}))
        os.utime(path, (AT.timestamp() + after,) * 2)
        return path

    return write


def chain(cells: dict[str, str], *, ids: bool = True):
    recorder = Recorder("s", lambda: AT)
    for cell, source in cells.items():
        recorder.started(source, cell=cell if ids else None)
        recorder.ended("ok")
    return recorder.chain


RAN = {"a": "x = 1", "b": "y = x"}


def test_saved_when_each_cell_stands_in_the_file_as_it_ran(save) -> None:
    assert document_state(chain(RAN), save({"z": "other", **RAN})) is DocumentState.SAVED


def test_the_track_line_makes_no_difference(save) -> None:
    assert document_state(chain(RAN), save({**RAN, "b": "%%track run\ny = x"})) is DocumentState.SAVED


def test_unsaved_when_the_text_differs(save) -> None:
    assert document_state(chain(RAN), save({**RAN, "a": "x = 2"})) is DocumentState.UNSAVED


def test_unsaved_when_a_new_cell_is_not_in_the_file_yet(save) -> None:
    assert document_state(chain(RAN), save({"a": "x = 1"}, after=-60)) is DocumentState.UNSAVED


def test_orphaned_when_a_cell_is_gone_from_a_file_saved_since(save) -> None:
    assert document_state(chain(RAN), save({"b": "y = x"})) is DocumentState.ORPHANED


def test_without_ids_the_text_decides(save) -> None:
    assert document_state(chain(RAN, ids=False), save(RAN)) is DocumentState.SAVED
    assert document_state(chain(RAN, ids=False), save({"a": "x = 2"})) is DocumentState.UNKNOWN
    assert document_state(chain(RAN), save(RAN, ids=False)) is DocumentState.SAVED


def test_a_cell_with_a_masked_secret_is_recognised(save) -> None:
    ran = {"a": "password = 'hunter2'"}
    assert document_state(chain(ran), save(ran)) is DocumentState.SAVED


def test_unknown_without_a_file_or_cells(save, tmp_path) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{")
    states = [
        document_state(chain(RAN), None),
        document_state(chain(RAN), tmp_path / "no.ipynb"),
        document_state(chain(RAN), broken),
        document_state((), save(RAN)),
    ]
    assert set(states) == {DocumentState.UNKNOWN}


def test_reading_counts_all_cells_and_returns_the_code(tmp_path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(
        json.dumps({"cells": [{"cell_type": "markdown", "source": ""}, {"cell_type": "code", "source": "x"}]})
    )
    cells = read_document(path)
    assert cells is not None
    assert [(c.id, c.position, c.source) for c in cells] == [(None, 1, "x")]


def test_deleted_cells_stay_behind_their_old_neighbours() -> None:
    assert merged_order(("a", "b", "c", "d"), ("c", "n", "a")) == ("c", "d", "n", "a", "b")
    assert merged_order(("a", "b"), ("b",)) == ("a", "b")
    assert merged_order((), ("b", "a")) == ("b", "a")
