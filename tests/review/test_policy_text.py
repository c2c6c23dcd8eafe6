"""A policy in YAML, read strictly: a mistake is named with its line and field."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.reproduced import ReproductionVerdict
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review.policy_text import model_named, parse_policy

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


def test_the_least_that_must_come_of_running_it_again_is_read() -> None:
    read = parse_policy("reproduction: within_tolerance", model="pm25")
    assert read == Policy(model="pm25", reproduction=ReproductionVerdict.WITHIN_TOLERANCE)
    with pytest.raises(Invalid, match="one of identical, within_tolerance"):
        parse_policy("reproduction: perfect", model="pm25")


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
        ("quorum: 99999999999", "plain digits"),
        ("quorum: -1_0", "plain digits"),
        ("quorum: 1e3", "whole number"),
        ("quorum: null", "whole number"),
        ("quorum: [1]", "whole number"),
        ("kpis:\n  - metric: mae\n    bar: 1e999", "must be a number"),
        ("kpis:\n  - metric: mae\n    bar: true", "must be a number"),
        ("kpis:\n  - {metric: mae, metric: r2}", "given twice"),
        ("kpis: {metric: mae}", "must be a list"),
        ("kpis: [mae]", "expected names with values"),
        ("checks: {grade: 1}", "true or false"),
        ("checks: {grade: true, grade: false}", "given twice"),
        ("? [a, b]\n: 1", "unknown"),
        ("checks:\n  ? [a]\n  : true", "unknown"),
        ("protected: ['']", "empty one"),
        ("quorum: 1\n---\nquorum: 2", "not YAML"),
        ('quorum: "\\x00', "not YAML"),
        ("a\x00b: 1", "not YAML"),
        ("<<: {quorum: 1}", "unknown '<<'"),
        ("[[[[[[[[[[[1]]]]]]]]]]]", "more than 10 levels"),
        ("#" * 100_001, "100001 characters"),
    ],
)
def test_what_has_a_second_meaning_is_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as failure:
        parse_policy(text, model="pm25")
    assert failure.value.remedy


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(Invalid, match="must be a list"):
        parse_policy(f"reviewers: [{', '.join(f'a{n}' for n in range(1001))}]", model="pm25")


@pytest.mark.parametrize("word", ["true", "True", "yes", "on", "YES"])
def test_yes_is_said_in_the_words_of_yaml(word: str) -> None:
    assert parse_policy(f"author_may_approve: {word}", model="pm25").author_may_approve


def test_a_metric_whose_name_says_its_direction_needs_none_and_one_that_is_given_wins() -> None:
    policy = parse_policy(
        "kpis: [{metric: mae}, {metric: accuracy}, {metric: loss, direction: higher}]", model="m"
    )
    assert [kpi.direction for kpi in policy.kpis] == [Direction.LOWER, Direction.HIGHER, Direction.HIGHER]


def test_a_number_may_be_written_as_people_write_it() -> None:
    (kpi,) = parse_policy("kpis: [{metric: mae, margin: 1e-3, bar: -0.5}]", model="m").kpis
    assert (kpi.margin, kpi.bar) == (0.001, -0.5)


def test_the_policy_may_name_its_model() -> None:
    assert parse_policy("model: pm25\nquorum: 2", model="pm25").quorum == 2


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("model: pm25\nquorum: 2", "pm25"),
        ("# air\nquorum: 2\nmodel: 'air-2'  # ours", "air-2"),
        ("kpis:\n  model: x", ""),
        ("", ""),
    ],
)
def test_a_text_may_name_its_model(text, model):
    assert model_named(text) == model
