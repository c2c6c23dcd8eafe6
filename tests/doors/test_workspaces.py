"""Which workspace a door opens: the right one, and to read none that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.cli import main
from jupyter_mlops.errors import NotFound
from jupyter_mlops.operations.workspaces import (
    file_of,
    has_store,
    open_named,
    open_to_read,
    refuse_no_store,
    show_workspace,
)
from jupyter_mlops.records.actor import Door
from jupyter_mlops.server.places import Places
from jupyter_mlops.settings import read_settings
from jupyter_mlops.tracking import find_runs, finish_run, start_run
from jupyter_mlops.workspace import Workspace, open_workspace


def names(ws: Workspace) -> list[str]:
    try:
        return [run.name for run in find_runs(ws)]
    finally:
        ws.store.close()


def with_a_run(ws: Workspace, name: str) -> None:
    finish_run(ws, run=start_run(ws, name=name).id)
    ws.store.close()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project somebody has just fetched: nothing is kept in it."""
    (tmp_path / "clone").mkdir()
    return tmp_path / "clone"


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A team's store with a run in it, which the environment names."""
    place = tmp_path / "shared"
    place.mkdir()
    monkeypatch.setenv("JUPYTER_MLOPS_STORE", f"sqlite:///{place / 'team.db'}")
    monkeypatch.setenv("JUPYTER_MLOPS_BLOBS", f"file://{place / 'blobs'}")
    with_a_run(open_workspace(start=place), "theirs")
    return place


def test_where_there_is_none_an_empty_one_stands_for_it(clone: Path) -> None:
    ws = open_to_read(start=clone, via=Door.SHELL)

    state = show_workspace(ws)
    assert (state.folder, state.kept) == (None, False)
    assert state.root == clone.as_posix()  # notebooks are named from here all the same
    assert state.actor.via is Door.SHELL
    assert names(ws) == []
    assert list(clone.iterdir()) == []


def test_what_is_changed_for_a_door_holds_in_the_empty_one_too(clone: Path) -> None:
    for _ in range(2):
        ws = open_to_read(start=clone, confined=True, root=clone.parent)
        assert (ws.settings.confined, ws.settings.root) == (True, clone.parent)
        ws.store.close()
        open_workspace(clone).store.close()  # the second time it is there


def test_a_teams_store_is_read_before_the_project_has_a_folder(clone: Path, shared: Path) -> None:
    ws = open_to_read(start=clone)

    assert show_workspace(ws).kept
    assert ws.settings.root == clone
    assert names(ws) == ["theirs"]
    assert list(clone.iterdir()) == []


def test_the_shell_and_the_server_see_a_teams_store_from_a_fresh_clone(
    clone: Path, shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(clone)
    assert main(["runs"]) == 0
    assert "theirs" in capsys.readouterr().out

    places = Places(clone)
    read = places.at("", write=False)
    assert read is places.at("", write=False)  # one connection, however many requests
    assert [run.name for run in find_runs(read)] == ["theirs"]
    assert list(clone.iterdir()) == []
    start_run(places.at("", write=True), name="mine")
    assert sorted(run.name for run in find_runs(places.at("", write=False))) == ["mine", "theirs"]
    places.close()


def test_a_teams_store_that_nobody_has_written_to_is_not_made_by_looking(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_MLOPS_STORE", f"sqlite:///{tmp_path / 'team.db'}")

    assert names(open_to_read(start=clone)) == []
    assert not (tmp_path / "team.db").exists()


def test_an_address_without_a_file_is_refused_to_read_and_made_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'team.db'}"
    monkeypatch.setenv("JUPYTER_MLOPS_BLOBS", f"file://{tmp_path / 'blobs'}")

    with pytest.raises(NotFound) as refusal:
        open_named(url, read=True)
    assert str(tmp_path / "team.db") in refusal.value.message
    assert refusal.value.remedy
    assert list(tmp_path.iterdir()) == []

    with_a_run(open_named(url), "first")
    assert names(open_named(url, read=True)) == ["first"]


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_place_that_is_named_and_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    place = str(tmp_path / "new")
    if by == "environment":
        monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", place)
    given = place if by == "argument" else None

    with pytest.raises(NotFound, match="new"):
        open_named(given, read=True)
    assert list(tmp_path.iterdir()) == []

    open_named(given).store.close()  # to write, a new folder is made in one that is there
    assert (tmp_path / "new" / ".mlops").is_dir()


def test_a_workspace_in_a_folder_says_where_and_whether_it_records(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path, environ={"JUPYTER_MLOPS_DISABLED": "1"})

    state = show_workspace(ws)

    assert (state.folder, state.root) == ((tmp_path / ".mlops").as_posix(), tmp_path.as_posix())
    assert (state.kept, state.disabled) == (True, True)
    ws.store.close()


@pytest.mark.parametrize(
    ("url", "file", "there"),
    [
        ("sqlite:///{}/team.db", "team.db", True),
        ("sqlite:///{}/other.db", "other.db", False),
        ("sqlite:///{}/folder", "folder", False),  # a folder is no store
        ("postgresql://db.example.org/mlops", None, True),  # whether it answers is seen when it is asked
        ("memory://", None, True),
    ],
)
def test_only_a_store_that_is_one_file_can_be_missing(
    tmp_path: Path, url: str, file: str | None, there: bool
) -> None:
    (tmp_path / "team.db").touch()
    (tmp_path / "folder").mkdir()
    settings = read_settings(
        url.format(tmp_path), environ={"JUPYTER_MLOPS_BLOBS": "memory://"}, start=tmp_path
    )

    assert file_of(settings) == (None if file is None else tmp_path / file)
    assert has_store(settings) is there
    if there:
        refuse_no_store(settings)
    else:
        with pytest.raises(NotFound):
            refuse_no_store(settings)
