"""Which drawing a record has: each kind its own, many of a kind a table, and nothing is ever without one."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.render.blocks import Fold, Table, Title
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from jupyter_mlops.render.views import blocks_of
from tests.render.every_record import filled, record_kinds
from tests.render.records_shown import ANA, AT, a_review, a_run

KINDS = {kind.__name__: kind for kind in record_kinds() if kind.__module__.rpartition(".")[2] != "condition"}


def kinds_that_verbs_find_many_of() -> set[type]:
    """The records that some operation answers with in a page, a tuple or another sequence."""
    found = set()
    for row in OPERATIONS:
        answer = typing.get_type_hints(row.verb)["return"]
        if typing.get_origin(answer) in (Page, tuple, Sequence):
            found.add(typing.get_args(answer)[0])
    return found


def test_many_of_a_kind_are_called_by_the_word_people_have_for_them() -> None:
    found = kinds_that_verbs_find_many_of()
    titles = {kind: as_text((filled(kind), filled(kind))).splitlines()[0] for kind in found}

    assert len(found) > 10
    for kind, title in titles.items():
        number, noun = title.partition(" of ")[0].split()
        assert number == "2"
        # Two words in one, such as metricpoints, are a programmer's.
        assert kind.__name__[1:].islower() or noun.rstrip("s") != kind.__name__.lower(), title


@pytest.mark.parametrize("name", KINDS)
def test_one_record_and_one_of_many_both_have_a_drawing_that_is_not_empty(name: str) -> None:
    record = filled(KINDS[name])

    assert list(blocks_of(record))
    title, *_, table = blocks_of((record,))
    assert isinstance(title, Title)
    assert isinstance(table, Table)
    assert len(table.rows) == 1
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_a_page_a_tuple_and_a_list_of_the_same_are_drawn_alike() -> None:
    for record in (
        a_run(),
        a_review(),
        Event(at=AT, actor=ANA, kind="a.b", subject="s"),
        filled(KINDS["Artifact"]),
    ):
        items = (record, record)

        assert as_text(Page(items=items, total=2)) == as_text(items) == as_text(list(items))


@pytest.mark.parametrize("name", ["Run", "Job", "Event", "Artifact"])
def test_a_page_says_of_how_many_it_is_a_part(name: str) -> None:
    record = filled(KINDS[name])
    title = as_text(Page(items=(record,) * 2, total=1234)).splitlines()[0]

    assert title.startswith("2 of 1,234 ")


def test_what_is_mixed_is_a_list_of_records() -> None:
    lines = as_text([a_run(), 1, "two", None]).splitlines()

    assert lines[0] == "4 records"
    assert lines[-3].endswith("1")


def test_an_empty_page_tells_of_its_own_kind_and_a_bare_tuple_of_none() -> None:
    assert "jobs" in as_text(Page(items=(), total=0, kind="Job"))
    assert as_text(()) == as_text([]) == as_text(Page(items=(), total=0))


@pytest.mark.parametrize(
    ("thing", "said"),
    [(None, "None"), (True, "True"), (3, "3"), (1.5, "1.5"), ("text", "text"), ({"a": 1}, "a"), (Event, "class"), (object(), "object")],
)  # fmt: skip
def test_anything_else_is_shown_as_the_value_it_is(thing: object, said: str) -> None:
    assert said in as_text(thing)
    assert said in as_html(thing)


def test_a_record_of_somebody_elses_shows_its_fields() -> None:
    @dataclass(frozen=True)
    class WindReading:
        speed: float
        place: str = ""

    assert as_text(WindReading(3.25)).splitlines() == ["Wind reading", "  speed  3.25"]
    assert as_text((WindReading(3.25, "north"), WindReading(4.5))).splitlines()[1].split() == [
        "speed",
        "place",
    ]


def test_a_text_of_several_lines_is_no_single_line() -> None:
    (block,) = blocks_of("one\ntwo")

    assert block == Fold("Text", "one\ntwo", open=True)


def test_the_points_of_a_metric_are_points() -> None:
    point = MetricPoint(owner="r", sequence=1, key="mae", value=1.5, at=AT)
    title = as_text((point, dataclasses.replace(point, sequence=2))).splitlines()[0]

    assert title == "2 points"
