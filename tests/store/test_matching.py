"""What a query means, said in Python: comparing, ordering, and what lies after a page."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from contracts.samples import NOON, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jupyter_mlops.records.query import Operator, Part, Query, parse_filter, parse_order
from jupyter_mlops.records.run import Run, RunInput
from jupyter_mlops.store.asking import Asked, ask
from jupyter_mlops.store.fields import Target
from jupyter_mlops.store.matching import lies_after, ordered, passes, sort_values
from jupyter_mlops.store.shelves import SHELVES

RUNS = SHELVES["runs"]


def asked(where: str = "", order: str = "") -> Asked:
    return ask(RUNS, Query(where=parse_filter(where), order=parse_order(order)))


def holds(record: Run, where: str) -> bool:
    test = asked(where).where
    assert test is not None
    return passes(record, test)


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=300, deadline=None)
@given(st.text("ab%\n", max_size=8), st.text("ab%\n_", max_size=6))
@example("a", "a%a")  # one letter is not both ends
@example("aba", "ab%ba")
@example("ab", "%b%b%")
def test_like_is_a_pattern_in_which_only_the_percent_sign_is_special(text: str, pattern: str) -> None:
    test = asked("name like 'x'").where
    expression = ".*".join(map(re.escape, pattern.split("%")))
    expected = re.fullmatch(expression, text, re.DOTALL) is not None
    assert passes(run(name=text), replace(test, value=pattern)) is expected  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize(
    ("held", "where", "expected"),
    [
        (1, "params.a = 1", True),
        (1, "params.a = 1.0", True),
        (1, "params.a = true", False),
        (1, "params.a = '1'", False),
        (True, "params.a = 1", False),
        (True, "params.a > 0", False),
        (True, "params.a > false", True),
        ("1", "params.a > 0", False),
        ("b", "params.a > 'a'", True),
        ("1", "params.a in (1, true)", False),
        (True, "params.a in (1, 'x')", False),
        (1, "params.a in (true)", False),
        (True, "params.a != 1", True),
        ("1", "params.a != 1", True),  # something else is unequal
    ],
)
def test_values_of_different_kinds_are_unequal_and_in_no_order(held: Any, where: str, expected: bool) -> None:
    assert holds(run(params={"a": held}), where) is expected


def test_a_whole_number_beyond_the_floats_is_beyond_all_of_them() -> None:
    most = run(params={"a": 10**400})
    least = run(params={"a": -(10**400)})
    assert holds(most, "params.a > 1e308")
    assert holds(least, "params.a < -1e308")
    order = asked(order="params.a").order
    assert ordered([most, run(params={"a": 0}), least], order)[::2] == [least, most]


@pytest.mark.parametrize("params", [{}, {"a": None}, {"a": math.nan}], ids=["missing", "null", "nan"])
@pytest.mark.parametrize("operator", ["= 1", "!= 1", "< 1", "in (1, 'x')", "like '%'"])
def test_what_has_no_value_passes_no_comparison_and_every_opposite(params: Any, operator: str) -> None:
    nothing = run(params=params)
    assert not holds(nothing, f"params.a {operator}")
    assert holds(nothing, f"not params.a {operator}")
    assert holds(nothing, "params.a is null")
    assert not holds(nothing, "params.a is not null")


def test_a_nested_field_of_nothing_is_nothing() -> None:
    assert holds(run(lease=None), "lease.pid is null")
    assert not holds(run(lease=None), "lease.pid > 0")


def test_times_are_compared_as_moments_whatever_their_fraction_of_a_second() -> None:
    second, later = NOON.replace(microsecond=0), NOON.replace(microsecond=1)
    assert holds(run(started=later), f"started > '{second.isoformat()}'")
    assert holds(run(started=second), f"started < '{later.isoformat()}'")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("inputs.rows > 5", True),
        ("inputs.rows < 5", False),
        ("inputs.rows != 10", False),  # the one that has no rows is not unequal to ten
        ("inputs.digest != 'aaa'", True),
        ("not inputs.digest = 'aaa'", False),
        ("inputs.rows is null", False),  # one of them has a value
        ("inputs.size is null", True),
    ],
)
def test_of_several_one_that_passes_is_enough(where: str, expected: bool) -> None:
    inputs = (
        RunInput(name="X", role="train", digest="aaa", rows=10),
        RunInput(name="Y", role="test", digest="bbb"),
    )
    assert holds(replace(run(), inputs=inputs), where) is expected


def test_of_none_nothing_passes_and_all_are_null() -> None:
    assert not holds(run(), "inputs.digest != 'aaa'")
    assert holds(run(), "inputs.digest is null")


def test_what_points_come_to_is_asked_of_the_series_and_only_the_last_of_the_record() -> None:
    requests: list[Target] = []

    def measured(record: Any, target: Target) -> float | None:
        requests.append(target)
        return {"r1": 0.5, "r2": math.nan}.get(record.id)

    least, last = asked("metrics.mae.min = 0.5").where, asked("metrics.mae = 9").where
    assert least is not None
    assert last is not None
    assert passes(run("r1"), least, measured)
    assert not passes(run("r2"), least, measured)
    assert not passes(run("r3"), least, measured)
    assert {(target.name, target.part) for target in requests} == {("mae", Part.MINIMUM)}
    requests.clear()
    assert passes(run("r1", metrics={"mae": 9.0}), last, measured)
    assert requests == []


def test_the_opposite_of_all_is_one_of_the_opposites() -> None:
    for name, archived in (("a", False), ("a", True), ("b", True)):
        record = run(name=name, archived=archived)
        both = holds(record, "name = 'a' and archived = true")
        assert holds(record, "not (name = 'a' and archived = true)") is not both


# ── order and pages ──────────────────────────────────────────────────────────────────────────────────

kept = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["", "a", "B", "ä", "b"]),
        "archived": st.booleans(),
        "ended": st.sampled_from([None, NOON, NOON.replace(microsecond=0), NOON + timedelta(days=1)]),
        "params": st.sampled_from(
            [{}, {"a": None}, {"a": 1}, {"a": 0.5}, {"a": True}, {"a": "x"}, {"a": "1"}, {"a": math.nan}]
        ),
    }
)
populations = st.lists(kept, max_size=12).map(
    lambda rows: [run(f"r{number:02}", **row) for number, row in enumerate(rows)]
)
orders = st.lists(
    st.tuples(st.sampled_from(["name", "archived", "ended", "params.a", "tags.t"]), st.booleans()), max_size=3
).map(lambda steps: ", ".join(f"{name}{' desc' if down else ''}" for name, down in steps))


@settings(max_examples=200, deadline=None)
@given(populations, orders)
def test_wherever_a_page_ends_the_next_begins(records: list[Run], order: str) -> None:
    question = asked(order=order)
    everybody = ordered(records, question.order)
    assert sorted(one.id for one in everybody) == [one.id for one in records]
    for place, last in enumerate(everybody):
        page = replace(question, after=tuple(sort_values(last, question.order)))
        assert [one for one in everybody if lies_after(one, page)] == everybody[place + 1 :]


@settings(max_examples=100, deadline=None)
@given(populations, st.booleans())
def test_what_is_missing_comes_last_in_both_directions(records: list[Run], down: bool) -> None:
    question = asked(order="ended desc" if down else "ended")
    ends = [one.ended for one in ordered(records, question.order)]
    known = [end for end in ends if end is not None]
    assert ends == sorted(known, reverse=down) + [None] * (len(ends) - len(known))


def test_a_parameter_sorts_its_numbers_before_its_texts_and_a_flag_as_a_number() -> None:
    values = {"r1": "x", "r2": 0.5, "r3": True, "r4": None, "r5": "1", "r6": False}
    question = asked(order="params.a")
    records = [run(id_, params={"a": value}) for id_, value in values.items()]
    assert [one.id for one in ordered(records, question.order)] == ["r6", "r2", "r3", "r5", "r1", "r4"]
    assert [sort_values(one, question.order)[:2] for one in records[:4]] == [
        [None, "x"],
        [0.5, None],
        [1.0, None],
        [None, None],
    ]


def test_every_operator_is_answered() -> None:
    """An operator that was added to the language and forgotten here would raise only when it is used."""
    record = run(params={"a": 1.0})
    test = asked("params.a = 1").where
    for operator in Operator:
        value: Any = {Operator.IN: (1.0,), Operator.LIKE: "x", Operator.NULL: None}.get(operator, 1.0)
        assert passes(record, replace(test, operator=operator, value=value)) in {True, False}  # type: ignore[type-var, arg-type]
