"""The shell's door: promised spellings, one JSON document, exit codes a script can rely on."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_mlops import cli, errors
from jupyter_mlops.cli import EXIT_CODES, UNEXPECTED, main
from jupyter_mlops.errors import Invalid, MlopsError, NotFound
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.words import HelpWanted, read_words
from jupyter_mlops.records.job import JobOptions
from jupyter_mlops.records.report import Reproduction, ReproductionVerdict, RunReport
from jupyter_mlops.records.review import Review, Verification
from jupyter_mlops.records.serving import Served
from jupyter_mlops.tracking import finish_run, log_metrics, start_run
from jupyter_mlops.workspace import open_workspace
from tests.contracts.samples import RUN_REPORT_KEYS

ROWS = (*PROCESSES, *OPERATIONS)

# Every line that is a promise, with what it must be understood as.
PROMISED = [
    ("init", "init", {}),
    ("init team", "init", {"folder": "team"}),
    ("run a.ipynb -p alpha 0.3 -p n 3 -f params.yaml -o out.ipynb --experiment air --register pm25", "run",
     {"notebook": "a.ipynb", "parameters": {"alpha": "0.3", "n": "3"}, "file": "params.yaml", "options": JobOptions(output="out.ipynb"),
      "experiment": "air", "register_as": "pm25"}),
    ("sweep a.ipynb -p alpha 0.1,0.3 -p depth 4,8 --workers 2 --engine local --experiment air", "sweep", None),
    ("runs", "run.find", {}),
    ("runs 'metrics.auc > 0.8' --order 'metrics.auc desc' --limit 5", "run.find",
     {"query": "metrics.auc > 0.8", "order": "metrics.auc desc", "limit": 5}),
    ("jobs", "job.find", {}),
    ("jobs \"status = 'failed'\"", "job.find", {"query": "status = 'failed'"}),
    ("compare a b", "run.compare", {"runs": ["a", "b"]}),
    ("compare a b c", "run.compare", {"runs": ["a", "b", "c"]}),
    ("slice a", "run.slice", {"run": "a"}),
    ("slice a --to notebook", "run.slice", {"run": "a", "to": "notebook"}),
    ("slice a --to script", "run.slice", {"run": "a", "to": "script"}),
    ("reproduce a", "reproduce", None),
    ("test folder", "test", None),
    ("models", "model.find", {}),
    ("register a --as pm25", "model.register", {"run": "a", "model": "pm25"}),
    ("review open pm25:2", "review.open", {"reference": "pm25:2"}),
    ("review open pm25:2 --alias champion", "review.open", {"reference": "pm25:2", "alias": "champion"}),
    ("review show pm25:2", "review.show", {"reference": "pm25:2"}),
    ("review decide r approve --comment 'why'", "review.decide", {"review": "r", "verdict": "approve", "comment": "why"}),
    ("review decide r reject", "review.decide", {"review": "r", "verdict": "reject"}),
    ("review decide r abstain", "review.decide", {"review": "r", "verdict": "abstain"}),
    ("check pm25:2", "check", {"reference": "pm25:2"}),
    ("alias move pm25 champion 2 --expected 1 --reason because", "alias.move",
     {"model": "pm25", "alias": "champion", "version": 2, "expected": 1, "reason": "because"}),
    ("history", "ledger.history", {}),
    ("history pm25:2", "ledger.history", {"subject": "pm25:2"}),
    ("verify", "ledger.verify", {}),
    ("serve pm25@champion --port 8080", "serve", {"reference": "pm25@champion", "port": 8080}),
    ("drift pm25@champion", "drift.check", {"deployment": "pm25@champion"}),
    ("pipeline run flow.yaml", "pipeline.run", None),
    ("schedule list", "schedule.find", {}),
    ("scheduler", "scheduler", {}),
    ("tick", "tick", {}),
    ("doctor", "doctor", {}),
    ("upgrade", "upgrade", {}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "name", "arguments"), PROMISED, ids=[line for line, _, _ in PROMISED])
def test_every_promised_line_is_understood(line, name, arguments):
    import shlex

    request = read_words(shlex.split(line), ROWS)

    assert request.row.name == name
    if arguments is not None:
        assert request.arguments == arguments


@pytest.mark.parametrize("line", [line for line, _, _ in PROMISED])
@pytest.mark.parametrize("option", [["--json"], ["--workspace", "/w"]])
def test_every_promised_line_takes_json_and_workspace_anywhere(line, option):
    import shlex

    words = shlex.split(line)
    for place in {0, len(words)}:
        request = read_words([*words[:place], *option, *words[place:]], ROWS)
        assert request.options.json or request.options.workspace == "/w"


@pytest.fixture
def run(memory_ws):
    run = start_run(memory_ws, name="first", experiment="air")
    log_metrics(memory_ws, run=run.id, metrics={"mae": 41.2})
    return finish_run(memory_ws, run=run.id)


def test_json_is_one_document_and_nothing_else(memory_ws, run, capsys):
    assert main(["runs", "--json"], ws=memory_ws) == 0

    out, err = capsys.readouterr()
    assert json.loads(out)["items"][0]["metrics"] == {"mae": 41.2}
    assert err == ""


def test_text_is_for_people(memory_ws, run, capsys):
    assert main(["runs", "metrics.mae < 42"], ws=memory_ws) == 0

    assert "first" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["metric", "RUN", "loss"], "No points yet."),
        (["artifacts", "RUN"], "No artifacts yet."),
        (["artifacts", "RUN", "--folder", "figures"], "No artifacts match."),
        (["cells", "RUN"], "No cells yet."),
        (["schedule", "list"], "No schedules yet."),
        (["groups", "name = 'nobody'"], "No groups of runs match."),
    ],
)
def test_where_there_is_nothing_it_is_said_of_what(memory_ws, run, capsys, words, said):
    assert main([run.id if word == "RUN" else word for word in words], ws=memory_ws) == 0

    first, second = capsys.readouterr().out.splitlines()
    assert first.strip() == said
    assert second.strip()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["runs"], 0),
        (["runs", "metrics.mae <"], 2),
        (["runs", "--limit", "many"], 2),
        (["rnus"], 2),
        (["show", "nothing-there"], 4),
        (["model", "show", "none"], 4),
        (["version", "show", "no:such:thing"], 2),
    ],
)
def test_the_exit_code_says_what_kind_of_trouble(memory_ws, words, code):
    assert main(words, ws=memory_ws) == code
    assert main([*words, "--json"], ws=memory_ws) == code


@pytest.mark.parametrize("kind", sorted(EXIT_CODES, key=lambda kind: kind.__name__))
def test_every_error_has_its_documented_exit_code(memory_ws, monkeypatch, capsys, kind):
    documented = {
        "JobFailed": 1,
        "Invalid": 2,
        "Forbidden": 3,
        "Untrusted": 3,
        "NotFound": 4,
        "Conflict": 5,
        "Unavailable": 6,
    }

    def failing(_ws):
        raise kind("it is so", remedy="do this", data={"n": 1})

    _replace_verb(monkeypatch, failing)

    assert main(["runs"], ws=memory_ws) == documented[kind.__name__]
    assert capsys.readouterr().err.splitlines() == ["jupyter mlops: it is so", "  do this"]
    assert main(["runs", "--json"], ws=memory_ws) == documented[kind.__name__]
    assert json.loads(capsys.readouterr().out) == {
        "code": kind.code,
        "message": "it is so",
        "remedy": "do this",
        "data": {"n": 1},
    }


def test_no_error_of_ours_is_without_an_exit_code():
    assert set(EXIT_CODES) == {getattr(errors, name) for name in errors.__all__} - {MlopsError}


def _replace_verb(monkeypatch, verb):
    from jupyter_mlops import tracking

    monkeypatch.setattr(tracking, "find_runs", verb)


def test_a_fault_of_ours_is_one_line_that_says_how_to_report_it(memory_ws, monkeypatch, capsys):
    def broken(_ws):
        raise ZeroDivisionError("by nought")

    _replace_verb(monkeypatch, broken)

    assert main(["runs"], ws=memory_ws) == UNEXPECTED
    _out, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert "ZeroDivisionError" in err
    assert "doctor" in err

    assert main(["runs", "--debug"], ws=memory_ws) == UNEXPECTED
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_not_a_traceback(memory_ws, monkeypatch, capsys):
    def stopped(_ws):
        raise KeyboardInterrupt

    _replace_verb(monkeypatch, stopped)

    assert main(["runs"], ws=memory_ws) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_broken_ledger_prints_its_record_and_fails(memory_ws, monkeypatch, capsys):
    from jupyter_mlops import review

    broken = Verification(ok=False, events=3, head="0" * 64, problem="line 2 was changed", sequence=2)

    def verify(_ws):
        return broken

    monkeypatch.setattr(review, "verify", verify)

    assert main(["verify", "--json"], ws=memory_ws) == 5
    assert json.loads(capsys.readouterr().out)["sequence"] == 2
    assert main(["verify"], ws=memory_ws) == 5
    assert "line 2 was changed" in capsys.readouterr().out


def test_verify_names_the_first_bad_line_of_a_damaged_copy(tmp_path, capsys):
    ws = open_workspace(tmp_path / "whole", start=tmp_path, environ={})
    for name in ("one", "two", "three"):
        finish_run(ws, run=start_run(ws, name=name).id)
    ws.store.close()
    shutil.copytree(tmp_path / "whole", tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy/.mlops/store.db")) as database, database:
        database.execute("UPDATE events SET body = replace(body, 'two', 'six') WHERE body LIKE '%two%'")

    assert main(["verify", "--workspace", str(tmp_path / "whole")]) == 0
    capsys.readouterr()
    assert main(["verify", "--workspace", str(tmp_path / "copy")]) == 5
    assert "line 3 was changed" in capsys.readouterr().out
    assert main(["verify", "--workspace", str(tmp_path / "copy"), "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["sequence"]) == (False, 3)


@pytest.mark.parametrize(
    ("record", "keys"),
    [
        (
            RunReport,
            list(RUN_REPORT_KEYS),
        ),
        (Verification, ["ok", "events", "head"]),
        (Served, ["url", "token"]),
        (Reproduction, ["verdict", "run", "causes"]),
        (Review, ["id"]),
    ],
)
def test_the_keys_that_others_rely_on_are_there(record, keys):
    from jupyter_mlops.records.codec import fields_of

    assert set(keys) <= set(fields_of(record))


def test_the_run_report_has_exactly_the_promised_keys():
    from jupyter_mlops.records.codec import fields_of

    assert list(fields_of(RunReport)) == list(RUN_REPORT_KEYS)


@pytest.mark.parametrize(
    ("verdict", "causes", "code"),
    [("identical", (), 0), ("within_tolerance", (), 0), ("differs", ("mae was 1, is 2",), 1), ("does_not_run", ("cell 2",), 1)],
)  # fmt: skip
def test_reproduce_tells_its_verdict_the_run_that_holds_it_and_the_causes(
    tmp_path, monkeypatch, capsys, verdict, causes, code
):
    from jupyter_mlops import jobs

    def reproduced(_ws, asked, **_more):
        return Reproduction(verdict=ReproductionVerdict(verdict), run="another", of=asked, causes=causes)

    monkeypatch.setattr(jobs, "reproduce_run", reproduced)

    assert main(["reproduce", "a3f91c", "--workspace", str(tmp_path), "--json"]) == code
    said = json.loads(capsys.readouterr().out)
    assert {name: said[name] for name in ("verdict", "run", "causes")} == {
        "verdict": verdict,
        "run": "another",
        "causes": list(causes),
    }


def test_review_open_tells_the_id_by_which_it_is_decided_and_an_open_one_again(memory_ws, capsys):
    from tests.review.books import add_version

    add_version(memory_ws)

    assert main(["review", "open", "pm25:1", "--json"], ws=memory_ws) == 0
    opened = json.loads(capsys.readouterr().out)
    assert main(["review", "open", "pm25:1", "--alias", "champion", "--json"], ws=memory_ws) == 0
    assert json.loads(capsys.readouterr().out)["id"] == opened["id"]
    assert main(["review", "decide", opened["id"], "reject", "--comment", "no", "--json"], ws=memory_ws) == 0
    assert json.loads(capsys.readouterr().out)["id"] == opened["id"]


def test_looking_leaves_no_trace(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["runs"]) == 0

    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out


def test_the_workspace_can_be_named_by_folder_and_by_url(tmp_path, capsys):
    (tmp_path / "there").mkdir()

    assert main(["--workspace", str(tmp_path / "there"), "workspace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["root"] == str(tmp_path / "there")
    assert main(["workspace", "--json", "--workspace", "memory://"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] is False


def test_a_named_place_that_is_not_there_is_no_empty_workspace(tmp_path, capsys):
    assert main(["--workspace", str(tmp_path / "there"), "runs"]) == EXIT_CODES[NotFound]
    assert "jupyter mlops init" in capsys.readouterr().err
    assert main(["--workspace", str(tmp_path / "a" / "b"), "tick"]) == EXIT_CODES[NotFound]
    assert list(tmp_path.iterdir()) == []


def test_a_place_the_environment_names_wrongly_is_no_empty_workspace_either(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(tmp_path / "there"))

    assert main(["runs"]) == EXIT_CODES[NotFound]
    assert "named by JUPYTER_MLOPS_WORKSPACE" in capsys.readouterr().err
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(tmp_path / "a" / "b"))
    assert main(["tick"]) == EXIT_CODES[NotFound]
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "notes.txt").touch()

    assert main(["--workspace", str(tmp_path / "notes.txt"), "runs"]) == EXIT_CODES[Invalid]
    assert "is not a folder" in capsys.readouterr().err


def test_help_goes_to_standard_output_and_is_no_failure(capsys):
    for words in ([], ["--help"], ["review"], ["runs", "--help"]):
        assert main(words) == 0
        assert "usage: jupyter mlops" in capsys.readouterr().out


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("jupyter-mlops ")


def test_every_command_has_help(capsys):
    for row in ROWS:
        with pytest.raises(HelpWanted):
            read_words([*row.words.split("{")[0].replace("[", "").split("--")[0].split(), "--help"], ROWS)


def shell(*words, cwd, **environ):
    house = str(Path(cli.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": house, **environ}
    return subprocess.run(
        [sys.executable, "-m", "jupyter_mlops", *words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_process_exits_with_the_code(tmp_path):
    assert shell("show", "none", cwd=tmp_path).returncode == 4
    assert shell("runs", cwd=tmp_path).returncode == 0


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    house = str(Path(cli.__file__).parents[1])
    line = f"{sys.executable} -m jupyter_mlops history --help | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": house},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0
    assert "BrokenPipe" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_progress_replaces_itself_on_a_terminal_and_is_lines_elsewhere():
    import io

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    plain, terminal = io.StringIO(), Terminal()
    for stream in (plain, terminal):
        line = cli._Line(stream)
        line.show("cell 1 of 2")
        line.show("cell 1 of 2")
        line.show("cell 2 of 2")
        line.tell("done")

    assert plain.getvalue() == "cell 1 of 2\ncell 2 of 2\ndone\n"
    assert terminal.getvalue().count("\r") == 3
    assert terminal.getvalue().endswith("\x1b[2Kdone\n")


def test_help_in_json_is_one_document(capsys):
    assert main(["runs", "--help", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["command"] == "runs"
    assert main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["commands"]


def test_a_slice_is_an_object_in_json_and_its_own_text_for_people(memory_ws, run, capsys):
    assert main(["slice", run.id, "--json"], ws=memory_ws) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"run", "grade", "reason", "cells", "outside"} <= set(found)
    assert (found["run"], found["cells"]) == (run.id, [])

    assert main(["slice", run.id, "--to", "script"], ws=memory_ws) == 0
    assert capsys.readouterr().out.startswith("# run first")
