"""What the ledger says of a review: a row can be rewritten in place, a line of the chain cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.review import Review, Verdict
from jupyter_mlops.review import decide, get_review, open_review, set_policy
from jupyter_mlops.review.told import approval_is_told, decisions_are_told, evidence_is_told, shown_digest
from jupyter_mlops.workspace import Workspace
from tests.review.books import add_version, person


@pytest.fixture
def opened(ws: Workspace) -> Review:
    set_policy(ws, "pm25", text="quorum: 2")
    add_version(ws)
    return open_review(ws, "pm25:1")


def told(ws: Workspace, review: Review) -> tuple[bool, bool, bool]:
    with ws.store.read() as tx:
        return evidence_is_told(tx, review), decisions_are_told(tx, review), approval_is_told(tx, review)


def test_a_review_is_told_as_it_was_opened_decided_and_approved(ws: Workspace, opened: Review) -> None:
    assert told(ws, opened) == (True, True, False)
    first = decide(person(ws, "bo"), opened.id, Verdict.APPROVE, "fine")
    assert told(ws, first) == (True, True, False)
    assert told(ws, decide(person(ws, "cy"), opened.id, Verdict.APPROVE)) == (True, True, True)


@pytest.mark.parametrize(
    "field", ["headline", "attention", "changes", "code", "against", "parts", "metrics", "checks"]
)
def test_every_word_a_reviewer_reads_is_held_by_the_ledger(ws: Workspace, opened: Review, field: str) -> None:
    empty = {"headline": "all is well", "against": "nobody", "parts": {"model": "0" * 64}}
    value = empty.get(field, ())
    if getattr(opened.evidence, field) == value:
        value = ("said by nobody",)
    changed = replace(opened, evidence=replace(opened.evidence, **{field: value}))
    assert shown_digest(changed.evidence) != shown_digest(opened.evidence)
    assert told(ws, changed)[0] is False


def test_a_decision_that_was_added_taken_out_or_retouched_is_not_told(ws: Workspace, opened: Review) -> None:
    decided = decide(person(ws, "bo"), opened.id, Verdict.ABSTAIN, "away")
    (decision,) = decided.decisions
    forged = [
        (),
        (decision, decision),
        (replace(decision, verdict=Verdict.APPROVE),),
        (replace(decision, comment="fine"),),
        (replace(decision, counts=not decision.counts),),
        (replace(decision, actor=Actor(name="cy")),),
        (replace(decision, actor=replace(decision.actor, authenticated=True)),),
        (replace(decision, evidence_digest="0" * 64),),
    ]
    assert [told(ws, replace(decided, decisions=decisions))[1] for decisions in forged] == [False] * len(
        forged
    )


def test_a_later_word_of_one_person_takes_the_earlier_one_out_of_the_count(
    ws: Workspace, opened: Review
) -> None:
    decide(person(ws, "bo"), opened.id, Verdict.APPROVE)
    decide(person(ws, " BO"), opened.id, Verdict.ABSTAIN, "on second thoughts")
    kept = get_review(ws, opened.id)
    assert [d.counts for d in kept.decisions] == [False, True]
    assert told(ws, kept)[1]
    both = tuple(replace(d, counts=True) for d in kept.decisions)
    assert not told(ws, replace(kept, decisions=both))[1]


def test_an_approval_on_other_evidence_is_not_the_one_that_was_told(ws: Workspace, opened: Review) -> None:
    decide(person(ws, "bo"), opened.id, Verdict.APPROVE)
    approved = decide(person(ws, "cy"), opened.id, Verdict.APPROVE)
    assert told(ws, approved)[2]
    assert not told(ws, replace(approved, evidence_digest="0" * 64))[2]


def test_lines_of_another_review_of_the_same_version_tell_nothing_of_this_one(
    ws: Workspace, opened: Review
) -> None:
    other = open_review(ws, "pm25:1", "challenger")
    decide(person(ws, "bo"), other.id, Verdict.ABSTAIN, "no")
    assert told(ws, opened) == (True, True, False)
    assert told(ws, replace(opened, id="nobody's"))[0] is False
