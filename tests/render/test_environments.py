"""What a run ran with: a line that says the machine, and behind it every package, escaped."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.records.source import Environment
from jupyter_mlops.render.environments import environment_fold, environment_line
from jupyter_mlops.render.html import html_of
from jupyter_mlops.render.text import text_of
from tests.render.records_shown import EVIL

RAN = Environment(
    python="3.12.3",
    implementation="CPython",
    platform="Linux-6.8",
    cpus=8,
    packages={f"package-{number:03}": f"1.{number}" for number in range(300)},
    processor="EPYC",
    gpus=("A100", "A100", "T4"),
)


def test_the_line_says_interpreter_machine_and_how_many_packages() -> None:
    assert environment_line(RAN) == "Python 3.12.3 · Linux-6.8 · EPYC, 8 CPUs · 2 × A100, T4 · 300 packages"
    bare = replace(RAN, cpus=None, processor="", gpus=(), packages={"one": "1"})
    assert environment_line(bare) == "Python 3.12.3 · Linux-6.8 · 1 package"
    assert environment_line(replace(bare, cpus=1)) == "Python 3.12.3 · Linux-6.8 · 1 CPU · 1 package"


def test_all_packages_stand_in_columns_that_are_read_downwards() -> None:
    lines = environment_fold(RAN).body.splitlines()
    assert len(lines) == 60
    assert lines[0].split("  ")[0].strip() == "package-000 1.0"
    assert lines[1].startswith("package-001 1.1 ")
    assert max(map(len, lines)) <= 100
    shown = html_of([environment_fold(RAN)])
    assert shown.count("<details") == 1
    assert " open" not in shown
    assert all(f"{name} {version}" in shown for name, version in RAN.packages.items())


def test_a_terminal_is_told_the_line_only() -> None:
    assert text_of([environment_fold(RAN)]).splitlines() == [f"  Environment: {environment_line(RAN)}"]


def test_what_a_package_is_called_is_no_markup_and_no_name_is_too_long() -> None:
    evil = replace(
        RAN, platform=EVIL, processor=EVIL, gpus=(EVIL,), packages={EVIL: EVIL, "n" * 5000: "1\n2"}
    )
    shown = html_of([environment_fold(evil)])
    assert "<script" not in shown
    assert "<img" not in shown
    assert len(environment_fold(evil).body.splitlines()) == 2
    assert max(map(len, environment_fold(evil).body.splitlines())) < 140
    assert environment_fold(replace(RAN, packages={})).body == ""
