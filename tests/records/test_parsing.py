"""A filter and an order, read from text."""

from __future__ import annotations

import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.condition import (
    And,
    Comparison,
    Expression,
    Field,
    Not,
    Operator,
    Or,
    Order,
    Part,
    Scope,
)
from jupyter_mlops.records.parsing import parse_filter, parse_order


def is_(name: str, operator: str, value: object, scope: Scope = Scope.ATTRIBUTE) -> Comparison:
    return Comparison(Field(scope, name), Operator(operator), value)  # type: ignore[arg-type]


A, B, C = is_("a", "=", 1), is_("b", "=", 2), is_("c", "=", 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.mae < 42", is_("mae", "<", 42, Scope.METRICS)),
        ("metric.mae<42", is_("mae", "<", 42, Scope.METRICS)),
        ("Params.alpha >= .1", is_("alpha", ">=", 0.1, Scope.PARAMS)),
        ("tags.team == 'risk'", is_("team", "=", "risk", Scope.TAGS)),
        ("attributes.status != 'lost'", is_("status", "!=", "lost")),
        ('status = "lost"', is_("status", "=", "lost")),
        ("source.notebook = 'a.ipynb'", is_("source.notebook", "=", "a.ipynb")),
        ("params.`learning rate` = 1e-3", is_("learning rate", "=", 1e-3, Scope.PARAMS)),
        ('metrics."val loss" > -2', is_("val loss", ">", -2, Scope.METRICS)),
        ("metrics.val/loss-2.1 > 0", is_("val/loss-2.1", ">", 0, Scope.METRICS)),
        ("`odd name` = 'x'", is_("odd name", "=", "x")),
        ("name = 'it\\'s'", is_("name", "=", "it's")),
        ("name = ''", is_("name", "=", "")),
        ("archived = TRUE", is_("archived", "=", True)),
        ("parent = null", is_("parent", "=", None)),
        ("parent is NULL", is_("parent", "is null", None)),
        ("parent is not null", Not(is_("parent", "is null", None))),
        ("name LIKE 'b%'", is_("name", "like", "b%")),
        ("name not like 'b%'", Not(is_("name", "like", "b%"))),
        ("id in ('a', 2, null)", is_("id", "in", ("a", 2, None))),
        ("id not in ('a')", Not(is_("id", "in", ("a",)))),
        ("a = 1 and b = 2 or c = 3", Or((And((A, B)), C))),
        ("a = 1 or b = 2 and c = 3", Or((A, And((B, C))))),
        ("(a = 1 or b = 2) and c = 3", And((Or((A, B)), C))),
        ("not a = 1 and b = 2", And((Not(A), B))),
        ("not (a = 1 and b = 2)", Not(And((A, B)))),
        ("NOT not a = 1", Not(Not(A))),
        ("  \n a=1\tAND\nb=2 ", And((A, B))),
        ("notes.x = 1", is_("notes.x", "=", 1)),
        ("order_ = 1", is_("order_", "=", 1)),
        ("metrics.mae.at(100) < 3", Comparison(Field(Scope.METRICS, "mae", Part.AT, 100), Operator.LESS, 3)),
        ("Metrics.a/b.at ( -1 ) = 3", Comparison(Field(Scope.METRICS, "a/b", Part.AT, -1), Operator.EQUAL, 3)),
        ("metrics.mae.at < 3", is_("mae.at", "<", 3, Scope.METRICS)),
        ("metrics.mae.at in (3)", is_("mae.at", "in", (3,), Scope.METRICS)),
        ("", None),
        ("  \n", None),
    ],
)  # fmt: skip
def test_a_filter_is_read(text: str, expected: Expression | None) -> None:
    assert parse_filter(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("metrics.mae <", 14, "a number or a 'text'"),
        ("metrics.mae 42", 13, "one of <"),
        ("metrics.mae < abc", 15, "in quotes"),
        ("= 3", 1, "a name"),
        ("a = 1 b = 2", 7, "and, or"),
        ("a = 1 and", 10, "a name"),
        ("(a = 1", 7, "')'"),
        ("a = 1)", 6, "and, or"),
        ("a in 1", 6, "'('"),
        ("a in (1 2)", 9, "',' or ')'"),
        ("a in ()", 7, "a number"),
        ("metrics.a.at(x) = 3", 14, "a step, a whole number"),
        ("metrics.a.at(1.5) = 3", 14, "a step, a whole number"),
        ("metrics.a.at(1 = 3", 16, "')'"),
        ("params.a.at(1) = 3", 12, "one of <"),
        ("a is 3", 6, "null"),
        ("a not = 3", 7, "in or like"),
        ("a = 'open", 5, "a name, a number"),
        ("a = 1; drop table runs", 6, "a name, a number"),
        ("a = 1 -- x", 7, "a name, a number"),
    ],
)  # fmt: skip
def test_a_wrong_filter_says_where_and_what_was_expected(text: str, column: int, expected: str) -> None:
    with pytest.raises(Invalid, match=f"column {column}") as caught:
        parse_filter(text)
    assert expected in str(caught.value.data["expected"])
    assert caught.value.data["column"] == column
    assert caught.value.remedy


def test_a_number_keeps_its_kind() -> None:
    values = [parse_filter(f"a = {text}").value for text in ("3", "-3", "3.0", "3e0", "1e999", "9" * 5000)]  # type: ignore[union-attr]
    assert [type(value) for value in values] == [int, int, float, float, float, float]
    assert values[4:] == [math.inf, math.inf]


def test_depth_and_length_are_limited() -> None:
    with pytest.raises(Invalid, match="levels"):
        parse_filter("(" * 60 + "a = 1" + ")" * 60)
    with pytest.raises(Invalid, match="levels"):
        parse_filter("not " * 1000 + "a = 1")
    with pytest.raises(Invalid, match="characters"):
        parse_filter("a = 1 or " * 2000 + "a = 1")


def test_what_is_read_knows_its_column_and_is_equal_wherever_it_stands() -> None:
    one, other = (parse_filter(f"{gap}a in (1,{gap} 'b')") for gap in ("", "   "))
    assert isinstance(one, Comparison)
    assert isinstance(other, Comparison)
    assert one == other
    assert (hash(one), repr(one)) == (hash(other), repr(other))
    assert [(each.field.column, each.columns) for each in (one, other)] == [(1, (7, 10)), (4, (10, 16))]
    assert [step.field.column for step in parse_order("a,  metrics.b desc")] == [1, 5]


@pytest.mark.parametrize(
    "text", ["a = 2026-01", "a = 2026-01-01x", "a = 2026-01-01-01", "a = 2026-01-01T9", "2026-01-01 = 1"]
)
def test_half_a_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=f"column {text.index('2026') + 1}"):
        parse_filter(text)


@given(st.text(alphabet=string.printable + "äß\x00\u2028", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_filter, parse_order):
        try:
            parse(text)
        except Invalid as refusal:
            assert 1 <= int(str(refusal.data["column"])) <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("started", (Order(Field(Scope.ATTRIBUTE, "started")),)),
        ("metrics.mae DESC, name asc", (Order(Field(Scope.METRICS, "mae"), True), Order(Field(Scope.ATTRIBUTE, "name")))),
        ("metrics.`a, b desc` desc", (Order(Field(Scope.METRICS, "a, b desc"), True),)),
        ("desc desc", (Order(Field(Scope.ATTRIBUTE, "desc"), True),)),
    ],
)  # fmt: skip
def test_an_order_is_read(text: str, expected: tuple[Order, ...]) -> None:
    assert parse_order(text) == expected


@pytest.mark.parametrize("text", ["name up", "name,", ",", "3", "name desc desc", "metrics.mae <"])
def test_a_wrong_order_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="column"):
        parse_order(text)


@given(st.text(max_size=30))
def test_any_text_can_be_asked_for_in_quotes(text: str) -> None:
    escaped = text.replace("\\", "\\\\")
    for quote in ("'", '"'):
        quoted = quote + escaped.replace(quote, f"\\{quote}") + quote
        assert parse_filter(f"name = {quoted}") == is_("name", "=", text)
    assert parse_filter('metrics."' + escaped.replace('"', '\\"') + '" > 0') == is_(
        text, ">", 0, Scope.METRICS
    )


def test_an_order_may_be_by_a_metric_at_a_step_and_says_it_as_it_was_asked() -> None:
    (order,) = parse_order("metrics.mae.at(100) desc")
    assert order.descending
    assert str(order.field) == "metrics.mae.at(100)"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('metrics."val loss".min < 2', Field(Scope.METRICS, "val loss", Part.MINIMUM)),
        ('metrics."x.min".Max < 2', Field(Scope.METRICS, "x.min", Part.MAXIMUM)),
        ("metric.`val loss`.best < 2", Field(Scope.METRICS, "val loss", Part.BEST)),
        ('metrics."val loss".AT(100) < 2', Field(Scope.METRICS, "val loss", Part.AT, 100)),
        ("metrics.mae.MIN < 2", Field(Scope.METRICS, "mae", Part.MINIMUM)),
        ("metrics.mae.At(3) < 2", Field(Scope.METRICS, "mae", Part.AT, 3)),
        ('metrics."mae.min" < 2', Field(Scope.METRICS, "mae.min")),
    ],
)
def test_a_part_stands_behind_a_name_in_quotes_too_in_any_case(text: str, field: Field) -> None:
    assert parse_filter(text) == Comparison(field, Operator.LESS, 2)


@pytest.mark.parametrize("text", ['metrics."x".least < 2', 'params."x".min < 2', 'metrics."x".at < 2'])
def test_behind_a_name_in_quotes_only_a_part_may_stand(text: str) -> None:
    with pytest.raises(Invalid, match="column"):
        parse_filter(text)


def test_more_comparisons_than_a_store_can_nest_are_refused() -> None:
    assert parse_filter(" or ".join(["a=1"] * 500)) is not None
    with pytest.raises(Invalid, match="at most 500 comparisons"):
        parse_filter(" or ".join(["a=1"] * 501))
