"""Runs beside each other, and the cells a run rests on."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace

import nbformat
import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.run import Grade, RunInput
from jupyter_mlops.records.source import CellExecution, CellStatus, Source
from jupyter_mlops.render.text import as_text
from jupyter_mlops.tracking import compare_runs, finish_run, log_metrics, log_params, slice_run, start_run
from jupyter_mlops.tracking.assignments import assigned, params_of
from jupyter_mlops.tracking.environment import environment_digest, this_environment
from jupyter_mlops.tracking.slices import SliceForm


def cell(number: int, source: str, at, name: str | None = None) -> CellExecution:
    return CellExecution(
        session="s", sequence=number, cell=name or f"c{number}", position=number - 1, count=number, source=source,
        source_digest=str(hash(source)), started=at, ended=at, status=CellStatus.OK, digest=f"d{number}",
    )  # fmt: skip


def a_run(ws, name, *, cells=(), params=None, metrics=None, inputs=(), source=None):
    run = start_run(ws, name=name)
    log_params(ws, run=run.id, params=params or {})
    log_metrics(ws, run=run.id, metrics=metrics or {})
    return finish_run(
        ws, run=run.id, captured=Captured(cells=tuple(cells), inputs=inputs, grade=Grade.CLEAN, source=source or Source(executed=9))
    )  # fmt: skip


def test_the_sentence_names_what_is_better_and_what_differs(ws, clock):
    at = clock()
    one = a_run(ws, "baseline", params={"alpha": 0.3, "same": 1}, metrics={"mae": 41.2, "r2": 0.9},
                cells=[cell(1, "x = 1", at), cell(2, "fit(alpha=0.3)", at)])  # fmt: skip
    two = a_run(ws, "deeper", params={"alpha": 0.1, "same": 1}, metrics={"mae": 40.1, "r2": 0.9},
                cells=[cell(1, "x = 1", at), cell(2, "fit(alpha=0.1)", at)])  # fmt: skip
    found = compare_runs(ws, [one.id[-5:], two.id])
    assert found.headline == "deeper is better by 1.1 mae; it differs in alpha and 1 cell."
    assert [(row.name, row.best, row.direction) for row in found.metrics] == [
        ("mae", 1, "lower"),
        ("r2", None, "higher"),
    ]
    assert [(row.name, row.values) for row in found.params] == [("alpha", (0.3, 0.1))]
    (code,) = found.code
    assert [(change.kind, change.cell) for change in code.changes] == [("edited", "c2")]
    assert "+fit(alpha=0.1)" in code.changes[0].diff
    assert decode(RunComparison, json.loads(json.dumps(encode(found)))) == found


def test_a_pure_rerun_shows_nothing_but_time(ws, clock):
    at = clock()
    runs = [
        a_run(ws, "same", params={"a": 1}, metrics={"mae": 1.0}, cells=[cell(1, "x", at)]) for _ in range(2)
    ]
    found = compare_runs(ws, [run.id for run in runs])
    assert (found.params, found.data, found.environment, found.code) == ((), (), (), ())
    assert found.headline == "No metric tells them apart; it differs in nothing but time."


def test_swapped_cells_are_a_move_and_not_a_rewrite(ws, clock):
    at = clock()
    one = a_run(
        ws,
        "one",
        cells=[cell(1, "a = load()", at, "ca"), cell(2, "b = other()", at, "cb"), cell(3, "c()", at, "cc")],
    )
    two = a_run(
        ws,
        "two",
        cells=[cell(1, "b = other()", at, "cb"), cell(2, "a = load()", at, "ca"), cell(3, "c()", at, "cc")],
    )
    (code,) = compare_runs(ws, [one.id, two.id]).code
    assert [change.kind for change in code.changes] == ["moved"]
    assert code.changes[0].diff == ""


def test_cells_without_ids_are_matched_by_how_alike_they_are(ws, clock):
    at = clock()

    def nameless(number: int, source: str) -> CellExecution:
        return replace(cell(number, source, at), cell=None)

    one = a_run(
        ws,
        "one",
        cells=[nameless(1, "model = Ridge(alpha=0.3).fit(X_train, y_train)"), nameless(2, "print('old')")],
    )
    two = a_run(
        ws,
        "two",
        cells=[nameless(1, "model = Ridge(alpha=0.1).fit(X_train, y_train)"), nameless(2, "import os")],
    )
    (code,) = compare_runs(ws, [one.id, two.id]).code
    assert sorted(change.kind for change in code.changes) == ["added", "edited", "removed"]


def test_data_differ_by_their_digest_and_a_missing_one_is_not_the_same(ws):
    def data(digest: str) -> tuple[RunInput, ...]:
        return (RunInput(name="X", role="train", digest=digest * 64, rows=3),)

    one, two = (
        a_run(ws, "one", inputs=data("a"), params={"b": 1}),
        a_run(ws, "two", inputs=data("b"), params={"b": True}),
    )
    found = compare_runs(ws, [one.id, two.id])
    assert [row.name for row in found.data] == ["X"]
    assert [row.values for row in found.params] == [(1, True)]


def test_a_parameter_left_out_and_one_given_as_none_are_no_difference(ws):
    one, two = (
        a_run(ws, "one", params={"alpha": 1, "depth": None}),
        a_run(ws, "two", params={"alpha": 2, "memory": None}),
    )
    three = a_run(ws, "three", params={"alpha": 2, "depth": 3})
    assert [row.name for row in compare_runs(ws, [one.id, two.id]).params] == ["alpha"]
    assert [row.name for row in compare_runs(ws, [one.id, three.id]).params] == ["alpha", "depth"]


def test_three_runs_have_a_best_and_no_difference(ws):
    runs = [a_run(ws, f"r{n}", metrics={"mae": value}) for n, value in enumerate((3.0, 1.0, 2.0))]
    found = compare_runs(ws, [run.id for run in runs])
    assert (found.metrics[0].best, found.metrics[0].difference) == (1, None)
    assert found.headline.startswith("r1 has the best mae, 1, of 3; they differ in")


def test_what_was_measured_of_the_fitting_is_told_last_and_decides_nothing(ws):
    one = a_run(ws, "one", metrics={"fit_seconds": 0.1, "train_mae": 1.0, "mae": 5.0, "zeal": 1.0})
    two = a_run(ws, "two", metrics={"fit_seconds": 9.0, "train_mae": 2.0, "mae": 4.0, "zeal": 2.0})
    found = compare_runs(ws, [one.id, two.id])
    assert [row.name for row in found.metrics] == ["mae", "zeal", "train_mae", "fit_seconds"]
    assert found.headline.startswith("two is better by 1 mae;")
    quick = a_run(ws, "quick", metrics={"fit_seconds": 0.1})
    slow = a_run(ws, "slow", metrics={"fit_seconds": 9.0})
    assert compare_runs(ws, [quick.id, slow.id]).headline.startswith("No metric tells them apart;")


def test_beside_an_environment_that_is_not_known_no_single_package_counts_as_different(ws):
    known = a_run(ws, "known", source=Source(executed=1, environment=environment_digest(ws)))
    late = a_run(ws, "late", source=Source(executed=1))
    (row,) = compare_runs(ws, [known.id, late.id]).environment
    assert (row.name, row.values) == ("environment", ("recorded", "not known"))


def test_of_two_environments_the_packages_that_differ_are_named(ws):
    mine = encode(this_environment())
    theirs = {**mine, "packages": {**mine["packages"], "numpy": "0.1"}}
    kept = ws.blobs.put(io.BytesIO(json.dumps(theirs).encode()))
    one = a_run(ws, "one", source=Source(executed=1, environment=environment_digest(ws)))
    two = a_run(ws, "two", source=Source(executed=1, environment=kept))
    (row,) = compare_runs(ws, [one.id, two.id]).environment
    assert (row.name, row.values) == ("numpy", (mine["packages"]["numpy"], "0.1"))


def surrounded(ws, **changes):
    told = encode(replace(this_environment(), **changes))
    return ws.blobs.put(io.BytesIO(json.dumps(told).encode()))


def test_another_imported_module_at_one_commit_is_a_difference_of_code(ws, clock):
    at, commit = clock(), "c" * 40
    one, two, three = (
        a_run(ws, name, cells=[cell(1, "import helpers", at)], source=Source(commit=commit, modules=modules))
        for name, modules in (
            ("one", {"helpers.py": "a" * 64, "old.py": "b" * 64}),
            ("two", {"helpers.py": "c" * 64, "air/__init__.py": "d" * 64}),
            ("three", {"helpers.py": "a" * 64, "old.py": "b" * 64}),
        )
    )
    found = compare_runs(ws, [one.id, two.id, three.id])
    (code,) = found.code
    assert (code.run, code.changes) == (two.id, ())
    assert [(change.path, change.kind, change.before[:1], change.after[:1]) for change in code.modules] == [
        ("air/__init__.py", "added", "", "d"),
        ("helpers.py", "edited", "a", "c"),
        ("old.py", "removed", "b", ""),
    ]
    assert found.headline == (
        "No metric in common; they differ in module air, module helpers and module old."
    )
    assert compare_runs(ws, [one.id, three.id]).headline.endswith("in nothing but time.")


def test_seeds_variables_interpreter_and_machine_are_told(ws):
    one, two = (
        a_run(
            ws,
            name,
            params={"alpha": number},
            source=Source(
                environment=surrounded(
                    ws, python=f"3.1{number}.0", processor=f"chip {number}", gpus=("A",) * number
                ),
                seeds=(f"numpy.random.seed({number})",),
                variables={"AIR_STATION": f"station {number}", "SAME": "x"},
                commit=f"{number}" * 40,
            ),
        )
        for number, name in enumerate(("one", "two"))
    )
    found = compare_runs(ws, [one.id, two.id])
    assert [(row.name, row.values) for row in found.environment] == [
        ("git commit", ("0" * 10, "1" * 10)),
        ("gpus", ("none", "A")),
        ("processor", ("chip 0", "chip 1")),
        ("python", ("3.10.0", "3.11.0")),
        ("variable AIR_STATION", ("station 0", "station 1")),
        ("seed numpy.random.seed", ("0", "1")),
    ]
    assert found.headline.endswith(
        "it differs in alpha, seed numpy.random.seed, variable AIR_STATION, Python, the machine and the commit."
    )


def test_inputs_of_one_name_do_not_hide_each_other(ws):
    def inputs(*given: str) -> tuple[RunInput, ...]:
        return tuple(RunInput(name=name, role=role, digest=digest * 64) for name, role, digest in given)

    one = a_run(ws, "one", inputs=inputs("Xra", "Xrb", "Xtc", "ysd"))
    two = a_run(ws, "two", inputs=inputs("Xre", "Xra", "Xtf", "ysd"))
    found = compare_runs(ws, [one.id, two.id])
    assert [(row.name, [value[0] for value in row.values]) for row in found.data] == [
        ("X (r) #2", ["b", "e"]),
        ("X (t)", ["c", "f"]),
    ]
    assert found.headline.endswith("it differs in 2 inputs.")


def test_of_data_without_a_digest_nothing_is_claimed(ws):
    def big(size: int) -> tuple[RunInput, ...]:
        return (RunInput(name="big.csv", role="read", digest="", kind="file", size=size, note="too large"),)

    one, two, three = (a_run(ws, name, inputs=big(size)) for name, size in (("a", 1), ("b", 1), ("c", 2)))
    found = compare_runs(ws, [one.id, two.id])
    assert (found.data, found.headline) == (
        (), "No metric in common; it differs in nothing that is known: big.csv was not digested."
    )  # fmt: skip
    (row,) = compare_runs(ws, [one.id, three.id]).data
    assert row.values == ("not digested, 1 bytes", "not digested, 2 bytes")


def test_a_changed_file_that_is_compared_by_nothing_else_is_mentioned(ws):
    def source(*dirty: str) -> Source:
        modules = {"helpers.py": "a" * 64}
        return Source(commit="c" * 40, dirty=dirty, modules=modules, notebook="air.ipynb")

    one = a_run(ws, "one", source=source())
    two = a_run(ws, "two", source=source("sub/air.ipynb", "sub/helpers.py"))
    three = a_run(ws, "three", source=source("sub/helpers.py", "sub/notes.md"))
    assert compare_runs(ws, [one.id, two.id]).headline.endswith("in nothing but time.")
    found = compare_runs(ws, [one.id, three.id])
    assert [(row.name, row.values) for row in found.environment] == [
        ("changed files", (None, "sub/notes.md"))
    ]
    assert found.headline.endswith("it differs in changed files.")


def test_one_run_is_not_compared(ws):
    run = a_run(ws, "one")
    with pytest.raises(Invalid, match="1 run given, each counted once"):
        compare_runs(ws, [run.id, run.id[-6:]])


def test_a_slice_is_text_a_notebook_or_a_script(ws, clock):
    at = clock()
    run = a_run(
        ws, "base", cells=[cell(1, "%load_ext jupyter_mlops\nx = 1", at), cell(4, "%%track base\ny = x", at)]
    )
    found = slice_run(ws, run.id)
    assert (found.run, found.grade, len(found.cells)) == (run.id, run.grade, 2)
    text = str(found)
    assert "run base" in text
    assert "2 of 9 executed cells" in text
    assert "# In [4]\n%%track base\ny = x" in text
    notebook = nbformat.reads(slice_run(ws, run.id, to=SliceForm.NOTEBOOK).text, as_version=4)
    nbformat.validate(notebook)
    assert [c.source for c in notebook.cells[1:]] == ["%load_ext jupyter_mlops\nx = 1", "%%track base\ny = x"]
    script = slice_run(ws, run.id, to=SliceForm.SCRIPT).text
    names: dict = {}
    exec(compile(script, "slice.py", "exec"), names)
    assert names["y"] == 1


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("alpha = 0.3", {"alpha": 0.3}),
        (
            "n: int = -5\ndeep = True\nname = 'x'\nnothing = None",
            {"n": -5, "deep": True, "name": "x", "nothing": None},
        ),
        ("a, b = 1, 2.5\nc = d = 'both'", {"a": 1, "b": 2.5, "c": "both", "d": "both"}),
        ("a = 1\na = 2", {"a": 2}),
        ("a = 1\na = f()", {}),
        ("_hidden = 1\nx = y\nz = [1]\nq = -'text' if 0 else 1", {}),
        ("%%track base --tag a=b\nalpha = 1\n!ls", {"alpha": 1}),
        ("def f():\n    inner = 1", {}),
        ("this is not python", {}),
        ("x = 'long' * 3\ny = '" + "z" * 300 + "'", {}),
    ],
)
def test_simple_assignments_are_parameters(source, found):
    assert assigned(source) == found
    assert [type(v) for v in assigned(source).values()] == [type(v) for v in found.values()]


def test_an_assignment_elsewhere_counts_only_if_the_cell_reads_it(clock):
    at = clock()
    cells = [cell(1, "alpha = 0.3\nunused = 1", at), cell(2, "%%track x\nbeta = 2\nfit(alpha)", at)]
    assert params_of(cells, 2, {"alpha", "fit"}) == {"alpha": 0.3, "beta": 2}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            {"reward": 10.0},
            {"reward": 900.0},
            "reward is not the same, and its name does not say which way is better",
        ),
        ({"mae": 3.0}, {"mae": math.nan}, "mae is no finite number in 1 of 2 runs"),
        ({"mae": 3.0}, {"mae": 3.0}, "No metric tells them apart"),
        ({"mae": 3.0}, {"r2": 1.0}, "No metric in common"),
    ],
)
def test_where_nothing_says_which_is_better_the_sentence_says_why(ws, first, second, said):
    one, two = (a_run(ws, "r", metrics=metrics) for metrics in (first, second))
    assert compare_runs(ws, [one.id, two.id]).headline.startswith(f"{said}; ")


def test_runs_that_share_the_best_value_are_said_to_share_it(ws):
    runs = [a_run(ws, f"r{n}", metrics={"mae": value}) for n, value in enumerate((1.0, 1.0, 2.0))]
    found = compare_runs(ws, [run.id for run in runs])
    assert found.headline.startswith("2 of 3 runs share the best mae, 1; ")
    assert as_text(found).count("★") == 2


def test_numbers_that_a_query_calls_equal_are_no_difference_and_a_text_that_looks_like_one_is(ws):
    one, two = (a_run(ws, "r", params={"k": value}) for value in (1, 1.0))
    assert compare_runs(ws, [one.id, two.id]).params == ()
    text = a_run(ws, "r", params={"k": "1"})
    assert "'1'" in as_text(compare_runs(ws, [one.id, text.id]))
