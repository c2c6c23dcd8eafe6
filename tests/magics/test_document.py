"""Where the notebook's file is: from whoever knows, and only one that exists."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jupyter_mlops.magics.document import DocumentWatch


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("JUPYTER_MLOPS_DOCUMENT", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work.ipynb").write_text("{}")
    return tmp_path


def watch(report=lambda _order, **_: None, **names) -> DocumentWatch:
    return DocumentWatch(SimpleNamespace(user_ns=names), report)


def told(said: object) -> dict:
    return {"content": {"data": said}}


def test_nobody_knows_and_that_is_no_failure(place):
    assert watch().path() is None


def test_a_job_a_server_and_an_editor_each_leave_the_path_somewhere(place, monkeypatch):
    path = (place / "work.ipynb").resolve()
    assert watch(__vsc_ipynb_file__=str(path)).path() == path
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert watch().path() == path
    (place / "executed.ipynb").write_text("{}")
    monkeypatch.setenv("JUPYTER_MLOPS_DOCUMENT", str(place / "executed.ipynb"))
    assert watch().path() == (place / "executed.ipynb").resolve()


def test_a_notebook_that_papermill_was_told_to_run_is_its_own_and_not_that_of_who_ran_it(place, monkeypatch):
    (place / "driver.ipynb").write_text("{}")
    monkeypatch.setenv("JPY_SESSION_NAME", str(place / "driver.ipynb"))  # inherited
    monkeypatch.setattr("jupyter_mlops.magics.document.notebook_of_parent", lambda: place / "work.ipynb")
    seen = DocumentWatch(SimpleNamespace(user_ns={}, kernel=None), lambda _order: None)
    assert seen.path() == (place / "work.ipynb").resolve()


def test_a_path_below_the_servers_root_is_found_beside_the_kernel(place):
    seen = watch()
    seen._told(told({"path": "some/folder/work.ipynb"}))
    assert seen.path() == (place / "work.ipynb").resolve()


def test_names_of_no_file_and_of_no_notebook_are_passed_over(place, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "a1b2c3")
    assert watch(__vsc_ipynb_file__=str(place / "gone.ipynb")).path() is None


def test_the_order_of_cells_is_reported_and_strange_messages_reach_nobody(place):
    reported = []
    seen = watch(lambda order, *, answer: reported.append((order, answer)))
    seen._told(told({"order": ["c1", "c2"], "answer": True}))
    seen._told(told({"order": ["c2", "c1"]}))
    for strange in (None, [], {"order": "c1"}, {"order": [1]}, {"path": 3}):
        seen._told(told(strange))
    seen._told({})
    assert reported == [(["c1", "c2"], True), (["c2", "c1"], False)]
