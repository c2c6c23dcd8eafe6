"""Experiments as the folders they make: one line each, under the folder they are in."""

from __future__ import annotations

from datetime import UTC, datetime

from jupyter_mlops.records.experiment import Experiment
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import EVIL

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


def one(name: str, runs: int, below: int | None = None) -> Experiment:
    return Experiment(name=name, runs=runs, below=runs if below is None else below, newest=AT)


def test_what_is_in_a_folder_is_set_in_under_it():
    title, all_runs, head, *lines = as_text(
        (one("air", 0, 1_204), one("air/pm25", 1_204), one("water", 3))
    ).splitlines()
    assert (title, all_runs.strip()) == ("2 experiments", "1,207 runs in all")
    assert head.split() == ["experiment", "runs", "with", "those", "below", "newest"]
    assert [line[2:].replace("\N{NO-BREAK SPACE}", " ").rstrip()[:8].rstrip() for line in lines] == [
        "air/",
        "  pm25",
        "water",
    ]
    assert "1,204" in lines[0]
    assert lines[1].split()[-3:] == ["2026-01-05", "12:00", "UTC"]


def test_nothing_acts_that_stands_in_a_name():
    assert EVIL not in as_html((one(EVIL, 1),))


def test_of_many_the_first_are_shown_and_the_others_counted():
    shown = as_text(tuple(one(f"e{place:04}", 1) for place in range(520)))
    assert "20 more are not shown" in shown


def test_where_there_is_none_the_line_says_how_one_comes_to_be():
    assert "No experiments yet." in as_text((), "Experiment")


def test_a_name_that_ends_in_a_slash_is_not_called_nameless() -> None:
    named = Experiment(name="air/", runs=1, below=1)
    assert "(no experiment)" not in as_text((named,))
    assert "(no experiment)" in as_text((Experiment(name="", runs=1, below=1),))
