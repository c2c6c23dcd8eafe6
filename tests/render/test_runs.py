"""The table of runs and runs beside each other: what differs is never called the same, what is left out is counted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.records.comparison import CodeDifference, MetricRow, ModuleChange, RunComparison, ValueRow
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.run import DocumentState, Grade, Run, RunStatus
from jupyter_mlops.render.blocks import Bullets, Fold, Line, Table
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.runs import comparison_blocks
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import AT, EVIL, a_run

FOLDER = "data/2026/a/rather/long/folder/for/air"


def runs_of(name: str, *items: object) -> tuple[Run, ...]:
    """A run for each value of the parameter *name*; no two have the same id."""
    return tuple(a_run(id=f"{n:026d}", params={name: item}) for n, item in enumerate(items))


def table_of(*runs: Run) -> tuple[list[str], list[list[str]]]:
    """The head and the rows, cell by cell."""
    lines = as_text(Page(items=runs, total=len(runs))).splitlines()
    head = next(n for n, line in enumerate(lines) if line.split()[0] == "run")
    return cells_of(lines[head]), [cells_of(line) for line in lines[head + 1 :]]


def cells_of(line: str) -> list[str]:
    return re.split(r" {2,}", line.strip())


def beside(**changes: object) -> RunComparison:
    given = {"runs": (a_run(), a_run(id="b" * 26, name="deeper")), "headline": "deeper is better."}
    return RunComparison(**(given | changes))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"{FOLDER}/train.csv", f"{FOLDER}/test.csv"),
        (0.1234561, 0.1234562),
        (1e-9, 1.0000001e-9),
        (True, 1),
        (2**60, 2**60 + 1),
        ("x" * 30, "x" * 31),
    ],
)
def test_parameters_that_differ_behind_what_is_shown_are_never_called_the_same(
    first: object, second: object
) -> None:
    runs = runs_of("x", first, second)
    head, rows = table_of(*runs)

    assert "the same in all: experiment air/pm25 · grade clean, saved\n" in as_text(runs)
    assert "x" in head
    assert rows[0][head.index("x")] != rows[1][head.index("x")]


def test_a_row_says_of_a_run_that_it_was_put_away_beside_its_state() -> None:
    runs = runs_of("x", *range(4))
    rows = table_of(
        runs[0],
        replace(runs[1], archived=True),
        replace(runs[2], archived=True, deleted=AT, status=RunStatus.FAILED),
        replace(runs[3], status=RunStatus.FAILED),
    )[1]
    told = [row[0].partition(" (")[2].rstrip(")") for row in rows]
    assert told == ["", "archived", "failed, deleted", "failed"]


def test_a_value_is_short_where_that_is_enough() -> None:
    head, rows = table_of(*runs_of("x", "a" * 50, "b" * 50, 0.5))

    assert [row[head.index("x")] for row in rows] == [f"{'a' * 23}…", f"{'b' * 23}…", "0.5"]


def test_what_is_the_same_in_all_is_said_once_and_shortened_there() -> None:
    lines = as_text(runs_of("path", *[f"{FOLDER}/train.csv"] * 2)).splitlines()

    assert (
        lines[1].strip() == f"the same in all: experiment air/pm25 · grade clean, saved · path {FOLDER[:29]}…"
    )
    assert "path" not in lines[2]


def test_experiment_and_grade_are_columns_only_where_they_differ() -> None:
    runs = runs_of("x", 1, 2)
    assert table_of(*runs)[0][:4] == ["run", "id", "started", "took"]
    other = replace(runs[1], id="c" * 26, experiment="water", grade=Grade.STALE)
    head, rows = table_of(*runs, other)
    assert head[2:5] == ["experiment", "grade", "started"]
    assert [row[2:4] for row in rows] == [
        ["air/pm25", "✓ clean, saved"],
        ["air/pm25", "✓ clean, saved"],
        ["water", "⚠ stale, saved"],
    ]
    assert "the same in all" not in as_text((*runs, other))


def test_of_one_run_alone_nothing_is_the_same_in_all() -> None:
    head, (row,) = table_of(*runs_of("alpha", 0.3))

    assert row[head.index("alpha")] == "0.3"
    assert "the same" not in as_text(runs_of("alpha", 0.3))


def test_the_four_parameters_that_most_runs_have_are_columns_and_a_missing_one_leaves_its_cell_empty() -> (
    None
):
    runs = [a_run(id=f"{n:026d}", params=dict.fromkeys("wxyz", n), metrics={}) for n in range(3)]
    runs.append(a_run(id="d" * 26, params=dict.fromkeys("abwxyz", 3), metrics={}))
    runs.append(a_run(id="e" * 26, params=dict.fromkeys("ab", 4), metrics={}))

    head, rows = table_of(*runs)

    assert head[4:] == ["w", "x", "y", "z"]
    assert rows[0][4:] == ["0", "0", "0", "0"]
    assert rows[4][4:] == []


def test_the_four_metrics_that_say_most_are_columns_and_numbers_end_in_one_place() -> None:
    names = ("fit_seconds", "train_mae", "mae", "r2", "auc", "loss")
    runs = tuple(a_run(id=f"{n:026d}", params={}, metrics=dict.fromkeys(names, 10.0**n)) for n in range(3))
    head, rows = table_of(*runs)

    assert head[-4:] == ["mae ↓", "r2 ↑", "auc ↑", "loss ↓"]
    assert [row[-1] for row in rows] == [
        "1",
        "10",
        "100",
        "2 more columns are not shown; to_frame() has them all",
    ]
    assert len({len(line) for line in as_text(runs).splitlines()[2:-1]}) == 1


def test_a_state_and_a_grade_are_said_in_words_beside_their_signs() -> None:
    states = (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.RUNNING, RunStatus.LOST)
    runs = tuple(
        a_run(id=f"{n:026d}", status=state, grade=Grade.CLEAN if n else Grade.STALE, ended=None if state is RunStatus.RUNNING else AT + timedelta(seconds=5))
        for n, state in enumerate(states)
    )  # fmt: skip
    _, rows = table_of(*runs)

    assert [row[0] for row in rows] == [
        "● baseline",
        "✕ baseline (failed)",
        "◌ baseline (running)",
        "✕ baseline (lost)",
    ]
    assert [row[2] for row in rows] == [
        "⚠ stale, saved",
        "✓ clean, saved",
        "✓ clean, saved",
        "✓ clean, saved",
    ]
    assert [row[4] for row in rows] == ["5.0 s", "5.0 s", "–", "5.0 s"]


@pytest.mark.parametrize(
    ("items", "total", "title"), [(1, 1, "1 run"), (2, 2, "2 runs"), (2, 10_412, "2 of 10,412 runs")]
)
def test_the_title_counts_what_is_there_and_what_is_shown(items: int, total: int, title: str) -> None:
    runs = tuple(a_run(id=f"{n:026d}") for n in range(items))

    assert as_text(Page(items=runs, total=total)).splitlines()[0] == title


def test_of_two_runs_the_second_is_better_or_worse_by_a_difference() -> None:
    rows = (
        MetricRow(name="mae", values=(41.2, 40.1), direction=Direction.LOWER, best=1, difference=-1.1),
        MetricRow(name="r2", values=(0.9, 0.8), direction=Direction.HIGHER, best=0, difference=-0.1),
        MetricRow(name="auc", values=(0.5, 0.5), direction=Direction.HIGHER, difference=0.0),
        MetricRow(name="odd", values=(1.0, 2.0), difference=1.0),
        MetricRow(name="new", values=(None, 2.0)),
    )
    lines = [cells_of(line) for line in as_text(beside(metrics=rows)).splitlines()]

    assert lines[0] == ["deeper is better."]
    assert lines[1:3] == [["grade of baseline", "✓ clean, saved"], ["grade of deeper", "✓ clean, saved"]]
    assert lines[3:5] == [["Metrics"], ["metric", "baseline x4ah70", "deeper bbbbbb", "difference"]]
    assert lines[5:] == [
        ["mae ↓", "41.2", "40.1 ★", "−1.1 ▲ better"],
        ["r2 ↑", "0.9 ★", "0.8", "−0.1 ▼ worse"],
        ["auc ↑", "0.5", "0.5", "0 equal"],
        ["odd", "1", "2", "+1"],
        ["new", "–", "2", "–"],
    ]


def test_of_three_runs_the_best_has_a_star_and_there_is_no_difference() -> None:
    row = MetricRow(name="mae", values=(41.2, 40.1, None), direction=Direction.LOWER, best=1)
    text = as_text(beside(runs=tuple(a_run(id=c * 26) for c in "abc"), metrics=(row,)))

    assert "difference" not in text
    assert cells_of(text.splitlines()[-1]) == ["mae ↓", "41.2", "40.1 ★", "–"]


def test_some_runs_say_each_how_far_it_can_be_trusted() -> None:
    unseen = a_run(id="b" * 26, name="deeper", grade=Grade.STALE, document=DocumentState.UNKNOWN)
    lines = [cells_of(line) for line in as_text(beside(runs=(a_run(), unseen))).splitlines()]
    assert lines[1:] == [["grade of baseline", "✓ clean, saved"], ["grade of deeper", "⚠ stale"]]


def test_only_what_differs_has_a_part_of_its_own() -> None:
    assert [cells_of(line) for line in as_text(beside()).splitlines()] == [
        ["deeper is better."],
        ["grade of baseline", "✓ clean, saved"],
        ["grade of deeper", "✓ clean, saved"],
    ]
    text = as_text(beside(
        params=(ValueRow(name="alpha", values=(0.3, None)), ValueRow(name="deep", values=(False, True))),
        data=(ValueRow(name="X", values=("34da91" * 10, "99ffee" * 10)),),
        environment=(ValueRow(name="numpy", values=("2.4.6", "2.4.7")),),
    ))  # fmt: skip
    lines = [cells_of(line) for line in text.splitlines()]

    assert [line[0] for line in lines if len(line) == 1] == [
        "deeper is better.",
        "Parameters",
        "Data",
        "Environment",
    ]
    assert ["alpha", "0.3", "–"] in lines
    assert ["deep", "False", "True"] in lines
    assert ["X", "34da91", "99ffee"] in lines


def test_two_long_values_beside_each_other_are_told_apart() -> None:
    row = ValueRow(name="path", values=(f"{FOLDER}/{'x' * 10}/train.csv", f"{FOLDER}/{'x' * 10}/test.csv"))
    text = as_text(beside(params=(row,)))

    assert "train.csv" in text
    assert "test.csv" in text


def test_rows_that_are_left_out_of_a_comparison_are_counted() -> None:
    rows = tuple(ValueRow(name=f"package{n}", values=("1", "2")) for n in range(104))

    (table,) = [block for block in comparison_blocks(beside(environment=rows)) if isinstance(block, Table)]
    assert len(table.rows) == 100
    assert table.note == "4 more rows are not shown"
    (table,) = [
        block for block in comparison_blocks(beside(environment=rows[:100])) if isinstance(block, Table)
    ]
    assert table.note == ""


def test_code_is_told_by_the_run_it_is_of_and_folded_where_there_is_a_difference() -> None:
    changes = (
        CodeChange(cell="c1", kind="edited", diff="-a\n+b", label="In [7]"),
        CodeChange(cell="c2", kind="moved", label="In [8]"),
    )
    code = (
        CodeDifference(run="b" * 26, changes=changes),
        CodeDifference(run="elsewhere", changes=changes[1:]),
    )
    blocks = list(comparison_blocks(beside(code=code)))

    assert isinstance(blocks[0], Line)
    assert [block for block in blocks if isinstance(block, Fold)] == [
        Fold("In [7] edited", "-a\n+b", diff=True)
    ]
    assert re.findall(r"Code of (\w+)", as_text(beside(code=code))) == ["deeper", "elsewhere"]


def test_imported_files_are_told_with_the_heads_of_their_digests() -> None:
    modules = (
        ModuleChange(path="helpers.py", kind="edited", before="a" * 64, after="b" * 64),
        ModuleChange(path="new.py", kind="added", after="c" * 64, note="edited around its import"),
        ModuleChange(
            path="odd.py", kind="unsure", before="d" * 64, after="d" * 64, note="edited around its import"
        ),
        ModuleChange(path=EVIL, kind=EVIL, before=EVIL, note=EVIL),
    )
    record = beside(code=(CodeDifference(run="b" * 26, changes=(), modules=modules),))
    (told,) = [block for block in comparison_blocks(record) if isinstance(block, Bullets)]
    assert told.title == "Code of deeper"
    assert [item.text for item in told.items[:3]] == [
        "module helpers.py edited aaaaaa → bbbbbb",
        "module new.py added cccccc (edited around its import)",
        "module odd.py edited around its import: dddddd may not be what ran",
    ]
    assert "<script" not in as_html(record)
    assert "\x1b" not in as_text(record)


def test_data_without_a_digest_are_told_in_words() -> None:
    rows = (ValueRow(name="big.csv", values=("not digested, 9 bytes", "a" * 64)),)
    text = as_text(beside(data=rows))
    assert "not digested, 9 bytes" in text
    assert "aaaaaa" in text
    assert "aaaaaaa" not in text


def test_long_names_and_values_leave_room_for_the_figures() -> None:
    runs = (
        a_run(name="n" * 200, experiment="e" * 200, params={"x": "v" * 6000}),
        a_run(id="b" * 26, params={"x": "w" * 6000}),
    )
    lines = as_text(runs).splitlines()

    assert max(map(len, lines)) < 200
    assert f"{'n' * 39}… " in lines[3]
    assert "41.2" in lines[3]


def test_names_and_values_from_user_code_stay_text() -> None:
    runs = (a_run(name=EVIL, params={EVIL: EVIL}, metrics={EVIL: 1.0}), a_run(id="b" * 26, params={EVIL: 1}))
    compared = beside(
        runs=runs, headline=EVIL, params=(ValueRow(name=EVIL, values=(EVIL, None)),),
        code=(CodeDifference(run=runs[0].id, changes=(CodeChange(cell="c", kind=EVIL, diff=EVIL, label=EVIL),)),),
    )  # fmt: skip
    for record in (runs, compared):
        assert "<script" not in as_html(record)
        assert "<img" not in as_html(record)
        assert "\x1b" not in as_text(record)
        assert "\x1b" not in as_html(record)


def test_what_is_ordered_and_filtered_by_has_a_column_in_any_case_and_what_has_none_is_counted() -> None:
    names = ("aaa", "abb", "acc", "ad", "ae", "mae", "zz")
    runs = tuple(
        a_run(id=f"{n:026d}", params={f"p{k}": n for k in range(6)}, metrics=dict.fromkeys(names, 1.0))
        for n in range(2)
    )
    asked = Page(items=runs, total=2, asked=("metrics.zz", "params.p5", "metrics.none"))
    text = as_text(asked)
    head = cells_of(next(line for line in text.splitlines() if line.split()[:1] == ["run"]))
    assert head[4:] == ["p5", "p0", "p1", "p2", "zz", "acc ↑", "mae ↓", "aaa"]
    assert "5 more columns are not shown; to_frame() has them all" in text


def test_parameters_that_are_the_same_in_all_are_counted_where_they_are_not_named() -> None:
    runs = tuple(a_run(id=f"{n:026d}", params={f"p{k}": 1 for k in range(9)}) for n in range(2))
    assert "p5 1 · (+3)" in as_text(Page(items=runs, total=2))
