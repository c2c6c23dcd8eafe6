"""Who may decide what, what counts, and what follows: all of it in one transaction."""

from __future__ import annotations

import threading

import pytest

from jupyter_mlops.errors import Conflict, Forbidden, Invalid, NotFound
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.reproduced import ReproductionVerdict
from jupyter_mlops.records.review import ReviewStatus, Verdict
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import decide, decisions, get_review, open_review, verify, withdraw_review
from jupyter_mlops.workspace import Workspace
from review.books import add_version, held, keep_policy, kinds, person, set_alias


def policy(ws: Workspace, **fields: object) -> None:
    keep_policy(ws, Policy(model="pm25", **fields))


def test_an_approval_moves_the_alias_and_is_told_in_the_ledger(ws: Workspace) -> None:
    add_version(ws)
    set_alias(ws, 1)
    add_version(ws, alpha=0.1)
    review = decide(person(ws, "bo"), open_review(ws, "pm25:2").id, Verdict.APPROVE, "looks right")

    assert (review.status, held(ws)) == (ReviewStatus.APPROVED, 2)
    assert kinds(ws)[-3:] == ["review.decided", "alias.moved", "review.approved"]
    with ws.store.read() as tx:
        alias = tx.aliases.get("pm25", "champion")
        moved = tx.events.read(kind="alias.moved")[-1]
    assert (alias.review, alias.reason, alias.actor.name) == (review.id, "looks right", "bo")
    assert (moved.data["was"], moved.data["version"], moved.data["review"]) == (1, 2, review.id)


@pytest.mark.parametrize("fails", ["move_alias_within", "close"])
def test_decision_and_move_are_one_transaction_what_fails_last_takes_all_of_it_back(
    ws: Workspace, monkeypatch, fails: str
) -> None:
    add_version(ws)
    set_alias(ws, 1)
    add_version(ws, alpha=0.1)
    review = open_review(ws, "pm25:2")
    before = kinds(ws)
    act = getattr(decisions, fails)

    def act_and_fail(*given, **named):
        act(*given, **named)
        raise OSError("the disk is full")

    monkeypatch.setattr(decisions, fails, act_and_fail)
    with pytest.raises(OSError, match="the disk is full"):
        decide(person(ws, "bo"), review.id, Verdict.APPROVE, "looks right")

    kept = get_review(ws, review.id)
    assert (kept.status, kept.decisions, held(ws), kinds(ws)) == (ReviewStatus.OPEN, (), 1, before)
    monkeypatch.undo()
    assert decide(person(ws, "bo"), review.id, Verdict.APPROVE).status is ReviewStatus.APPROVED
    assert held(ws) == 2


def test_without_a_policy_ones_own_approval_counts_and_is_labelled(ws: Workspace) -> None:
    add_version(ws)
    (decision,) = decide(ws, open_review(ws, "pm25:1").id, Verdict.APPROVE).decisions

    assert decision.counts
    assert not decision.actor.authenticated
    assert decision.note == "self-approved"
    assert held(ws) == 1


def test_an_approval_by_somebody_a_server_knows_carries_no_label(ws: Workspace) -> None:
    add_version(ws)
    bo = person(ws, "bo", Door.SERVER, authenticated=True)
    (decision,) = decide(bo, open_review(ws, "pm25:1").id, Verdict.APPROVE).decisions

    assert (decision.note, decision.actor) == ("", bo.actor)


def test_a_policy_refuses_the_authors_approval_and_the_ledger_says_so(ws: Workspace) -> None:
    policy(ws)
    add_version(ws)
    review = open_review(ws, "pm25:1")
    assert review.barred == ("ana",)

    for name in ("ana", "ANA", " ana", "ａｎａ"):
        with pytest.raises(Forbidden, match="lets nobody approve their own"):
            decide(person(ws, name), review.id, Verdict.APPROVE)
    assert kinds(ws)[-1] == "review.refused"
    assert get_review(ws, review.id).decisions == ()
    assert held(ws) is None
    assert decide(person(ws, "bo"), review.id, Verdict.APPROVE).status is ReviewStatus.APPROVED


def test_registering_somebody_elses_run_makes_nobody_else_its_author(ws: Workspace) -> None:
    policy(ws)
    version = add_version(ws)
    with ws.store.write() as tx:
        from dataclasses import replace

        tx.versions.replace(replace(version, actor=person(ws, "cleo").actor))
    review = open_review(ws, "pm25:1")

    for name in ("ana", "cleo"):
        with pytest.raises(Forbidden):
            decide(person(ws, name), review.id, Verdict.APPROVE)


def test_the_author_may_still_reject_their_own(ws: Workspace) -> None:
    policy(ws)
    add_version(ws)

    assert (
        decide(ws, open_review(ws, "pm25:1").id, Verdict.REJECT, "found a leak").status
        is ReviewStatus.REJECTED
    )


def test_a_quorum_of_two_needs_two_people(ws: Workspace) -> None:
    policy(ws, quorum=2)
    add_version(ws)
    review = open_review(ws, "pm25:1")

    decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    twice = decide(person(ws, "Bo"), review.id, Verdict.APPROVE)
    assert (twice.status, twice.approvals, held(ws)) == (ReviewStatus.OPEN, 1, None)

    assert decide(person(ws, "cleo"), review.id, Verdict.APPROVE).status is ReviewStatus.APPROVED
    assert held(ws) == 1


def test_a_later_decision_of_one_person_replaces_the_earlier_and_both_are_kept(ws: Workspace) -> None:
    policy(ws, quorum=2)
    add_version(ws)
    review = open_review(ws, "pm25:1")
    decide(person(ws, "bo"), review.id, Verdict.APPROVE)

    changed = decide(person(ws, "bo"), review.id, Verdict.ABSTAIN, "on second thought")

    assert changed.approvals == 0
    assert [(d.verdict, d.counts) for d in changed.decisions] == [
        (Verdict.APPROVE, False),
        (Verdict.ABSTAIN, True),
    ]
    assert changed.decisions[0].note.startswith("not counted: replaced by a later decision")
    assert decide(person(ws, "cleo"), review.id, Verdict.APPROVE).status is ReviewStatus.OPEN


def test_a_decision_that_does_not_count_takes_no_others_place(ws: Workspace) -> None:
    policy(ws, quorum=2, doors=("server",))
    add_version(ws)
    review = open_review(ws, "pm25:1")
    decide(person(ws, "bo", Door.SERVER, authenticated=True), review.id, Verdict.APPROVE)

    # Whoever has an account of that name in some kernel.
    after = decide(person(ws, "bo", Door.NOTEBOOK), review.id, Verdict.ABSTAIN)

    assert [(d.verdict, d.counts) for d in after.decisions] == [
        (Verdict.APPROVE, True),
        (Verdict.ABSTAIN, False),
    ]
    cleo = person(ws, "cleo", Door.SERVER, authenticated=True)
    assert decide(cleo, review.id, Verdict.APPROVE).status is ReviewStatus.APPROVED
    assert (held(ws), verify(ws).ok) == (1, True)


def test_the_order_of_entry_decides_which_is_later_not_the_clock(ws: Workspace, clock) -> None:
    policy(ws, quorum=2)
    add_version(ws)
    review = open_review(ws, "pm25:1")
    decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    clock.advance(-3600)

    assert decide(person(ws, "bo"), review.id, Verdict.ABSTAIN).approvals == 0


def test_a_rejection_needs_a_comment_and_closes_the_review(ws: Workspace) -> None:
    add_version(ws)
    review = open_review(ws, "pm25:1")
    for nothing in ("", "  \n"):
        with pytest.raises(Invalid, match="needs a comment"):
            decide(ws, review.id, Verdict.REJECT, nothing)

    rejected = decide(person(ws, "bo"), review.id, Verdict.REJECT, "worse in winter")

    assert (rejected.status, rejected.reason) == (ReviewStatus.REJECTED, "worse in winter")
    assert held(ws) is None
    with pytest.raises(Conflict, match="rejected"):
        decide(person(ws, "cleo"), review.id, Verdict.APPROVE)


def test_decisions_of_people_or_doors_the_policy_does_not_count_are_kept_and_change_nothing(
    ws: Workspace,
) -> None:
    policy(ws, reviewers=("bo", "cleo"), doors=("server",))
    add_version(ws)
    review = open_review(ws, "pm25:1")

    for actor, why in (
        (person(ws, "eve", Door.SERVER, authenticated=True), "eve is not among the reviewers"),
        (person(ws, "bo", Door.NOTEBOOK), "came through the notebook, the policy counts server"),
        (person(ws, "cleo", Door.SERVER), "the server did not know who it was"),
    ):
        after = decide(actor, review.id, Verdict.APPROVE)
        assert (after.status, after.approvals) == (ReviewStatus.OPEN, 0)
        assert why in after.decisions[-1].note
    assert decide(person(ws, "eve"), review.id, Verdict.REJECT, "no").status is ReviewStatus.OPEN
    assert held(ws) is None

    assert (
        decide(person(ws, "bo", Door.SERVER, authenticated=True), review.id, Verdict.APPROVE).approvals == 1
    )
    assert held(ws) == 1


def test_a_required_check_that_did_not_pass_refuses_an_approval_and_not_a_rejection(ws: Workspace) -> None:
    policy(ws, kpis=(Kpi(metric="mae", direction=Direction.LOWER, bar=40.0),), author_may_approve=True)
    add_version(ws, metrics={"mae": 41.2})
    review = open_review(ws, "pm25:1")

    with pytest.raises(Forbidden, match="misses the bar"):
        decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    assert held(ws) is None
    assert (
        decide(person(ws, "bo"), review.id, Verdict.REJECT, "not good enough").status is ReviewStatus.REJECTED
    )


def test_a_minimum_grade_refuses_what_is_graded_worse(ws: Workspace) -> None:
    policy(ws, minimum_grade=Grade.CLEAN)
    add_version(ws, grade=Grade.UNKNOWN)

    with pytest.raises(Forbidden, match="graded unknown"):
        decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.APPROVE)


def test_a_policy_asks_that_a_run_was_run_again_with_the_same_result(ws: Workspace) -> None:
    policy(ws, reproduction=ReproductionVerdict.WITHIN_TOLERANCE)
    made = add_version(ws)
    review = open_review(ws, "pm25:1")
    with pytest.raises(Forbidden, match="not run again"):
        decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    with ws.store.read() as tx:
        run = tx.versions.get("pm25", 1).run
    with ws.store.write() as tx:
        tx.events.append([ws.event("run.reproduced", run, verdict="identical", run="d3f1aa")])
    withdraw_review(ws, review.id)

    approved = decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.APPROVE)

    assert approved.status is ReviewStatus.APPROVED, made
    assert [check.summary for check in approved.evidence.checks if check.name == "reproduction"] == [
        "Its run was run again as d3f1aa: identical."
    ]


def test_a_decision_names_the_evidence_it_was_made_on(ws: Workspace) -> None:
    add_version(ws)
    review = open_review(ws, "pm25:1")

    assert decide(ws, review.id, Verdict.ABSTAIN).decisions[0].evidence_digest == review.evidence_digest


def test_a_decision_on_nothing_or_with_too_many_words_is_refused(ws: Workspace) -> None:
    add_version(ws)
    with pytest.raises(NotFound):
        decide(ws, "nothing", Verdict.APPROVE)
    with pytest.raises(Invalid, match="characters"):
        decide(ws, open_review(ws, "pm25:1").id, Verdict.APPROVE, "x" * 10_001)


def test_a_champion_that_moved_meanwhile_lapses_the_review_instead_of_being_overwritten(
    ws: Workspace,
) -> None:
    add_version(ws)
    add_version(ws, alpha=0.5)
    review = open_review(ws, "pm25:2")
    set_alias(ws, 1)

    with pytest.raises(Conflict, match="champion"):
        decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    assert held(ws) == 1
    assert get_review(ws, review.id).changed == ("champion",)


def test_a_reviewer_removed_after_the_review_was_opened_lapses_it(ws: Workspace) -> None:
    policy(ws, reviewers=("bo", "cleo"))
    add_version(ws)
    review = open_review(ws, "pm25:1")
    policy(ws, reviewers=("cleo",))

    with pytest.raises(Conflict, match="policy"):
        decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    assert held(ws) is None


def test_of_two_reviewers_who_race_exactly_one_promotes(ws: Workspace) -> None:
    add_version(ws)
    review = open_review(ws, "pm25:1")
    start, came = threading.Barrier(4), []

    def race(name: str) -> None:
        start.wait()
        try:
            came.append(decide(person(ws, name), review.id, Verdict.APPROVE).status.value)
        except Conflict:
            came.append("conflict")

    racers = [threading.Thread(target=race, args=(f"reviewer{n}",)) for n in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(came) == ["approved", "conflict", "conflict", "conflict"]
    assert kinds(ws).count("alias.moved") == 1
    assert len(get_review(ws, review.id).decisions) == 1


def test_of_two_candidates_approved_at_once_only_one_replaces_the_champion_both_were_compared_with(
    ws: Workspace,
) -> None:
    for alpha in (1.0, 0.5, 0.1):
        add_version(ws, alpha=alpha)
    set_alias(ws, 1)
    reviews = [open_review(ws, "pm25:2"), open_review(ws, "pm25:3")]
    start, came = threading.Barrier(2), []

    def race(review: str) -> None:
        start.wait()
        try:
            came.append(decide(person(ws, "bo"), review, Verdict.APPROVE).status.value)
        except Conflict:
            came.append("conflict")

    racers = [threading.Thread(target=race, args=(review.id,)) for review in reviews]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(came) == ["approved", "conflict"]
    assert sorted(get_review(ws, r.id).status.value for r in reviews) == ["approved", "lapsed"]


RACER = """
import sys, time, pathlib
from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.errors import Conflict
from jupyter_mlops.review import decide
from jupyter_mlops.workspace import open_workspace
folder, review, name, gate = sys.argv[1:]
ws = open_workspace(folder, environ={}).acting_as(Actor(name=name))
print("ready", flush=True)
sys.stdin.readline()
try:
    print(decide(ws, review, Verdict.APPROVE).status.value, flush=True)
except Conflict as failure:
    print("conflict", flush=True)
"""


def test_of_two_processes_that_race_exactly_one_promotes(sql_ws: Workspace) -> None:
    import subprocess
    import sys

    add_version(sql_ws)
    review = open_review(sql_ws, "pm25:1")
    folder = str(sql_ws.settings.root)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, folder, review.id, name, "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("bo", "cleo")
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    came = sorted(racer.communicate(timeout=60)[0].strip() for racer in racers)

    assert came == ["approved", "conflict"]
    assert kinds(sql_ws).count("alias.moved") == 1


def test_a_verdict_may_be_given_as_a_word_and_no_other_word(ws: Workspace) -> None:
    add_version(ws)
    review = open_review(ws, "pm25:1")
    with pytest.raises(Invalid, match="expected one of 'approve', 'reject', 'abstain', got 'yes'"):
        decide(ws, review.id, "yes")
    assert decide(ws, review.id, "abstain").decisions[-1].verdict is Verdict.ABSTAIN
