"""Where notebooks may come from, and files that are whole or not there."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.errors import Forbidden, Invalid, NotFound, Unavailable
from jupyter_mlops.jobs.places import (
    find_file,
    find_notebook,
    find_output,
    for_people,
    read_bounded,
    write_whole,
)
from jupyter_mlops.settings import Settings, read_settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project" / "sub").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    for place in ("project/a.ipynb", "project/sub/b.ipynb", "outside/secret.ipynb", "project/text.txt"):
        (tmp_path / place).write_text("{}")
    return tmp_path / "project"


@pytest.fixture
def settings(root: Path) -> Settings:
    return read_settings(root, environ={})


@pytest.fixture
def confined(settings: Settings) -> Settings:
    return replace(settings, confined=True)


def test_a_relative_path_counts_from_here_and_then_from_the_project(settings, root, monkeypatch) -> None:
    monkeypatch.chdir(root / "sub")

    assert find_notebook(settings, "b.ipynb") == root / "sub" / "b.ipynb"
    assert find_notebook(settings, "a.ipynb") == root / "a.ipynb"


def test_a_file_that_is_read_is_looked_for_here_and_then_in_the_project(settings, root, monkeypatch) -> None:
    here = root.parent / "elsewhere"
    here.mkdir()
    monkeypatch.chdir(here)
    (root / "p.yaml").write_text("steps: []")

    assert find_file(settings, "p.yaml") == (root / "p.yaml").resolve()
    (here / "p.yaml").write_text("steps: []")
    assert find_file(settings, "p.yaml") == (here / "p.yaml").resolve()
    assert not find_file(settings, "none.yaml").exists()


def test_in_a_confined_workspace_it_counts_from_the_project_alone(confined, root, monkeypatch) -> None:
    monkeypatch.chdir(root / "sub")

    assert find_notebook(confined, "a.ipynb") == root / "a.ipynb"
    with pytest.raises(NotFound):
        find_notebook(confined, "b.ipynb")


@pytest.mark.parametrize(
    "text",
    [
        "../outside/secret.ipynb",
        "sub/../../outside/secret.ipynb",
        "{absolute}",
        "link.ipynb",
        "away/secret.ipynb",
    ],
)
def test_nothing_outside_of_a_confined_workspace_can_be_named(confined, root, text) -> None:
    outside = root.parent / "outside"
    (root / "link.ipynb").symlink_to(outside / "secret.ipynb")
    (root / "away").symlink_to(outside)

    with pytest.raises(Forbidden):
        find_notebook(confined, text.replace("{absolute}", str(outside / "secret.ipynb")))


@pytest.mark.parametrize("text", ["../out.ipynb", "/tmp/out.ipynb", "away/out.ipynb"])
def test_an_output_outside_of_a_confined_workspace_is_refused(confined, root, text) -> None:
    (root / "away").symlink_to(root.parent / "outside")

    with pytest.raises(Forbidden):
        find_output(confined, text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("sub", Invalid),
        ("text.txt", Invalid),
        ("", Invalid),
        ("a\0.ipynb", Invalid),
        ("no.ipynb", NotFound),
        ("~nobody-of-that-name/a.ipynb", NotFound),
        ("x" * 5000 + ".ipynb", NotFound),
    ],
)
def test_what_is_no_notebook_is_refused(settings, root, monkeypatch, text, error) -> None:
    monkeypatch.chdir(root)

    with pytest.raises(error):
        find_notebook(settings, text)


def test_a_pipe_is_refused_without_waiting_for_a_writer(settings, root) -> None:
    os.mkfifo(root / "pipe.ipynb")

    with pytest.raises(Invalid, match="regular"):
        find_notebook(settings, str(root / "pipe.ipynb"))
    with pytest.raises(Invalid, match="regular"):
        read_bounded(root / "pipe.ipynb")


def test_a_link_put_in_the_place_of_a_checked_file_is_not_followed(root) -> None:
    (root / "swap.ipynb").symlink_to(root.parent / "outside" / "secret.ipynb")

    with pytest.raises(Invalid):
        read_bounded(root / "swap.ipynb")


def test_a_notebook_too_large_is_refused(root, monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.jobs.places.MAXIMUM_NOTEBOOK", 10)
    (root / "large.ipynb").write_bytes(b"x" * 11)

    with pytest.raises(Invalid, match="larger"):
        read_bounded(root / "large.ipynb")


def test_a_path_is_shown_relative_to_the_project(settings, root) -> None:
    assert for_people(settings, root / "sub" / "b.ipynb") == "sub/b.ipynb"
    assert for_people(settings, Path("/elsewhere/c.ipynb")) == "/elsewhere/c.ipynb"


def test_a_file_is_replaced_whole_and_keeps_its_mode(root) -> None:
    path = root / "out {braces}.ipynb"
    write_whole(path, b"one")
    path.chmod(0o640)
    before = path.stat().st_ino

    write_whole(path, b"two")

    assert path.read_bytes() == b"two"
    assert path.stat().st_ino != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [p.name for p in root.iterdir() if p.name.endswith(".part")] == []


def test_a_write_that_fails_leaves_the_old_file_and_no_other(root, monkeypatch) -> None:
    path = root / "out.ipynb"
    write_whole(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Unavailable, match="No space left"):
        write_whole(path, b"new")

    assert path.read_bytes() == b"old"
    assert [p.name for p in root.iterdir() if p.name.endswith(".part")] == []


def test_an_output_that_no_disk_could_hold_is_told_when_it_is_written_and_not_by_a_crash(settings) -> None:
    path = find_output(settings, "x" * 5000 + ".ipynb")

    with pytest.raises(Unavailable, match="cannot be written") as refusal:
        write_whole(path, b"")
    assert refusal.value.remedy
