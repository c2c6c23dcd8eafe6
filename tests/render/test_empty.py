"""An empty page: what it is empty of, in words people use, and one line that really fills it."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator

import pytest

from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.words import read_words
from jupyter_mlops.records.query import Page
from jupyter_mlops.render.empty import empty_blocks
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text, text_of
from jupyter_mlops.tracking import find_runs, finish_run, start_run
from jupyter_mlops.workspace import Workspace
from tests.render.every_record import record_kinds

KINDS = sorted(kind.__name__ for kind in record_kinds())


def found_without_being_told_anything(ws: Workspace) -> Iterator[tuple[str, object]]:
    """What the operations answer that find something and need no argument, by their names."""
    for row in OPERATIONS:
        _, *given = inspect.signature(row.verb).parameters.values()
        if row.action == "read" and all(parameter.default is not parameter.empty for parameter in given):
            yield row.name, row.verb(ws)


def test_every_page_of_an_empty_workspace_knows_what_it_is_empty_of(memory_ws: Workspace) -> None:
    pages = {
        name: page for name, page in found_without_being_told_anything(memory_ws) if isinstance(page, Page)
    }

    assert {"run.find", "review.find", "alias.find", "drift.find"} <= set(pages)
    for name, page in pages.items():
        first, second = as_text(page).splitlines()
        assert re.fullmatch(r"  No [a-z]+ yet\.", first), name
        assert "records" not in first, name
        assert second.strip(), name


@pytest.mark.parametrize("kind", [*KINDS, "", "Unheard"])
def test_every_kind_is_told_in_two_lines_without_the_name_of_a_class(kind: str) -> None:
    first, second = text_of(empty_blocks(kind)).splitlines()

    assert first.startswith("  No ")
    assert not re.search(rf"\b{kind}\b", first + second) if kind else True
    assert second[2].isupper() or second.startswith("  jupyter mlops ")


def test_every_command_it_advises_is_understood_as_it_is_written() -> None:
    rows = (*PROCESSES, *OPERATIONS)
    advised = {
        match[1]
        for kind in (*KINDS, "")
        for match in re.finditer(r"jupyter mlops ((?:[a-z]+ )+(?:[A-Z@:]{3,} ?|--[a-z]+ ?|'[^']*' ?)*)", text_of(empty_blocks(kind)))
    }  # fmt: skip

    understood = {" ".join(command_of(read_words(shlex.split(words), rows).row)) for words in advised}

    wanted = {"run", "register", "review open", "schedule add", "dataset register", "serve", "drift"}
    assert wanted <= understood


def test_behind_a_filter_it_neither_says_that_there_is_nothing_nor_how_to_fill_it(
    memory_ws: Workspace,
) -> None:
    finish_run(memory_ws, run=start_run(memory_ws, name="baseline", experiment="air").id)

    said = as_text(find_runs(memory_ws, "metrics.mae < 1"))

    assert "match" in said.splitlines()[0]
    assert "yet" not in said
    assert "%%track" not in said
    assert "filter" in said.splitlines()[1]


def test_in_html_the_answer_is_strong_and_the_advice_is_not() -> None:
    drawn = as_html(Page(items=(), total=0, kind="Run"))

    assert re.findall(r"<strong>(.*?)</strong>", drawn) == ["No runs yet."]
    assert "%%track NAME" in drawn


def test_what_a_filter_leaves_empty_is_not_said_to_be_missing() -> None:
    assert as_text((), "RunGroup", narrowed=True).strip().startswith("No groups of runs match.")
    assert as_text((), "RunGroup").strip().startswith("No groups of runs yet.")
