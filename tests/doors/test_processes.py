"""The commands that are processes: a project is laid out and runs; the doctor sees what is broken."""

import json
import sqlite3

import pytest

import jupyter_mlops
from jupyter_mlops.cli import main
from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.operations.console import Console
from jupyter_mlops.operations.doctor import State, examine
from jupyter_mlops.operations.files import load_policy, load_schedules
from jupyter_mlops.operations.projects import init
from jupyter_mlops.review import get_policy
from jupyter_mlops.workspace import open_workspace
from tests.contracts.samples import RUN_REPORT_KEYS


@pytest.fixture
def place(tmp_path, monkeypatch):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def console(place):
    return Console(tell=lambda _: None, show=lambda _: None, announce=lambda _: None, start=place)


def test_init_lays_out_a_project_around_a_model(console, place):
    answer = init(console, "team", model="pm25")

    assert sorted(answer.value.made) == [
        ".gitignore", ".mlops/", "README.md", "kpis.yaml", "notebooks/review.ipynb", "notebooks/train.ipynb",
        "policy/pm25.yaml", "schedule.yaml",
    ]  # fmt: skip
    assert all((place / "team" / name).exists() for name in answer.value.made)
    assert "--register pm25" in answer.text


def test_nothing_of_the_templates_own_is_left_in_what_is_made(console, place):
    init(console, "team", model="pm25")

    for path in (place / "team").rglob("*.*"):
        if path.is_file() and ".mlops" not in path.parts:
            assert "__MODEL__" not in path.read_text(encoding="utf-8")


def test_init_never_touches_what_is_there(console, place):
    (place / "README.md").write_text("mine", encoding="utf-8")

    first = init(console)
    second = init(console)

    assert (place / "README.md").read_text(encoding="utf-8") == "mine"
    assert first.value.kept == ("README.md",)
    assert second.value.made == ()


@pytest.mark.parametrize("model", ["", "../x", "a/b", "x" * 100, "a b", "{x}"])
def test_init_refuses_a_name_that_files_could_not_carry(console, place, model):
    with pytest.raises(Invalid):
        init(console, model=model)

    assert list(place.iterdir()) == []


def test_init_says_where_it_cannot_write(console, place):
    (place / "file").write_text("", encoding="utf-8")

    with pytest.raises(Unavailable):
        init(console, "file/inside")


def test_the_policy_the_kpis_and_the_schedule_of_a_new_project_are_accepted(console, place):
    init(console, model="pm25")

    policy = load_policy(console, ["policy/pm25.yaml", "kpis.yaml"]).value
    orders = load_schedules(console, "schedule.yaml").value
    again = load_schedules(console, "schedule.yaml").value

    ws = open_workspace(place, environ={})
    assert get_policy(ws, "pm25") == policy
    assert [kpi.metric for kpi in policy.kpis] == ["mae", "r2"]
    assert [order.name for order in orders] == [order.name for order in again] == ["weekly"]
    ws.store.close()


@pytest.mark.kernel
def test_the_first_command_of_a_new_project_trains_registers_and_asks(place, capsys):
    assert main(["init"]) == 0
    capsys.readouterr()

    code = main(["run", "notebooks/train.ipynb", "-p", "max_iter", "20", "--register", "demo", "--json"])

    out, err = capsys.readouterr()
    report = json.loads(out)
    assert code == 0, (out, err)
    assert list(report) == list(RUN_REPORT_KEYS)
    assert (report["status"], report["version"]) == ("succeeded", 1)
    assert {"mae", "r2"} <= set(report["metrics"])
    assert report["review"]
    assert "cell" in err

    assert main(["review", "decide", report["review"], "approve", "--comment", "good", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "approved"
    assert main(["verify"]) == 0
    assert main(["check", "demo:1", "--junit", "gates.xml", "--markdown", "gates.md"]) in {0, 1}
    assert (place / "gates.xml").read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert "demo:1" in (place / "gates.md").read_text(encoding="utf-8")


@pytest.mark.kernel
def test_the_summary_tells_what_came_of_it_and_what_to_do_next(place, capsys):
    main(["init"])
    capsys.readouterr()

    assert main(["run", "notebooks/train.ipynb", "-p", "max_iter", "20", "--register", "demo"]) == 0

    out = capsys.readouterr().out
    for said in (
        "succeeded",
        "grade     clean",
        "mae",
        "demo:1",
        "no champion yet",
        "notebook.ipynb",
        "jupyter mlops review show demo:1",
    ):
        assert said in out


@pytest.mark.kernel
def test_a_notebook_that_fails_names_the_cell_and_exits_with_one(place, capsys):
    book = {
        "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1\n1 / 0", "execution_count": None, "outputs": []}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    (place / "bad.ipynb").write_text(json.dumps(book), encoding="utf-8")

    assert main(["run", "bad.ipynb", "--workspace", str(place)]) == 1

    out = capsys.readouterr().out
    assert "cell 1: ZeroDivisionError" in out
    assert "jupyter mlops job show" in out


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["run", "bad.ipynb"], None),
        (["sweep", "bad.ipynb", "-p", "x", "0"], "rows"),
        (["test", "."], "notebooks"),
        (["pipeline", "run", "flow.yaml"], "steps"),
    ],
    ids=["run", "sweep", "test", "pipeline"],
)
def test_each_command_that_runs_notebooks_tells_a_failed_job_the_same_way(place, capsys, words, parts):
    write_notebook(place / "bad.ipynb", "x: int = 0  # parameters", "1 / x")
    (place / "flow.yaml").write_text("steps: [{notebook: bad.ipynb}]", encoding="utf-8")

    assert main([*words, "--json", "--workspace", str(place)]) == 1

    report = json.loads(capsys.readouterr().out)
    error = (report[parts][0] if parts else report)["error"]
    assert (error["kind"], error["message"], error["cell"]) == ("ZeroDivisionError", "division by zero", "c1")
    assert "1 / x" in error["traceback"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["run", "nothing.ipynb"], 4),
        (["run", "nothing.ipynb", "-f", "none.yaml"], 4),
        (["policy", "load", "none.yaml"], 4),
        (["check", "none:1"], 4),
        (["tick"], 0),
    ],
)
def test_a_process_has_the_same_exit_codes(place, words, code):
    assert main(words) == code
    assert main([*words, "--json"]) == code


@pytest.mark.parametrize("text", ["- a\n- b", "3: x", "a: [", "just text"])
def test_values_from_a_file_must_be_names_with_values(place, text, capsys):
    main(["init"])
    (place / "params.yaml").write_text(text, encoding="utf-8")

    assert main(["run", "notebooks/train.ipynb", "-f", "params.yaml"]) == 2


def write_notebook(path, *sources):
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {"tags": ["parameters"]} if "parameters" in source else {},
         "source": source, "execution_count": None, "outputs": []}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    path.write_text(
        json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8"
    )


@pytest.mark.kernel
def test_a_sweep_runs_every_combination_and_one_of_them_comes_out_the_same_again(place, capsys):
    write_notebook(
        place / "n.ipynb",
        "%load_ext jupyter_mlops",
        "a: int = 1  # parameters",
        "%%track t\nrun.log_metric('twice', 2 * a)",
    )

    assert main(["sweep", "n.ipynb", "-p", "a", "1,5", "--workers", "2", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {(row["parameters"]["a"], row["metrics"]["twice"]) for row in rows} == {(1, 2.0), (5, 10.0)}

    main(["runs", "metrics.twice = 10", "--json"])
    run = json.loads(capsys.readouterr().out)["items"][0]["id"]
    assert main(["reproduce", run, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["causes"]) == ("identical", [])
    main(["show", said["run"], "--json"])
    assert json.loads(capsys.readouterr().out)["tags"]["reproduces"] == run


@pytest.mark.kernel
def test_a_folder_is_tested_and_a_pipeline_passes_over_what_is_unchanged(place, capsys):
    write_notebook(place / "good.ipynb", "1 + 1")
    write_notebook(place / "bad.ipynb", "1 / 0")
    assert main(["test", "."]) == 1
    out = capsys.readouterr().out
    assert "1 passed, 1 failed" in out
    assert "ZeroDivisionError" in out

    (place / "flow.yaml").write_text(
        "name: flow\nsteps:\n  - name: first\n    notebook: good.ipynb\n", encoding="utf-8"
    )
    assert main(["pipeline", "run", "flow.yaml"]) == 0
    assert "first" in capsys.readouterr().out
    assert main(["pipeline", "run", "flow.yaml", "--json"]) == 0
    assert [step["status"] for step in json.loads(capsys.readouterr().out)["steps"]] == ["skipped"]


def answered(said, path, body=None):
    """Ask the server that *said* where it is; a body is sent as JSON."""
    import urllib.request

    signed = {"Authorization": f"Bearer {said['token']}", "Content-Type": "application/json"}
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"{said['url']}{path}", data=content, headers=signed)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return answer.read()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_model_is_served_until_the_process_is_interrupted_and_what_it_answered_is_kept(tmp_path, name):
    import os
    import signal
    import subprocess
    import sys
    from pathlib import Path

    from doors.prepared import build

    build(tmp_path / "project")
    env = {**os.environ, "PYTHONPATH": str(Path(jupyter_mlops.__file__).parents[1])}
    words = [sys.executable, "-m", "jupyter_mlops", "serve", "pm25@champion", "--json"]
    with subprocess.Popen(
        words, cwd=tmp_path / "project", env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        try:
            said = json.loads(served.stdout.readline())
            answered(said, "/v2/health/live")
            answered(said, "/predict", {"rows": [{"dewp": 1, "temp": 1, "wind": 1}]})
            served.send_signal(getattr(signal, name))
            out, err = served.communicate(timeout=60)
        finally:
            served.kill()

    assert served.returncode == 0, err
    assert out == ""
    assert said["token"]
    assert "Traceback" not in err
    ws = open_workspace(tmp_path / "project")
    with ws.store.read() as tx:
        assert tx.deployments.get(said["deployment"]).status == "stopped"
        assert len(tx.predictions.read(said["deployment"])) == 1
    ws.store.close()


# --- the doctor -----------------------------------------------------------------------------------------------


def found(diagnosis):
    return {finding.name: finding for finding in diagnosis.findings}


def test_the_doctor_looks_at_everything_and_makes_nothing(place):
    diagnosis = examine(start=place)

    assert {"python", "packages", "workspace", "locking", "journal", "server", "lab", "git", "kernel"} <= set(
        found(diagnosis)
    )
    assert list(place.iterdir()) == []


def test_on_this_machine_locking_and_kernel_work(place):
    diagnosis = found(examine(start=place))

    assert diagnosis["python"].state is State.FINE, diagnosis["python"].text
    assert diagnosis["locking"].state is State.FINE
    assert diagnosis["kernel"].state is State.FINE, diagnosis["kernel"].text


def test_a_store_that_is_no_store_is_named_with_its_remedy(place):
    (place / ".mlops").mkdir(mode=0o700)
    other = sqlite3.connect(place / ".mlops" / "store.db")
    other.execute("CREATE TABLE foreign_thing (x)")
    other.commit()
    other.close()

    diagnosis = examine(start=place)

    assert not diagnosis.ok
    assert found(diagnosis)["workspace"].state is State.BROKEN
    assert found(diagnosis)["workspace"].remedy


def test_a_settings_file_that_cannot_be_read_is_a_finding(place):
    (place / ".mlops").mkdir()
    (place / ".mlops" / "config.toml").write_text("nonsense", encoding="utf-8")

    diagnosis = examine(start=place)

    assert not diagnosis.ok
    assert "config.toml" in found(diagnosis)["workspace"].text


def test_a_workspace_that_others_can_read_is_worth_a_word(place):
    open_workspace(place, environ={}).store.close()
    (place / ".mlops").chmod(0o755)

    states = [f.state for f in examine(start=place).findings if f.name == "workspace"]

    assert State.ADVICE in states


def test_the_doctors_exit_code_and_json_are_for_scripts(place, capsys):
    (place / ".mlops").mkdir()
    (place / ".mlops" / "config.toml").write_text("nonsense", encoding="utf-8")

    assert main(["doctor", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    assert said["version"] == jupyter_mlops.__version__
    assert said["version"][0].isdigit()
    assert main(["doctor"]) == 1
    assert "✗ workspace" in capsys.readouterr().out
