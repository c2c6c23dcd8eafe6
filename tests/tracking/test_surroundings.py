"""A look around: there at the end of a run, or told later, and never both."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from jupyter_mlops.capture import modules
from jupyter_mlops.capture.modules import Load
from jupyter_mlops.records.source import ModuleNote
from jupyter_mlops.store import pending
from jupyter_mlops.tracking import compare_runs, find_runs
from jupyter_mlops.tracking.commits import commit_now
from jupyter_mlops.tracking.environment import environment_digest, read_environment
from jupyter_mlops.tracking.pulse import in_background, quiet
from jupyter_mlops.tracking.surroundings import Look, _awaited, module_sentences
from jupyter_mlops.workspace import open_workspace


def after_all_tasks() -> None:
    done = threading.Event()
    in_background(done.set)
    assert done.wait(60)


def test_what_was_seen_in_time_is_given_and_not_told_again(sql_ws):
    late = []
    look = Look(sql_ws, late.append)
    after_all_tasks()
    seen = look.seen()
    assert seen["environment"] == environment_digest(sql_ws)
    assert seen["python"]
    assert isinstance(seen["dirty"], tuple)
    after_all_tasks()
    assert late == []


def test_what_was_asked_for_too_early_is_told_when_it_is_there(sql_ws):
    late, hold = [], threading.Event()
    in_background(lambda: hold.wait(60))
    look = Look(sql_ws, late.append)
    assert look.seen() == {}
    hold.set()
    after_all_tasks()
    (seen,) = late
    assert seen["environment"] == environment_digest(sql_ws)


def test_an_environment_is_kept_once_and_read_back_whole(sql_ws):
    digest = environment_digest(sql_ws)
    taken = read_environment(sql_ws, digest)
    assert digest == environment_digest(sql_ws)
    assert {"numpy", "pandas"} <= {name.lower() for name in taken.packages}
    assert taken.processor
    assert read_environment(sql_ws, "0" * 64) is None
    assert read_environment(sql_ws, None) is None


def test_imported_files_that_still_have_to_be_read_are_told_later(sql_ws, monkeypatch):
    file = sql_ws.settings.root / "helpers.py"
    monkeypatch.setattr("jupyter_mlops.tracking.surroundings._AT_ONCE", 0)
    file.write_text("")
    found = file.stat()
    stamp = (found.st_mtime_ns, found.st_size)
    of = [Load(spec=None, kind=type(modules), path=str(file), stamp=stamp, sure=True)]
    monkeypatch.setattr("jupyter_mlops.tracking.surroundings.loads", lambda: of)
    late = []
    look = Look(sql_ws, late.append)
    assert look.imports() == {}
    after_all_tasks()
    (told,) = late
    assert (list(told["modules"]), told["module_notes"]) == (["helpers.py"], {})
    monkeypatch.setattr("jupyter_mlops.tracking.surroundings.loads", lambda: [modules._read(of[0])])
    assert look.imports() == told
    after_all_tasks()
    assert len(late) == 1


def test_what_is_to_be_said_of_imported_files_is_a_sentence_each():
    assert module_sentences({"a.py": ModuleNote.EDITED.value}) == ("a.py was edited after its import",)


SCRIPT = """
import jupyter_mlops as mlops, helpers
with mlops.track("one", experiment="air") as run:
    run.log_metric("mae", helpers.scale())
"""


def test_runs_of_a_script_with_another_helper_differ_in_it(tmp_path, monkeypatch):
    monkeypatch.setenv("AIR_STATION", "north")
    (tmp_path / ".mlops").mkdir(mode=0o700)
    (tmp_path / ".mlops" / "config.toml").write_text('environment_variables = ["AIR_STATION"]\n')
    (tmp_path / "train.py").write_text(SCRIPT)
    for number in (1, 22):
        (tmp_path / "helpers.py").write_text(f"def scale():\n    return {number}\n")
        done = subprocess.run(
            [sys.executable, "train.py"], cwd=tmp_path, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    ws = open_workspace(tmp_path, environ={})
    try:
        runs = find_runs(ws, order="started")
        assert [set(run.source.modules) for run in runs] == [{"helpers.py", "train.py"}] * 2
        assert [(run.source.variables["AIR_STATION"], dict(run.source.module_notes)) for run in runs] == (
            [("north", {})] * 2
        )
        found = compare_runs(ws, [run.id for run in runs])
        assert found.headline.endswith("it differs in module helpers.")
    finally:
        ws.store.close()


def test_who_reads_meanwhile_finds_what_is_on_its_way(sql_ws):
    late, hold = [], threading.Event()
    in_background(lambda: hold.wait(60))
    look = Look(sql_ws, late.append)
    assert look.seen() == {}
    pending.bring_home()  # as every store does before it is read: nobody waits for the background
    (seen,) = late
    assert seen["environment"] == environment_digest(sql_ws)
    hold.set()
    after_all_tasks()
    assert len(late) == 1
    assert _awaited.bring not in pending._homecomings


def test_a_reader_waits_for_the_thread_that_looks_but_not_for_ever(sql_ws, monkeypatch):
    begun, hold, late = threading.Event(), threading.Event(), []

    def slow(root):
        begun.set()
        hold.wait(60)
        return commit_now(root)

    monkeypatch.setattr("jupyter_mlops.tracking.surroundings.commit_now", slow)
    monkeypatch.setattr("jupyter_mlops.tracking.surroundings._LONGEST_WAIT", 0.01)
    look = Look(sql_ws, late.append)
    assert begun.wait(60)
    assert look.seen() == {}
    pending.bring_home()
    assert late == []
    monkeypatch.setattr("jupyter_mlops.tracking.surroundings._LONGEST_WAIT", 60)
    assert len(_awaited.looks) == 1
    threading.Timer(0.05, hold.set).start()
    pending.bring_home()
    assert len(late) == 1


def test_a_look_that_fails_or_reads_keeps_nobody_waiting(sql_ws, monkeypatch):
    def fails(root):
        pending.bring_home()  # it would wait for itself
        raise OSError

    monkeypatch.setattr("jupyter_mlops.tracking.surroundings.commit_now", fails)
    monkeypatch.setattr("jupyter_mlops.tracking.surroundings._LONGEST_WAIT", 1e6)
    look = Look(sql_ws, lambda seen: None)
    look.seen()
    after_all_tasks()
    pending.bring_home()
    look.wait_commit(1e6)
    assert _awaited.looks == []


def test_a_card_that_cannot_be_sent_costs_the_run_nothing(sql_ws):
    def fails(seen):
        raise OSError

    late, hold = [], threading.Event()
    in_background(lambda: hold.wait(60))
    look = Look(sql_ws, late.append, fails)
    look.seen()
    look.wait_commit(60)
    hold.set()
    after_all_tasks()
    assert late[0]["environment"] == environment_digest(sql_ws)


def test_a_hook_and_a_forked_child_wait_for_nothing(sql_ws, monkeypatch):
    answers, late = threading.Event(), []
    monkeypatch.setattr(
        "jupyter_mlops.tracking.surroundings.commit_now", lambda root: (answers.wait(60), commit_now(root))[1]
    )
    monkeypatch.setattr("jupyter_mlops.tracking.surroundings._LONGEST_WAIT", 1e6)
    looks = [Look(sql_ws, late.append) for _ in range(3)]
    assert [look.seen() for look in looks] == [{}] * 3
    with quiet():
        pending.bring_home()
    if not (child := os.fork()):
        os._exit(len(_awaited.looks))
    assert os.waitpid(child, 0)[1] == 0
    answers.set()
    pending.bring_home()
    assert len(late) == 3


def test_the_commit_is_told_before_what_is_installed_has_been_listed(sql_ws):
    late, early, hold = [], [], threading.Event()
    in_background(lambda: hold.wait(60))  # another run's
    look = Look(sql_ws, late.append, early.append)
    look.wait_commit(60)
    assert [set(seen) for seen in early] == [{"commit", "branch", "dirty", "patch"}]
    look.seen()
    hold.set()
    after_all_tasks()
    assert len(early) == len(late) == 1
    assert early[0].items() <= late[0].items()
