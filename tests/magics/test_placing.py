"""A run that ended before the page had said where its cells stand is graded anew once it has."""

from __future__ import annotations

import ast
from dataclasses import replace

import nbformat
import pytest

from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.magics.placing import Placed, PlaceWatch
from jupyter_mlops.records.run import Grade
from jupyter_mlops.tracking import finish_run, get_run, start_run
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
    return Placed(ws=sql_ws, run=run, execution=3, known_names=frozenset(), order=session.order)


class Card:
    def __init__(self) -> None:
        self.said = []

    def graded(self, grade, reason):
        self.said.append((grade, reason))


def events(ws, run):
    with ws.store.read() as tx:
        return [event.data for event in tx.events.read(subject=run, kind="run.graded")]


def test_what_waits_is_graded_by_the_first_word_of_the_page_and_by_no_later_one(session, ended):
    watch, card = PlaceWatch(session), Card()
    assert not watch.told
    watch.add(replace(ended, card=card))
    watch.tell(["c1", "c3", "c2", "c4"])
    assert watch.told
    run = get_run(ended.ws, ended.run.id)
    assert (run.grade, card.said) == (Grade.CLEAN, [(Grade.CLEAN, run.grade_reason)])
    watch.tell(["c1", "c2", "c3", "c4"])
    assert get_run(ended.ws, run.id).grade is Grade.CLEAN
    assert events(ended.ws, run.id) == [{"grade": "clean", "reason": run.grade_reason}]


def test_a_word_that_came_while_the_run_was_being_graded_is_not_missed(session, ended):
    watch = PlaceWatch(session)
    watch.tell(["c2", "c3", "c4"])
    watch.add(ended)
    assert get_run(ended.ws, ended.run.id).grade is Grade.REORDERED


def test_the_same_order_and_the_same_grade_write_nothing(session, ended):
    watch = PlaceWatch(session)
    session.document(["c3", "c2", "c4"])
    watch.add(replace(ended, order=session.order))
    watch.tell(["c3", "c2", "c4"])
    assert get_run(ended.ws, ended.run.id) == ended.run
    watch.add(replace(ended, order=(), run=replace(ended.run, grade=Grade.CLEAN, grade_reason=CLEAN)))
    assert events(ended.ws, ended.run.id) == []


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
        kernel.report(order=["c1", "c3", "c2", "c4", "c5"], path="work.ipynb")
        said = kernel.execute(
            "import jupyter_mlops as mlops; [(r.name, r.grade.value) for r in mlops.find_runs(mlops.workspace())]",
            "c6",
        )
        assert sorted(ast.literal_eval(said.text)) == [("block", "clean"), ("trial", "clean")]


@pytest.mark.kernel
def test_a_front_end_that_closes_the_question_unanswered_is_waited_for_no_longer(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    asked = "session_of(get_ipython()).document.asked"
    with Kernel(tmp_path, JPY_SESSION_NAME="none.ipynb") as kernel:
        kernel.execute(LOAD, "c1")
        answer = kernel.execute(f"from jupyter_mlops.magics import session_of\n{asked}", "c2")
        assert answer.text == "True"
        close = kernel.client.session.msg("comm_close", {"comm_id": kernel.comm, "data": {}})
        kernel.client.shell_channel.send(close)
        assert kernel.execute(asked, "c3").text == "False"
