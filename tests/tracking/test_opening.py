"""A workspace that is opened at the first need: not before, once, and again where it could not be."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jupyter_mlops.errors import NotFound, Unavailable
from jupyter_mlops.records.actor import Door
from jupyter_mlops.settings import account, read_settings
from jupyter_mlops.tracking import find_runs, finish_run, start_run
from jupyter_mlops.tracking.opening import workspace_later
from jupyter_mlops.workspace import open_workspace


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def later(project: Path):
    return workspace_later(read_settings(start=project, environ={}), Door.NOTEBOOK)


def test_making_and_closing_it_touches_nothing(project):
    ws = later(project)
    assert (ws.actor.name, ws.actor.via, ws.settings.root) == (account(), Door.NOTEBOOK, project)
    ws.store.close()
    assert not (project / ".mlops").exists()


def test_the_first_need_lays_the_workspace_out_where_everybody_finds_it(project):
    ws = later(project)
    run = start_run(ws, name="first")
    finish_run(ws, run=run.id)
    assert (project / ".mlops" / ".gitignore").read_text() == "*\n"
    other = open_workspace(project, environ={})
    assert [found.name for found in find_runs(other)] == ["first"]
    other.store.close()
    ws.store.close()
    assert find_runs(ws).total == 1  # closed, it is opened anew by the next need
    ws.store.close()


def test_bytes_go_where_the_settings_say(project):
    ws = later(project)
    digest = ws.blobs.put(io.BytesIO(b"abc"))
    assert (ws.blobs.has(digest), ws.blobs.size(digest), ws.blobs.open(digest).read()) == (True, 3, b"abc")
    assert (project / ".mlops" / "blobs" / digest[:2] / digest[2:]).read_bytes() == b"abc"
    ws.blobs.remove(digest, unless_since=datetime(2020, 1, 1, tzinfo=UTC))
    assert ws.blobs.has(digest)  # it was put since
    ws.blobs.remove(digest)
    with pytest.raises(NotFound):
        ws.blobs.size(digest)
    ws.store.close()


def test_many_threads_that_need_it_at_once_open_one_store(tmp_path):
    """In memory two stores would not see each other's runs."""
    ws = workspace_later(read_settings("memory://", start=tmp_path, environ={}), Door.PYTHON)

    def one(number: int) -> None:
        finish_run(ws, run=start_run(ws, name=f"r{number}").id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    assert find_runs(ws).total == 16
    assert find_runs(workspace_later(ws.settings, Door.PYTHON)).total == 0


def test_a_store_that_could_not_be_opened_is_tried_again_at_the_next_need(project):
    ws = later(project)
    store = project / ".mlops" / "store.db"
    store.mkdir(parents=True, mode=0o700)  # nothing can be opened there
    for _ in range(2):
        with pytest.raises(Unavailable):
            find_runs(ws)
        with pytest.raises(Unavailable):
            ws.blobs.put(io.BytesIO(b"x"))
    store.rmdir()
    assert find_runs(ws).total == 0
    ws.store.close()


def test_a_store_and_a_place_for_bytes_named_apart_are_both_kept_to(project, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    settings = read_settings(
        f"sqlite:///{elsewhere / 'runs.db'}",
        start=project,
        environ={"JUPYTER_MLOPS_BLOBS": f"file://{elsewhere / 'b'}"},
    )
    ws = workspace_later(settings, Door.PYTHON)
    assert list(elsewhere.iterdir()) == []
    ws.blobs.put(io.BytesIO(b"x"))
    finish_run(ws, run=start_run(ws, name="apart").id)
    assert {path.name for path in elsewhere.iterdir()} >= {"runs.db", "b"}
    assert not (project / ".mlops").exists()
    ws.store.close()
