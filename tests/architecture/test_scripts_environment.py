"""Which virtual environment the scripts install into, and how they come by one; Python, pip and apt are stand-ins."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.machine import HOUSE, apt, asked, program, shell, sudo, tools, user

# What every script does with it first.
SOURCED = f"""set -eu
. {HOUSE}/.ci/environment
[ "$(command -v pip)" = "$bin/pip" ]
"$bin/pip" install .
echo "active: ${{VIRTUAL_ENV:-none}}" """
PIP = 'echo "$0 $*"'
GIVES = 'printf "#!/bin/sh\\n%s\\n" \'echo "$0 $*"\' > "${0%/*}/pip"; chmod +x "${0%/*}/pip"'
REFUSES = "echo 'No module named ensurepip' >&2; exit 1"


def environment(folder: Path, *, ensurepip: str = REFUSES, pip: str | None = None) -> Path:
    """Make a virtual environment: what its ensurepip does, and the name its pip goes by, if it has one."""
    ensured = f'echo "$*" >> "$0.asked"\n{ensurepip}'
    program(
        folder / "bin/python",
        f'case "$*" in\n*version_info*) exit 0;;\n"-m ensurepip --default-pip") {ensured};;\n*) exit 9;;\nesac',
    )
    if pip:
        program(folder / "bin" / pip, PIP)
    return folder


def ensured(folder: Path) -> bool:
    return (folder / "bin/python.asked").exists()


def machine(folder: Path, *, whole: bool = True, root: bool = True) -> None:
    """Make a machine with a Python 3.11; where it is not *whole*, venv's other half is a file that apt may bring."""
    tools(folder, "rm", "cp", "ln", "chmod")
    user(folder, root=root)
    python(folder, "python3.11")
    environment(folder / "whole", pip="pip")
    environment(folder / "half")
    if whole:
        (folder / "other-half").touch()


def python(folder: Path, name: str, *, old: bool = False) -> Path:
    venv = (
        f'cp -R {folder}/half "$3"; [ -e {folder}/other-half ] || exit 1; cp {folder}/whole/bin/pip "$3/bin"'
    )
    return program(
        folder / "path" / name,
        f'case "$*" in\n*"version_info <"*) exit {int(old)};;\n--version) echo Python 3.11.2;;\n'
        f'*version_info*) echo 3.11;;\n"-m venv "*) {venv};;\n*) exit 9;;\nesac',
    )


def sourced(folder: Path, **variables: str | Path) -> subprocess.CompletedProcess[str]:
    return shell(folder, SOURCED, **variables)


def used(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """Return the environment that was installed into, and what is said to be active from there on."""
    assert done.returncode == 0, done.stderr
    installed, active = done.stdout.splitlines()
    assert installed.endswith("/bin/pip install ."), installed
    return installed.removesuffix("/bin/pip install ."), active.removeprefix("active: ")


def everything(folder: Path) -> dict[str, bytes]:
    """Return what lies in *folder*, or at it, but for what the stand-ins write down."""
    files = (path for path in (folder, *folder.rglob("*")) if path.is_file() and path.suffix != ".asked")
    return {str(path): path.read_bytes() for path in files}


def test_the_active_environment_is_used_as_it_is(tmp_path: Path) -> None:
    machine(tmp_path)
    mine = environment(tmp_path / "mine", pip="pip")
    done = sourced(tmp_path, VIRTUAL_ENV=mine)
    assert (used(done), done.stderr) == ((str(mine), str(mine)), "")
    assert not ensured(mine)
    assert not (tmp_path / ".venv").exists()


def test_an_active_environment_without_pip_is_given_one(tmp_path: Path) -> None:
    machine(tmp_path)
    mine = environment(tmp_path / "mine", ensurepip=GIVES)
    done = sourced(tmp_path, VIRTUAL_ENV=mine)
    assert (used(done), done.stderr) == ((str(mine), str(mine)), "")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("ensurepip", [REFUSES, "exit 0"])
def test_a_pip_by_another_name_is_enough(tmp_path: Path, ensurepip: str) -> None:
    machine(tmp_path)
    mine = environment(tmp_path / "mine", ensurepip=ensurepip, pip="pip3")
    done = sourced(tmp_path, VIRTUAL_ENV=mine)
    assert (used(done), done.stderr) == ((str(mine), str(mine)), "")


@pytest.mark.parametrize("ensurepip", [REFUSES, "exit 0"])
def test_where_the_active_environment_can_have_none_another_is_used_and_that_is_said(
    tmp_path: Path, ensurepip: str
) -> None:
    machine(tmp_path)
    mine = environment(tmp_path / "mine", ensurepip=ensurepip)
    done = sourced(tmp_path, VIRTUAL_ENV=mine)
    assert used(done) == (str(tmp_path / ".venv"), "none")
    assert done.stderr.splitlines() == [
        f"The active environment, {mine}, has no pip and could not be given one: .venv is used instead.",
        f"Making a virtual environment in {tmp_path}/.venv with Python 3.11.2",
    ]
    assert sorted(path.name for path in (mine / "bin").iterdir()) == ["python", "python.asked"]


@pytest.mark.skipif(
    importlib.util.find_spec("ensurepip") is None, reason="Debian ships ensurepip in another package"
)
def test_pythons_own_environment_without_pip_is_given_one(tmp_path: Path) -> None:
    machine(tmp_path)
    mine = tmp_path / "mine"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", mine], check=True)
    done = shell(tmp_path, f'set -eu; . {HOUSE}/.ci/environment; "$bin/pip" --version', VIRTUAL_ENV=mine)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(mine) in done.stdout


def test_a_venv_that_has_pip_is_used_as_it_is(tmp_path: Path) -> None:
    machine(tmp_path)
    theirs = environment(tmp_path / ".venv", pip="pip")
    done = sourced(tmp_path)
    assert (used(done), done.stderr) == ((str(theirs), "none"), "")
    assert not ensured(theirs)


def test_a_venv_without_pip_is_given_one(tmp_path: Path) -> None:
    machine(tmp_path)
    theirs = environment(tmp_path / ".venv", ensurepip=GIVES)
    done = sourced(tmp_path)
    assert (used(done), done.stderr) == ((str(theirs), "none"), "")


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("kind", ["without pip", "moved", "empty", "a file", "a link to nowhere"])
def test_a_venv_that_somebody_had_is_never_deleted(tmp_path: Path, kind: str, active: bool) -> None:
    machine(tmp_path)
    program(tmp_path / "path/virtualenv", "exit 9")
    theirs = tmp_path / ".venv"
    if kind == "a file":
        theirs.write_text("mine")
    elif kind == "a link to nowhere":
        theirs.symlink_to(tmp_path / "nowhere")
    elif kind == "empty":
        theirs.mkdir()
    else:
        environment(theirs)
        (theirs / "mine.txt").write_text("mine")
        if kind == "moved":  # its pip names an interpreter that is no longer there
            program(theirs / "bin/pip", "").write_text("#!/nowhere/python\n")
    before = everything(theirs)
    done = sourced(tmp_path, **({"VIRTUAL_ENV": str(theirs)} if active else {}))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"{theirs} is there already, but has no pip that runs and could not be given one. "
        "Remove it, or activate another environment, then run this again.\n"
    )
    assert theirs.is_symlink() or theirs.exists()
    assert everything(theirs) == before


def test_where_there_is_none_it_is_made(tmp_path: Path) -> None:
    machine(tmp_path)
    done = sourced(tmp_path)
    assert used(done) == (str(tmp_path / ".venv"), "none")
    assert done.stderr == f"Making a virtual environment in {tmp_path}/.venv with Python 3.11.2\n"


@pytest.mark.parametrize("name", ["python3.13", "python3.12", "python3", "python"])
def test_a_new_enough_python_is_found_past_an_old_one(tmp_path: Path, name: str) -> None:
    machine(tmp_path)
    (tmp_path / "path/python3.11").unlink()
    for other in {"python3", "python"} - {name}:
        python(tmp_path, other, old=True)
    python(tmp_path, name)
    assert used(sourced(tmp_path)) == (str(tmp_path / ".venv"), "none")


def test_venvs_other_half_is_installed_with_apt(tmp_path: Path) -> None:
    machine(tmp_path, whole=False)
    apt(tmp_path, f'case "$*" in *python3.11-venv) : > {tmp_path}/other-half;; esac')
    assert used(sourced(tmp_path)) == (str(tmp_path / ".venv"), "none")
    assert asked(tmp_path) == ["update -qq", "install -y -qq python3.11-venv"]


def test_where_apt_has_no_such_package_the_one_for_any_python_is_asked_for(tmp_path: Path) -> None:
    machine(tmp_path, whole=False)
    apt(
        tmp_path, f'case "$*" in *python3.11-venv) exit 100;; *python3-venv) : > {tmp_path}/other-half;; esac'
    )
    assert used(sourced(tmp_path)) == (str(tmp_path / ".venv"), "none")
    assert asked(tmp_path)[1:] == ["install -y -qq python3.11-venv", "install -y -qq python3-venv"]


def test_who_may_use_sudo_without_a_password_is_as_good_as_root(tmp_path: Path) -> None:
    machine(tmp_path, whole=False, root=False)
    sudo(tmp_path)
    tools(tmp_path, "true")
    apt(
        tmp_path,
        f'[ "$AS" = root ] || exit 100\ncase "$*" in *python3.11-venv) : > {tmp_path}/other-half;; esac',
    )
    assert used(sourced(tmp_path)) == (str(tmp_path / ".venv"), "none")


def test_a_virtualenv_on_the_path_spares_apt(tmp_path: Path) -> None:
    machine(tmp_path, whole=False)
    apt(tmp_path, "exit 0")
    program(
        tmp_path / "path/virtualenv",
        f'[ "$1 $2 $3" = "-q -p {tmp_path}/path/python3.11" ] || exit 9\n[ ! -e "$4" ] || exit 8\n'
        f'cp -R {tmp_path}/whole "$4"',
    )
    assert used(sourced(tmp_path)) == (str(tmp_path / ".venv"), "none")
    assert asked(tmp_path) == []


@pytest.mark.parametrize(
    ("does", "root"), [(None, True), ("exit 100", True), ("exit 0", True), ("exit 0", False)]
)
@pytest.mark.parametrize("virtualenv", [None, "exit 1"])
def test_where_none_can_be_made_it_ends_says_what_to_do_and_leaves_nothing(
    tmp_path: Path, does: str | None, root: bool, virtualenv: str | None
) -> None:
    machine(tmp_path, whole=False, root=root)
    if does is not None:
        apt(tmp_path, does)
    if virtualenv is not None:
        program(tmp_path / "path/virtualenv", f'cp -R {tmp_path}/half "$4"\n{virtualenv}')
    done = sourced(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        "No virtual environment could be made. As root: apt install python3.11-venv, then run this again."
    )
    assert not (tmp_path / ".venv").exists()  # or the next run would take it for somebody's own
    assert root or asked(tmp_path) == []


@pytest.mark.parametrize("old", [False, True])
def test_without_a_new_enough_python_it_ends_and_says_what_to_do(tmp_path: Path, old: bool) -> None:
    machine(tmp_path)
    (tmp_path / "path/python3.11").unlink()
    if old:
        python(tmp_path, "python3", old=True)
    done = sourced(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Python 3.11 or newer was not found. Install it (Debian, Ubuntu: apt install python3) "
        "or name one in PYTHON.\n"
    )
    assert not (tmp_path / ".venv").exists()


def test_a_python_of_ones_own_can_be_named(tmp_path: Path) -> None:
    machine(tmp_path)
    elsewhere = (tmp_path / "path/python3.11").rename(tmp_path / "elsewhere")
    assert used(sourced(tmp_path, PYTHON=elsewhere)) == (str(tmp_path / ".venv"), "none")
