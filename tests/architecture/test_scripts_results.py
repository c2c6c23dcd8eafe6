"""What ``.ci/test`` says last and ends with; pytest is a stand-in that writes results, or does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.machine import HOUSE, functions, program, shell, tools

RESULTS = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="{errors}" failures="{failures}" skipped="{skipped}"
 tests="{tests}" time="1.5"><testcase classname="tests.test_it" name="test_it" time="0.1" /></testsuite></testsuites>
"""
NONE = "No result: pytest ended before it wrote test-output/results.xml; what it said above tells why"


def tail() -> str:
    """Return the end of the script, from where the results have a name, with what it calls."""
    text = (HOUSE / ".ci/test").read_text(encoding="utf-8")
    (step,) = (line for line in text.splitlines() if line.startswith("step() {"))
    return f"{step}\n{text[text.index('results=') :]}"


def results(*, tests: int = 0, failures: int = 0, errors: int = 0, skipped: int = 0) -> str:
    return RESULTS.format(tests=tests, failures=failures, errors=errors, skipped=skipped)


def ended(folder: Path, *words: str, writes: str | None, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the end of the script with a pytest that *writes* that and ends with *code*; *words* are the script's own."""
    tools(folder, "rm", "mkdir", "cp")
    made = ""
    if writes is not None:
        (folder / "written.xml").write_text(writes, encoding="utf-8")
        made = 'mkdir -p test-output; cp written.xml "${3#--junit-xml=}"'
    program(
        folder / "venv/python",
        f'[ "$1" != - ] || exec {sys.executable} "$@"\n[ "$1 $2" = "-m pytest" ] || exit 9\n'
        f"{made}\nshift 3\necho pytest was told: $*\nexit {code}",
    )
    text = f"set -eu\nbin=$PWD/venv\nset -- {' '.join(words)}\n{functions()}\n{tail()}"
    return shell(folder, text)


@pytest.mark.parametrize(
    ("counts", "code", "last"),
    [
        ({"tests": 12}, 0, "12 passed, 0 failed, 0 skipped"),
        ({"tests": 12, "skipped": 3}, 0, "9 passed, 0 failed, 3 skipped"),
        ({"tests": 12, "failures": 2, "errors": 1, "skipped": 3}, 1, "6 passed, 3 failed, 3 skipped"),
        ({"tests": 4, "failures": 1}, 2, "3 passed, 1 failed, 0 skipped"),  # interrupted
        ({}, 5, "0 passed, 0 failed, 0 skipped"),  # nothing was collected
    ],
)
def test_the_last_line_counts_and_the_end_is_pytests(
    tmp_path: Path, counts: dict[str, int], code: int, last: str
) -> None:
    done = ended(tmp_path, "tests/review", "-x", writes=results(**counts), code=code)
    assert (done.returncode, done.stderr) == (code, "== pytest\n")
    assert done.stdout.splitlines() == ["pytest was told: --numprocesses=3 tests/review -x", last]


@pytest.mark.parametrize("writes", [None, "", "<testsuites", "<testsuites />"])
@pytest.mark.parametrize(("code", "expected"), [(4, 4), (139, 139), (0, 1)])
@pytest.mark.parametrize("stale", [False, True])
def test_where_pytest_left_no_results_the_last_line_says_so_and_it_is_a_failure(
    tmp_path: Path, writes: str | None, code: int, expected: int, stale: bool
) -> None:
    if stale:
        (tmp_path / "test-output").mkdir()
        (tmp_path / "test-output/results.xml").write_text(results(tests=12), encoding="utf-8")
    done = ended(tmp_path, writes=writes, code=code)
    assert (done.returncode, done.stderr) == (expected, "== pytest\n")
    assert done.stdout.splitlines()[-1] == NONE


def test_an_earlier_runs_results_are_not_counted_with_this_ones(tmp_path: Path) -> None:
    for tests in (12, 3):
        done = ended(tmp_path, writes=results(tests=tests))
        assert done.stdout.splitlines()[-1] == f"{tests} passed, 0 failed, 0 skipped"
