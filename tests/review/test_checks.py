"""The standard checks on a candidate, and what a reviewer must not overlook."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records.links import cells_digest, link_digest
from jupyter_mlops.records.model import Manifest, ModelFile, Signature
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.reproduced import Reproduced, ReproductionVerdict
from jupyter_mlops.records.review import Check, MetricComparison, Outcome
from jupyter_mlops.records.run import DocumentState, EarlierLives, Grade
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.registry import manifest_bytes
from jupyter_mlops.review.checks import KNOWN_CHECKS, attention, passed, run_checks
from jupyter_mlops.review.comparison import compare_metrics
from jupyter_mlops.review.sides import Subject
from jupyter_mlops.store import open_blobs
from jupyter_mlops.store.protocol import Blobs
from tests.contracts.samples import linked_cells
from tests.review.subjects import data, signature, subject

PASSED, FAILED, UNKNOWN = Outcome
BLOBS = open_blobs("memory://")


def checked(
    candidate: Subject, champion: Subject | None = None, policy: Policy | None = None, blobs: Blobs = BLOBS
) -> dict[str, Check]:
    metrics = compare_metrics(candidate, champion, policy)
    return {check.name: check for check in run_checks(candidate, champion, policy, metrics, blobs)}


def judged(
    new: float | None, old: float | None, direction: Direction = Direction.LOWER, **rule: float
) -> Check:
    policy = Policy(model="pm25", kpis=(Kpi(metric="m", direction=direction, **rule),))
    candidate = subject(2, metrics={} if new is None else {"m": new})
    champion = subject(1, metrics={} if old is None else {"m": old})
    return checked(candidate, champion, policy)["m"]


# --- metrics the policy requires ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "old", "direction", "rule", "outcome", "says"),
    [
        (1.0, 1.0, Direction.LOWER, {}, PASSED, "not worse than allowed"),
        (1.1, 1.0, Direction.LOWER, {}, FAILED, "worse than allowed"),
        (0.9, 1.0, Direction.HIGHER, {}, FAILED, "worse than allowed"),
        (1.1, 1.0, Direction.HIGHER, {}, PASSED, "+0.1 beside pm25:1"),
        (0.7, 0.8, Direction.HIGHER, {"margin": 0.1}, PASSED, "margin 0.1"),
        (0.3, 0.2, Direction.LOWER, {"margin": 0.1}, PASSED, "margin 0.1"),
        (1.1000001, 1.0, Direction.LOWER, {"margin": 0.1}, FAILED, "worse than allowed"),
        (5.0, 9.0, Direction.LOWER, {"bar": 4.0}, FAILED, "misses the bar: at most 4"),
        (5.0, 9.0, Direction.LOWER, {"bar": 5.0}, PASSED, "within the bar of 5"),
        (5.0, 1.0, Direction.HIGHER, {"bar": 6.0}, FAILED, "misses the bar: at least 6"),
        (math.nan, 1.0, Direction.LOWER, {}, UNKNOWN, "is not a number"),
        (math.inf, 1.0, Direction.LOWER, {}, UNKNOWN, "is inf"),
        (None, 1.0, Direction.LOWER, {}, UNKNOWN, "was not logged"),
        (1.0, None, Direction.LOWER, {}, UNKNOWN, "pm25:1 has no m"),
        (1.0, math.nan, Direction.LOWER, {}, UNKNOWN, "pm25:1 has no m"),
    ],
)
def test_a_required_metric_is_held_to_margin_and_bar(
    new: float | None,
    old: float | None,
    direction: Direction,
    rule: dict[str, float],
    outcome: Outcome,
    says: str,
) -> None:
    check = judged(new, old, direction, **rule)
    assert (check.outcome, check.required) == (outcome, True)
    assert says in check.summary


@given(st.integers(-1000, 1000), st.integers(0, 100))
def test_what_is_worse_by_exactly_the_margin_is_accepted_whatever_the_floats_make_of_it(
    old: int, margin: int
) -> None:
    here, allowed = old / 100, margin / 100
    assert judged((old + margin) / 100, here, margin=allowed).outcome is PASSED
    assert judged((old - margin) / 100, here, Direction.HIGHER, margin=allowed).outcome is PASSED
    assert judged((old + margin + 1) / 100, here, margin=allowed).outcome is FAILED


def test_without_a_champion_only_the_bar_judges() -> None:
    policy = Policy(model="pm25", kpis=(Kpi(metric="m", direction=Direction.LOWER, bar=1.0),))
    assert checked(subject(metrics={"m": 1.0}), None, policy)["m"].summary == (
        "m 1, within the bar of 1; there is no champion to be worse than."
    )
    assert checked(subject(metrics={"m": 1.1}), None, policy)["m"].outcome is FAILED


# --- the checks every version gets -------------------------------------------------------------------------------


@pytest.mark.parametrize("grade", Grade)
@pytest.mark.parametrize("least", [None, *Grade])
def test_a_grade_is_enough_where_it_is_the_least_that_is_asked_for_or_better(
    grade: Grade, least: Grade | None
) -> None:
    policy = None if least is None else Policy(model="pm25", minimum_grade=least)
    check = checked(subject(grade=grade), None, policy)["grade"]
    order = [Grade.CLEAN, Grade.REORDERED, Grade.STALE, Grade.UNKNOWN]
    enough = order.index(grade) <= order.index(least or Grade.CLEAN)
    assert check.outcome is (PASSED if enough else UNKNOWN if grade is Grade.UNKNOWN else FAILED)
    assert check.required is (least is not None)
    assert grade.value in check.summary


@pytest.mark.parametrize("verdict", [None, *ReproductionVerdict])
@pytest.mark.parametrize("least", [None, *ReproductionVerdict])
def test_what_came_of_running_it_again_is_held_against_the_least_that_is_asked_for(
    verdict: ReproductionVerdict | None, least: ReproductionVerdict | None
) -> None:
    policy = None if least is None else Policy(model="pm25", reproduction=least)
    again = None
    if verdict is not None:
        again = Reproduced(
            verdict=verdict,
            run="0" * 20 + "d3f1aa",
            at=subject().version.created,
            cause="" if verdict is ReproductionVerdict.IDENTICAL else "the data differ: X",
            tolerance=0.005,
        )
    found = checked(replace(subject(), reproduced=again), None, policy).get("reproduction")
    if verdict is None and least is None:
        assert found is None, "nobody asked, and nobody ran it again"
        return
    assert found is not None
    assert found.required is (least is not None)
    if verdict is None:
        assert found.outcome is UNKNOWN
        assert "was not run again: jupyter mlops reproduce" in found.summary
        return
    order = list(ReproductionVerdict)
    enough = order.index(verdict) <= order.index(least or ReproductionVerdict.WITHIN_TOLERANCE)
    assert found.outcome is (PASSED if enough else FAILED)
    assert f"run again as d3f1aa: {verdict.replace('_', ' ')}" in found.summary
    assert ("of 0.005" in found.summary) is (verdict is ReproductionVerdict.WITHIN_TOLERANCE)
    assert ("the data differ: X" in found.summary) is not enough


@pytest.mark.parametrize(
    ("verdict", "least", "cause", "outcome", "says"),
    [
        ("identical", "within_tolerance", "only that it runs was compared", UNKNOWN, "but only that it runs"),
        ("within_tolerance", "within_tolerance", "", UNKNOWN, "a tolerance above 0.01 does not count"),
        ("within_tolerance", "identical", "", FAILED, "identical is asked for"),
        ("identical", "identical", "", PASSED, "identical."),
    ],
)
def test_a_repetition_that_compared_nothing_or_finds_anything_near_is_no_proof(
    verdict: str, least: str, cause: str, outcome: Outcome, says: str
) -> None:
    told = Reproduced(
        verdict=ReproductionVerdict(verdict),
        run="0" * 26,
        at=subject().version.created,
        cause=cause,
        tolerance=1e9,
    )
    policy = Policy(model="pm25", reproduction=ReproductionVerdict(least))
    found = checked(replace(subject(), reproduced=told), None, policy)["reproduction"]
    assert (found.outcome, says in found.summary) == (outcome, True)


def test_cells_that_are_not_as_they_were_recorded_have_no_grade_to_trust() -> None:
    links = linked_cells(3)
    plain = subject()
    assert plain.run is not None
    source = replace(
        plain.run.source,
        cells=cells_digest(links),
        session="s",
        rests_on=tuple(link.sequence for link in links),
    )
    run = replace(plain.run, source=source)

    def grade(*cells: CellExecution) -> Check:
        return checked(replace(plain, run=run, cells=cells))["grade"]

    assert grade(*links).outcome is PASSED
    changed = grade(links[0], replace(links[1], source="x = 99"), links[2])
    assert (changed.outcome, changed.summary) == (
        FAILED,
        "In [2] is not recorded as it ran: its digest says otherwise.",
    )
    missing = grade(*links[:2])
    assert missing.outcome is FAILED
    assert "some are missing" in missing.summary


def test_the_cells_of_earlier_lives_are_looked_at_too() -> None:
    now, before = linked_cells(2), [replace(link, session="before") for link in linked_cells(2)]
    before = [replace(link, digest=link_digest(link)) for link in before]
    before[1] = replace(before[1], previous=before[0].digest)
    before[1] = replace(before[1], digest=link_digest(before[1]))
    plain = subject()
    assert plain.run is not None
    source = replace(plain.run.source, cells=cells_digest(now), session="s", rests_on=(1, 2))
    earlier = EarlierLives(grade=Grade.CLEAN, cells={"before": cells_digest(before)})
    run = replace(plain.run, source=source, earlier=earlier)

    def grade(*cells: CellExecution) -> Check:
        return checked(replace(plain, run=run, cells=cells))["grade"]

    assert grade(*before, *now).outcome is PASSED
    for fewer in ((*now,), (before[0], *now), (*before, now[0])):
        assert "some are missing" in grade(*fewer).summary


def test_a_version_whose_run_is_gone_has_no_grade_and_no_document() -> None:
    found = checked(subject(without_run=True))
    assert (found["grade"].outcome, found["document"].outcome) == (UNKNOWN, UNKNOWN)
    assert "its run is not in the books" in found["grade"].summary


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (DocumentState.SAVED, PASSED),
        (DocumentState.UNSAVED, FAILED),
        (DocumentState.ORPHANED, FAILED),
        (DocumentState.UNKNOWN, UNKNOWN),
    ],
)
def test_the_document_says_whether_it_holds_what_ran(state: DocumentState, outcome: Outcome) -> None:
    assert checked(subject(document=state))["document"].outcome is outcome


@pytest.mark.parametrize(
    ("name", "outcome"), [("skops", PASSED), ("onnx", PASSED), ("pickle", FAILED), ("", FAILED)]
)
def test_only_formats_that_run_nothing_pass(name: str, outcome: Outcome) -> None:
    candidate = subject()
    check = checked(replace(candidate, version=replace(candidate.version, format=name)))["format"]
    assert (check.outcome, check.required) == (outcome, True)


def test_data_are_the_same_by_what_the_metrics_were_measured_on() -> None:
    def same(ours: tuple, theirs: tuple) -> Outcome:
        return checked(subject(2, inputs=ours), subject(1, inputs=theirs))["same_data"].outcome

    test = data("X", "test", "t")
    assert (
        same((test, data("X", "train", "a")), (data("Z", "predict", "t"), data("X", "train", "b"))) is PASSED
    )
    assert same((test,), (data("X", "test", "u"),)) is FAILED
    assert same((), (test,)) is same((test,), ()) is UNKNOWN
    assert "same_data" not in checked(subject(inputs=(test,)))


def test_callers_that_would_break_are_told_of() -> None:
    new, old = subject(2, takes=signature(a="float64", b="int64")), subject(1, takes=signature(a="float64"))
    assert checked(new, old)["signature"].summary == "Callers of pm25:1 would break: input column b is new."
    assert checked(old, old)["signature"].outcome is PASSED
    assert checked(old)["signature"].summary == "Takes 1 column; there is no champion to differ from."
    bare = replace(old, version=replace(old.version, signature=Signature()))
    assert checked(bare, old)["signature"].outcome is UNKNOWN


@pytest.fixture
def stored() -> tuple[Subject, Blobs]:
    """A version whose manifest, file and golden rows are in place."""
    blobs = open_blobs("memory://")
    file, golden = (blobs.put(io.BytesIO(content)) for content in (b"model", b"golden"))
    manifest = Manifest(
        format="skops", kind="Ridge", files=(ModelFile(path="m.skops", digest=file, size=5),), golden=golden
    )
    digest = blobs.put(io.BytesIO(manifest_bytes(manifest)))
    plain = subject()
    return replace(plain, manifest=manifest, version=replace(plain.version, digest=digest)), blobs


def test_whole_bytes_pass_and_what_is_gone_is_named(stored: tuple[Subject, Blobs]) -> None:
    candidate, blobs = stored
    found = checked(candidate, blobs=blobs)
    assert (found["loads"].outcome, found["golden_rows"].outcome) == (PASSED, PASSED)
    assert "1 file unchanged" in found["loads"].summary
    assert candidate.manifest is not None
    blobs.remove(str(candidate.manifest.golden))
    assert checked(candidate, blobs=blobs)["golden_rows"].outcome is FAILED
    blobs.remove(candidate.manifest.files[0].digest)
    check = checked(candidate, blobs=blobs)["loads"]
    assert (check.outcome, check.summary) == (FAILED, "Model bytes are damaged or gone: m.skops.")
    blobs.remove(candidate.version.digest)
    assert "manifest of pm25:2" in checked(candidate, blobs=blobs)["loads"].summary
    assert checked(replace(candidate, manifest=None), blobs=blobs)["golden_rows"].outcome is UNKNOWN


# --- what follows from them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN_CHECKS)
def test_a_policy_decides_which_check_is_required(name: str) -> None:
    for wish in (True, False):
        policy = Policy(model="pm25", checks={name: wish}, minimum_grade=Grade.CLEAN)
        assert checked(subject(2), subject(1), policy)[name].required is wish


def test_loading_and_format_are_required_where_nobody_said_otherwise() -> None:
    assert {name for name, check in checked(subject(2), subject(1)).items() if check.required} == {
        "loads",
        "format",
    }


def check(name: str, outcome: Outcome, *, required: bool) -> Check:
    return Check(name=name, outcome=outcome, summary=name, required=required)


def test_an_unknown_that_is_required_has_not_passed_and_what_is_not_required_never_matters() -> None:
    assert passed(())
    assert passed([check("a", PASSED, required=True), check("b", FAILED, required=False)])
    assert not passed([check("a", UNKNOWN, required=True)])
    assert not passed([check("a", PASSED, required=True), check("b", FAILED, required=True)])


def test_the_worst_is_told_first_and_what_passed_is_not_told() -> None:
    checks = [
        check("fine", PASSED, required=True), check("loose unknown", UNKNOWN, required=False),
        check("loose failure", FAILED, required=False), check("unknown", UNKNOWN, required=True),
        check("failure", FAILED, required=True),
    ]  # fmt: skip
    worse = MetricComparison(name="r2", candidate=1.0, difference=-0.1, better=False)
    required = replace(worse, name="mae", required=True)
    assert attention(checks, [worse, required]) == (
        "failure", "unknown", "loose failure", "r2 is worse by 0.1.", "loose unknown"
    )  # fmt: skip
