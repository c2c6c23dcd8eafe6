"""docs/files.md is true: its examples do what they say, its refusals are given, and no key is left out of it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from jupyter_mlops import automation
from jupyter_mlops.automation import steps
from jupyter_mlops.cli import main
from jupyter_mlops.operations.binding import arguments_of
from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.words import help_of
from jupyter_mlops.records.policy import Kpi
from jupyter_mlops.review import policy_text
from jupyter_mlops.settings import Settings

HOUSE = Path(__file__).parents[2]
PAGE = HOUSE / "docs" / "files.md"


@dataclass(frozen=True)
class Section:
    """One kind of file, as the page tells it."""

    title: str
    commands: list[str]
    file: str  # where the example says that it stands
    example: str
    keys: set[str]
    wrong: list[tuple[str, str]]  # what stands in a file, and what is answered


def _rows(text: str, head: str) -> list[list[str]]:
    tables = re.findall(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [
        [cell.strip() for cell in row.strip("|\n ").split(" | ")]
        for table in tables
        for row in table.splitlines()
    ]


def _section(text: str) -> Section:
    fence = re.search(r"^```\w+\n# (\S+)\n([\s\S]*?)^```$", text, re.MULTILINE)
    assert fence is not None, text[:40]
    return Section(
        title=text.partition("\n")[0],
        commands=re.findall(r"^ {4}jupyter mlops (.+)$", text, re.MULTILINE),
        file=fence[1],
        example=fence[2],
        keys={row[0].strip("`") for row in _rows(text, "key")},
        wrong=[(row[0].strip("`"), row[1]) for row in _rows(text, "wrong")],
    )


SECTIONS = {
    section.title: section for section in map(_section, PAGE.read_text(encoding="utf-8").split("\n## ")[1:])
}
LOADED = [section for section in SECTIONS.values() if section.title != "Settings"]


@pytest.fixture
def project(tmp_path, monkeypatch, capsys) -> Path:
    """What ``jupyter mlops init air --model air`` lays out, with the person in it."""
    monkeypatch.chdir(tmp_path)
    assert main(["init", "air", "--model", "air"]) == 0
    monkeypatch.chdir(tmp_path / "air")
    capsys.readouterr()
    return tmp_path / "air"


@pytest.fixture
def say(project, capsys):
    """Type one line; its answer in JSON."""

    def typed(line: str, code: int = 0):
        assert main([*shlex.split(line), "--json"]) == code, (line, capsys.readouterr())
        return json.loads(capsys.readouterr().out)

    return typed


def write(project: Path, section: Section, text: str | None = None) -> None:
    (project / section.file).parent.mkdir(exist_ok=True)
    (project / section.file).write_text(section.example if text is None else text, encoding="utf-8")


def last_answer(project: Path, say, title: str):
    section = SECTIONS[title]
    write(project, section)
    return [say(line) for line in section.commands][-1]


@pytest.mark.kernel
def test_the_values_of_the_example_are_what_its_job_ran_with(project, say) -> None:
    report = last_answer(project, say, "Parameters")

    job = say(f"job show {report['job']}")
    assert report["status"] == "succeeded"
    assert job["spec"]["parameters"] == {"learning_rate": 0.08, "max_iter": 20, "seed": 3}


def test_the_policy_of_the_example_is_kept_whole(project, say) -> None:
    policy = last_answer(project, say, "Policy")

    assert say("policy show air") == policy
    assert (policy["quorum"], policy["reviewers"], policy["checks"]) == (
        2,
        ["ana", "bo", "cleo"],
        {"same_data": True},
    )
    assert policy["kpis"] == [
        {"metric": "mae", "direction": "lower", "margin": 0.5, "bar": None, "unit": "ug/m3"}
    ]


def test_the_kpis_of_the_example_join_the_policy_beside_them(project, say) -> None:
    policy = last_answer(project, say, "KPIs")

    assert policy["model"] == "air"
    assert [(kpi["metric"], kpi["direction"], kpi["bar"]) for kpi in policy["kpis"]] == [
        ("mae", "lower", 60.0),
        ("r2", "higher", 0.2),
    ]


def test_the_schedules_of_the_example_are_kept_and_loaded_again_they_are_the_same(project, say) -> None:
    first = last_answer(project, say, "Schedules")["items"]
    again = last_answer(project, say, "Schedules")["items"]

    assert {schedule["name"] for schedule in first} == {"weekly", "when the world has changed", "report"}
    assert {schedule["id"] for schedule in first} == {schedule["id"] for schedule in again}


@pytest.mark.kernel
def test_the_pipeline_of_the_example_runs_registers_and_is_passed_over_the_next_time(project, say) -> None:
    report = last_answer(project, say, "Pipeline")

    assert [(step["name"], step["status"]) for step in report["steps"]] == [
        ("train", "ran"),
        ("look at it", "ran"),
    ]
    assert say("version show air:1")["model"] == "air"
    again = last_answer(project, say, "Pipeline")
    assert {step["status"] for step in again["steps"]} == {"skipped"}


def test_the_settings_of_the_example_are_those_of_the_workspace(project, say) -> None:
    section = SECTIONS["Settings"]
    write(project, section)

    said = {setting["name"]: setting for setting in say("settings")}

    set_here = {name for name, setting in said.items() if setting["origin"].endswith("config.toml")}
    assert set_here == set(re.findall(r"^(\w+) =", section.example, re.MULTILINE))
    assert said["on_rerun"]["value"] == "continue"


WRONG = [(section, *row) for section in SECTIONS.values() for row in section.wrong]


@pytest.mark.parametrize(
    ("section", "text", "answer"), WRONG, ids=[f"{s.title}: {text}" for s, text, _ in WRONG]
)
def test_what_the_page_calls_wrong_is_refused_in_these_words(project, capsys, section, text, answer) -> None:
    write(project, section, text)
    line = next((line for line in section.commands if section.file in line), "settings")
    words = [
        word for word in shlex.split(line) if not (section.title == "KPIs" and word == "policy/air.yaml")
    ]

    assert main(words) in {2, 4}

    assert answer in capsys.readouterr().err


def test_every_section_shows_refusals_and_every_command_of_the_page_names_its_file() -> None:
    assert list(SECTIONS) == ["Parameters", "Policy", "KPIs", "Schedules", "Pipeline", "Settings"]
    assert [section.title for section in SECTIONS.values() if len(section.wrong) < 4] == []
    assert [
        section.title for section in LOADED if not any(section.file in line for line in section.commands)
    ] == []


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("Policy", {"model", *policy_text._FIELDS}),
        ("KPIs", {each.name for each in fields(Kpi)}),
        ("Schedules", {argument.name for argument in arguments_of(automation.add_schedule)}),
        ("Pipeline", steps._TOP | steps._STEP),
    ],
)
def test_every_key_that_is_read_is_told_and_none_that_is_not(title: str, known: set[str]) -> None:
    assert SECTIONS[title].keys == known


def test_every_setting_is_told_also_those_that_have_no_business_in_the_file() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("\n## Settings")[2]
    others = set(re.findall(r"`([a-z_]+)`", text.partition("Three more keys")[2].partition("\n\n")[0]))

    assert SECTIONS["Settings"].keys | others == {each.name for each in fields(Settings)}
    assert not SECTIONS["Settings"].keys & others


def test_the_page_is_found_from_the_readme_and_from_the_help_of_what_reads_a_file() -> None:
    assert "(docs/files.md)" in (HOUSE / "README.md").read_text(encoding="utf-8")
    for command in ("run", "pipeline run", "schedule load", "policy load", "settings"):
        row = next(row for row in PROCESSES if " ".join(command_of(row)) == command)
        assert "docs/files.md" in " ".join(help_of(row).split()), command
