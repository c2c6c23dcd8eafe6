"""From an empty folder to an approved, loaded model, by the command line alone; every next step it prints is typed as it stands."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from journeys.installed import HOUSE, Terminal

pytestmark = pytest.mark.kernel
LOAD = "python -c 'import jupyter_mlops as mlops; print(type(mlops.load_model(\"{}\")).__name__)'"


def next_steps(said: str) -> list[str]:
    """The lines behind ``Next:``, each one command."""
    _, _, behind = said.partition("Next: ")
    return [line.strip() for line in behind.splitlines() if line.strip()]


def test_the_command_line_alone_leads_from_nothing_to_an_approved_model(tmp_path: Path, bin_: Path) -> None:
    prompt = Terminal(tmp_path, bin_)

    laid_out = prompt.type("jupyter mlops init air --model air")
    (step,) = next_steps(laid_out.out)
    assert step == "cd air && jupyter mlops run notebooks/train.ipynb --register air"
    ran = prompt.type(f"{step} -p max_iter 5 --json")
    assert prompt.folder == tmp_path / "air"
    report = json.loads(ran.out)
    assert (report["status"], report["grade"], report["version"]) == ("succeeded", "clean", 1)
    assert ran.err.splitlines()[-1].endswith("succeeded")

    shown = prompt.type("jupyter mlops review show air:1").out
    assert "No champion yet" in shown
    (waiting,) = json.loads(prompt.type("jupyter mlops reviews --json").out)["items"]
    assert waiting["id"] == report["review"]
    refused = prompt.type(LOAD.format("air@champion"), code=1)
    assert "champion" in refused.err

    tail = waiting["id"][-6:]
    decided = prompt.type(f'jupyter mlops review decide {tail} approve --comment "good" --json')
    assert json.loads(decided.out)["status"] == "approved"
    assert re.search(r"\bair\b", prompt.type("jupyter mlops models").out)
    resolved = json.loads(prompt.type("jupyter mlops resolve air@champion --json").out)
    assert resolved["version"] == 1
    verified = json.loads(prompt.type("jupyter mlops verify --json").out)
    assert (verified["ok"], verified["reviews"]) == (True, 1)
    assert prompt.type(LOAD.format("air@champion")).out.strip() == "HistGradientBoostingRegressor"


def test_the_review_notebook_of_a_project_decides_by_its_parameters(tmp_path: Path, bin_: Path) -> None:
    prompt = Terminal(tmp_path, bin_)
    prompt.type("jupyter mlops init air --model air && cd air")
    declared = prompt.type("jupyter mlops parameters notebooks/review.ipynb --json").out
    kept = prompt.type(f"jupyter mlops parameters {HOUSE / 'notebooks' / 'review.ipynb'} --json").out
    here, there = (
        [(one["name"], one["type"], one["help"]) for one in json.loads(said)] for said in (declared, kept)
    )
    assert here == there
    assert [name for name, *_ in here] == ["model", "verdict", "comment"]

    prompt.type("jupyter mlops run notebooks/review.ipynb")  # nothing is there yet, and that is no failure
    prompt.type("jupyter mlops run notebooks/train.ipynb -p max_iter 5 --register air")
    prompt.type("jupyter mlops run notebooks/train.ipynb -p max_iter 4 --register other")
    prompt.type('jupyter mlops run notebooks/review.ipynb -p verdict approve -p comment "good"')
    (alias,) = json.loads(prompt.type("jupyter mlops aliases --json").out)["items"]
    assert (alias["model"], alias["name"], alias["version"]) == ("air", "champion", 1)
    prompt.type("jupyter mlops run notebooks/review.ipynb -p model other -p verdict reject -p comment no")
    told = json.loads(prompt.type("jupyter mlops reviews --json").out)["items"]
    assert {one["model"]: one["status"] for one in told} == {"air": "approved", "other": "rejected"}


def test_the_readmes_first_command_and_every_step_it_names(tmp_path: Path, bin_: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(HOUSE / ".ci", checkout / ".ci")
    shutil.copytree(HOUSE / "notebooks", checkout / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (checkout / "pyproject.toml").touch()
    (checkout / ".venv").symlink_to(bin_.parent)
    prompt = Terminal(checkout, None)  # nothing is active: the script finds its own environment

    ran = prompt.type("sh .ci/first-run -p max_iter 5")
    assert "succeeded" in ran.out
    assert "no champion yet" in ran.out
    show, decide = next_steps(ran.out)
    assert "pm25:1" in prompt.type(show).out
    last = ran.err.splitlines()[-1]
    program, _, book = last.rpartition(": ")[2].rpartition(" ")
    assert (checkout / book).is_file()
    assert prompt.type(f"{program} --version").out.strip()
    prompt.type(f".venv/bin/jupyter mlops run {book}")
    assert "approved" in prompt.type(decide).out.lower()
    assert prompt.type(".venv/bin/" + LOAD.format("pm25@champion")).out.strip()


def test_the_scripts_beside_the_readme_are_scripts() -> None:
    prompt = Terminal(HOUSE, None)
    for line in re.findall(
        r"^ {4}sh (\S+)$", (HOUSE / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    ):
        prompt.type(f"sh -n {line}")
