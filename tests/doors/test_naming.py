"""The names completion offers: those a query can be made of, read without waiting and without a trace."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.operations.naming import Namer, names_in, queried
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.workspaces import open_to_read
from jupyter_mlops.records.job import Job
from jupyter_mlops.records.model import Model
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking import find_runs, finish_run, log_metrics, log_params, start_run
from jupyter_mlops.workspace import Workspace

ROWS = {row.name: row for row in (*PROCESSES, *OPERATIONS)}
FIND = ROWS["run.find"]
# As people name things, with what the query language would take some of them for.
METRICS = (
    "mae",
    "val loss",
    "loss/train",
    "roc.auc",
    "curve.min",
    "f1@3",
    "mae desc",
    "a,b",
    'it\'s `odd` "so"',
)


def logged(ws: Workspace, **metrics: float) -> Run:
    run = start_run(ws, name="first", tags={"team of two": "risk"})
    log_params(ws, run=run.id, params={"learning rate": 0.3, "alpha": 1})
    log_metrics(ws, run=run.id, metrics=metrics)
    return finish_run(ws, run=run.id)


def words(names: tuple[str, ...]) -> set[str]:
    """Those that stand under a prefix: what people have logged."""
    return {name for name in names if name.startswith(("metrics.", "params.", "tags."))}


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("run.find", Run),
        ("job.find", Job),
        ("model.find", Model),
        ("run.get", None),  # takes no query
        ("review.decide", None),
        ("run", None),  # a process
        ("export", None),
    ],
)
def test_a_query_is_about_the_records_it_finds(name: str, record: type | None) -> None:
    assert queried(ROWS[name]) is record


def test_every_name_that_is_offered_can_be_asked_for(ws: Workspace) -> None:
    run = logged(ws, **dict.fromkeys(METRICS, 1.0))

    offered = words(names_in(ws, FIND))

    assert {"metrics.mae", "metrics.loss/train", "metrics.roc.auc", "params.alpha"} <= offered
    assert len([name for name in offered if name.startswith("metrics.")]) == len(METRICS)
    for name in offered:
        found = find_runs(ws, f"not {name} is null", order=name)
        assert [one.id for one in found] == [run.id], name


def test_attributes_and_the_words_between_them_are_offered_before_anything_is_logged(memory_ws) -> None:
    names = names_in(memory_ws, FIND)

    assert {"experiment", "status", "started", "and", "or", "not", "like", "in"} <= set(names)
    assert list(names) == sorted(set(names))
    assert words(names) == set()


def test_of_records_without_metrics_only_attributes_are_offered(memory_ws) -> None:
    logged(memory_ws, mae=1.0)

    assert words(names_in(memory_ws, ROWS["model.find"])) == set()
    assert "description" in names_in(memory_ws, ROWS["model.find"])


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_names_can_be_read_for_every_row_with_a_query_and_leave_no_trace(tmp_path: Path, row) -> None:
    ws = open_to_read(start=tmp_path)

    assert bool(names_in(ws, row)) == (queried(row) is not None)
    assert list(tmp_path.iterdir()) == []


def test_a_reading_that_fails_comes_to_what_was_known_before() -> None:
    answers = [("metrics.mae",), Unavailable("the store is away", remedy="wait")]

    def read(_row: object) -> tuple[str, ...]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    namer = Namer(read)

    assert namer.names(FIND, 60) == ("metrics.mae",)
    assert namer.names(FIND, 60) == ("metrics.mae",)
    assert answers == []
    assert Namer(read).names(FIND, 60) == ()


def test_while_one_reading_goes_on_a_key_press_begins_no_other() -> None:
    begun, held, readings = threading.Event(), threading.Event(), []

    def read(row: object) -> tuple[str, ...]:
        readings.append(row)
        begun.set()
        assert held.wait(60)
        return ("late",)

    namer = Namer(read)
    namer.names(FIND, 0)
    assert begun.wait(60)

    assert [namer.names(FIND, 0) for _ in range(5)] == [()] * 5
    assert readings == [FIND]
    held.set()
    assert namer.names(ROWS["job.find"], 60) == (
        "late",
    )  # another command has its own names, and its own reading


def test_a_row_without_a_query_costs_no_reading() -> None:
    readings: list[object] = []

    assert Namer(lambda row: readings.append(row) or ()).names(ROWS["run.get"], 60) == ()
    assert readings == []
