"""Where a process command works: one workspace, opened as it was asked for and closed whatever comes of it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from doors.voices import Voices
from jupyter_mlops.errors import NotFound
from jupyter_mlops.operations.console import Answer
from jupyter_mlops.records.actor import Door
from jupyter_mlops.tracking import find_runs, start_run


def held(place: Path) -> bool:
    """Whether somebody has the database open: its log is brought home by the last who closes it."""
    return bool(list((place / ".mlops").glob("store.db-*")))


def test_it_works_where_it_started_and_says_through_which_door(tmp_path: Path) -> None:
    with Voices().console(tmp_path, via=Door.NOTEBOOK).opened() as ws:
        run = start_run(ws, name="first")

    assert (tmp_path / ".mlops" / "store.db").is_file()
    assert run.actor.via is Door.NOTEBOOK


def test_the_workspace_that_is_named_wins_over_the_place(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()

    with Voices().console(tmp_path / "here", workspace=str(tmp_path / "there")).opened() as ws:
        assert ws.settings.root == tmp_path / "there"
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize("failure", [None, ValueError, KeyboardInterrupt])
def test_the_store_is_closed_whatever_the_command_does(
    tmp_path: Path, failure: type[BaseException] | None
) -> None:
    with suppress(ValueError, KeyboardInterrupt), Voices().console(tmp_path).opened() as ws:
        start_run(ws, name="first")
        assert held(tmp_path)
        if failure is not None:
            raise failure

    assert not held(tmp_path)


def test_to_read_none_is_made_and_what_is_there_is_read(tmp_path: Path) -> None:
    console = Voices().console(tmp_path)

    with console.opened(read=True) as ws:
        assert find_runs(ws).total == 0
    assert list(tmp_path.iterdir()) == []

    with console.opened() as ws:
        start_run(ws, name="first")
    with console.opened(read=True) as ws:
        assert [run.name for run in find_runs(ws)] == ["first"]


@pytest.mark.parametrize("read", [True, False])
def test_a_named_place_that_is_nowhere_is_refused_before_anything_is_made(tmp_path: Path, read: bool) -> None:
    console = Voices().console(tmp_path, workspace=str(tmp_path / "a" / "b"))

    with pytest.raises(NotFound) as refusal, console.opened(read=read):
        raise AssertionError

    assert refusal.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_an_answer_is_a_success_that_is_still_to_be_told_unless_it_says_otherwise() -> None:
    answer = Answer(value=None, text="done")

    assert (answer.code, answer.told) == (0, False)
