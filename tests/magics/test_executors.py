"""Which notebook papermill's, nbconvert's or nbclient's command was told to execute."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from jupyter_mlops.magics import executors
from jupyter_mlops.magics.executors import notebook_of_command, notebook_of_parent
from jupyter_mlops.records.run import Grade
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.workspace import open_workspace


@pytest.mark.parametrize(
    "words",
    [
        "/usr/bin/papermill in.ipynb out.ipynb",
        "/env/bin/python /env/bin/papermill in.ipynb out.ipynb -p a 1",
        "/env/bin/python -m papermill in.ipynb",
        "python -X utf8 -m papermill in.ipynb",
        "papermill -p notebook other.ipynb -r b c.ipynb in.ipynb out.ipynb",
        "papermill -k python3 --cwd there.ipynb --log-output -y a.ipynb in.ipynb",
        "papermill --engine=mlops --no-progress-bar in.ipynb",
        "/env/bin/python /env/bin/jupyter-nbconvert --to notebook --execute in.ipynb --output out.ipynb",
        "python -m nbconvert --execute --output=out.ipynb in.ipynb",
        "/env/bin/python3.11 /env/bin/jupyter-execute --allow-errors in.ipynb",
        "jupyter-execute.exe in.ipynb --output out.ipynb",
    ],
)
def test_it_is_the_first_plain_word_or_the_only_notebook_whatever_stands_around_it(words):
    assert notebook_of_command(words.split()) == "in.ipynb"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "papermill",
        "papermill - -",
        "papermill s3://bucket/in.ipynb out.ipynb",
        "papermill -p a",
        "python train.py in.ipynb",
        "python train.py papermill in.ipynb",
        "python -m train papermill in.ipynb",
        "python -c pass papermill in.ipynb",
        "jupyter lab in.ipynb",
        "jupyter-nbconvert --execute in.ipynb other.ipynb",
        "jupyter-nbconvert --execute *.ipynb",
        "jupyter-execute",
        "python -m train nbconvert in.ipynb",
        "python -m pytest -q --nbmake in.ipynb papermill",
    ],
)
def test_of_other_commands_and_of_other_places_nothing_is_said(words):
    assert notebook_of_command(words.split()) is None


def test_every_option_of_papermills_command_that_takes_a_value_is_known():
    from papermill.cli import papermill

    taking = {
        name: option.nargs
        for option in papermill.params
        if option.param_type_name == "option" and not option.is_flag and not option.count
        for name in option.opts
    }
    assert taking
    assert {name for name, count in taking.items() if count == 1} <= executors._ONE
    assert {name for name, count in taking.items() if count == 2} == executors._TWO


def test_this_process_was_not_started_by_papermill():
    notebook_of_parent.cache_clear()
    assert notebook_of_parent() is None


def test_a_parent_that_may_not_be_looked_at_is_no_failure(monkeypatch):
    notebook_of_parent.cache_clear()
    monkeypatch.setattr(executors, "_parent", lambda: 1 / 0)
    assert notebook_of_parent() is None
    notebook_of_parent.cache_clear()


@pytest.mark.kernel
@pytest.mark.parametrize(
    "command",
    [
        "papermill notebooks/in.ipynb out.ipynb --no-progress-bar",
        "nbconvert --execute --to notebook --output-dir . notebooks/in.ipynb",
        "jupyter execute notebooks/in.ipynb",
    ],
)
def test_a_command_leaves_a_run_that_knows_its_notebook_and_is_clean(tmp_path, monkeypatch, command):
    """Though another notebook holds the same cells."""
    for name in ("JPY_SESSION_NAME", "JUPYTER_MLOPS_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    sources = ("%load_ext jupyter_mlops", "x = 1", "%%track last\nrun.log_metric('x', float(x))")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "notebooks").mkdir()
    for name in ("in.ipynb", "twin.ipynb"):
        nbformat.write(notebook, tmp_path / "notebooks" / name)
    words = [sys.executable, "-m", *command.split()]
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    ws = open_workspace(tmp_path, environ={})
    (run,) = find_runs(ws, "name = 'last'")
    ws.store.close()
    assert (run.source.notebook, run.grade) == (str(Path("notebooks") / "in.ipynb"), Grade.CLEAN)
