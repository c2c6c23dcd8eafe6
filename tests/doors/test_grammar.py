"""One row's grammar: a command can be written from what it says of itself, and each word reaches its parameter."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors.samples import ROWS, Box, Colour
from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.binding import arguments_of
from jupyter_mlops.operations.grammar import command_of, described, parse, parser_of, usage_of
from jupyter_mlops.operations.kinds import item_of, without_none
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS, Row
from jupyter_mlops.records.codec import fields_of

FIND, PAINT, JOIN, MARK, PACK, PUT = ROWS
REAL = (*PROCESSES, *OPERATIONS)
EVERYWHERE = {"--json", "--debug", "--help", "-h", "--workspace"}


def understood(row: Row, *words: str) -> dict[str, Any]:
    return parse(row, "mlops", words)


def refusal(row: Row, *words: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        understood(row, *words)
    assert caught.value.remedy
    return caught.value


# --- what is written for one parameter, from what the command says of itself ---------------------------------------


def kinds_of(row: Row) -> dict[str, Any]:
    """The type of each parameter, and of each field of a record that stands in one's place."""
    found: dict[str, Any] = {}
    for argument in arguments_of(row.verb):
        bare = without_none(argument.kind)
        found |= fields_of(bare) if dataclasses.is_dataclass(bare) else {argument.name: argument.kind}
    return found


def sample(told: dict[str, Any], kind: Any) -> str:
    """A text for a parameter; one that is its own, so that no two can be taken for each other."""
    _, item = item_of(kind)
    if isinstance(item, type) and issubclass(item, Enum):
        return str(told["choices"][-1])
    if item is bool:
        return "yes"
    if item is datetime:
        return "2026-01-31T12:00:00+00:00"
    return {"whole number": "3", "number": "0.5"}.get(told["type"], f"its-{told['name']}")


def said(told: dict[str, Any], kind: Any) -> list[str]:
    """The words that give this parameter a value."""
    text = sample(told, kind)
    flag = [] if not told["options"] else [told["options"][-1]]
    if told["type"] == "flag" and not told["repeated"]:
        return flag
    return [*flag, "key", text] if item_of(kind)[0] == "mapping" else [*flag, text]


def lines(row: Row) -> tuple[list[str], list[str], dict[str, list[str]]]:
    """The words with everything, those with what is needed, and the words of each parameter."""
    kinds = kinds_of(row)
    each = {told["name"]: said(told, kinds[told["name"]]) for told in described(row, "mlops")["arguments"]}
    needed = [
        word
        for told in described(row, "mlops")["arguments"]
        if told["required"]
        for word in each[told["name"]]
    ]
    return [word for words in each.values() for word in words], needed, each


def flat(row: Row, values: dict[str, Any]) -> Iterator[str]:
    """The names of the parameters that have a value, and of the fields of their records."""
    for name, value in values.items():
        if dataclasses.is_dataclass(value):
            yield from (each.name for each in dataclasses.fields(value))
        else:
            yield name


@pytest.mark.parametrize("row", [*ROWS, *REAL], ids=lambda row: row.name)
def test_each_parameter_gets_the_words_that_the_command_says_it_takes(row: Row) -> None:
    whole, _, each = lines(row)

    values = understood(row, *whole)

    assert set(flat(row, values)) == set(each)
    for name, words in each.items():
        own = f"its-{name}"
        if own in words:
            records = [value for value in values.values() if dataclasses.is_dataclass(value)]
            value = (
                values[name]
                if name in values
                else next(getattr(r, name) for r in records if hasattr(r, name))
            )
            assert value in (own, [own], (own,), {"key": own}), name


@pytest.mark.parametrize("row", [*ROWS, *REAL], ids=lambda row: row.name)
def test_what_is_said_to_be_needed_is_enough_and_nothing_of_it_can_be_left_out(row: Row) -> None:
    _, needed, each = lines(row)
    understood(row, *needed)

    for told in described(row, "mlops")["arguments"]:
        if told["required"]:
            left = list(needed)
            for word in each[told["name"]]:
                left.remove(word)
            assert "missing" in refusal(row, *left).message


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_the_line_of_usage_brackets_what_may_be_left_out_and_nothing_else(row: Row) -> None:
    line = usage_of(row).removeprefix("jupyter mlops ")

    assert line.split()[: len(command_of(row))] == list(command_of(row))
    for told in described(row, "mlops")["arguments"]:
        if told["options"] and told["type"] != "flag":
            assert any(f"[{option} " in line for option in told["options"]) is not told["required"], told[
                "name"
            ]


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_no_command_has_an_option_that_every_command_takes_for_itself(row: Row) -> None:
    """Those are taken out of the line beforehand: the command's own would never be seen."""
    options = [option for told in described(row, "mlops")["arguments"] for option in told["options"]]

    assert EVERYWHERE.isdisjoint(options)
    assert len(set(options)) == len(options)


# --- values that look like options -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["-1", "-0.5", "-.5", "-1e-5", "-1,0,1", "-1:2", "-inf", "-", "-2026-01-31"])
def test_a_value_may_be_negative_wherever_one_is_given(text: str) -> None:
    assert understood(MARK, "x", "-v", "a", text)["values"] == {"a": text}
    assert understood(FIND, "--order", text)["order"] == text
    assert understood(FIND, text)["query"] == text
    assert understood(JOIN, "a", text, "b")["parts"] == ["a", text, "b"]
    assert understood(PUT, text, "--on", text) == {"thing": text, "shelf": text}


@pytest.mark.parametrize("text", ["-x", "--deep", "-infinite", "-e5"])
def test_any_other_word_with_a_dash_is_an_option_unless_it_stands_behind_two(text: str) -> None:
    assert text in refusal(JOIN, "a", text).message
    assert understood(JOIN, "a", "--", text)["parts"] == ["a", text]
    assert understood(FIND, f"--order={text}")["order"] == text


def test_only_the_first_two_dashes_are_a_sign() -> None:
    assert understood(JOIN, "a", "--", "b", "--", "--weights")["parts"] == ["a", "b", "--", "--weights"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_behind_two_dashes_every_word_is_what_it_is(words: list[str]) -> None:
    assert understood(JOIN, "--", *words)["parts"] == words


@given(st.permutations([["wall"], ["red"], ["--share", "0.5"], ["--no-dry"]]))
def test_options_may_stand_between_positional_words_in_any_order(parts: list[list[str]]) -> None:
    thing, colour = (part[0] for part in parts if len(part) == 1 and part != ["--no-dry"])
    line = [word for part in parts for word in part]

    if (thing, colour) == ("wall", "red"):
        assert understood(PAINT, *line) == {"thing": "wall", "colour": Colour.RED, "share": 0.5, "dry": False}
    else:
        assert "colour" in refusal(PAINT, *line).message


# --- the little grammar of a row ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("runs [{query}]", ("runs",)),
        ("review decide {review} {verdict}", ("review", "decide")),
        ("register {run} --as {model}", ("register",)),
        ("head", ("head",)),
        ("export -o {file}", ("export",)),
    ],
)
def test_the_plain_words_in_front_name_the_command(words: str, command: tuple[str, ...]) -> None:
    assert command_of(Row("x", words, "samples.find")) == command


def test_an_option_with_two_dashes_stands_in_place_of_the_name_and_one_with_one_beside_it() -> None:
    options = {told["name"]: told["options"] for told in described(PUT, "mlops")["arguments"]}

    assert options == {"shelf": ["--on"], "thing": [], "size": ["-s", "--size"]}
    assert "--shelf" in refusal(PUT, "cup", "--shelf", "s").message


def test_a_record_is_said_field_by_field_and_built_whole() -> None:
    assert understood(PACK, "--label", "l")["box"] == Box(label="l")
    assert understood(PACK, "--label", "l", "-t", "a", "yes", "-t", "b", "no")["box"].tags == {
        "a": True,
        "b": False,
    }
    assert "label" in refusal(PACK, "--height", "2").message
    assert "height" in refusal(PACK, "--label", "l", "--height", "tall").message


def test_what_is_not_said_is_left_to_the_verb() -> None:
    """A default that was filled in here would be another one as soon as the verb's own changes."""
    assert understood(FIND) == {}
    assert understood(PACK, "--label", "l") == {"box": Box(label="l")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_line_that_is_wrong_ends_no_process_and_names_the_help(
    row: Row, capsys: pytest.CaptureFixture[str]
) -> None:
    assert " ".join(command_of(row)) in refusal(row, *(["x"] * 4), "--never-heard-of").remedy
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("program", ["jupyter mlops", "%mlops"])
def test_the_program_is_named_as_it_is_called_with_its_signs_as_they_are(program: str) -> None:
    """It is argparse that formats with per cent signs: one in the program's name or in a help text must come out as itself."""
    for row in (FIND, *OPERATIONS):
        text = parser_of(row, program).format_help()
        assert f"{program} {' '.join(command_of(row))}" in text
        assert "%%" not in text
    assert "up to 100 % of it" in parser_of(FIND, program).format_help()


def test_what_a_command_says_of_itself_can_be_typed() -> None:
    told = described(PAINT, "mlops")

    assert shlex.split(told["command"]) == list(command_of(PAINT))
    assert [(each["name"], each["required"]) for each in told["arguments"]] == [
        ("thing", True),
        ("colour", True),
        ("share", False),
        ("dry", False),
    ]
    assert told["arguments"][1]["choices"] == [colour.value for colour in Colour]
