"""The signs of states: each state has one, and whoever sees no colours can tell good from bad."""

from __future__ import annotations

import pytest

from jupyter_mlops.records.deployment import DeploymentStatus
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.review import Outcome, ReviewStatus, Verdict
from jupyter_mlops.records.run import DocumentState, Grade, RunStatus
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render.blocks import Tone
from jupyter_mlops.render.states import explained_trust, outcome_face, signed_trust, state_face, trust
from tests.render.records_shown import a_run

KINDS = (RunStatus, JobStatus, ReviewStatus, DeploymentStatus, Verdict, Outcome, Grade, DocumentState)
STATES = [state for kind in KINDS for state in kind]


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{type(state).__name__}.{state}")
def test_every_state_has_a_sign_of_one_character(state: str) -> None:
    sign, _ = state_face(state)

    assert len(sign) == 1


def test_no_sign_means_good_in_one_place_and_bad_or_doubtful_in_another() -> None:
    signs: dict[Tone, set[str]] = {tone: set() for tone in Tone}
    for state in STATES:
        sign, tone = state_face(state)
        signs[tone].add(sign)

    assert signs[Tone.GOOD].isdisjoint(signs[Tone.BAD] | signs[Tone.WARN])
    assert signs[Tone.BAD].isdisjoint(signs[Tone.WARN] | signs[Tone.BUSY] | signs[Tone.PLAIN])


def test_what_went_well_is_good_and_what_went_wrong_is_not() -> None:
    good = (
        RunStatus.FINISHED, JobStatus.SUCCEEDED, ReviewStatus.APPROVED, Outcome.PASSED, Grade.CLEAN, DocumentState.SAVED,
        DeploymentStatus.LIVE, Verdict.APPROVE,
    )  # fmt: skip
    bad = (
        RunStatus.FAILED, RunStatus.LOST, JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.LOST, ReviewStatus.REJECTED,
        Outcome.FAILED, DeploymentStatus.FAILED, Verdict.REJECT,
    )  # fmt: skip
    assert {state_face(state)[1] for state in good} == {Tone.GOOD}
    assert {state_face(state)[1] for state in bad} == {Tone.BAD}
    # A grade that is not clean is a doubt and no failure; what nobody could know is one as well.
    assert {state_face(grade)[1] for grade in Grade if grade is not Grade.CLEAN} == {Tone.WARN}
    assert state_face(ReviewStatus.LAPSED)[1] is Tone.WARN


def test_a_state_of_a_newer_store_is_plain_and_no_error() -> None:
    assert state_face("hibernating") == ("", Tone.PLAIN)


def test_only_a_required_check_that_failed_is_bad_and_the_sign_is_the_same() -> None:
    required, shown = (outcome_face(Outcome.FAILED, required=must) for must in (True, False))

    assert required == state_face("failed")
    assert shown == (required[0], Tone.WARN)
    for outcome in (Outcome.PASSED, Outcome.UNKNOWN):
        assert outcome_face(outcome, required=True) == outcome_face(outcome, required=False)
    assert outcome_face(Outcome.UNKNOWN, required=True)[1] is Tone.WARN


@pytest.mark.parametrize(
    ("document", "word"), [(DocumentState.UNSAVED, "stale, unsaved"), (DocumentState.UNKNOWN, "stale")]
)
def test_beside_the_grade_stands_whether_the_notebook_says_what_ran_where_that_is_known(
    document: DocumentState, word: str
) -> None:
    run = a_run(grade=Grade.STALE, document=document)
    assert trust(run) == word
    assert signed_trust(run) == f"⚠ {word}"
    told = RunTrust(grade=run.grade, grade_reason="why", document=document)
    assert signed_trust(told) == f"⚠ {word}"
    assert explained_trust(told) == word.replace("stale", "stale: why").replace(", ", " · ")


def test_a_clean_run_needs_no_sentence_and_of_none_nothing_is_said() -> None:
    assert explained_trust(RunTrust(grade=Grade.CLEAN, grade_reason="why")) == "clean"
    assert explained_trust(RunTrust(grade=Grade.UNKNOWN)) == "unknown"
    assert signed_trust(None) == ""
