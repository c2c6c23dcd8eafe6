"""What flows from cell to cell, read in the order the cells ran."""

from __future__ import annotations

from jupyter_mlops.capture.flow import Flow
from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.records.source import CellStatus
from tests.capture.reads import AT, execution, read, rests


def test_a_cell_rests_on_whoever_bound_what_it_reads() -> None:
    found = read("x = 1", "y = 2", "z = x")
    assert (found.rests_on, found.reads, found.writes) == (frozenset({1}), ("x",), ("z",))


def test_what_nobody_bound_is_unseen() -> None:
    assert read("x = never").unseen == {"never"}
    assert read("x = len([])").unseen == frozenset()


def test_what_was_bound_under_a_condition_is_half_known() -> None:
    assert read("if len([]):\n    x = 1", "y = x").halves == {"x"}


def test_half_of_a_failed_cell_may_not_have_run() -> None:
    flow = Flow()
    flow.step(execution(1, "x = 1"))
    flow.step(execution(2, "x = 2\n1 / 0", CellStatus.ERROR))
    assert flow.step(execution(3, "x")).rests_on == {1, 2}


def test_what_is_no_python_rests_on_everything_unless_it_failed() -> None:
    assert rests("x = 1", "y = = 2") == {1}
    flow = Flow()
    flow.step(execution(1, "x = 1"))
    assert flow.step(execution(2, "y = = 2", CellStatus.ERROR)).rests_on == frozenset()


def test_a_cell_too_tangled_to_follow_rests_on_everything() -> None:
    assert rests("x = 1", "y = " + "+".join(["1"] * 50_000)) == {1}


def test_a_chain_that_was_read_as_it_grew_is_not_read_again() -> None:
    recorder = Recorder("s", lambda: AT)
    for number in range(3):
        recorder.started(f"x = {number}", count=number + 1)
        recorder.ended("ok")
    one, other = Flow.over(recorder.chain), Flow.over(recorder.chain)
    assert all(a is b for a, b in zip(one, other, strict=True))
    assert Flow.over(recorder.chain[:2]) == list(Flow.over(recorder.chain))[:2]


def test_a_beginning_of_a_chain_that_has_grown_is_not_read_again_and_stands_still() -> None:
    recorder = Recorder("session", lambda: AT)
    for count in (1, 2):
        recorder.started("x = 1", count=count)
        recorder.ended(CellStatus.OK)
    begun = recorder.chain
    read = Flow.over(begun)
    recorder.started("y = x", count=3)
    recorder.ended(CellStatus.OK)
    assert len(read) == 2
    again = Flow.over(begun)
    assert len(again) == 2
    assert [one is other for one, other in zip(again, Flow.over(recorder.chain), strict=False)] == [
        True,
        True,
    ]


def test_a_failure_of_the_reading_makes_the_slice_larger(monkeypatch) -> None:
    from jupyter_mlops.capture.statements import Statements

    flow = Flow()
    flow.step(execution(1, "x = 1"))

    def broken(*_: object) -> None:
        raise KeyError("gap")

    monkeypatch.setattr(Statements, "read_cell", broken)
    found = flow.step(execution(2, "y = 2"))
    assert (found.rests_on, found.opaque) == (frozenset({1}), True)
    assert flow.failures == ["reading 2: KeyError: 'gap'"]
