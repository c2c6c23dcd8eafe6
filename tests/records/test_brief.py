"""How a record reads in a plain terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import Run
from tests.contracts.samples import run as sample_run


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    digest: str = ""
    inner: Any = None


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    name: str
    count: int = 0
    colour: Colour | None = None
    at: datetime | None = None
    many: tuple[int, ...] = ()
    named: dict[str, float] = field(default_factory=dict)
    part: Part | None = None
    secret: str = field(default="", repr=False)


def test_what_is_empty_or_as_ever_is_left_out():
    assert repr(Thing(name="a")) == "Thing(name='a')"
    assert repr(Thing(name="", count=0)) == "Thing()"
    assert repr(Thing(name="a", count=2, secret="s")) == "Thing(name='a', count=2)"


def test_words_of_an_enumeration_times_and_digests_read_as_people_write_them():
    thing = Thing(
        name="a",
        colour=Colour.RED,
        at=datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
        part=Part(digest="0123456789abcdef" * 4),
    )
    assert (
        repr(thing) == "Thing(name='a', colour=red, at=2026-01-05T09:30:00+0000, part=Part(digest=01234567…))"
    )


def test_what_is_long_is_cut_and_says_so():
    thing = Thing(name="x" * 100, many=tuple(range(8)), named={str(n): 0.5 for n in range(7)})
    said = repr(thing)
    assert f"name={'x' * 80!r}…" in said
    assert "many=[0, 1, 2, 3, 4, … 3 more]" in said
    assert "'4': 0.5, … 2 more}" in said


def test_records_in_records_end_somewhere():
    thing = Thing(name="a", part=Part(inner=Part(inner=Part(inner=Part()))))
    assert repr(thing) == "Thing(name='a', part=Part(inner=Part(inner=Part(…))))"


def test_a_run_is_a_line_that_can_be_read():
    run = sample_run(name="baseline", params={"alpha": 0.3}, metrics={"mae": 41.2})
    said = repr(run)
    assert said.startswith("Run(id=")
    assert "name='baseline'" in said
    assert "metrics={'mae': 41.2}" in said
    assert "mappingproxy" not in said
    assert len(said) < 500
    assert isinstance(run, Run)


def test_a_page_counts_and_lists_its_first_records():
    runs = tuple(sample_run(name=f"r{n}") for n in range(12))
    said = repr(Page(items=runs, total=2_000, kind="Run")).splitlines()
    assert (said[0], len(said), said[-1]) == ("<12 of 2,000 Run>", 12, "  … 2 more")
    assert "name='r9'" in said[10]
    assert repr(Page(items=(), total=0)) == "<0 of 0 records>"
