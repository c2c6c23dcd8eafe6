"""The waist of the house: a store, blobs, settings, a clock, and who is asking."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from clocks import Clock

import jupyter_mlops.workspace as module
from jupyter_mlops.errors import NotFound, Unavailable
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.workspace import Workspace, _lay_out, new_id, open_workspace, utc_now


def test_the_time_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_ids_are_26_characters_that_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    made = []
    for place in (0, 1, 1000, 10**10):
        monkeypatch.setattr(module, "utc_now", lambda place=place: start + timedelta(milliseconds=place))
        made.append(new_id())
    assert made == sorted(made)
    assert all(len(one) == 26 and not set(one) - set("0123456789abcdefghjkmnpqrstvwxyz") for one in made)


def test_many_ids_of_one_moment_are_all_different_also_in_their_tails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "utc_now", lambda: datetime(2026, 1, 5, tzinfo=UTC))
    made = [new_id() for _ in range(5000)]
    assert len(set(made)) == 5000
    assert len({one[-12:] for one in made}) == 5000


def test_ids_of_one_moment_sort_in_the_order_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "utc_now", lambda: datetime(2026, 1, 5, tzinfo=UTC))
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made)
    monkeypatch.setattr(module, "utc_now", lambda: datetime(2026, 1, 5, microsecond=1000, tzinfo=UTC))
    assert new_id() > made[-1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_makes_other_ids_than_its_parent_in_the_same_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "utc_now", lambda: datetime(2026, 1, 5, tzinfo=UTC))
    new_id()
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, ",".join(new_id() for _ in range(100)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 100_000).decode().split(",")
    os.close(reading)
    os.close(writing)
    assert len({*theirs, *(new_id() for _ in range(100))}) == 200


def test_an_event_carries_who_asks_and_when(memory_ws: Workspace, clock: Clock) -> None:
    clock.advance(5)
    event = memory_ws.event("alias.moved", "pm25@champion", version=2)
    assert (event.at, event.actor, event.kind, event.subject) == (
        clock(),
        memory_ws.actor,
        "alias.moved",
        "pm25@champion",
    )
    assert dict(event.data) == {"version": 2}


def test_somebody_else_may_ask_of_the_same_books(memory_ws: Workspace) -> None:
    bo = Actor(name="bo", via=Door.SERVER, authenticated=True)
    other = memory_ws.acting_as(bo)
    assert (other.actor, memory_ws.actor.name) == (bo, "ana")
    assert other.store is memory_ws.store
    with pytest.raises(FrozenInstanceError):
        memory_ws.actor = bo  # type: ignore[misc]


def test_the_first_opening_makes_a_folder_of_ones_own_that_version_control_does_not_see(
    tmp_path: Path,
) -> None:
    ws = open_workspace(tmp_path, environ={}, via=Door.SHELL)
    try:
        folder = tmp_path / ".mlops"
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / ".gitignore").read_text() == "*\n"
        assert (ws.actor.via, ws.actor.authenticated) == (Door.SHELL, False)
    finally:
        ws.store.close()


def test_opening_again_keeps_what_somebody_wrote(tmp_path: Path) -> None:
    open_workspace(tmp_path, environ={}).store.close()
    (tmp_path / ".mlops" / ".gitignore").write_text("*\n!models\n")
    open_workspace(tmp_path, environ={}).store.close()
    assert (tmp_path / ".mlops" / ".gitignore").read_text() == "*\n!models\n"


def test_many_may_open_a_workspace_for_the_first_time_at_once(tmp_path: Path) -> None:
    def opened(_: int) -> str:
        ws = open_workspace(tmp_path, environ={})
        ws.store.close()
        return ws.settings.store

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(opened, range(6)))) == 1
    assert (tmp_path / ".mlops" / ".gitignore").read_text() == "*\n"


def test_a_folder_that_cannot_be_made_is_told_with_what_helps(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be made") as refusal:
        _lay_out(tmp_path / "file" / ".mlops")
    assert "--workspace" in refusal.value.remedy


def test_a_workspace_in_memory_makes_no_folder(tmp_path: Path) -> None:
    open_workspace("memory://", start=tmp_path, environ={}).store.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_given_outright_wins(tmp_path: Path) -> None:
    ws = open_workspace("memory://", start=tmp_path, environ={"JUPYTER_MLOPS_DISABLED": "1"}, disabled=False)
    assert not ws.settings.disabled


def test_the_module_is_also_the_call_that_people_write(tmp_path: Path) -> None:
    assert sys.modules["jupyter_mlops.workspace"] is module
    ws = module("memory://", start=tmp_path, environ={})  # type: ignore[operator]
    assert isinstance(ws, Workspace)
    assert module.open_workspace is open_workspace


def test_a_project_that_was_named_and_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A slip of the hand in a path must not become a second, empty workspace."""
    with pytest.raises(NotFound, match="there is no workspace") as refusal:
        open_workspace(tmp_path / "projcets" / "air", environ={})
    assert refusal.value.remedy
    assert list(tmp_path.iterdir()) == []
