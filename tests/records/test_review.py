"""A request to promote, and what people decided."""

from __future__ import annotations

from dataclasses import replace

from contracts.records import RecordContract
from contracts.samples import ANA, NOON, everything

from jupyter_mlops.records import review
from jupyter_mlops.records.review import REVIEW_STEPS, CheckReport, Decision, Review, ReviewStatus, Verdict
from tests.records.steps import check_steps, reachable


class TestRecords(RecordContract):
    module = review
    required = {
        "Check": "name outcome summary",
        "MetricComparison": "name candidate",
        "Side": "version digest run created",
        "CodeChange": "cell kind",
        "Evidence": "candidate",
        "Decision": "actor verdict evidence_digest at",
        "Prospect": "name says",
        "Review": "id model version alias evidence evidence_digest required opened actor",
        "CheckReport": "model version alias passed at",
        "Lapse": "review model version alias parts held",
        "Verification": "ok events head",
    }


def decision(verdict: Verdict, *, counts: bool = True) -> Decision:
    return Decision(actor=ANA, verdict=verdict, evidence_digest="d", at=NOON, counts=counts)


def decided(*decisions: Decision) -> Review:
    kept: Review = everything()["reviews"]
    return replace(kept, decisions=decisions)


def test_only_approvals_that_count_are_counted() -> None:
    assert decided().approvals == 0
    assert decided(
        decision(Verdict.APPROVE),
        decision(Verdict.APPROVE, counts=False),
        decision(Verdict.REJECT),
        decision(Verdict.ABSTAIN),
        decision(Verdict.APPROVE),
    ).approvals == 2  # fmt: skip


def test_every_state_of_a_review_is_come_to_from_an_open_one() -> None:
    check_steps(REVIEW_STEPS, ReviewStatus.OPEN)


def test_an_approval_can_only_lapse_and_nothing_is_opened_again() -> None:
    assert REVIEW_STEPS[ReviewStatus.APPROVED] == {ReviewStatus.LAPSED}
    for status in ReviewStatus:
        assert ReviewStatus.OPEN not in REVIEW_STEPS[status]
        if status not in {ReviewStatus.OPEN, ReviewStatus.APPROVED}:
            assert reachable(REVIEW_STEPS, status) == {status}


def test_a_review_and_a_check_name_the_version_they_are_about() -> None:
    assert decided().reference == "pm25:2"
    assert CheckReport(model="pm25", version=3, alias="champion", passed=True, at=NOON).reference == "pm25:3"
