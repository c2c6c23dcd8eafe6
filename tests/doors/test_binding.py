"""A verb's signature becomes arguments, with messages that say what was expected and where."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors.samples import Box, Colour, find, join, mark, pack, paint
from jupyter_mlops.errors import Conflict, Invalid
from jupyter_mlops.operations.binding import arguments_of, from_json, from_texts, result_of, summary_of
from jupyter_mlops.operations.kinds import item_of
from jupyter_mlops.operations.reading import error_json, from_text, read_json, to_json
from jupyter_mlops.records.parameter import Unread


def test_arguments_leave_out_the_workspace_and_carry_types_defaults_and_help():
    query, limit, order, every = arguments_of(find)

    assert (query.name, query.kind, query.required, query.default) == ("query", str, False, "")
    assert (limit.kind, limit.default) == (int, 10)
    assert query.help == "A filter, up to 100 % of it."
    assert limit.help == order.help == "How many, and in which order."
    assert every.help == ""


def test_help_stops_at_the_next_section():
    assert "Invalid" not in " ".join(a.help for a in arguments_of(find))


def test_the_summary_is_the_first_line_without_marks():
    assert summary_of(find) == "Find things that query describes."


def test_the_result_is_resolved():
    assert result_of(find) == tuple[str, ...]


@pytest.mark.parametrize(
    ("kind", "shape"),
    [(list[int], ("list", int)), (tuple[str, ...], ("list", str)), (dict[str, float] | None, ("mapping", float)), (str, ("one", str))],
)  # fmt: skip
def test_a_type_says_whether_it_holds_many(kind, shape):
    assert item_of(kind) == shape


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, "10", "10"),
        (int, "10", 10),
        (int, "-3", -3),
        (float, "0.25", 0.25),
        (float | None, "1e3", 1000.0),
        (bool, "true", True),
        (bool, "No", False),
        (Colour, "red", Colour.RED),
        (datetime, "2026-01-31T12:00:00+00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (str | int | float | bool | None, "0.5", 0.5),
        (str | int | float | bool | None, "007", "007"),
        (str | int | float | bool | None, "text", "text"),
        (int | str, "3", 3),
        (object, "10", "10"),
        (Any, "10", "10"),
        (Box, '{"label": "a", "height": 2}', Box(label="a", height=2)),
        (list[int], "[1, 2]", [1, 2]),
    ],
)
def test_text_is_read_as_its_type(kind, text, value):
    found = from_text(kind, text, "x")

    assert found == value
    assert type(found) is type(value) or isinstance(found, Unread)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (int, "3.5", "expected integer"),
        (int, "", "expected integer"),
        (float, "much", "expected a number"),
        (bool, "maybe", "expected boolean"),
        (Colour, "blue", "expected one of 'red', 'green'"),
        (datetime, "2026-01-31", "expected a time with its offset"),
        (Box, "{", "expected JSON"),
        (Box, "{}", "missing 'label'"),
        (int, str(2**80), "too large"),
    ],
)
def test_text_of_another_type_is_refused_by_name(kind, text, said):
    with pytest.raises(Invalid, match=said) as refused:
        from_text(kind, text, "x")

    assert str(refused.value).startswith("x")


def test_json_becomes_keyword_arguments():
    assert from_json(paint, {"thing": "wall", "colour": "green", "share": 1}) == {
        "thing": "wall",
        "colour": Colour.GREEN,
        "share": 1.0,
    }


def test_json_builds_records_lists_and_mappings():
    assert from_json(pack, {"box": {"label": "a", "tags": {"x": True}}})["box"].tags == {"x": True}
    assert from_json(join, {"parts": ["a"], "weights": [1, 2.5]}) == {"parts": ["a"], "weights": [1.0, 2.5]}
    assert from_json(mark, {"thing": "a", "values": {"n": 1, "t": "x"}})["values"] == {"n": 1, "t": "x"}


def test_what_the_path_gave_need_not_and_may_not_stand_in_the_body():
    assert from_json(paint, {"colour": "red"}, given={"thing": "wall"})["thing"] == "wall"
    with pytest.raises(Invalid, match="unknown 'thing'"):
        from_json(paint, {"thing": "other", "colour": "red"}, given={"thing": "wall"})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"thing": "a"}, "missing 'colour'"),
        ({}, "missing 'thing', 'colour'"),
        ({"thing": "a", "colour": "red", "size": 1}, "unknown 'size'"),
        ({"thing": 1, "colour": "red"}, "thing: expected string, got 1"),
        ({"thing": "a", "colour": "blue"}, "colour: expected one of 'red', 'green'"),
        ({"thing": "a", "colour": "red", "share": "x"}, "share: expected a number"),
        ({"thing": "a", "colour": "red", "dry": 1}, "dry: expected boolean"),
    ],
)
def test_json_that_does_not_fit_is_refused_with_the_rule(data, said):
    with pytest.raises(Invalid, match=said):
        from_json(paint, data)


def test_a_query_string_is_read_like_words():
    assert from_texts(find, {"query": ["a"], "limit": ["3"], "all": ["true"]}) == {
        "query": "a",
        "limit": 3,
        "all": True,
    }
    assert from_texts(join, {"parts": ["a", "b"]}) == {"parts": ["a", "b"]}


def test_a_query_string_may_not_say_one_thing_twice():
    with pytest.raises(Invalid, match="limit: expected one value, got 2"):
        from_texts(find, {"limit": ["1", "2"]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NaN", "NaN is not JSON"),
        ('{"a": Infinity}', "Infinity is not JSON"),
        ("1" * 30, "too large"),
        (str(2**63), "too large"),
        ('{"a": 1, "a": 2}', "twice"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ("{", "expected JSON"),
        (b"\xff\xfe\x00", "expected JSON"),
    ],
)
def test_json_is_read_strictly(text, said):
    with pytest.raises(Invalid, match=said):
        read_json(text, at="body")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_what_json_can_say_is_read_as_it_was_written(value):
    assert read_json(json.dumps(value), at="x") == value


@given(st.text())
def test_any_text_is_either_a_whole_number_or_refused(text):
    try:
        found = from_text(int, text, "x")
    except Invalid:
        return
    assert found == int(text)


def test_an_error_is_one_json_text_everywhere():
    failure = Conflict("held", remedy="wait", data={"held": 3})

    assert json.loads(error_json(failure)) == {
        "code": "conflict",
        "message": "held",
        "remedy": "wait",
        "data": {"held": 3},
    }
    assert to_json({"é": float("nan")}) == '{"é": "nan"}'


def noted(place, when=""):
    """Note *when* it is due.

    Parameters
    ----------
    when
        Five fields, ``0 6 * * 1`` or 0 6 * * 1, and *never* seconds.
    """


def test_help_loses_its_emphasis_and_keeps_the_stars_of_a_value():
    (when,) = arguments_of(noted)

    assert when.help == "Five fields, 0 6 * * 1 or 0 6 * * 1, and never seconds."


def test_what_is_missing_is_answered_with_what_is_taken():
    with pytest.raises(Invalid) as refused:
        from_json(paint, {"thing": "a"})
    assert "thing, colour" in refused.value.remedy
    with pytest.raises(Invalid) as refused:
        from_json(paint, {"thing": "a"}, usage="paint THING COLOUR")
    assert refused.value.remedy == "Write: paint THING COLOUR"
