"""What compared runs showed, in pictures and in words: the same is said where no picture can be shown."""

from __future__ import annotations

import re

import pytest

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.comparison import CodeDifference, FigureRow, OutputChange, RunComparison
from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.render.html import html_of
from jupyter_mlops.render.runs import comparison_blocks
from jupyter_mlops.render.text import text_of
from tests.render.records_shown import a_run

EVIL = "<img src=x onerror=alert(1)>\x1b[31m"
PIXELS = "data:image/png;base64,AAAA"


def file(digest: str, size: int = 23_400, name: str = "figures/r.png") -> Artifact:
    return Artifact(run="r", name=name, digest=digest, size=size, media_type="image/png")


def output(kind: str = "same", what: str = "figure", cell: str = "c4", **more) -> OutputChange:
    return OutputChange(cell=cell, kind=kind, what=what, label=f"In [{cell[1:]}]", **more)


def beside(*outputs: OutputChange, changes: tuple[CodeChange, ...] = (), **more) -> RunComparison:
    runs = (a_run(name="one"), a_run(id="b" * 26, name="two"))
    code = (CodeDifference(run="b" * 26, changes=changes, outputs=outputs),)
    return RunComparison(runs=runs, headline="", code=code, **more)


def drawn(record: RunComparison, **pictures: str) -> tuple[str, str]:
    blocks = tuple(comparison_blocks(record, (), pictures))
    return text_of(blocks), html_of(blocks)


def test_figures_stand_below_the_cell_they_are_of_and_cells_that_are_the_same_come_last():
    changes = (
        CodeChange(cell="c3", kind="edited", diff="-a\n+b", label="In [3]"),
        CodeChange(cell="c4", kind="moved", label="In [4]"),
    )
    text, html = drawn(
        beside(
            output(cell="c1", what="output"),
            output("edited", cell="c3", before=file("one"), after=file("two", 24_000)),
            output("moved", before=file("one"), after=None),
            output(cell="c5", missing="not kept"),
            output(cell="c6", before=file("one"), missing="not kept"),
            changes=changes,
        ),
        one=PIXELS,
        two=PIXELS,
    )
    assert [line.strip() for line in text.splitlines()] == [
        "", "grade of one  ✓ clean, saved", "grade of two  ✓ clean, saved", "Code of two", "· In [3] edited", "· In [4] moved", "In [3] edited", "-a", "+b",
        "In [3] edited, figure differs: figures/r.png  one 23.4 kB | two 24.0 kB",
        "In [4] moved, figure differs: figures/r.png  one 23.4 kB | two none",
        "In [1] same, output differs",
        "In [5] same, figure differs; it was not kept",
        "In [6] same, figure differs: figures/r.png  one 23.4 kB | two not kept",
    ]  # fmt: skip
    assert re.findall(r'alt="([^"]*)"', html) == [
        f"picture of {name}" for name in ("one", "two", "one", "one")
    ]
    assert html.index("In [3] edited, figure") < html.index("<img") < html.index("In [4] moved, figure")


def test_where_no_cell_was_edited_that_is_said():
    text, _ = drawn(beside(output(before=file("one"), after=file("two"))))
    assert "Code of two\n   · the same in both\n" in text


def test_a_figure_without_a_cell_stands_run_beside_run():
    row = FigureRow(name="figures/x.png", files=(file("one"), None))
    text, html = drawn(RunComparison(runs=beside().runs, headline="", figures=(row,)), one=PIXELS)
    assert text.splitlines()[-1].strip() == "figure differs: figures/x.png  one 23.4 kB | two none"
    assert html.count("<img") == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.invalid/x.png",
        "data:image/svg+xml;base64,AAAA",
        "data:text/html;base64,AAAA",
        'data:image/png;base64,AA"onerror="alert(1)',
        PIXELS + "\n",
        "",
    ],
)
def test_nothing_but_pixels_is_drawn_and_the_words_stay(address):
    record = beside(output(before=file("one"), after=file("two")))
    text, html = drawn(record, one=address)
    assert "<img" not in html
    assert "one 23.4 kB | two 23.4 kB" in re.sub("<[^>]*>", "", html)
    assert text == drawn(record)[0]


def test_names_from_user_code_stay_text():
    change = OutputChange(
        cell=EVIL, kind=EVIL, what=EVIL, label=EVIL, before=file("one", name=EVIL), missing=EVIL
    )
    runs = (a_run(name=EVIL), a_run(id="b" * 26, name=EVIL))
    record = RunComparison(
        runs=runs,
        headline="",
        code=(
            CodeDifference(
                run=EVIL, changes=(), outputs=(change, OutputChange(cell=EVIL, kind="", what=EVIL))
            ),
        ),
        figures=(FigureRow(name=EVIL, files=(file("one"), None)),),
    )
    text, html = drawn(record, one=PIXELS)
    assert html.count("<img") == 2
    assert "<img src=x" not in html
    assert "\x1b" not in text + html
