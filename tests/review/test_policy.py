"""A policy is read strictly, and a mistake is named with its line and field."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import get_policy, set_policy
from jupyter_mlops.review.policy import keep_policy
from jupyter_mlops.review.policy_text import parse_policy
from jupyter_mlops.workspace import Workspace
from review.books import kinds

WHOLE = """\
quorum: 2
author_may_approve: false
protected: [champion, fallback]
doors: [server]
reviewers: [ana, bo, cleo]
minimum_grade: clean
kpis:
  - metric: mae
    margin: 0.5
    bar: 45
    unit: µg/m³
  - metric: coverage
    direction: higher
checks:
  same_data: true
  document: false
"""


def test_a_whole_policy_is_read() -> None:
    assert parse_policy(WHOLE, model="pm25") == Policy(
        model="pm25",
        quorum=2,
        author_may_approve=False,
        protected=("champion", "fallback"),
        doors=("server",),
        reviewers=("ana", "bo", "cleo"),
        minimum_grade=Grade.CLEAN,
        kpis=(
            Kpi(metric="mae", direction=Direction.LOWER, margin=0.5, bar=45.0, unit="µg/m³"),
            Kpi(metric="coverage", direction=Direction.HIGHER),
        ),
        checks={"same_data": True, "document": False},
    )


def test_what_is_not_said_keeps_its_default() -> None:
    assert parse_policy("quorum: 3", model="pm25") == Policy(model="pm25", quorum=3)


@pytest.mark.parametrize(
    ("text", "line", "field", "says"),
    [
        ("quorum: 1\nquorom: 2", 2, "quorom", "did you mean quorum?"),
        ("quorum: 1\nquorum: 2", 2, "quorum", "given twice"),
        ("quorum: two", 1, "quorum", "whole number, found 'two'"),
        ("quorum: true", 1, "quorum", "whole number"),
        ("quorum: 0x10", 1, "quorum", "plain digits"),
        ("author_may_approve: 1", 1, "author_may_approve", "true or false"),
        ("author_may_approve: 'no'", 1, "author_may_approve", "true or false"),
        ("protected: champion", 1, "protected", "must be a list"),
        ("reviewers: [ana, ana]", 1, "reviewers", "twice"),
        ("doors: [window]", 1, "doors", "one of python, notebook"),
        ("minimum_grade: perfect", 1, "minimum_grade", "one of clean, reordered"),
        ("kpis:\n  - metric: mae\n    margin: much", 3, "margin", "must be a number"),
        ("kpis:\n  - metric: mae\n    bar: .nan", 3, "bar", "must be a number"),
        ("kpis:\n  - margin: 1", 2, "kpis", "needs a metric"),
        ("kpis:\n  - metric: coverage", 2, "kpis", "does not say which way is better"),
        ("checks: [grade]", 1, "checks", "must name checks"),
        ("model: other", 1, "model", "for 'other', not for 'pm25'"),
        ("- quorum", 1, "the policy", "expected names with values"),
        ("quorum: [1", 1, "", "not YAML"),
        ("# nothing", 1, "", "empty"),
        ("reviewers: &a [x]\nprotected: *a", 1, "", "anchors"),
        ("quorum: !!python/object/apply:os.system ['true']", 1, "", "tags are not read"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(text: str, line: int, field: str, says: str) -> None:
    with pytest.raises(Invalid) as failure:
        parse_policy(text, model="pm25")

    assert says in failure.value.message
    assert failure.value.data == {"line": line, "field": field}
    assert f"line {line}" in failure.value.message


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(parse_policy(text, model="pm25"), Policy)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(Invalid):
        parse_policy("[" * 50_000, model="pm25")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("quorum: 0", "between 1 and"),
        ("quorum: 3\nreviewers: [ana, bo]", "between 1 and 2 of the 2 reviewers"),
        ("protected: [two words]", "two words"),
        ("kpis: [{metric: mae, margin: -1}]", "0 or more"),
        ("kpis: [{metric: mae}, {metric: mae}]", "named twice"),
        ("kpis: [{metric: grade, direction: lower}]", "name of a check"),
        ("checks: {speed: true}", "unknown speed"),
    ],
)
def test_what_can_be_read_and_makes_no_sense_is_refused(ws: Workspace, text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        set_policy(ws, "pm25", text=text)


def test_a_policy_is_kept_and_told_in_the_ledger_once(ws: Workspace) -> None:
    kept = set_policy(ws, "pm25", text=WHOLE)

    assert get_policy(ws, "pm25") == kept
    assert set_policy(ws, "pm25", text=WHOLE) == kept
    assert kinds(ws) == ["policy.set"]
    with ws.store.read() as tx:
        assert tx.events.read()[0].data["policy"]["quorum"] == 2


def test_a_model_without_a_policy_says_what_holds_then(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="one approval is enough"):
        get_policy(ws, "pm25")


def test_a_policy_without_a_rule_is_refused(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="no rule for 'pm25'") as refusal:
        set_policy(ws, "pm25")
    assert "policy set pm25 --quorum 2" in refusal.value.remedy


def test_one_rule_is_set_and_the_others_stay(ws: Workspace) -> None:
    whole = set_policy(ws, "pm25", text=WHOLE)

    assert set_policy(ws, "pm25", quorum=1, author_may_approve=True, minimum_grade=Grade.STALE) == replace(
        whole, quorum=1, author_may_approve=True, minimum_grade=Grade.STALE
    )
    assert set_policy(ws, "other", quorum=2) == Policy(model="other", quorum=2)
    with pytest.raises(Invalid, match="quorum is 0"):
        set_policy(ws, "other", quorum=0)


def test_a_record_is_a_policy_too(ws: Workspace) -> None:
    assert keep_policy(ws, Policy(model="pm25", quorum=2)) == get_policy(ws, "pm25")
