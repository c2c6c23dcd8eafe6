"""Reviews: the answer first, by whom and on which evidence; then what it rests on; and whether the books are whole."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.review import (
    Check,
    CheckReport,
    CodeChange,
    Decision,
    Evidence,
    Lapse,
    MetricComparison,
    Outcome,
    Prospect,
    Review,
    ReviewStatus,
    Verdict,
    Verification,
)
from jupyter_mlops.records.run import Grade
from jupyter_mlops.render.blocks import Block, Bullets, Fold, Item, Line, Table, Title, Tone
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.reviews import check_report_blocks, review_blocks, verification_blocks
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import ANA, AT, EVIL, a_review

LATER = AT + timedelta(hours=1)


def decided(name: str, verdict: Verdict = Verdict.APPROVE, **changes: object) -> Decision:
    actor = Actor(name=name, via=Door.SERVER, authenticated=True)
    given = {"actor": actor, "verdict": verdict, "evidence_digest": a_review().evidence_digest, "at": LATER}
    return Decision(**(given | changes))


def with_evidence(**changes: object) -> Review:
    return a_review(evidence=replace(a_review().evidence, **changes))


def part(review: Review, title: str) -> Table | Bullets:
    (found,) = [block for block in review_blocks(review) if getattr(block, "title", "") == title]
    return found


def decisions(review: Review) -> tuple[Item, ...]:
    found = part(review, "Decisions")
    assert isinstance(found, Bullets)
    return found.items


def test_seeds_and_imported_files_of_both_sides_stand_beside_each_other() -> None:
    candidate = replace(a_review().evidence.candidate, seeds=("random.seed(1)",), modules={"a.py": "a" * 64})
    rows = {row[0]: row[1] for row in part(with_evidence(candidate=candidate), "What it rests on").rows}
    assert rows["seeds"] == "random.seed(1)"
    assert rows["imported files"] == "a.py aaaaaa"


def strong(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Line) and block.strong]


@pytest.mark.parametrize("status", ReviewStatus)
def test_where_it_stands_is_in_the_title_and_why_in_the_line_below(status: ReviewStatus) -> None:
    closed = None if status is ReviewStatus.OPEN else LATER
    title, first, *rest = review_blocks(a_review(status=status, closed=closed, reason="Because of the wind."))

    assert isinstance(title, Title)
    assert (title.sign, title.tone, title.state) == (*state_face(status), status)
    assert title.text == "pm25:7 → champion"
    fate = [line for line in (first, *rest) if isinstance(line, Line) and "Because of the wind." in line.text]
    assert fate == ([] if status is ReviewStatus.OPEN else [first])
    if status is not ReviewStatus.OPEN:
        assert (first.sign, first.tone, first.strong) == (*state_face(status), True)
    assert strong([first, *rest])[-1] == a_review().evidence.headline


@pytest.mark.parametrize(
    ("status", "entered", "names"),
    [
        (ReviewStatus.APPROVED, [decided("bo"), decided("cy")], {"bo", "cy"}),
        (ReviewStatus.APPROVED, [decided("bo"), decided("bo")], {"bo"}),
        (ReviewStatus.APPROVED, [decided("out", counts=False, note="not among the reviewers"), decided("bo")], {"bo"}),
        (ReviewStatus.APPROVED, [decided("no", Verdict.REJECT, counts=False), decided("ab", Verdict.ABSTAIN), decided("bo")], {"bo"}),
        (ReviewStatus.REJECTED, [decided("bo"), decided("no", Verdict.REJECT)], {"no"}),
        (ReviewStatus.WITHDRAWN, [decided("bo")], set()),
        (ReviewStatus.EXPIRED, [], set()),
    ],
)  # fmt: skip
def test_only_whose_decision_made_it_so_is_named_and_each_once(
    status: ReviewStatus, entered: list[Decision], names: set[str]
) -> None:
    _, fate, *_ = review_blocks(a_review(status=status, decisions=tuple(entered), closed=LATER))
    everybody = {decision.actor.name for decision in entered}

    assert isinstance(fate, Line)
    assert fate.text.startswith(str(status).capitalize())
    assert {name for name in everybody if re.search(rf"\b{name}\b", fate.text)} == names
    assert len(re.findall(r"\bbo\b", fate.text)) <= 1
    # Only an approval moves anything.
    assert ("pm25:7" in fate.text) is (status is ReviewStatus.APPROVED)


def test_a_decision_says_on_which_evidence_it_was_made_and_whether_that_is_still_the_same() -> None:
    old = decided("bo", evidence_digest="11aa22" + "0" * 58)
    first, second = decisions(a_review(decisions=(old, decided("cy"))))

    assert "11aa22" in first.text
    assert "no longer" in first.text
    assert a_review().evidence_digest[:6] in second.text
    assert "no longer" not in second.text


def test_a_decision_that_does_not_count_never_looks_like_one_that_does() -> None:
    counted, uncounted = decisions(a_review(decisions=(decided("bo"), decided("cy", counts=False))))
    labelled = decisions(a_review(decisions=(decided("cy", counts=False, note="not counted: no reviewer"),)))[
        0
    ]

    assert uncounted.text.replace("cy", "bo") != counted.text
    assert "not" in uncounted.text
    assert labelled.text.count("not counted: no reviewer") == 1
    assert "self-approved" in decisions(a_review(decisions=(decided("bo", note="self-approved"),)))[0].text
    assert (uncounted.sign, uncounted.tone) != state_face("approve")


def test_who_was_not_known_by_a_server_is_marked_with_the_door_they_came_by() -> None:
    unknown, known = decisions(
        a_review(decisions=(decided("bo", actor=Actor(name="bo", via=Door.NOTEBOOK)), decided("cy")))
    )

    assert "unauthenticated" in unknown.text
    assert "notebook" in unknown.text
    assert "unauthenticated" not in known.text


@pytest.mark.parametrize(("champion", "against", "columns"), [
    (True, "champion", ["metric", "pm25:7", "pm25:5", "difference"]),
    (False, "baseline", ["metric", "pm25:7", "simple baseline", "difference"]),
    (False, "", ["metric", "pm25:7"]),
])  # fmt: skip
def test_metrics_stand_beside_what_they_were_compared_with(
    champion: bool, against: str, columns: list[str]
) -> None:
    row = MetricComparison(
        name="mae", candidate=40.0, champion=42.0, baseline=60.0, difference=-2.0, better=True
    )
    other = a_review().evidence.champion if champion else None
    table = part(with_evidence(metrics=(row,), champion=other, against=against), "Metrics")

    assert isinstance(table, Table)
    assert [column.name for column in table.columns] == columns
    assert [column.numeric for column in table.columns[1:]] == [True] * (len(columns) - 1)
    assert table.rows[0][1:3] == ("40", *{"champion": ("42",), "baseline": ("60",)}.get(against, ()))


def test_a_figure_that_is_missing_is_a_dash_and_claims_no_difference() -> None:
    rows = (
        MetricComparison(name="new", candidate=40.0),
        MetricComparison(name="gone", candidate=None, champion=42.0, required=True),
        MetricComparison(name="same", candidate=1.0, champion=1.0, difference=0.0),
    )
    table = part(with_evidence(metrics=rows), "Metrics")

    assert isinstance(table, Table)
    assert [row[1:3] for row in table.rows] == [("40", "–"), ("–", "42"), ("1", "1")]
    assert [row[3] for row in table.rows[:2]] == ["–", "–"]
    assert "required" in table.rows[1][0]
    assert not re.search("better|worse", " ".join(row[3] for row in table.rows))


def test_a_check_that_decides_is_marked_and_only_its_failure_is_bad() -> None:
    checks = [
        Check(name=f"{outcome} {must}", outcome=outcome, summary="because", required=must) for outcome in Outcome for must in (True, False)
    ]  # fmt: skip
    gates = part(with_evidence(checks=tuple(checks)), "Gates")

    assert isinstance(gates, Bullets)
    bad = [item.text for item in gates.items if item.tone is Tone.BAD]
    assert len(bad) == 1
    assert bad[0].startswith("failed True (required)")
    assert all("because" in item.text and item.sign for item in gates.items)


def test_what_both_sides_are_silent_about_has_no_row() -> None:
    side = a_review().evidence.candidate
    bare = replace(side, params={}, data={}, commit=None, author="")
    alone = part(with_evidence(candidate=bare, champion=None), "What it rests on")
    beside = part(
        with_evidence(candidate=bare, champion=replace(bare, commit="4e1b02c" + "0" * 33)), "What it rests on"
    )

    assert isinstance(alone, Table)
    assert isinstance(beside, Table)
    assert [column.name for column in alone.columns] == ["what", "pm25:7"]
    assert not {"parameters", "data", "commit", "author"} & {row[0] for row in alone.rows}
    assert [row[1:] for row in beside.rows if row[0] == "commit"] == [("", "4e1b02c")]


def test_a_grade_is_explained_only_where_it_is_not_clean() -> None:
    side = replace(a_review().evidence.candidate, grade_reason="cell 3 ran again")

    for grade in Grade:
        table = part(with_evidence(candidate=replace(side, grade=grade), champion=None), "What it rests on")
        assert isinstance(table, Table)
        (told,) = [row[1] for row in table.rows if row[0] == "grade"]
        assert told.startswith(f"{state_face(grade)[0]} {grade}")
        assert ("cell 3 ran again" in told) is (grade is not Grade.CLEAN)


def test_code_and_digests_are_folded_and_a_cell_without_a_difference_is_not_shown() -> None:
    changes = (CodeChange(cell="c1", kind="same"), CodeChange(cell="c2", kind="edited", diff="-a\n+b"))
    folds = [block for block in review_blocks(with_evidence(code=changes)) if isinstance(block, Fold)]

    assert [(fold.diff, fold.open) for fold in folds] == [(True, False), (False, False)]
    assert "c2" in folds[0].title
    digests = dict(line.split() for line in folds[1].body.splitlines())
    assert digests == {"evidence": a_review().evidence_digest, **a_review().evidence.parts}
    assert list(digests)[1:] == sorted(a_review().evidence.parts)


def test_without_a_champion_code_is_shown_as_it_ran() -> None:
    diff = "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x = 1\n+  y"
    review = with_evidence(
        champion=None, code=(CodeChange(cell="c1", kind="added", diff=diff, label="In [3]"),)
    )
    code, _ = [block for block in review_blocks(review) if isinstance(block, Fold)]

    assert "In [3]" in code.title
    assert (code.body, code.diff) == ("x = 1\n  y", False)


@pytest.mark.parametrize("changes", [{}, {"refused": "ana made it"}, {"uncounted": "no reviewer"}])
def test_what_ones_own_decision_would_come_to_is_a_warning_only_where_it_would_not_count(
    changes: dict[str, str],
) -> None:
    review = a_review(prospect=Prospect(name="cy", says="what would come of it", **changes))
    (line,) = [
        block
        for block in review_blocks(review)
        if isinstance(block, Line) and "what would come of it" in block.text
    ]

    assert "cy" in line.text
    assert line.tone is (Tone.WARN if changes else Tone.PLAIN)


def test_a_review_with_nothing_to_compare_with_still_answers() -> None:
    bare = a_review(evidence=Evidence(candidate=a_review().evidence.candidate), rules="")
    blocks = list(review_blocks(bare))

    assert len(strong(blocks)) == 1
    assert strong(blocks)[0]
    assert [type(block) for block in blocks] == [Title, Line, Table]


def test_the_table_of_reviews_shows_what_each_asks_for_and_where_it_stands() -> None:
    reviews = tuple(a_review(id=f"{n:026d}", status=status) for n, status in enumerate(ReviewStatus))
    title, head, *rows = as_text(Page(items=reviews, total=len(reviews))).splitlines()

    assert title.split()[-2:] == [str(len(reviews)), "reviews"]
    assert head.split()[0] == "review"
    assert all("pm25:7 → champion" in row for row in rows)
    for row, status in zip(rows, ReviewStatus, strict=True):
        assert f"{state_face(status)[0]} {status}" in row


def test_gates_without_a_review_say_whether_they_are_passed() -> None:
    checks = a_review().evidence.checks
    for passed in (True, False):
        report = CheckReport(model="pm25", version=7, alias="champion", passed=passed, headline="Better.", attention=("look",),
                             checks=checks, at=AT)  # fmt: skip
        title, headline, attention, gates = check_report_blocks(report)
        assert (title.sign, title.tone) == state_face("passed" if passed else "failed")
        assert ("not" in title.state) is not passed
        assert headline == Line("Better.", strong=True)
        assert [item.text for item in attention.items] == ["look"]
        assert len(gates.items) == len(checks)


def test_books_that_are_not_whole_name_the_line_and_each_approval_that_fell() -> None:
    lapse = Lapse(review="r", model="pm25", version=7, alias="champion", parts=("model", "data"), held=True)
    broken = Verification(ok=False, events=12_345, head="ab" * 32, problem="line 7 was changed", reviews=3,
                          lapsed=(lapse, replace(lapse, version=8, held=False)))  # fmt: skip
    title, facts, problem, fallen = verification_blocks(broken)
    whole = list(verification_blocks(Verification(ok=True, events=0, head="0" * 64)))

    assert (title.sign, title.tone) == state_face("failed")
    assert dict(facts.pairs)["head"] == "ab" * 32  # to be kept elsewhere: all of it
    assert dict(facts.pairs)["events"] == "12,345"
    assert problem == Line("line 7 was changed", *state_face("failed"))
    held, left = (item.text for item in fallen.items)
    assert held.startswith("pm25:7 → champion: model, data")
    assert held.removeprefix("pm25:7") != left.removeprefix("pm25:8")  # whether the alias still rests on it
    assert len(whole) == 2
    assert (whole[0].sign, whole[0].tone) == state_face("passed")


def test_what_people_and_models_are_called_stays_text() -> None:
    evidence = replace(
        a_review().evidence, headline=EVIL, attention=(EVIL,), changes=(EVIL,), parts={EVIL: EVIL},
        metrics=(MetricComparison(name=EVIL, candidate=1.0, unit=EVIL),), checks=(Check(name=EVIL, outcome=Outcome.FAILED, summary=EVIL),),
        code=(CodeChange(cell=EVIL, kind=EVIL, diff=f"-{EVIL}\n+{EVIL}", label=EVIL),),
        candidate=replace(a_review().evidence.candidate, run_name=EVIL, author=EVIL, params={EVIL: EVIL}, data={EVIL: EVIL}, grade=Grade.STALE,
                          grade_reason=EVIL),
    )  # fmt: skip
    review = a_review(
        model=EVIL, alias=EVIL, evidence=evidence, rules=EVIL, reason=EVIL, status=ReviewStatus.REJECTED, closed=LATER,
        decisions=(decided(EVIL, Verdict.REJECT, comment=EVIL, note=EVIL),),
    )  # fmt: skip
    report = CheckReport(
        model=EVIL,
        version=1,
        alias=EVIL,
        passed=False,
        headline=EVIL,
        attention=(EVIL,),
        checks=evidence.checks,
        at=AT,
    )
    books = Verification(ok=False, events=1, head=EVIL, problem=EVIL, lapsed=(Lapse(review=EVIL, model=EVIL, version=1, alias=EVIL, parts=(EVIL,), held=True),))  # fmt: skip
    for record in (review, (review,), report, books, replace(review, actor=replace(ANA, name=EVIL))):
        assert not re.search(r"<(script|img)", as_html(record))
        assert "\x1b" not in as_html(record) + as_text(record)
