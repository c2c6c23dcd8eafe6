"""The steps at the end of a cell, and what is said where one of them fails."""

from __future__ import annotations

import pytest

from jupyter_mlops.magics.ending import Troubles, end_plainly, said_by, status_of
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.records.source import CellStatus
from jupyter_mlops.tracking import find_runs, track


def failing(failure: BaseException):
    def step():
        raise failure

    return step


def test_a_step_that_fails_gives_what_was_said_instead_and_the_first_failure_is_kept():
    troubles = Troubles()
    assert troubles.kept_from(lambda: 1, 2) == 1
    assert troubles.kept_from(failing(KeyboardInterrupt()), 2) == 2
    assert troubles.first is None
    first = ValueError("first")
    assert troubles.kept_from(failing(first), 3) == 3
    troubles.kept_from(failing(TypeError("second")), 3)
    assert troubles.first is first


class Odd(Exception):
    def __str__(self) -> str:
        raise TypeError("no")


@pytest.mark.parametrize(
    ("failure", "said", "status"),
    [
        (None, None, CellStatus.OK),
        (ValueError("x"), "ValueError: x", CellStatus.ERROR),
        (Odd(), "Odd", CellStatus.ERROR),
        (KeyboardInterrupt(), "KeyboardInterrupt: ", CellStatus.ABORTED),
    ],
)
def test_how_a_cell_ended_is_said_of_any_exception(failure, said, status):
    assert (said_by(failure), status_of(failure)) == (said, status)


def test_a_plain_end_is_said_once_and_never_in_the_place_of_a_real_one(ws):
    with track("whole", workspace=ws) as run:
        pass
    end_plainly(ws, run, Odd())
    (found,) = find_runs(ws, "name = 'whole'")
    assert (found.status, found.error) == (RunStatus.FINISHED, None)
