"""How ``.ci/test`` comes by a browser, and what it says where there is none; browsers, playwright and apt are stand-ins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.machine import HOUSE, apt, asked, functions, program, real, shell, sudo, tools, user

# What is exported is what a child sees.
SOURCED = f"""set -eu
bin=$PWD/venv
{functions()}
. {HOUSE}/.ci/browser
{real("env")} | {real("grep")} ^JUPYTER_MLOPS_BROWSER="""
PLAYWRIGHT = """class sync_playwright:
    executable_path = {path!r}
    chromium = property(lambda self: self)
    __enter__ = lambda self: self
    __exit__ = lambda *_: None
"""
FOUR_WAYS = [
    "The browser tests need Chromium and none was found. Any one of these four helps:",
    "  1. JUPYTER_MLOPS_BROWSER=/path/to/chromium in the environment",
    "  2. a chromium or google-chrome on the PATH",
    "  3. python -m playwright install chromium",
    "  4. as root: apt-get install chromium",
]
WITH_DEPS = "install --with-deps chromium"


def machine(
    folder: Path, *, playwright: str | None = None, does: str | None = None, root: bool = True
) -> Path:
    """Make a machine: what ``playwright install`` and apt do, where it has them; return where playwright's own would be."""
    user(folder, root=root)
    own = folder / "own/chrome"
    module = folder / "modules/playwright/sync_api.py"
    module.parent.mkdir(parents=True)
    module.write_text("raise ImportError" if playwright is None else PLAYWRIGHT.format(path=str(own)))
    (module.parent / "__init__.py").touch()
    program(
        folder / "venv/python",
        f'case "$*" in\n-) PYTHONPATH={folder}/modules exec {sys.executable} -;;\n'
        f'"-m playwright "*) shift 2; echo "$*" >> {folder}/installs\n{playwright or "exit 1"};;\n*) exit 9;;\nesac',
    )
    if does is not None:
        apt(folder, does)
    return own


def brings(path: Path) -> str:
    """Return the words that put a browser there."""
    folder = f"{real('mkdir')} -p {path.parent}"
    return f"{folder}; printf '#!/bin/sh\\n' > {path}; {real('chmod')} +x {path}"


def sourced(folder: Path, **variables: str | Path) -> subprocess.CompletedProcess[str]:
    return shell(folder, SOURCED, **variables)


def installs(folder: Path) -> list[str]:
    """Return what playwright was told."""
    file = folder / "installs"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def found(done: subprocess.CompletedProcess[str], browser: Path) -> list[str]:
    """Return what was said before *browser* was found."""
    assert (done.returncode, done.stdout) == (0, f"JUPYTER_MLOPS_BROWSER={browser}\n"), done.stderr
    *before, last = done.stderr.splitlines()
    assert last == f"Browser: {browser}"
    return before


def test_the_browser_that_is_named_is_used_before_any_other(tmp_path: Path) -> None:
    machine(tmp_path)
    program(tmp_path / "path/chromium", "exit 0")
    named = program(tmp_path / "my own/browser", "exit 0")
    assert found(sourced(tmp_path, JUPYTER_MLOPS_BROWSER=named), named) == []


@pytest.mark.parametrize("kind", ["missing", "not executable", "a folder"])
def test_a_named_one_that_cannot_be_run_is_an_error_whatever_else_there_is(tmp_path: Path, kind: str) -> None:
    machine(tmp_path, playwright="exit 0", does="exit 0")
    program(tmp_path / "path/chromium", "exit 0")
    named = tmp_path / "named"
    if kind == "not executable":
        named.touch()
    elif kind == "a folder":
        named.mkdir()
    done = sourced(tmp_path, JUPYTER_MLOPS_BROWSER=named)
    assert (done.returncode, done.stdout) == (1, "")
    told = f"JUPYTER_MLOPS_BROWSER is {named}, which cannot be run."
    assert done.stderr.splitlines() == [told, *FOUR_WAYS]
    assert (installs(tmp_path), asked(tmp_path)) == ([], [])


@pytest.mark.parametrize(
    "name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
)
@pytest.mark.parametrize("variable", [{}, {"JUPYTER_MLOPS_BROWSER": ""}])
def test_one_on_the_path_is_found(tmp_path: Path, name: str, variable: dict[str, str]) -> None:
    machine(tmp_path, playwright="exit 0", does="exit 0")
    browser = program(tmp_path / "path" / name, "exit 0")
    assert found(sourced(tmp_path, **variable), browser) == []
    assert (installs(tmp_path), asked(tmp_path)) == ([], [])


def test_playwrights_own_is_found(tmp_path: Path) -> None:
    own = machine(tmp_path, playwright="exit 0", does="exit 0")
    program(own, "exit 0")
    assert found(sourced(tmp_path), own) == []
    assert (installs(tmp_path), asked(tmp_path)) == ([], [])


def test_playwrights_own_is_installed(tmp_path: Path) -> None:
    own = machine(tmp_path, playwright=brings(tmp_path / "own/chrome"), does="exit 0")
    assert found(sourced(tmp_path), own) == ["No browser yet: trying playwright's own"]
    assert (installs(tmp_path), asked(tmp_path)) == ([WITH_DEPS], [])


def test_where_what_it_needs_cannot_be_installed_it_is_installed_alone(tmp_path: Path) -> None:
    does = f'case "$*" in *--with-deps*) exit 1;; esac; {brings(tmp_path / "own/chrome")}'
    own = machine(tmp_path, playwright=does, does="exit 0")
    assert found(sourced(tmp_path), own) == ["No browser yet: trying playwright's own"]
    assert (installs(tmp_path), asked(tmp_path)) == ([WITH_DEPS, "install chromium"], [])


@pytest.mark.parametrize("playwright", [None, "exit 1", "exit 0"])
def test_where_playwright_brings_none_apt_installs_one(tmp_path: Path, playwright: str | None) -> None:
    chromium = tmp_path / "path/chromium"
    does = f'case "$*" in *" chromium "*) {brings(chromium)};; esac'
    machine(tmp_path, playwright=playwright, does=does)
    assert found(sourced(tmp_path), chromium) == [
        "No browser yet: trying playwright's own",
        "No browser yet: trying apt",
    ]
    assert asked(tmp_path) == [
        "update -qq",
        "install -y -qq --no-install-recommends chromium fonts-dejavu-core",
    ]


def test_who_may_use_sudo_without_a_password_is_as_good_as_root(tmp_path: Path) -> None:
    chromium = tmp_path / "path/chromium"
    does = f'[ "$AS" = root ] || exit 100\ncase "$*" in *" chromium "*) {brings(chromium)};; esac'
    machine(tmp_path, does=does, root=False)
    sudo(tmp_path)
    tools(tmp_path, "true")
    assert found(sourced(tmp_path), chromium)[-1] == "No browser yet: trying apt"


@pytest.mark.parametrize(
    ("does", "root"), [(None, True), ("exit 100", True), ("exit 0", True), ("exit 0", False)]
)
@pytest.mark.parametrize("playwright", [None, "exit 1", "exit 0"])
def test_where_none_can_be_had_it_ends_and_names_all_four_ways(
    tmp_path: Path, playwright: str | None, does: str | None, root: bool
) -> None:
    machine(tmp_path, playwright=playwright, does=does, root=root)
    done = sourced(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-5:] == FOUR_WAYS
    assert root or asked(tmp_path) == []


def test_the_test_command_looks_before_it_runs_anything() -> None:
    lines = (HOUSE / ".ci/test").read_text(encoding="utf-8").splitlines()
    assert lines.index(". .ci/browser") < next(n for n, line in enumerate(lines) if line.startswith("step "))
