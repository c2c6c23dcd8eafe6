"""Each check tells the truth about a machine that is not as it should be, and what helps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from jupyter_mlops.operations.checkups import CHECKS, Finding, State, installed_version
from jupyter_mlops.operations.doctor import doctor
from jupyter_mlops.settings import Settings, read_settings
from jupyter_mlops.tracking import start_run
from jupyter_mlops.workspace import open_workspace

LAB = "jupyter-mlops-lab"
NOT_WRITABLE = Path("/proc/nowhere")  # nobody may make anything there, nor in the root of a system without it


def look(name: str, settings: Settings | None) -> dict[str, Finding]:
    """What one check finds; nothing that is not fine is told without what helps."""
    found = {each.name: each for each in dict(CHECKS)[name](settings)}
    assert found
    for each in found.values():
        assert each.text
        assert bool(each.remedy) is (each.state is not State.FINE), each
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a project that has no workspace yet."""
    (tmp_path / "project").mkdir()
    return read_settings(start=tmp_path / "project", environ={})


def test_the_command_says_what_it_looks_at() -> None:
    said = (doctor.__doc__ or "").lower()

    assert [name for name, _ in CHECKS if name not in said] == []
    assert len(dict(CHECKS)) == len(CHECKS)


def test_python_and_the_package_are_those_that_run() -> None:
    assert sys.executable in look("python", None)["python"].text
    assert look("packages", None)["packages"].state is State.FINE
    assert installed_version() in look("packages", None)["packages"].text


def test_a_package_that_is_older_than_wanted_is_named_with_both_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = next(
        need
        for need in map(Requirement, metadata.requires("jupyter-mlops") or ())
        if need.marker is None and not need.specifier.contains("0.0.1")
    )
    old = tmp_path / f"{wanted.name.replace('-', '_')}-0.0.1.dist-info"
    old.mkdir()
    (old / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {wanted.name}\nVersion: 0.0.1\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)

    found = look("packages", None)["packages"]

    assert found.state is State.BROKEN
    assert f"{wanted.name} is 0.0.1" in found.text
    assert str(wanted.specifier) in found.text
    assert sys.executable in found.remedy  # the environment that is looked at, not whichever pip is first


# --- the workspace ----------------------------------------------------------------------------------------------


def test_a_workspace_that_is_not_there_yet_is_no_fault_and_is_not_made(settings: Settings) -> None:
    assert settings.folder is not None
    found = look("workspace", settings)["workspace"]
    assert (found.state, str(settings.folder) in found.text) == (State.FINE, True)
    assert not settings.folder.exists()

    settings.folder.mkdir(mode=0o700)  # somebody wrote a configuration first
    assert look("workspace", settings)["workspace"].state is State.FINE
    assert list(settings.folder.iterdir()) == []


def test_a_workspace_that_is_there_is_told_with_the_length_of_its_ledger(settings: Settings) -> None:
    ws = open_workspace(settings.root, environ={})
    start_run(ws, name="first")
    with ws.store.read() as tx:
        head = tx.events.head()
    ws.store.close()

    found = look("workspace", settings)["workspace"]

    assert found.state is State.FINE
    assert f"{settings.folder}, {head.sequence} events" in found.text


def test_a_store_that_the_environment_names_is_the_one_that_is_looked_at(
    tmp_path: Path, settings: Settings
) -> None:
    """The project's own folder need not be there for a team's store to be."""
    team = replace(settings, store=f"sqlite:///{tmp_path / 'team.db'}")
    assert "none yet" in look("workspace", team)["workspace"].text
    assert not (tmp_path / "team.db").exists()

    ws = open_workspace(tmp_path, environ={}, store=team.store)
    start_run(ws, name="first")
    ws.store.close()

    found = look("workspace", team)["workspace"]
    assert "team.db" in found.text
    assert "none yet" not in found.text
    assert settings.folder is not None
    assert not settings.folder.exists()


# --- disks ------------------------------------------------------------------------------------------------------


def test_two_processes_are_tried_where_the_store_is_and_nothing_is_left_there(
    tmp_path: Path, settings: Settings
) -> None:
    assert look("locking", settings)["locking"].state is State.FINE
    assert list(tmp_path.rglob("*")) == [settings.root]

    elsewhere = replace(settings, store=f"sqlite:///{NOT_WRITABLE / 'store.db'}")
    assert look("locking", elsewhere)["locking"].state is State.BROKEN


@pytest.mark.parametrize("store", ["memory://", "postgresql://db.example.org/mlops"])
def test_what_is_no_file_needs_no_locking(settings: Settings, store: str) -> None:
    assert look("locking", replace(settings, store=store))["locking"].state is State.FINE


@pytest.mark.parametrize("name", ["locking", "journal"])
def test_a_place_that_cannot_be_written_is_a_finding_and_no_fault_of_the_check(
    settings: Settings, name: str
) -> None:
    nowhere = replace(
        settings, store=f"sqlite:///{NOT_WRITABLE / 'store.db'}", journal=NOT_WRITABLE / "journal"
    )

    found = look(name, nowhere)[name]

    assert found.state is State.BROKEN
    assert "cannot be written" in found.text
    assert "report" not in found.remedy


def test_the_journal_is_tried_where_it_will_lie_and_nothing_is_left_there(
    tmp_path: Path, settings: Settings
) -> None:
    place = tmp_path / "disk" / "deep" / "journal"

    found = look("journal", replace(settings, journal=place))["journal"]

    assert found.state in {State.FINE, State.ADVICE}  # advice: this machine's disk is nearly full
    assert str(place) in found.text
    assert not (tmp_path / "disk").exists()


# --- JupyterLab -------------------------------------------------------------------------------------------------


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place that Jupyter looks into before all others, with the extension in it; behind it another configuration."""
    for name, places in {"JUPYTER_CONFIG_PATH": ("near", "far"), "JUPYTER_PATH": ("near",)}.items():
        monkeypatch.setenv(name, os.pathsep.join(str(tmp_path / place) for place in places))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "own"))
    extension = tmp_path / "near" / "labextensions" / LAB
    extension.mkdir(parents=True)
    (extension / "package.json").write_text('{"version": "7.8.9"}', encoding="utf-8")
    return tmp_path


def page_config(place: Path, disabled: object, name: str = "page_config.json") -> None:
    (place / "labconfig").mkdir(parents=True, exist_ok=True)
    (place / "labconfig" / name).write_text(json.dumps({"disabledExtensions": disabled}), encoding="utf-8")


def test_the_extension_that_lab_will_load_is_told_with_its_version(jupyter: Path) -> None:
    found = look("lab", None)["lab"]

    assert found.state is State.FINE
    assert "7.8.9" in found.text
    assert metadata.version("jupyterlab") in found.text


@pytest.mark.parametrize(
    ("far", "near", "disabled"),
    [
        ({LAB: True}, {}, LAB),
        ({}, {LAB: True}, LAB),
        ({}, [LAB], LAB),  # as older versions of JupyterLab write it
        ({}, {f"{LAB}:panel": True}, f"{LAB}:panel"),
        ({LAB: True}, {LAB: False}, ""),  # enabled again, nearer
        ({LAB: False}, {}, ""),
        ({}, {f"{LAB}-other": True, "another": True}, ""),
    ],
)
def test_a_disabled_extension_is_named_as_it_is_enabled_again(
    jupyter: Path, far: object, near: object, disabled: str
) -> None:
    page_config(jupyter / "far", far)
    page_config(jupyter / "near", near)

    found = look("lab", None)["lab"]

    assert (found.state is State.BROKEN) is bool(disabled)
    assert not disabled or found.remedy.endswith(f"jupyter labextension enable {disabled}")


# --- git and kernel ---------------------------------------------------------------------------------------------


def git(place: Path, *words: str) -> str:
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
    done = subprocess.run(["git", "-C", str(place), *who, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_commit_is_told_as_soon_as_there_is_one(settings: Settings) -> None:
    assert "no repository" in look("git", settings)["git"].text
    git(settings.root, "init", "--quiet")
    assert "no commit" in look("git", settings)["git"].text
    git(settings.root, "commit", "--quiet", "--allow-empty", "--message", "first")

    found = look("git", settings)["git"]

    assert found.state is State.FINE
    assert git(settings.root, "rev-parse", "--short", "HEAD") in found.text


def test_a_repository_of_another_account_is_not_told_as_a_commit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git refuses to look into it and says so in several lines, of which the last is a command."""
    git(settings.root, "init", "--quiet")
    git(settings.root, "commit", "--quiet", "--allow-empty", "--message", "first")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    found = look("git", settings)["git"]

    assert found.state is State.ADVICE
    assert "commit, now" not in found.text
    assert found.remedy.endswith(f"safe.directory {settings.root}")


def test_without_git_nothing_is_broken(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert look("git", settings)["git"].state is State.ADVICE


def kernel(place: Path, program: str) -> None:
    """The kernel python3, as another environment has registered it before this one's."""
    folder = place / "near" / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {
        "argv": [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
    }
    (folder / "kernel.json").write_text(json.dumps({**spec, "language": "python"}), encoding="utf-8")


@pytest.mark.parametrize("program", ["python", "python3", sys.executable])
def test_a_kernel_of_this_environment_works(
    jupyter: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    kernel(jupyter, program)
    monkeypatch.setenv(
        "PATH", str(jupyter)
    )  # a bare name means the interpreter that asks, whatever PATH says

    found = look("kernel", None)["kernel"]

    assert (found.state, sys.executable in found.text) == (State.FINE, True)


def test_a_kernel_of_an_environment_without_the_package_is_named_with_it(
    jupyter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(jupyter)  # Python looks into the folder it is started in
    monkeypatch.delenv("PYTHONPATH", raising=False)  # and into these
    venv.create(jupyter / "other")
    program = next(
        path for path in (jupyter / "other").rglob("python*") if path.stem == "python" and path.is_file()
    )
    kernel(jupyter, str(program))

    found = look("kernel", None)["kernel"]

    assert found.state is State.BROKEN
    assert "No module named 'jupyter_mlops'" in found.text
    assert str(program) in found.remedy


def test_a_kernel_whose_environment_is_gone_is_named_and_can_be_made_anew(jupyter: Path) -> None:
    kernel(jupyter, str(jupyter / "gone" / "bin" / "python"))

    found = look("kernel", None)["kernel"]

    assert found.state is State.BROKEN
    assert str(jupyter / "gone") in found.text
    assert found.remedy.endswith(f"{sys.executable} -m ipykernel install --user")
