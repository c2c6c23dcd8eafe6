"""The reference is a document people can read, and each line in it can be typed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any

import pytest

from jupyter_mlops import errors
from jupyter_mlops.operations import reference as module
from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.reference import reference
from jupyter_mlops.operations.table import OPERATIONS, Row
from jupyter_mlops.operations.words import HelpWanted, read_words
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.records.condition import Operator, Part, Scope
from jupyter_mlops.records.query import parse_filter
from jupyter_mlops.settings import Settings

TEXT = reference()
ROWS = (*PROCESSES, *OPERATIONS)


def section(title: str, level: int = 2) -> str:
    """What stands under a heading, up to the next one of its kind."""
    _, found, rest = f"\n{TEXT}".partition(f"\n{'#' * level} {title}\n")
    assert found, title
    return re.split(rf"\n#{{1,{level}}} ", rest, maxsplit=1)[0]


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each table, its head first."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("| ")]
    return [[re.split(r" ?(?<!\\)\| ?", line)[1:-1] for line in block] for block in blocks]


def test_it_is_what_the_module_writes_when_it_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    module.main()
    assert capsys.readouterr().out == TEXT
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_mlops.operations.reference"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.decode() == TEXT


def test_every_table_is_one_in_markdown() -> None:
    found = tables(TEXT)

    assert len(found) > len(OPERATIONS) / 2
    for head, rule, *rows in found:
        assert rule == ["---"] * len(head)
        assert [row for row in rows if len(row) != len(head)] == []
        assert rows


def test_every_link_leads_to_a_heading_of_the_same_document() -> None:
    anchors = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"(?m)^#+ (.+)$", TEXT)
    }
    links = re.findall(r"\]\(#([^)]*)\)", TEXT)

    assert set(links) - anchors == set()
    assert len(set(links)) == len(OPERATIONS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_section_shows_the_command_as_it_is_typed_and_every_parameter(row: Row) -> None:
    text = section(row.name, 3)
    (line,) = re.findall(r"(?m)^    (jupyter mlops .+)$", text)

    words = shlex.split(line)[2:]
    with pytest.raises(HelpWanted) as wanted:
        read_words([*words[: len(command_of(row))], "--help"], ROWS)
    told = wanted.value.told
    assert told["operation"] == row.name
    assert told["usage"] == line
    names = [cells[0].strip("`") for table in tables(text) for cells in table[2:]]
    assert {argument["name"] for argument in told["arguments"]} <= {name.rpartition(".")[2] for name in names}


def test_a_type_is_told_in_words_and_not_as_python_spells_it() -> None:
    kinds = [cells[1] for table in tables(TEXT) if table[0][1] == "type" for cells in table[2:]]

    assert {"text", "whole number", "number", "true or false", "list of text"} <= set(kinds)
    assert [
        kind for kind in kinds if re.search(r"[\[\]<>'.]|None|\b(str|int|float|bool|object)\b", kind)
    ] == []


class Shade(StrEnum):
    DARK = "dark"


@dataclass(frozen=True)
class Lamp:
    """A lamp."""

    watts: int | None = 5  # of power
    shade: Shade = Shade.DARK  # of its light
    names: tuple[str, ...] = ()  # it goes | by


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (str | None, "text or nothing"),
        (int | str, "whole number or text"),
        (dict[str, float], "names with number"),
        (list[Shade], "list of Shade"),
        (list[int | None] | None, "list of whole number or nothing or nothing"),
        (object, "any value"),
    ],
)
def test_a_type_of_several_parts_is_told_part_by_part(kind: Any, words: str) -> None:
    assert module._type(kind) == words


def test_a_records_fields_are_told_under_it_with_their_defaults_and_notes() -> None:
    from jupyter_mlops.operations.binding import Argument

    rows = list(module._explained(Argument("lamp", Lamp | None, False, None, "The lamp.")))

    assert rows == [
        ["`lamp`", "Lamp or nothing", "", "The lamp."],
        ["`lamp.watts`", "whole number or nothing", "`5`", "of power"],
        ["`lamp.shade`", "Shade", "`dark`", "of its light"],
        ["`lamp.names`", "list of text", "", "it goes | by"],
    ]
    assert "it goes \\| by" in module._table(["a", "b", "c", "d"], rows)


def test_each_setting_is_told_with_the_default_it_has() -> None:
    ((head, _, *rows),) = tables(section("Settings"))

    assert head == ["name", "type", "default", "meaning"]
    said = {name.strip("`"): default for name, _, default, _ in rows}
    assert {name: default for name, default in said.items() if "." not in name} == {
        each.name: "" if each.default is MISSING else f"`{each.default}`" for each in fields(Settings)
    }
    assert {name: default for name, default in said.items() if "." in name} == {
        f"autolog_options.{each.name}": "" if each.default is None else f"`{each.default}`"
        for each in fields(AutologOptions)
    }


def test_each_error_is_told_with_what_it_means() -> None:
    ((_, _, *rows),) = tables(section("Errors"))

    assert {(name.strip("`"), code.strip("`")) for name, code, *_ in rows} == {
        (name, getattr(errors, name).code) for name in errors.__all__ if name != "MlopsError"
    }
    assert all(meaning for *_, meaning in rows)


def test_the_language_of_queries_is_told_whole_and_its_examples_are_queries() -> None:
    text = section("Queries")
    fence, _, rules = text.partition("```text\n")[2].partition("```")

    words = {word for each in (*Operator, *Part, *Scope) for word in each.value.split()} - {"attribute"}
    assert {word for word in words if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", fence)} == set()
    examples = [each for each in re.findall(r"`([^`]+)`", rules) if re.search(r" (=|!=|<|>|<=|>=) ", each)]
    assert len(examples) >= 3
    for example in examples:
        assert parse_filter(example), example
    assert "``" not in rules
