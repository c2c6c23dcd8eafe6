"""``python -m jupyter_mlops`` is ``jupyter mlops``: the same words, answers and exit codes, and nothing by being imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import jupyter_mlops
from jupyter_mlops import __main__ as module
from jupyter_mlops.cli import main

HOUSE = str(Path(jupyter_mlops.__file__).parents[1])


def as_module(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyter_mlops", *words],
        cwd=at,
        env={**os.environ, "PYTHONPATH": HOUSE},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    "words", [("--version",), ("show", "nothing-there", "--json"), ("runs", "--limit", "x")], ids=" ".join
)
def test_it_says_and_exits_as_the_command_does(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    code = main(words)
    out, err = capsys.readouterr()

    ran = as_module(*words, at=tmp_path)

    assert (ran.returncode, ran.stdout, ran.stderr) == (code, out, err)
    assert out or err


def test_its_words_are_those_behind_the_module_whatever_they_are(tmp_path: Path) -> None:
    ran = as_module("runs", "tags.team = 'größer -m x'", "--json", at=tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["items"] == []
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_command_as_people_type_it_and_no_file(tmp_path: Path) -> None:
    ran = as_module("runs", "--help", at=tmp_path)

    assert ran.returncode == 0
    assert "jupyter mlops runs" in ran.stdout
    assert "__main__" not in ran.stdout + ran.stderr


def test_it_hands_on_the_function_that_the_installed_command_calls() -> None:
    (command,) = [found for found in entry_points(group="console_scripts") if found.name == "jupyter-mlops"]

    assert module.main is main is command.load()
