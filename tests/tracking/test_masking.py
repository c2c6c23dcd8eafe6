"""Secrets in what a run is told: the code goes on with the real ones, and none of them is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import RunError, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.tracking import find_runs, get_run, log_params, start_run, track
from jupyter_mlops.tracking.masking import MASKED, masked_end, masked_note, masked_params
from jupyter_mlops.workspace import open_workspace

GHP = "ghp_hunter2hunter2hunter2hunter2hunter2"
URL = "postgresql://me:hunter2@host/db"
GIVEN = {
    "secret_password": "hunter2",
    "api_key": GHP,
    "where": URL,
    "config": {"client_secret": "hunter2", "rows": 3},
    "pin": 1234,
    "alpha": 0.5,
    "fast": True,
    "max_tokens": 512,
}
KEPT = {
    "secret_password": "***",
    "api_key": "***",
    "where": "postgresql://me:***@host/db",
    "config": "{'client_secret': '***', 'rows': 3}",
    "pin": 1234,
    "alpha": 0.5,
    "fast": True,
    "max_tokens": 512,
}


def of(run) -> str:
    return json.dumps(encode(run))


def test_parameters_are_masked_by_name_and_by_look_and_the_run_says_so_once(ws):
    with track("logged", workspace=ws) as run:
        run.log_params(GIVEN)
        run.log_param("token", GHP)
        run.note(f"it listens at {URL}")
    (found,) = find_runs(ws, "name = 'logged'")
    assert dict(found.params) == {**KEPT, "token": "***"}
    assert found.notes.count(MASKED) == 1
    assert "hunter2" not in of(found)
    with track("harmless", workspace=ws) as run:
        run.log_params(alpha=1, name="three *** of them", token_pattern=r"\w+")
    (found,) = find_runs(ws, "name = 'harmless'")
    assert (found.params["token_pattern"], found.notes) == (r"\w+", ())


@pytest.mark.parametrize("held", [True, False])
def test_those_logged_by_a_runs_id_are_masked_too_whoever_holds_it(ws, held):
    run = start_run(ws, name="by id")
    if not held:
        with track("over", workspace=ws) as handle:
            pass
        run = handle.record
    assert dict(log_params(ws, run=run.id, params=GIVEN).params) == KEPT
    # Said again it is the same value, and nothing has changed.
    again = log_params(ws, run=run.id, params=GIVEN)
    assert again.notes == (MASKED,)


def test_a_long_text_is_masked_before_it_is_cut(ws):
    with track("long", workspace=ws) as run:
        run.log_param("dump", "x" * 5990 + " -----BEGIN PRIVATE KEY-----\\n" + "hunter2" * 400)
    assert "hunter2" not in run.params["dump"]


def test_what_ended_a_block_is_kept_without_the_secrets_in_it(ws):
    with pytest.raises(ConnectionError, match="hunter2"), track("broken", workspace=ws):
        password = "hunter2"
        raise ConnectionError(f"no answer from {URL} with {GHP} and password={password!r}")
    (run,) = find_runs(ws, "name = 'broken'")
    assert (run.status, run.error.kind) == (RunStatus.FAILED, "ConnectionError")
    assert run.error.message == "no answer from postgresql://me:***@host/db with *** and password='***'"
    assert "postgresql://me:***@host/db" in run.error.traceback
    assert "hunter2" not in of(run)
    assert run.notes.count(MASKED) == 1


def test_the_runs_of_a_search_have_theirs_masked_and_say_so_each(ws):
    child = encode(start_run(ws, name="fit"))
    note = {
        "child": {"run": {**child, "params": {"hub_token": "hunter2", "C": 1.0}}, "points": [], "end": {}}
    }
    done = masked_note(note)
    assert done["child"]["run"]["params"] == {"hub_token": "***", "C": 1.0}
    assert (done["child"]["run"]["notes"], done["note"]) == ([MASKED], MASKED)
    assert note["child"]["run"]["params"]["hub_token"] == "hunter2"  # the caller's own is left alone
    harmless = {"child": {"run": {**child, "params": {"C": 1.0}}, "points": [], "end": {}}}
    assert masked_note(harmless) is harmless


def test_an_end_is_masked_once_however_often_it_passes(ws):
    error = RunError(kind="E", message=URL, traceback=f"1: {GHP}", code=f"f({GHP!r})")
    captured = Captured(params={"api_key": "x", "rows": 3}, notes=(f"not kept: {URL}",))
    once = masked_end(End(status=RunStatus.FAILED, at=ws.now(), captured=captured, error=error))
    assert masked_end(once) == once
    assert (once.error.message, once.error.traceback) == ("postgresql://me:***@host/db", "1: ***")
    assert dict(once.captured.params) == {"api_key": "***", "rows": 3}
    assert once.captured.notes == ("not kept: postgresql://me:***@host/db", MASKED)
    plain = End(status=RunStatus.FINISHED, at=ws.now(), captured=Captured(params={"rows": 3}))
    assert masked_end(plain) == plain
    # A cell's source is masked before its assignments are read.
    assert masked_end(
        End(status=RunStatus.FINISHED, at=ws.now(), captured=Captured(params={"password": "***"}))
    ).captured.notes == (MASKED,)


def test_numbers_keep_their_type_and_not_a_number_is_no_change():
    given = {"a": float("nan"), "b": 1, "c": None, "d": False}
    assert masked_params(given) == given
    assert [type(value) for value in masked_params(given).values()] == [float, int, type(None), bool]
    note = {"params": given}
    assert masked_note(note) is note


SCRIPT = """
import sys
from jupyter_mlops.tracking import track
from jupyter_mlops.workspace import open_workspace
with track("script", workspace=open_workspace(sys.argv[1], environ={})) as run:
    run.log_params(password="hunter2")
    raise RuntimeError("https://me:hunter2@host")
"""


def test_nothing_of_a_script_reaches_the_disk_unmasked(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "hunter2" in done.stderr  # the user sees what happened
    ws = open_workspace(tmp_path, environ={})
    (run,) = find_runs(ws, "name = 'script'")
    assert (run.params["password"], run.error.message) == ("***", "https://me:***@host")
    assert get_run(ws, run.id).notes.count(MASKED) == 1
    ws.store.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"hunter2" in path.read_bytes()]


def test_a_long_value_that_was_masked_before_it_was_cut_is_said_too(ws):
    with track("cut", workspace=ws) as run:
        run.log_param("config", {"password": "hunter2", "rows": "x" * 10_000})
    (found,) = find_runs(ws, "name = 'cut'")
    assert "hunter2" not in of(found)
    assert found.notes == (MASKED,)


def test_what_lies_outside_of_the_cells_is_masked_once_more_on_its_way(ws):
    source = Source(outside=(f"file {URL}", "files"), seeds=("seed(api_key='hunter2')",))
    once = masked_end(End(status=RunStatus.FINISHED, at=ws.now(), captured=Captured(source=source)))
    assert once.captured.source.outside == ("file postgresql://me:***@host/db", "files")
    assert once.captured.source.seeds == ("seed(api_key='***')",)
    assert once.captured.notes == (MASKED,)
