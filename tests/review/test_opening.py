"""Reviews are asked for once, shown truthfully, and withdrawn on record."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.review import Review, ReviewStatus, Verdict
from jupyter_mlops.review import decide, find_reviews, get_review, open_review, show_review, withdraw_review
from jupyter_mlops.workspace import Workspace
from review.books import add_version, held, kinds, person, replace, set_alias


def change_metric(ws: Workspace, run: str | None, value: float = 1.0) -> None:
    from jupyter_mlops.records.run import MetricPoint

    with ws.store.write() as tx:
        tx.metrics.append([MetricPoint(owner=str(run), sequence=99, key="mae", value=value, at=ws.now())])


def test_an_open_review_is_returned_and_not_opened_twice(ws: Workspace) -> None:
    add_version(ws)
    first = open_review(ws, "pm25:1")

    assert open_review(ws, "pm25:1") == first
    assert find_reviews(ws).total == 1


def test_a_review_for_another_alias_is_another_review(ws: Workspace) -> None:
    add_version(ws)

    assert open_review(ws, "pm25:1").id != open_review(ws, "pm25:1", alias="challenger").id


def test_an_open_review_whose_evidence_changed_lapses_and_a_new_one_opens(ws: Workspace) -> None:
    version = add_version(ws)
    first = open_review(ws, "pm25:1")
    change_metric(ws, version.run)

    second = open_review(ws, "pm25:1")

    assert second.id != first.id
    assert second.status is ReviewStatus.OPEN
    lapsed = get_review(ws, first.id)
    assert (lapsed.status, lapsed.changed) == (ReviewStatus.LAPSED, ("metrics",))
    assert kinds(ws)[-3:] == ["review.opened", "review.lapsed", "review.opened"]


def test_a_moved_champion_makes_an_open_review_lapse(ws: Workspace) -> None:
    add_version(ws)
    add_version(ws, alpha=0.5)
    add_version(ws, alpha=0.1)
    set_alias(ws, 1)
    first = open_review(ws, "pm25:3")
    set_alias(ws, 2)

    assert show_review(ws, "pm25:3").changed == ("champion",)
    assert open_review(ws, "pm25:3").id != first.id
    assert get_review(ws, first.id).changed == ("champion",)


def test_an_approved_review_that_stands_is_returned_instead_of_a_second_one(ws: Workspace) -> None:
    add_version(ws)
    review = decide(ws, open_review(ws, "pm25:1").id, Verdict.APPROVE)

    assert open_review(ws, "pm25:1") == review


def test_a_version_whose_approval_lapsed_can_be_reviewed_again(ws: Workspace) -> None:
    version = add_version(ws)
    first = decide(ws, open_review(ws, "pm25:1").id, Verdict.APPROVE)
    change_metric(ws, version.run)

    second = open_review(ws, "pm25:1")
    assert get_review(ws, first.id).status is ReviewStatus.LAPSED
    assert second.evidence.headline == "pm25:1 is champion already: approving confirms it."
    assert decide(ws, second.id, Verdict.APPROVE).status is ReviewStatus.APPROVED
    with ws.store.read() as tx:
        assert tx.aliases.get("pm25", "champion").review == second.id


def test_a_review_is_found_by_the_tail_of_its_id(ws: Workspace) -> None:
    add_version(ws)
    ws = replace(ws, new_id=lambda: "01review00000000000000abcd")
    review = open_review(ws, "pm25:1")

    assert get_review(ws, "abcd") == review
    assert get_review(ws, review.id) == review
    for wrong in ("bcd", "zzzz", "'; drop", ""):
        with pytest.raises(NotFound, match="no review"):
            get_review(ws, wrong)


def test_a_tail_that_fits_two_reviews_is_refused(ws: Workspace) -> None:
    add_version(ws)
    for head in ("01a", "01b"):
        open_review(
            replace(ws, new_id=lambda head=head: f"{head}00000000000000000abcd"), "pm25:1", alias=f"of-{head}"
        )

    with pytest.raises(Invalid, match="2 reviews end in 'abcd'"):
        get_review(ws, "abcd")


def test_showing_prefers_the_open_review_then_the_latest(ws: Workspace, clock) -> None:
    add_version(ws)
    first = open_review(ws, "pm25:1", alias="challenger")
    clock.advance(60)
    second = open_review(ws, "pm25:1")
    clock.advance(60)
    withdraw_review(ws, second.id, reason="too early")

    assert show_review(ws, "pm25:1").id == first.id
    withdraw_review(ws, first.id)
    assert show_review(ws, "pm25:1").id == second.id
    assert show_review(ws, second.id[-8:]).reason == "too early"


def test_showing_a_version_without_a_review_names_the_command_that_opens_one(ws: Workspace) -> None:
    add_version(ws)

    with pytest.raises(NotFound) as failure:
        show_review(ws, "pm25:1")
    assert "jupyter mlops review open pm25:1" in failure.value.remedy


def test_showing_changes_nothing_even_where_the_evidence_changed(ws: Workspace) -> None:
    version = add_version(ws)
    review = open_review(ws, "pm25:1")
    change_metric(ws, version.run)
    before = kinds(ws)

    shown = show_review(ws, "pm25:1")

    assert (shown.status, shown.changed) == (ReviewStatus.LAPSED, ("metrics",))
    assert "metrics" in shown.reason
    assert kinds(ws) == before
    assert get_review(ws, review.id).status is ReviewStatus.OPEN


def test_a_withdrawn_review_takes_no_decision(ws: Workspace) -> None:
    add_version(ws)
    review = withdraw_review(ws, open_review(ws, "pm25:1").id, reason="wrong data")

    assert (review.status, review.reason) == (ReviewStatus.WITHDRAWN, "wrong data")
    with pytest.raises(Conflict, match="withdrawn"):
        decide(ws, review.id, Verdict.APPROVE)
    with pytest.raises(Conflict, match="withdrawn"):
        withdraw_review(ws, review.id)
    assert held(ws) is None


def test_a_version_that_is_not_there_cannot_be_reviewed(ws: Workspace) -> None:
    add_version(ws)
    for reference, kind in (("pm25:9", NotFound), ("other:1", NotFound), ("pm25:x", Invalid)):
        with pytest.raises(kind):
            open_review(ws, reference)
    with pytest.raises(Invalid):
        open_review(ws, "pm25:1", alias="two words")


def test_a_review_survives_the_way_over_the_wire(ws: Workspace) -> None:
    add_version(ws)
    review = decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.ABSTAIN, "not my field")

    assert decode(Review, encode(review)) == review
    assert get_review(ws, review.id) == review
