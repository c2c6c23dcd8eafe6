"""The commit around a run, as jobs ask for it each time and scripts once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest

from jupyter_mlops.tracking import commits
from jupyter_mlops.tracking.commits import commit_now, commit_of_process, look_ahead
from tests.repositories import committed

SCRIPT = """
import json, sys, jupyter_mlops as mlops
for name in ("first", "second"):
    with mlops.track(name) as run:
        run.log_metric("mae", 1.0)
    if name == "first":
        open("made.txt", "w").close()
source = mlops.get_run(mlops.workspace(), run.id).source
print(json.dumps([source.commit, source.branch, list(source.dirty)]))
"""


@pytest.fixture(autouse=True)
def _nothing_taken(monkeypatch):
    monkeypatch.setattr(commits, "_taken", {})


def test_now_is_now(tmp_path):
    (tmp_path / "kept.py").write_text("x = 1")
    commit = committed(tmp_path)
    assert commit_now(tmp_path) == {"commit": commit, "branch": "trunk", "dirty": ()}
    (tmp_path / "kept.py").write_text("x = 2")
    assert commit_now(tmp_path) == {"commit": commit, "branch": "trunk", "dirty": ("kept.py",)}


def test_a_process_stays_with_what_it_began_with_folder_by_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, other = committed(tmp_path / "a"), committed(tmp_path / "b")
    assert commit_of_process(tmp_path / "a")["commit"] == first
    committed(tmp_path / "a")
    (tmp_path / "a" / "new.py").write_text("")
    assert commit_of_process(tmp_path / "a") == {"commit": first, "branch": "trunk", "dirty": ()}
    assert commit_of_process(tmp_path / "b")["commit"] == other


def test_who_looks_ahead_waits_for_nothing_and_git_is_asked_once(tmp_path, monkeypatch):
    asked, may = [], threading.Event()

    def slow(root):
        may.wait(10)
        asked.append(root)
        return "c" * 40, "trunk", ["a.py"]

    monkeypatch.setattr(commits, "git_state", slow)
    look_ahead(tmp_path)
    assert asked == []
    may.set()
    assert commit_of_process(tmp_path) == {"commit": "c" * 40, "branch": "trunk", "dirty": ("a.py",)}
    look_ahead(tmp_path)
    commit_of_process(tmp_path)
    assert asked == [tmp_path]


def test_outside_a_repository_there_is_none(tmp_path):
    assert commit_of_process(tmp_path) == {"commit": None, "branch": None, "dirty": ()}


def test_runs_of_a_script_name_the_commit_it_was_started_at(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    commit = committed(tmp_path)
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout) == [commit, "trunk", []]
