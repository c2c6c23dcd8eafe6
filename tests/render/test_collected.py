"""What was erased for good is named, with what that means."""

from __future__ import annotations

import pytest

from jupyter_mlops.records.collected import Collected
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import EVIL

IDS = ("a" * 26, "b" * 26)


@pytest.mark.parametrize(
    ("collected", "said"),
    [
        (
            Collected(runs=IDS, names=("ridge", "deep"), blobs=3, size=2048, dry=True),
            "⚠ This would erase for good: 2 runs and 3 files that nobody else needs (2.0 kB). Nothing brings them back.",
        ),
        (
            Collected(runs=IDS[:1], names=("ridge",), blobs=1, size=2048),
            "Erased for good: 1 run and 1 file that nobody else needs (2.0 kB).",
        ),
        (Collected(), "Nothing was erased."),
        (Collected(dry=True), "Nothing would be erased."),
    ],
    ids=["would", "did", "nothing", "nothing would"],
)
def test_the_first_line_says_what_becomes_of_what(collected: Collected, said: str) -> None:
    assert as_text(collected).splitlines()[0].strip() == said


def test_each_run_is_named_and_what_can_be_had_back_is_counted() -> None:
    lines = [
        line.strip() for line in as_text(Collected(runs=IDS, names=("ridge", "deep"), waiting=1)).splitlines()
    ]
    assert lines[1:] == [
        "Runs",
        "· ridge aaaaaa",
        "· deep bbbbbb",
        "The ledger keeps a line for each.",
        "1 deleted run can still be restored, until it is old enough to be collected.",
    ]
    assert as_text(Collected(kept=1)).splitlines()[1].strip() == (
        "1 run stayed: a run that is part of it is still there."
    )
    assert "restored, until they are" in as_text(Collected(waiting=2))


def test_many_are_counted_and_what_looks_like_markup_is_text() -> None:
    many = Collected(runs=IDS[:1] * 30, names=(EVIL,) * 30)
    text = as_text(many)
    assert text.count("aaaaaa") == 20
    assert "· and 10 more runs, which .runs has too" in text
    assert "<script" not in as_html(many)
    assert as_text(Collected(runs=IDS[:1])).splitlines()[2].strip() == "· aaaaaa"
