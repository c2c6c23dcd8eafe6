"""Does the saved notebook say what ran? Asked once for each run, at the first save after it."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime

import nbformat
import pytest

from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.magics.saving import SaveWatch
from jupyter_mlops.records.run import DocumentState
from jupyter_mlops.tracking import finish_run, get_run, start_run
from jupyter_mlops.tracking.pulse import in_background
from jupyter_mlops.workspace import utc_now


@pytest.fixture
def ran():
    recorder = Recorder("session", utc_now)
    recorder.started("x = 1", cell="c1", count=1)
    return (recorder.ended("ok"),)


def save(path, source: str, *, later: bool) -> None:
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="c1")]), path)
    at = utc_now().timestamp() + (60 if later else -60)
    os.utime(path, (at, at))


def told() -> None:
    done = threading.Event()
    in_background(done.set)
    assert done.wait(60)


@pytest.fixture
def ended(sql_ws):
    run = start_run(sql_ws, name="work")
    run = finish_run(sql_ws, run=run.id)
    from dataclasses import replace

    return replace(run, ended=datetime.now(UTC))


def test_a_run_is_settled_by_the_first_save_after_its_end_and_not_by_one_before(sql_ws, ended, ran, tmp_path):
    watch, path = SaveWatch(), tmp_path / "work.ipynb"
    watch.add(sql_ws, ended, ran)
    save(path, "x = 1", later=False)
    watch.look(path)
    told()
    assert get_run(sql_ws, ended.id).document is DocumentState.UNKNOWN
    save(path, "x = 1", later=True)
    watch.look(path)
    told()
    assert get_run(sql_ws, ended.id).document is DocumentState.SAVED


def test_what_was_never_saved_is_settled_as_the_session_ends(sql_ws, ended, ran, tmp_path):
    watch, path = SaveWatch(), tmp_path / "work.ipynb"
    save(path, "x = 2", later=False)
    watch.add(sql_ws, ended, ran)
    watch.close(path)
    assert get_run(sql_ws, ended.id).document is DocumentState.UNSAVED


def test_a_notebook_that_nobody_knows_settles_nothing(sql_ws, ended, ran):
    watch = SaveWatch()
    watch.add(sql_ws, ended, ran)
    watch.look(None)
    watch.close(None)
    assert get_run(sql_ws, ended.id).document is DocumentState.UNKNOWN
