"""The way back is one step, by hand, and on record."""

from __future__ import annotations

import pytest
from review.books import add_version, held, person, set_alias

from jupyter_mlops.errors import Conflict, Invalid
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.registry import load_model
from jupyter_mlops.releases import rollback
from jupyter_mlops.review import decide, open_review, set_policy, verify
from jupyter_mlops.workspace import Workspace


def promoted(ws: Workspace, *alphas: float) -> list[str]:
    reviews = []
    for number, alpha in enumerate(alphas, start=1):
        add_version(ws, alpha=alpha)
        reviews.append(decide(person(ws, "bo"), open_review(ws, f"pm25:{number}").id, Verdict.APPROVE).id)
    return reviews


def test_a_rollback_returns_to_the_version_before_and_repeated_goes_further(ws: Workspace) -> None:
    promoted(ws, 1.0, 0.5, 0.1)

    assert rollback(ws, model="pm25", reason="wrong at night").version == 2
    assert rollback(ws, model="pm25", reason="still wrong").version == 1
    with pytest.raises(Conflict, match="nothing to go back to"):
        rollback(ws, model="pm25", reason="and again")
    assert held(ws) == 1


def test_a_promotion_after_a_rollback_is_what_the_next_rollback_undoes(ws: Workspace) -> None:
    promoted(ws, 1.0, 0.5, 0.1)
    rollback(ws, model="pm25", reason="wrong at night")
    set_alias(ws, 3)

    assert rollback(ws, model="pm25", reason="wrong again").version == 2
    assert rollback(ws, model="pm25", reason="all wrong").version == 1


def test_the_ledger_says_who_went_back_and_why(ws: Workspace) -> None:
    promoted(ws, 1.0, 0.5)
    rollback(person(ws, "cleo"), model="pm25", reason="latency")
    with ws.store.read() as tx:
        last = tx.events.head()

    assert (last.kind, last.subject, last.actor.name) == ("alias.moved", "pm25@champion", "cleo")
    assert {**last.data} == {**last.data, "was": 2, "version": 1, "label": "rollback", "reason": "latency"}
    assert verify(ws).ok


def test_the_approval_the_version_had_is_bound_to_it_again_while_it_stands(ws: Workspace) -> None:
    first, _ = promoted(ws, 1.0, 0.5)
    assert rollback(ws, model="pm25", reason="latency").review == first
    load_model(ws, "pm25@champion")


def test_an_approval_under_other_rules_is_not_claimed_again(ws: Workspace) -> None:
    promoted(ws, 1.0, 0.5)
    set_policy(ws, "pm25", quorum=2)

    assert rollback(ws, model="pm25", reason="latency").review is None
    load_model(ws, "pm25@champion")


def test_a_rollback_to_damaged_bytes_is_refused(ws: Workspace) -> None:
    promoted(ws, 1.0, 0.5)
    with ws.store.read() as tx:
        ws.blobs.remove(tx.versions.get("pm25", 1).digest)

    with pytest.raises(Conflict, match="damaged or gone"):
        rollback(ws, model="pm25", reason="latency")
    assert held(ws) == 2


def test_a_rollback_without_a_reason_or_a_history_is_refused(ws: Workspace) -> None:
    add_version(ws)
    with pytest.raises(Conflict, match="never moved"):
        rollback(ws, model="pm25", reason="because")
    with pytest.raises(Invalid, match="needs a reason"):
        rollback(ws, model="pm25", reason=" ")
