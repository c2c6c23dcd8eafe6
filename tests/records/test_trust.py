"""How far runs can be trusted, taken together: no better than the worst of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.run import DocumentState, Grade, Run, RunStatus
from jupyter_mlops.records.trust import RunTrust, trust_in


def a_run(
    tail: str = "a3f91c",
    *,
    grade: Grade = Grade.CLEAN,
    reason: str = "",
    status: RunStatus = RunStatus.FINISHED,
    document: DocumentState = DocumentState.SAVED,
) -> Run:
    return Run(
        id="0" * 20 + tail, experiment="air", name=f"run {tail}", status=status, grade=grade, grade_reason=reason,
        document=document, started=datetime(2026, 1, 1, tzinfo=UTC), actor=Actor(name="ana", via=Door.PYTHON),
    )  # fmt: skip


def test_one_run_is_as_it_says_itself() -> None:
    trust = trust_in([a_run(grade=Grade.STALE, reason="cell 4 ran again", document=DocumentState.ORPHANED)])
    assert trust == RunTrust(
        grade=Grade.STALE, grade_reason="cell 4 ran again", document=DocumentState.ORPHANED
    )
    assert decode(RunTrust, encode(trust)) == trust


def test_of_several_the_worst_counts_with_how_many_are_like_it_and_the_reason_of_the_first() -> None:
    trust = trust_in(
        [
            a_run("aaaaaa"),
            a_run("bbbbbb", grade=Grade.STALE, reason="cell 4 ran again"),
            a_run("cccccc", grade=Grade.REORDERED, reason="not in order"),
            a_run("dddddd", grade=Grade.STALE, reason="another reason"),
        ]
    )
    assert trust is not None
    assert trust.grade is Grade.STALE
    assert (
        trust.grade_reason
        == "of 4 ended runs: 2 stale, 1 reordered, 1 clean; run bbbbbb bbbbbb: cell 4 ran again"
    )


@pytest.mark.parametrize(("worse", "better"), tuple(zip(list(Grade)[1:], Grade, strict=False)))
def test_grades_are_the_worse_the_later_they_are_named(worse: Grade, better: Grade) -> None:
    for runs in ([a_run(grade=worse), a_run(grade=better)], [a_run(grade=better), a_run(grade=worse)]):
        trust = trust_in(runs)
        assert trust is not None
        assert (trust.grade, trust.grade_reason) == (worse, f"of 2 ended runs: 1 {worse}, 1 {better}")


@pytest.mark.parametrize(
    ("of_one", "of_all"),
    [
        (DocumentState.SAVED, DocumentState.SAVED),
        (DocumentState.UNKNOWN, DocumentState.UNKNOWN),
        (DocumentState.UNSAVED, DocumentState.UNSAVED),
        (DocumentState.ORPHANED, DocumentState.ORPHANED),
    ],
)
def test_all_are_saved_only_where_each_is(of_one: DocumentState, of_all: DocumentState) -> None:
    trust = trust_in([a_run(), a_run(document=of_one), a_run()])
    assert trust is not None
    assert trust.document is of_all


def test_an_orphan_is_not_hidden_by_one_of_which_nothing_is_known() -> None:
    trust = trust_in([a_run(document=DocumentState.ORPHANED), a_run(document=DocumentState.UNKNOWN)])
    assert trust is not None
    assert trust.document is DocumentState.ORPHANED


def test_a_run_that_goes_on_is_not_counted_and_alone_nothing_is_said_of_it() -> None:
    going = a_run(status=RunStatus.RUNNING, grade=Grade.UNKNOWN, document=DocumentState.UNKNOWN)
    assert trust_in([going]) is None
    assert trust_in([]) is None
    trust = trust_in([going, a_run()])
    assert trust is not None
    assert (trust.grade, trust.document) == (Grade.CLEAN, DocumentState.SAVED)
    assert trust.grade_reason == ""  # only one of them can say anything
