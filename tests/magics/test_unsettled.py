"""One warning says what keeps runs from the store, for as long as it lasts."""

from __future__ import annotations

import threading

from jupyter_mlops.magics.unsettled import Unsettled
from jupyter_mlops.store.notices import BACKGROUND, listen, notice


class Run:
    """As much of a run as is asked."""

    def __init__(self, trouble: str = "", *, settled: bool = False) -> None:
        self.trouble, self.settled = trouble, settled
        self.waited: list[float] = []

    def wait_settled(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.settled


def test_trouble_is_told_once_and_again_when_it_comes_again() -> None:
    said: list[str] = []
    unsettled = Unsettled(said.append)
    run = Run("it is away")
    unsettled.add(run)  # type: ignore[arg-type]
    unsettled.add(Run("it is away"))  # type: ignore[arg-type]
    unsettled.tell()
    assert said == ["the store cannot be reached (it is away); what was recorded waits in the journal"]
    settled = Unsettled(said.append)
    run.trouble, run.settled = "", True
    settled.add(run)  # type: ignore[arg-type]
    settled.add(Run("away once more"))  # type: ignore[arg-type]
    assert len(said) == 2


def test_only_a_sessions_first_run_waits_to_hear_of_the_store() -> None:
    unsettled = Unsettled(lambda text: None)
    first, second = Run(), Run()
    unsettled.add(first)  # type: ignore[arg-type]
    unsettled.add(second)  # type: ignore[arg-type]
    assert (len(first.waited), second.waited) == (1, [])


def test_trouble_that_comes_while_a_run_is_not_settled_is_told_with_a_later_cell() -> None:
    said: list[str] = []
    unsettled = Unsettled(said.append)
    run = Run()
    unsettled.add(run)  # type: ignore[arg-type]
    assert said == []
    run.trouble = "held"
    unsettled.tell()
    assert len(said) == 1
    run.trouble, run.settled = "", True
    unsettled.tell()
    run.trouble = "nobody asks it any more"
    unsettled.tell()
    assert len(said) == 1


def test_what_the_background_met_is_said_with_the_next_cell() -> None:
    said: list[str] = []
    background = threading.Thread(target=lambda: notice("it is slow"), name=BACKGROUND)
    listen(True)
    try:
        background.start()
        background.join()
    finally:
        listen(False)
    Unsettled(said.append).tell()
    assert said == ["it is slow"]
