"""What cells of compared runs showed: each figure at the cell that drew it, and nothing said of what is the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.comparison import OutputChange, RunComparison
from jupyter_mlops.records.run import Grade, Run
from jupyter_mlops.records.source import CellExecution, CellStatus, Source
from jupyter_mlops.tracking import compare_runs, finish_run, log_artifact, start_run


def mark(content: bytes, kind: str = "image/png") -> str:
    return f"{kind}:{hashlib.sha256(content).hexdigest()}"


class Book:
    """Runs by the cells they rest on, each with the marks of what it showed, and the figures they kept."""

    def __init__(self, ws, clock) -> None:
        self.ws, self.at = ws, clock()

    def cell(self, name: str, source: str, *outputs: str) -> CellExecution:
        return CellExecution(
            session="s", sequence=0, cell=name, position=None, count=int(name[1:]), source=source,
            source_digest=source, started=self.at, ended=self.at, status=CellStatus.OK, outputs=outputs,
        )  # fmt: skip

    def run(
        self, *cells: CellExecution, job: str | None = None, last: str | None = None, **figures: bytes
    ) -> Run:
        run = start_run(self.ws, name=f"with {len(figures)}")
        for name, content in figures.items():
            log_artifact(self.ws, run=run.id, content=content, name=f"figures/{name.replace('__', '.')}")
        chain = tuple(replace(cell, sequence=n) for n, cell in enumerate(cells, 1))
        captured = Captured(
            cells=chain,
            grade=Grade.CLEAN,
            source=Source(),
            last_cell=last or (chain[-1].cell if chain else None),
        )
        ended = finish_run(self.ws, run=run.id, captured=captured)
        if job is not None:
            with self.ws.store.write() as tx:
                tx.runs.replace(replace(ended, job=job))
        return ended

    def compared(self, *runs: Run) -> RunComparison:
        return compare_runs(self.ws, [run.id for run in runs])


def told(found: RunComparison) -> list[tuple[str, ...]]:
    """The cell, what became of it, what differs, and the figure of either side by its name."""
    return [
        (
            one.label,
            one.kind,
            one.what,
            one.before.name if one.before else "",
            one.after.name if one.after else "",
        )
        for code in found.code
        for one in code.outputs
    ]


@pytest.fixture
def book(ws, clock) -> Book:
    return Book(ws, clock)


def test_a_figure_stands_at_the_cell_that_showed_it_and_a_moved_one_moves_with_it(book):
    one = book.run(
        book.cell("c1", "load()"),
        book.cell("c2", "draw()", mark(b"old")),
        book.cell("c3", "fit()"),
        r__png=b"old",
    )
    two = book.run(
        book.cell("c2", "draw()", mark(b"new")),
        book.cell("c1", "load()"),
        book.cell("c3", "fit()"),
        r__png=b"new",
    )
    found = book.compared(one, two)
    assert told(found) == [("In [2]", "moved", "figure", "figures/r.png", "figures/r.png")]
    assert [change.kind for change in found.code[0].changes] == ["moved"]
    assert found.figures == ()


def test_a_pure_rerun_shows_nothing_but_time_whatever_the_figures_are_called(book):
    shown = (mark(b"a"), mark(b"b"), mark(b"table", "text/plain"))
    one = book.run(
        book.cell("c1", "fit()", *shown, "stream:1", "error:1"), a__png=b"a", b__png=b"b", own__png=b"x"
    )
    two = book.run(book.cell("c1", "fit()", *shown, "stream:2"), b__png=b"a", c__png=b"b", own__png=b"x")
    found = book.compared(one, two)
    assert (found.code, found.figures) == ((), ())
    assert found.headline == "No metric in common; it differs in nothing but time."


def test_cells_that_are_the_same_are_told_where_they_showed_something_else(book):
    one = book.run(book.cell("c1", "fit()", mark(b"old"), mark(b"t", "text/plain")), r__png=b"old")
    two = book.run(book.cell("c1", "fit()", mark(b"new"), mark(b"u", "text/plain")), r__png=b"new")
    found = book.compared(one, two)
    assert told(found) == [
        ("In [1]", "same", "figure", "figures/r.png", "figures/r.png"),
        ("In [1]", "same", "output", "", ""),
    ]
    assert found.code[0].changes == ()
    assert found.headline.endswith("it differs in nothing but time and what 1 cell showed.")


def test_what_the_code_put_there_itself_is_of_the_runs_own_cell_and_of_one_side_only_where_the_cell_is(book):
    one = book.run(book.cell("c1", "load()"), book.cell("c2", "gone = 1"), r__png=b"old")
    two = book.run(book.cell("c1", "load()"), book.cell("c3", "import quite, another"), r__png=b"new")
    assert told(book.compared(one, two)) == [
        ("In [3]", "added", "figure", "", "figures/r.png"),
        ("In [2]", "removed", "figure", "figures/r.png", ""),
    ]


def test_of_a_cell_that_is_not_the_runs_own_only_digests_are_kept_and_that_is_said(book):
    cells = [
        [book.cell("c1", "look()", mark(name)), book.cell("c2", "fit()")]
        for name in (b"seen before", b"seen after")
    ]
    (change,) = book.compared(book.run(*cells[0]), book.run(*cells[1])).code[0].outputs
    assert change == OutputChange(cell="c1", kind="same", what="figure", label="In [1]", missing="not kept")
    (change,) = (
        book.compared(book.run(*cells[0]), book.run(cells[1][0], r__png=b"seen after")).code[0].outputs
    )
    assert (change.before, change.missing) == (None, "not kept")
    assert change.after is not None


def test_a_figure_no_cell_is_known_for_in_one_run_stands_run_beside_run_in_all(book):
    script = book.run(r__png=b"script", same__png=b"s")
    one = book.run(book.cell("c1", "fit()", mark(b"one")), r__png=b"one", same__png=b"s")
    found = book.compared(script, one)
    assert told(found) == []
    assert [(row.name, [file.run for file in row.files if file]) for row in found.figures] == [
        ("figures/r.png", [script.id, one.id])
    ]
    job = book.run(book.cell("c1", "a()"), book.cell("c2", "b()"), job="s", r__png=b"job")
    assert [row.name for row in book.compared(job, one).figures] == ["figures/r.png"]
    elsewhere = book.run(book.cell("c1", "a()"), last="c9", r__png=b"other")
    assert [row.name for row in book.compared(elsewhere, one).figures] == ["figures/r.png"]
    many = [book.run(r__png=bytes([n])) for n in range(5)]
    assert len(book.compared(*many[:4]).figures) == 1
    assert book.compared(*many).figures == ()


def test_a_drawing_that_is_written_anew_each_time_is_the_same_where_its_mark_is(book):
    one, two, three = (
        book.run(book.cell("c1", "draw()", mark(says, "image/svg+xml")), d__svg=written)
        for says, written in ((b"same", b"<svg>1"), (b"same", b"<svg>2"), (b"other", b"<svg>3"))
    )
    assert book.compared(one, two).code == ()
    assert told(book.compared(one, three)) == [("In [1]", "same", "figure", "figures/d.svg", "figures/d.svg")]
    none = book.run(book.cell("c1", "draw()"))
    (change,) = book.compared(one, none).code[0].outputs
    assert (change.after, change.missing) == (None, "")


def test_digests_of_a_time_when_they_were_taken_in_another_way_tell_nothing(book):
    one = book.run(book.cell("c1", "fit()", "a" * 64))
    two = book.run(book.cell("c1", "fit()", mark(b"t", "text/plain"), mark(b"p")))
    assert book.compared(one, two).code == ()


def test_of_several_runs_each_is_held_against_the_first(book):
    runs = [
        book.run(book.cell("c1", "fit()", mark(content)), r__png=content) for content in (b"1", b"2", b"1")
    ]
    found = book.compared(*runs)
    assert [(code.run, len(code.outputs)) for code in found.code] == [(runs[1].id, 1)]
