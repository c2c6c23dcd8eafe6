"""What is read at a door can be kept and written again; what cannot is refused where it stands, with what to write."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Conflict, Invalid
from jupyter_mlops.operations.reading import error_json, from_text, read_json, to_json

LARGEST = 2**63 - 1  # of a whole number in every store
LEVELS = 64


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class Box:
    label: str
    size: int = 1


def refusal(kind: Any, text: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        from_text(kind, text, "limit")
    assert caught.value.message.startswith("limit")  # which of the arguments
    assert caught.value.remedy
    return caught.value


# --- one text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [LARGEST, -LARGEST, 0, -1])
def test_every_whole_number_a_store_can_keep_is_read(number: int) -> None:
    assert from_text(int, str(number), "limit") == number
    assert read_json(str(number), at="limit") == number


@pytest.mark.parametrize(
    "digits", [str(LARGEST + 1), str(-LARGEST - 1), "9" * 20, "9" * 10_000, "-" + "9" * 10_000]
)
def test_a_whole_number_no_store_can_keep_is_refused_and_not_repeated_at_length(digits: str) -> None:
    said = refusal(int, digits)
    assert len(said.message) < 200
    with pytest.raises(Invalid) as caught:
        read_json(f'{{"n": [{digits}]}}', at="limit")
    assert "too large" in caught.value.message
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("YES", True),
        ("on", True),
        ("1", True),
        ("False", False),
        ("no", False),
        ("off", False),
        ("0", False),
    ],
)
def test_yes_and_no_are_read_as_people_write_them(word: str, value: bool) -> None:
    assert from_text(bool, word, "limit") is value
    assert from_text(bool | None, word, "limit") is value


@pytest.mark.parametrize("word", ["", "2", "ja", "truee", " true"])
def test_anything_else_is_neither_yes_nor_no(word: str) -> None:
    refusal(bool, word)


@pytest.mark.parametrize(
    ("text", "value"),
    [("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf), ("1e-5", 1e-5), ("-3", -3.0)],
)
def test_a_number_may_be_none_that_json_has_a_word_for(text: str, value: float) -> None:
    """A metric may be one of them, and is compared with it in a query string."""
    found = from_text(float, text, "limit")

    assert found == value or (math.isnan(found) and math.isnan(value))
    assert isinstance(found, float)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str | int | float | bool | None, "3", 3),
        (str | int | float | bool | None, "-0.5", -0.5),
        (str | int | float | bool | None, "true", True),
        (str | int | float | bool | None, "null", "null"),  # nothing is said by leaving it out
        (str | int | float | bool | None, '"3"', "3"),  # in quotes it is a text, as in JSON
        (str | int | float | bool | None, "0x1f", "0x1f"),
        (str | int | float | bool | None, "9" * 30, "9" * 30),  # no number a store keeps: a text then
        (str | int | float | bool | None, "[1]", "[1]"),
        (int | str, "", ""),
        (int | str, "1.5", "1.5"),
    ],
)
def test_a_value_of_several_types_is_what_json_says_and_else_the_text_itself(
    kind: Any, text: str, value: object
) -> None:
    found = from_text(kind, text, "limit")

    assert (found, type(found)) == (value, type(value))


@given(st.text())
def test_no_text_is_lost_where_any_text_will_do(text: str) -> None:
    assert from_text(str, text, "limit") == text
    assert from_text(object, text, "limit") == text
    found = from_text(str | int | None, text, "limit")
    assert isinstance(found, (str, int))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Colour, "green", Colour.GREEN),
        (datetime, "2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (Box, '{"label": "a"}', Box("a")),
        (list[Colour], '["red"]', [Colour.RED]),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (Box | None, '{"label": "a", "size": 2}', Box("a", 2)),
    ],
)
def test_what_is_no_single_value_is_read_as_json_and_what_is_one_stands_bare(
    kind: Any, text: str, value: object
) -> None:
    assert from_text(kind, text, "limit") == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Colour, '"green"'),
        (datetime, "2026-01-31T12:00:00"),  # of which clock?
        (Box, '{"label": "a", "colour": "red"}'),
        (Box, '["a"]'),
        (list[int], "1,2"),
        (list[int], "[1.5]"),
        (dict[str, int], '{"a": 1, "a": 2}'),
        (int, "1.0"),
        (float, "1,5"),
    ],
)
def test_a_text_of_another_kind_is_refused_with_its_place_and_what_to_write(kind: Any, text: str) -> None:
    refusal(kind, text)


# --- a body ---------------------------------------------------------------------------------------------------------


def nested(levels: int, opening: str, closing: str) -> str:
    return opening * levels + "1" + closing * levels


@pytest.mark.parametrize("shape", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_json_is_read_only_as_deep_as_it_can_be_written_again(shape: tuple[str, str]) -> None:
    """Python's parser goes much deeper than whatever walks through the value afterwards."""
    each = len(shape[1])
    deepest = nested(LEVELS // each, *shape)

    assert json.loads(to_json(read_json(deepest, at="body"))) == json.loads(deepest)
    for levels in (LEVELS // each + 1, 200, 450, 100_000):
        with pytest.raises(Invalid, match="nested too deeply") as caught:
            read_json(nested(levels, *shape), at="body")
        assert str(LEVELS) in caught.value.remedy


def test_a_wide_body_is_not_a_deep_one() -> None:
    body = json.dumps({"rows": [{"n": n, "deep": [[[n]]]} for n in range(1_000)]})

    assert len(read_json(body, at="body")["rows"]) == 1_000


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("body", ["{}", "[{}]", '{{"a": {{"b": {}}}}}'])
def test_a_number_that_is_none_is_refused_however_it_is_written(word: str, body: str) -> None:
    with pytest.raises(Invalid, match=r"^body: ") as caught:
        read_json(body.format(word), at="body")

    assert "null" in caught.value.remedy


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "c": 2, "a": 3}}]'])
def test_a_key_that_stands_twice_is_refused_at_any_depth(text: str) -> None:
    with pytest.raises(Invalid, match="twice"):
        read_json(text, at="body")


@pytest.mark.parametrize(
    "text", ["", " ", b"", "{a: 1}", "{'a': 1}", "[1,]", "1 2", b"\xff\xfe\x00", "// x\n1"]
)
def test_what_is_almost_json_is_refused_with_an_example_of_what_is(text: str | bytes) -> None:
    with pytest.raises(Invalid, match="expected JSON") as caught:
        read_json(text, at="body")

    example = caught.value.remedy.partition(": ")[2].rstrip(".")
    assert read_json(example, at="remedy")


def test_bytes_are_read_in_the_encoding_they_are_in() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_json('{"größe": "ü"}'.encode(encoding), at="body") == {"größe": "ü"}


# --- and written ------------------------------------------------------------------------------------------------------


def test_a_record_is_written_as_text_that_any_reader_of_json_can_read() -> None:
    value = {
        "box": Box("ä"),
        "when": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "colour": Colour.RED,
        "numbers": (math.nan, math.inf, -math.inf, 0.1),
        3: None,
    }

    text = to_json(value)

    assert "ä" in text
    assert "\n" not in text
    assert json.loads(text, parse_constant=pytest.fail) == {
        "box": {"label": "ä", "size": 1},
        "when": "2026-01-31T12:00:00+00:00",
        "colour": "red",
        "numbers": ["nan", "inf", "-inf", 0.1],
        "3": None,
    }
    assert read_json(text, at="again")


@pytest.mark.parametrize(
    "failure", [Conflict("held", remedy="wait"), Invalid("line 1\nline 2", remedy="", data={"n": math.nan})]
)
def test_an_error_is_written_with_the_same_four_keys_whatever_it_holds(failure: Conflict | Invalid) -> None:
    said = json.loads(error_json(failure), parse_constant=pytest.fail)

    assert list(said) == ["code", "message", "remedy", "data"]
    assert (said["code"], said["message"]) == (failure.code, failure.message)
    assert isinstance(said["data"], dict)
