"""The commit around a run, as jobs ask for it each time and scripts once."""

from __future__ import annotations

import json
import os
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
    monkeypatch.setattr(commits, "_begun", set())
    monkeypatch.setattr(commits, "_again", set())
    monkeypatch.setattr(commits, "_is_script", lambda: True)


def test_now_is_now(tmp_path):
    (tmp_path / "kept.py").write_text("x = 1")
    commit = committed(tmp_path)
    assert commit_now(tmp_path) == {"commit": commit, "branch": "trunk", "dirty": (), "patch": None}
    (tmp_path / "kept.py").write_text("x = 2")
    now = commit_now(tmp_path)
    patch = now.pop("patch")
    assert now == {"commit": commit, "branch": "trunk", "dirty": ("kept.py",)}
    (tmp_path / "kept.py").write_text("x = 3")
    assert patch != commit_now(tmp_path)["patch"]


def test_a_process_stays_with_what_it_began_with_folder_by_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, other = committed(tmp_path / "a"), committed(tmp_path / "b")
    assert commit_of_process(tmp_path / "a")["commit"] == first
    committed(tmp_path / "a")
    (tmp_path / "a" / "new.py").write_text("")
    assert commit_of_process(tmp_path / "a") == {
        "commit": first,
        "branch": "trunk",
        "dirty": (),
        "patch": None,
    }
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
    assert commit_of_process(tmp_path)["dirty"] == ("a.py",)
    look_ahead(tmp_path)
    commit_of_process(tmp_path)
    assert asked == [tmp_path]


def test_outside_a_repository_there_is_none(tmp_path):
    assert commit_of_process(tmp_path) == {"commit": None, "branch": None, "dirty": (), "patch": None}


def test_runs_of_a_script_name_the_commit_it_was_started_at(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    commit = committed(tmp_path)
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout) == [commit, "trunk", []]


def test_a_loop_of_fits_asks_for_one_thread_and_not_for_one_each(tmp_path, monkeypatch):
    may = threading.Event()
    monkeypatch.setattr(commits, "git_state", lambda root: (may.wait(10) and "c" * 40, "trunk", []))
    before = threading.active_count()
    for _ in range(50):
        look_ahead(tmp_path)
    assert threading.active_count() <= before + 1
    may.set()
    assert commit_of_process(tmp_path)["commit"] == "c" * 40


def test_where_code_is_typed_each_run_names_the_commit_it_was_made_at(tmp_path, monkeypatch):
    monkeypatch.setattr(commits, "_is_script", lambda: False)
    committed(tmp_path)
    commit_of_process(tmp_path)
    (tmp_path / "new.py").write_text("")
    second = committed(tmp_path)
    (tmp_path / "more.py").write_text("")
    assert commit_of_process(tmp_path) == {
        "commit": second,
        "branch": "trunk",
        "dirty": ("more.py",),
        "patch": None,
    }


def test_an_answer_that_git_could_not_give_in_time_is_asked_for_again(tmp_path, monkeypatch):
    answers = [(None, None, []), ("c" * 40, "trunk", [])]
    monkeypatch.setattr(commits, "git_state", lambda root: answers.pop(0))
    assert commit_of_process(tmp_path)["commit"] is None
    assert commit_of_process(tmp_path)["commit"] == "c" * 40


def test_where_there_is_no_repository_git_is_asked_twice_and_no_more(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(commits, "git_state", lambda root: (asked.append(root), (None, None, []))[1])
    for _ in range(5):
        commit_of_process(tmp_path)
    assert len(asked) == 2


def test_a_program_is_a_script_and_what_a_prompt_runs_is_not(tmp_path):
    (tmp_path / "asks.py").write_text(
        "from jupyter_mlops.tracking.commits import _is_script\nprint(_is_script())\n"
    )
    typed = "import sys; sys.ps1 = '>>> '; import runpy; runpy.run_path('asks.py', run_name='__main__')"
    for words, said in ((["asks.py"], "True"), (["-c", typed], "False"), (["-c", "import asks"], "False")):
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
        )
        assert done.stdout.strip() == said, words


FORKED = """
import os, threading, time
from pathlib import Path
from jupyter_mlops.tracking import commits

commits.git_state = lambda root: (time.sleep(1), ("c" * 40, "trunk", []))[1]
commits.look_ahead(Path("."))
time.sleep(0.2)  # its thread holds the lock by now
child = os.fork()
if child == 0:
    commits.git_state = lambda root: ("d" * 40, "trunk", [])
    os._exit(0 if commits.commit_of_process(Path("."))["commit"] == "d" * 40 else 1)
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_forked_while_git_is_asked_does_not_wait_for_its_parents_lock(tmp_path):
    (tmp_path / "forked.py").write_text(FORKED)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "forked.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["0"], done.stderr
