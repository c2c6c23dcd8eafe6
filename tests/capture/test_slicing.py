"""Slices and grades beyond the matrix: whole sessions, late recordings, unknown positions, the world outside."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.capture.slicing import slice_of
from jupyter_mlops.records.run import Grade
from tests.capture.sessions import Session, replayed, result_of, steps


def test_the_session_of_thirty_cells_drops_exactly_the_five_irrelevant_ones() -> None:
    irrelevant = {
        "i1": "df.head()",
        "i2": "print(df.describe())",
        "i3": "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.hist(df.age)\nplt.close(fig)",
        "i4": "by_group = df.groupby('sex').income.mean()\nby_group.sort_values()",
        "i5": "trial = Ridge(alpha=100).fit(X_train, y_train)\nprint(mean_absolute_error(y_test, trial.predict(X_test)))",
    }
    needed = {
        "c1": "import numpy as np\nimport pandas as pd",
        "c2": "from sklearn.linear_model import Ridge\nfrom sklearn.metrics import mean_absolute_error\nfrom sklearn.model_selection import train_test_split",
        "c3": "SEED = 7",
        "c4": "rng = np.random.default_rng(SEED)",
        "c5": "n = 400",
        "c6": "age = rng.integers(18, 80, size=n)",
        "c7": "sex = rng.choice(['f', 'm'], size=n)",
        "c8": "income = 20 + 0.5 * age + rng.normal(size=n)",
        "c9": "df = pd.DataFrame({'age': age, 'sex': sex, 'income': income})",
        "c10": "df['age2'] = df['age'] ** 2",
        "c11": "def clean(frame):\n    frame = frame.copy()\n    frame['female'] = (frame.sex == 'f').astype(int)\n    return frame",
        "c12": "df = clean(df)",
        "c13": "features = ['age', 'age2']",
        "c14": "features.append('female')",
        "c15": "df.loc[df.age > 75, 'income'] = df.income.median()",
        "c16": "X = df[features]",
        "c17": "y = df['income']",
        "c18": "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=SEED)",
        "c19": "means = X_train.mean()",
        "c20": "scale = X_train.std()",
        "c21": "X_train = (X_train - means) / scale",
        "c22": "X_test = (X_test - means) / scale",
        "c23": "alpha = 0.3",
        "c24": "model = Ridge(alpha=alpha)",
        "c25": "model.fit(X_train, y_train)\nresult = mean_absolute_error(y_test, model.predict(X_test))",
    }
    order = [f"c{i}" for i in range(1, 11)] + ["i1", "i2"] + [f"c{i}" for i in range(11, 19)] + ["i3", "i4"]
    order += [f"c{i}" for i in range(19, 24)] + ["i5", "c24", "c25"]
    sources = needed | irrelevant
    assert len(order) == len(sources) == 30
    session = Session(order)
    for cell in order:
        for _ in range(2 if cell in {"c3", "c13", "c23"} else 1):  # three are run twice
            session.run(cell, sources[cell])
        if cell == "c20":
            session.delete("c5")  # one is deleted after it ran
    cut = session.slice()
    assert {cell.cell for cell in cut.cells} == set(needed)
    assert len(cut.cells) == 25
    assert (cut.grade, cut.reason) == (
        Grade.CLEAN,
        "the 25 cells this run rests on ran once each, from top to bottom",
    )
    assert result_of(replayed(cut)) == result_of(session.namespace)


def test_state_from_an_earlier_kernel_life_makes_the_grade_unknown() -> None:
    session = Session(already="x = 4")
    session.run("a", "result = x")
    cut = session.slice()
    assert (cut.grade, cut.reason) == (
        Grade.UNKNOWN,
        "cell 2 read 'x', and no recorded cell is known to have made it",
    )


def test_a_late_recording_is_no_harm_to_a_run_that_rests_on_nothing_earlier() -> None:
    session = Session(already="x = 4")
    session.run("a", "y = len([1])")
    session.run("b", "result = y")
    assert session.slice().grade is Grade.CLEAN


def test_a_late_recording_does_not_trust_a_name_bound_under_a_condition() -> None:
    session = Session(already="x = 4")
    session.run("a", "if len([]):\n    x = 5")
    session.run("b", "result = x")
    assert session.slice().grade is Grade.UNKNOWN


def test_a_name_from_a_startup_file_makes_the_grade_unknown_even_when_nothing_was_missed() -> None:
    session = Session()
    session.namespace["helper"] = 3
    session.run("a", "result = helper")
    assert session.slice().grade is Grade.UNKNOWN


def test_a_name_that_exists_nowhere_is_no_reason_for_doubt() -> None:
    session = Session()
    session.run("a", "def f():\n    return never_made\nresult = 1")
    assert session.slice().grade is Grade.CLEAN


def test_unknown_positions_make_the_grade_unknown() -> None:
    session = Session(ids=False)
    session.run("a", "x = 1")
    session.run("b", "result = x")
    cut = session.slice()
    assert (cut.grade, cut.reason) == (Grade.UNKNOWN, "where cell 1 stands in the notebook is not known")


def graded_by_text(document: list[str] | None, ran: list[str], folder: Path) -> tuple[Grade, str]:
    """Grade the last of *ran*, cells that nobody names, beside a saved file whose cells have no names either."""
    at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    recorder = Recorder("session", lambda: at)
    path = folder / "old.ipynb"
    cells = [{"cell_type": "code", "source": text} for text in document or ()]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 4}))
    for count, source in enumerate(ran, 1):
        if document is not None:
            recorder.document_file(path)
        recorder.started(source, count=count)
        recorder.ended("ok")
    assert not recorder.failures
    cut = slice_of(recorder.chain, len(ran), len(ran), blind=False)
    return cut.grade, cut.reason


PLAIN = ["x = 1", "y = x", "result = y"]


@pytest.mark.parametrize(
    ("document", "ran", "grade", "reason"),
    [
        (PLAIN, PLAIN, Grade.CLEAN, "the 3 cells this run rests on ran once each, from top to bottom"),
        (
            ["y = x", "x = 1", "result = y"],
            PLAIN,
            Grade.REORDERED,
            "cell 1 ran before cell 2, which stands above it",
        ),
        (
            PLAIN,
            ["x = 1", "y = x", "x = 1", "result = y"],
            Grade.STALE,
            "cell 1 ran again, as 3, after this run had used it",
        ),
        # Edited, run again, and not yet saved: no text says which cell that was.
        (
            PLAIN,
            ["x = 1", "y = x", "x = 2", "result = y"],
            Grade.UNKNOWN,
            "whether cell 3 is one of those this run rests on, edited and run again, is not known",
        ),
        (PLAIN, ["note = 1", *PLAIN], Grade.CLEAN, "the 3 cells this run rests on ran once each, from top to bottom"),
        (None, PLAIN, Grade.UNKNOWN, "where cell 1 stands in the notebook is not known"),
    ],
)  # fmt: skip
def test_cells_that_nobody_names_are_known_by_their_text_or_not_at_all(
    document: list[str] | None, ran: list[str], grade: Grade, reason: str, tmp_path: Path
) -> None:
    assert graded_by_text(document, ran, tmp_path) == (grade, reason)


def test_two_cells_of_one_text_are_not_taken_for_one_that_ran_twice(tmp_path: Path) -> None:
    twins = ["x = 1", "x += 1", "y = x", "x += 1", "result = y + x"]
    assert graded_by_text(twins, twins, tmp_path)[0] is Grade.CLEAN
    assert graded_by_text(None, twins, tmp_path) == (
        Grade.UNKNOWN,
        "where cell 1 stands in the notebook is not known",
    )


def test_a_console_beside_a_notebook_whose_cells_have_names_is_no_reason_for_doubt() -> None:
    session = Session(["a", "b", "c"])
    session.run("a", "x = 1")
    session.run("b", "y = x")
    session.recorder.started("len([x])", count=3)
    session.recorder.ended("ok")
    session.count += 1
    session.run("c", "result = y")
    assert session.slice().grade is Grade.CLEAN


def test_an_execution_that_was_not_recorded_makes_the_grade_unknown() -> None:
    session = Session()
    session.run("a", "x = 1")
    session.run("b", "y = 1")
    session.run("c", "result = x")
    chain = session.recorder.chain
    cut = slice_of((chain[0], chain[2]), 3, 3, blind=False, order=session.recorder.order)
    assert (cut.grade, cut.reason) == (
        Grade.UNKNOWN,
        "what ran between cell 1 and cell 3 was not recorded",
    )


def test_a_run_of_several_cells_holds_them_all() -> None:
    session = Session()
    for cell, source in (("a", "x = 1"), ("b", "df = 2"), ("c", "y = 5"), ("d", "result = x")):
        session.run(cell, source)
    cut = slice_of(session.recorder.chain, 3, 4, blind=False, order=session.recorder.order)
    assert steps(cut) == ["a:1", "c:3", "d:4"]


def test_later_executions_change_nothing() -> None:
    session = Session()
    session.run("a", "x = 1")
    session.run("b", "result = x")
    before = session.slice(last=2)
    session.run("a", "x = 2")
    assert session.slice(last=2) == before


def test_inserting_cells_above_does_not_make_the_order_wrong() -> None:
    session = Session(["a", "b"])
    session.run("a", "x = 1")
    session.document.insert(0, "n")
    session.run("n", "note = 1")
    session.run("b", "result = x")
    assert session.slice().grade is Grade.CLEAN


def test_deleting_a_cell_does_not_make_the_order_wrong() -> None:
    session = Session(["a", "b", "c"])
    session.run("a", "x = 1")
    session.run("b", "y = x")
    session.delete("a")
    session.run("c", "result = y")
    cut = session.slice()
    assert (cut.grade, steps(cut)) == (Grade.CLEAN, ["a:1", "b:2", "c:3"])


def test_a_reason_names_cells_by_their_number() -> None:
    session = Session()
    for cell, source in (("a", "x = 1"), ("b", "y = x"), ("a", "x = 2"), ("c", "result = y")):
        session.run(cell, source)
    assert session.slice().reason == "cell 1 ran again, as 3, after this run had used it"


def test_what_lies_outside_the_namespace_is_listed() -> None:
    session = Session()
    session.run("a", "import os, time, subprocess\nimport numpy as np\nimport pandas as pd")
    session.run("b", "def load():\n    return pd.read_csv('data/x.csv'), os.environ['HOME'], time.time()")
    session.run(
        "c", "def draw():\n    return np.random.rand(3), open('notes.txt').read(), subprocess.run(['ls'])"
    )
    session.run("d", "unrelated = open('elsewhere.txt')")
    session.run("e", "result = load() if 0 else draw")
    session.run(
        "f", "!make data\nresult = (load, draw, load() if not 1 else None, draw() if not 1 else None)"
    )
    assert session.slice().outside == (
        "environment variables",
        "file data/x.csv",
        "file notes.txt",
        "files",
        "random numbers without a seed (numpy)",
        "the clock",
        "the shell",
        "the shell: make data",
    )


def test_a_file_written_by_a_cell_and_read_by_the_run_brings_the_cell_in(tmp_path) -> None:
    session = Session()
    folder = tmp_path.as_posix()
    session.run("a", "import pandas as pd")
    session.run("b", f"pd.DataFrame({{'a': [1]}}).to_csv('{folder}/made.csv', index=False)")
    session.run("c", f"pd.DataFrame({{'a': [1]}}).to_csv('{folder}/other.csv')")
    session.run("d", f"result = pd.read_csv('{folder}/made.csv').a.sum()")
    assert steps(session.slice()) == ["a:1", "b:2", "d:4"]


def test_a_magic_nobody_knows_keeps_everything_before_it() -> None:
    session = Session()
    session.run("a", "x = 1")
    session.run("b", "%strange_magic x")
    session.run("c", "other = 1")
    session.run("d", "result = x")
    assert steps(session.slice()) == ["a:1", "b:2", "d:4"]


def test_slicing_a_stored_chain_gives_what_the_recorder_gave() -> None:
    session = Session()
    for cell, source in (
        ("a", "xs = [1]"),
        ("b", "ys = xs"),
        ("c", "ys.append(1)"),
        ("d", "z = 0"),
        ("e", "result = xs"),
    ):
        session.run(cell, source)
    bare = [replace(cell, digest="") for cell in session.recorder.chain]
    cut = slice_of(bare, 5, 5, blind=False, order=session.recorder.order)
    assert steps(cut) == steps(session.slice()) == ["a:1", "b:2", "c:3", "e:5"]


def test_an_execution_missing_at_the_start_is_named_by_what_followed() -> None:
    session = Session()
    session.run("a", "x = 1")
    session.run("b", "result = 2")
    cut = slice_of(session.recorder.chain[1:], 2, 2, blind=False, order=session.recorder.order)
    assert (cut.grade, cut.reason) == (Grade.UNKNOWN, "what ran before cell 2 was not recorded")


def test_every_sentence_names_cells_by_the_number_beside_them() -> None:
    played = {
        "cell 1 ran again, as 3, after this run had used it": [("a", "x = 1"), ("b", "y = x"), ("a", "x = 2"), ("c", "result = y")],
        "cell 2 ran again, as 3, and this run rests on both": [("a", "x = [1]"), ("b", "x.append(2)"), ("b", "x.append(2)"), ("c", "result = x")],
        "cell 2 had failed halfway, and this run rests on what it left behind": [("a", "x = 1"), ("b", "x = 5\n1 / 0"), ("c", "result = x")],
        "this run rests on one cell, which ran once": [("a", "x = 1"), ("b", "result = 3")],
        "the 2 cells this run rests on ran once each, from top to bottom": [("a", "x = 1"), ("b", "result = x")],
    }  # fmt: skip
    for sentence, ran in played.items():
        session = Session()
        for cell, source in ran:
            session.run(cell, source)
        assert session.slice().reason == sentence
    turned = Session(["b", "a"])
    turned.run("a", "x = 1")
    turned.run("b", "result = x")
    assert turned.slice().reason == "cell 1 ran before cell 2, which stands above it"
