"""Whether everything still says what was decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.ledger import history
from jupyter_mlops.records.review import Review, ReviewStatus, Verdict
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import decide, get_review, open_review, verify
from jupyter_mlops.workspace import Workspace
from tests.review.books import add_version, person, set_alias


def approved(ws: Workspace, number: int, alias: str = "champion", **made: object) -> Review:
    add_version(ws, **made)  # type: ignore[arg-type]
    review = open_review(ws, f"pm25:{number}", alias)
    return decide(person(ws, "bo"), review.id, Verdict.APPROVE)


def regrade(ws: Workspace, number: int) -> None:
    with ws.store.write() as tx:
        kept = tx.runs.get(str(tx.versions.get("pm25", number).run))
        tx.runs.replace(replace(kept, grade=Grade.STALE))


def test_empty_books_are_in_order(ws: Workspace) -> None:
    found = verify(ws)
    assert (found.ok, found.events, found.reviews, found.lapsed, found.problem) == (True, 0, 0, (), "")


def test_every_approval_is_counted_and_none_that_is_still_open(ws: Workspace) -> None:
    approved(ws, 1)
    approved(ws, 2, alpha=0.5, metrics={"mae": 40.0})
    add_version(ws, alpha=0.1)
    open_review(ws, "pm25:3")
    found = verify(ws)
    assert (found.ok, found.reviews, found.lapsed) == (True, 2, ())
    assert found.events == len(history(ws, limit=1000))


def test_approvals_beyond_a_batch_are_all_looked_at(
    memory_ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_mlops.review.verification._BATCH", 2)
    for number in range(1, 6):
        approved(memory_ws, number, f"alias-{number}x", metrics={"mae": 41.0})
    assert verify(memory_ws).reviews == 5
    regrade(memory_ws, 5)
    assert [lapse.version for lapse in verify(memory_ws).lapsed] == [5]


def test_a_changed_part_lapses_the_approval_once_and_names_it(ws: Workspace) -> None:
    review = approved(ws, 1)
    regrade(ws, 1)
    found = verify(ws)
    (lapse,) = found.lapsed
    assert (found.ok, lapse.review, lapse.parts, lapse.held) == (False, review.id, ("grade",), True)
    assert get_review(ws, review.id).status is ReviewStatus.LAPSED
    again = verify(ws)
    assert (again.ok, [lapse.parts for lapse in again.lapsed]) == (False, [("grade",)])
    assert len(history(ws, kind="review.lapsed")) == 1


def test_an_earlier_champion_answers_for_its_bytes_and_not_for_what_came_later(ws: Workspace) -> None:
    approved(ws, 1)
    approved(ws, 2, alpha=0.5, metrics={"mae": 40.0})
    assert verify(ws).ok
    regrade(ws, 1)
    (lapse,) = verify(ws).lapsed
    assert (lapse.version, lapse.held) == (1, False)


def test_an_alias_that_the_ledger_never_moved_is_told_with_what_it_says(ws: Workspace) -> None:
    add_version(ws)
    add_version(ws, alpha=0.5)
    set_alias(ws, 1)
    assert verify(ws).ok
    with ws.store.write() as tx:
        tx.aliases.replace(replace(tx.aliases.get("pm25", "champion"), version=2))
    found = verify(ws)
    assert (found.ok, found.sequence) == (False, None)
    assert found.problem == "pm25@champion points at 2, but the ledger's last move of it says 1"
    with ws.store.write() as tx:
        kept = replace(tx.aliases.get("pm25", "champion"), version=1)
        tx.aliases.replace(kept)
        tx.aliases.add(replace(kept, name="aaa"))
    assert verify(ws).problem == "pm25@aaa points at 1, but the ledger's last move of it is missing"


def test_the_head_of_the_ledger_is_told_so_that_a_cut_tail_shows(ws: Workspace) -> None:
    first = verify(ws).head
    add_version(ws)
    second = verify(ws).head
    assert len({first, second}) == 2
    assert verify(ws).head == second
