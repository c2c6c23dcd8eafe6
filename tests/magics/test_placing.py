"""A run that ended before the page had said where its cells stand is graded anew once it has."""

from __future__ import annotations

import ast
from dataclasses import replace

import nbformat
import pytest

from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.magics.placing import Placed, PlaceWatch
from jupyter_mlops.records.run import Grade
from jupyter_mlops.tracking import find_runs, finish_run, get_run, start_run
from jupyter_mlops.workspace import utc_now
from tests.magics.kernels import Kernel

LOAD, TRACKED = "%load_ext jupyter_mlops", "%%track trial\nrun.log_metric('score', y)"
RUN = (("c1", LOAD), ("c3", "x = 1"), ("c2", "y = x + 1"), ("c4", TRACKED))  # in this order


@pytest.fixture
def session():
    recorder = Recorder("session", utc_now)
    for count, (cell, source) in enumerate([("c3", "x = 1"), ("c2", "y = x + 1"), ("c4", "z = y")], 1):
        recorder.started(source, cell=cell, count=count)
        recorder.ended("ok")
    return recorder


@pytest.fixture
def ended(sql_ws, session):
    run = finish_run(sql_ws, run=start_run(sql_ws, name="work").id)
    return Placed(runs=((sql_ws, run, None),), execution=3, known_names=frozenset(), order=session.order)


def with_card(ended, card, **changes):
    [(ws, run, _)] = ended.runs
    return replace(ended, runs=((ws, replace(run, **changes), card),))


def kept(ended):
    [(ws, run, _)] = ended.runs
    return get_run(ws, run.id)


class Card:
    def __init__(self) -> None:
        self.said = []

    def graded(self, grade, reason):
        self.said.append((grade, reason))


def events(ws, run):
    with ws.store.read() as tx:
        return [event.data for event in tx.events.read(subject=run.id, kind="run.graded")]


def test_what_waits_is_graded_by_the_answer_of_the_page_and_by_nothing_it_says_later(session, ended):
    watch, card = PlaceWatch(session), Card()
    watch.add(with_card(ended, card))
    assert (watch.told, watch.waits) == (False, True)
    watch.tell(["c1", "c3", "c2", "c4"], answer=True)
    assert (watch.told, watch.waits) == (True, False)
    run = kept(ended)
    assert (run.grade, card.said) == (Grade.CLEAN, [(Grade.CLEAN, CLEAN)])
    watch.tell(["c1", "c2", "c3", "c4"], answer=False)
    assert kept(ended).grade is Grade.CLEAN
    assert events(*ended.runs[0][:2]) == [{"grade": "clean", "reason": CLEAN}]


def test_a_page_that_was_opened_later_says_nothing_of_how_the_cells_stood(session, ended):
    watch = PlaceWatch(session)
    watch.add(ended)
    watch.tell(["c3", "c2", "c4"], answer=False)
    watch.tell(["c3", "c2", "c4"], answer=True)
    assert kept(ended) == ended.runs[0][1]


def test_a_page_that_has_not_read_its_notebook_yet_has_not_answered(session, ended):
    watch = PlaceWatch(session)
    watch.add(ended)
    watch.tell([], answer=True)
    assert (watch.told, watch.waits) == (False, True)
    watch.tell(["c2", "c3", "c4"], answer=True)
    assert kept(ended).grade is Grade.REORDERED


def test_an_answer_that_came_while_the_run_was_being_graded_is_not_missed(session, ended):
    watch = PlaceWatch(session)
    watch.tell(["c2", "c3", "c4"], answer=True)
    watch.add(ended)
    assert kept(ended).grade is Grade.REORDERED


def test_cells_that_ran_between_the_answer_and_the_grading_change_nothing_in_it(session, ended, monkeypatch):
    calls = []
    monkeypatch.setattr("jupyter_mlops.tracking.afterwards.afterwards", calls.append)
    watch = PlaceWatch(session)
    watch.add(ended)
    watch.tell(["c3", "c2", "c4"], answer=True)
    session.started("x = 2", cell="c3", count=4)
    session.ended("ok")
    while calls:
        calls.pop(0)()
    assert kept(ended).grade is Grade.CLEAN


def test_the_same_order_and_the_same_grade_write_nothing(session, ended):
    watch = PlaceWatch(session)
    session.document(["c3", "c2", "c4"])
    watch.add(replace(ended, order=session.order))
    watch.tell(["c3", "c2", "c4"], answer=True)
    assert kept(ended) == ended.runs[0][1]


def test_of_a_cell_with_more_runs_than_cells_may_wait_each_is_graded(session, ended):
    [(ws, run, _)] = ended.runs
    runs = [run, *(finish_run(ws, run=start_run(ws, name="fit").id) for _ in range(520))]
    watch = PlaceWatch(session)
    watch.add(replace(ended, runs=[(ws, one, None) for one in runs]))
    watch.tell(["c2", "c3", "c4"], answer=True)
    assert {found.grade for found in find_runs(ws, limit=1000)} == {Grade.REORDERED}


def test_where_there_is_no_page_nothing_waits(session, ended):
    watch = PlaceWatch(session)
    watch.add(ended)
    watch.forget()
    assert not watch.waits


def test_a_run_that_is_gone_leaves_its_card_as_it_is(session, ended):
    watch, card = PlaceWatch(session), Card()
    watch.add(with_card(ended, card, id="0" * 26))
    watch.tell(["c3", "c2", "c4"], answer=True)
    find_runs(ended.runs[0][0])
    assert card.said == []


CLEAN = "the 3 cells this run rests on ran once each, from top to bottom"


@pytest.mark.kernel
def test_cells_that_were_all_on_their_way_when_the_page_was_asked_are_graded_by_its_answer(tmp_path):
    """In the saved file they stand otherwise; the page's answer comes behind them all."""
    (tmp_path / "pyproject.toml").write_text("")
    path = tmp_path / "work.ipynb"
    cells = [nbformat.v4.new_code_cell(dict(RUN)[cell], id=cell) for cell in ("c1", "c2", "c3", "c4")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    block = "import jupyter_mlops as mlops\nwith mlops.track('block'):\n    y"
    with Kernel(tmp_path, JPY_SESSION_NAME=str(path)) as kernel:
        sent = [kernel.send(source, cell) for cell, source in (*RUN, ("c5", block))]
        answers = [kernel.answer(message) for message in sent]
        assert "reordered" in answers[3].text
        kernel.report(order=["c1", "c3", "c2", "c4", "c5"], path="work.ipynb", answer=True)
        said = kernel.execute(
            "import jupyter_mlops as mlops; [(r.name, r.grade.value) for r in mlops.find_runs(mlops.workspace())]",
            "c6",
        )
        assert sorted(ast.literal_eval(said.text)) == [("block", "clean"), ("trial", "clean")]


@pytest.mark.kernel
def test_a_front_end_that_closes_the_question_unanswered_is_waited_for_no_longer(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    asked = "s = session_of(get_ipython()); s.document.asked, s._places.waits"
    with Kernel(tmp_path, JPY_SESSION_NAME="none.ipynb") as kernel:
        kernel.execute(LOAD, "c1")
        kernel.execute("%%track trial\n1", "c2")
        answer = kernel.execute(f"from jupyter_mlops.magics import session_of\n{asked}", "c3")
        assert answer.text == "(True, True)"
        close = kernel.client.session.msg("comm_close", {"comm_id": kernel.comm, "data": {}})
        kernel.client.shell_channel.send(close)
        assert kernel.execute(asked, "c4").text == "(False, False)"


FITS = """%%track trial
from sklearn.linear_model import Lasso, Ridge
import numpy as np
X = np.arange(60.0).reshape(30, 2)
a = Ridge().fit(X, X[:, 0] * y)
b = Lasso().fit(X, X[:, 0] * y)"""


@pytest.mark.kernel
def test_the_fits_of_a_run_are_graded_with_it_also_where_the_extension_was_reloaded_before_the_answer(
    tmp_path,
):
    """By the file all is well; on the page what was made first stands below."""
    (tmp_path / "pyproject.toml").write_text("")
    path = tmp_path / "work.ipynb"
    cells = (
        ("c1", LOAD),
        ("c3", "x = 1"),
        ("c2", "y = x + 1"),
        ("c4", FITS),
        ("c5", "%reload_ext jupyter_mlops"),
    )
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s, id=c) for c, s in cells]), path
    )
    with Kernel(tmp_path, JPY_SESSION_NAME=str(path)) as kernel:
        sent = [kernel.send(source, cell) for cell, source in cells]
        comms = []
        for message in sent:
            kernel.answer(message)
            comms += [kernel.comm] if kernel.comm not in comms else []
        for comm in filter(None, comms):  # the page answers both
            kernel.comm = comm
            kernel.report(order=["c1", "c2", "c3", "c4", "c5"], path="work.ipynb", answer=True)
        told = kernel.execute(
            "import jupyter_mlops as mlops; [(bool(r.parent), r.grade.value) for r in mlops.find_runs(mlops.workspace())]",
            "c6",
        )
        assert len([comm for comm in comms if comm]) == 2
        assert sorted(ast.literal_eval(told.text)) == [(False, "reordered"), (True, "reordered")]
