"""What came of running a run again, read off the ledger."""

from __future__ import annotations

import pytest

from jupyter_mlops.records.reproduced import ReproductionVerdict
from jupyter_mlops.tracking.beside import run_beside
from jupyter_mlops.tracking.reproduced import reproduced_in
from jupyter_mlops.tracking.runs import finish_run, start_run
from jupyter_mlops.workspace import Workspace


def told(ws: Workspace, of: str, **data: object) -> None:
    with ws.store.write() as tx:
        tx.events.append([ws.event("run.reproduced", of, **data)])


def read(ws: Workspace, run: str):
    with ws.store.read() as tx:
        return reproduced_in(tx, run)


def test_the_last_time_counts(ws) -> None:
    assert read(ws, "r") is None
    told(ws, "r", verdict="differs", run="a", causes=["the data differ: X", "mae was 1"], tolerance=0.1)
    first = read(ws, "r")
    told(ws, "r", verdict="identical", run=None, causes=[])
    last = read(ws, "r")

    assert (first.verdict, first.run, first.cause, first.tolerance) == (
        ReproductionVerdict.DIFFERS, "a", "the data differ: X", 0.1,
    )  # fmt: skip
    assert (last.verdict, last.run, last.cause, last.tolerance) == (
        ReproductionVerdict.IDENTICAL, None, "", None,
    )  # fmt: skip
    assert read(ws, "another") is None


def test_of_very_many_the_last_is_found(ws) -> None:
    with ws.store.write() as tx:
        tx.events.append([ws.event("run.reproduced", "r", verdict="differs") for _ in range(1000)])
        tx.events.append([ws.event("run.reproduced", "r", verdict="identical")])
    assert read(ws, "r").verdict is ReproductionVerdict.IDENTICAL


@pytest.mark.parametrize("data", [{}, {"verdict": "splendid"}])
def test_a_word_that_is_not_known_is_none(ws, data) -> None:
    told(ws, "r", **data)
    assert read(ws, "r") is None


def test_it_stands_beside_the_run(ws) -> None:
    run = start_run(ws, name="fit")
    finish_run(ws, run=run.id)
    assert run_beside(ws, run=run.id).reproduced is None
    told(ws, run.id, verdict="within_tolerance", run="a")
    assert run_beside(ws, run=run.id).reproduced.verdict is ReproductionVerdict.WITHIN_TOLERANCE
