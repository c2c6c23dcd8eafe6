"""What ``.ci/test`` makes sure of before it begins, on a machine that has little; apt, git and LightGBM are stand-ins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture.machine import HOUSE, apt, asked, functions, program, real, shell, tools, user

# The few words that the sourced files take from .ci/environment, with nobody else's programs on the path.
SOURCED = """set -eu
bin=$PWD/venv
{functions}
. {needs}
echo went on"""


def machine(folder: Path, *, git: bool, gomp: bool, does: str | None, root: bool = True) -> None:
    """Make a machine: what is there, and what its apt *does*, if it has one."""
    user(folder, root=root)
    tools(folder, "tail")
    if git:
        program(folder / "path/git", "exit 0")
    if gomp:
        (folder / "libgomp1").touch()
    fails = "echo 'OSError: libgomp.so.1: cannot open shared object file' >&2; exit 1"
    program(folder / "venv/python", f"[ -e {folder}/libgomp1 ] || {{ {fails}; }}")
    if does is not None:
        apt(folder, does)


def installs(folder: Path) -> str:
    """Return an apt that installs what it is told."""
    git, gomp = folder / "path/git", folder / "libgomp1"
    made = f"printf '#!/bin/sh\\n' > {git}; {real('chmod')} +x {git}"
    return f'case " $* " in *" git "*) {made};; esac\ncase " $* " in *" libgomp1 "*) : > {gomp};; esac'


def sourced(folder: Path) -> subprocess.CompletedProcess[str]:
    return shell(folder, SOURCED.format(functions=functions(), needs=HOUSE / ".ci/needs"))


def test_where_all_is_there_nobody_is_asked(tmp_path: Path) -> None:
    machine(tmp_path, git=True, gomp=True, does=installs(tmp_path))
    done = sourced(tmp_path)
    assert (done.returncode, done.stdout, done.stderr, asked(tmp_path)) == (0, "went on\n", "", [])


@pytest.mark.parametrize(
    ("git", "gomp", "packages"),
    [(False, True, "git"), (True, False, "libgomp1"), (False, False, "git libgomp1")],
)
def test_what_is_missing_is_installed_with_apt(tmp_path: Path, git: bool, gomp: bool, packages: str) -> None:
    machine(tmp_path, git=git, gomp=gomp, does=installs(tmp_path))
    done = sourced(tmp_path)
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
    assert asked(tmp_path) == ["update -qq", f"install -y -qq --no-install-recommends {packages}"]


@pytest.mark.parametrize(
    ("does", "root"), [(None, True), ("exit 1", True), ("exit 0", True), ("exit 0", False)]
)
def test_where_that_cannot_be_it_ends_and_says_what_to_do(
    tmp_path: Path, does: str | None, root: bool
) -> None:
    machine(tmp_path, git=False, gomp=False, does=does, root=root)
    done = sourced(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The tests need git" in done.stderr
    assert "OSError: libgomp.so.1" in done.stderr
    assert done.stderr.splitlines()[-1] == "As root: apt-get install git libgomp1. Then run this again."
    assert root or asked(tmp_path) == []


def test_only_what_is_still_missing_is_named(tmp_path: Path) -> None:
    machine(tmp_path, git=True, gomp=False, does="exit 0")
    done = sourced(tmp_path)
    assert done.returncode == 1
    assert "git" not in done.stderr.replace("apt-get", "").replace("lightgbm", "")
    assert done.stderr.splitlines()[-1] == "As root: apt-get install libgomp1. Then run this again."


def test_the_test_command_looks_before_it_runs_anything() -> None:
    lines = (HOUSE / ".ci/test").read_text(encoding="utf-8").splitlines()
    assert lines.index(". .ci/needs") < next(n for n, line in enumerate(lines) if line.startswith("step "))


@pytest.mark.parametrize(
    "script", sorted(path.name for path in (HOUSE / ".ci").iterdir() if path.name != "notebooks")
)
def test_every_script_is_read_by_the_plainest_shell(script: str) -> None:
    subprocess.run(["/bin/sh", "-n", str(HOUSE / ".ci" / script)], check=True)
