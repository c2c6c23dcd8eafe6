"""Why executions fail, by class, and how often and how soon each class is tried again."""

from __future__ import annotations

from contracts.records import RecordContract
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.records import retry
from jupyter_mlops.records.retry import FailureClass, RetryRule


class TestRecords(RecordContract):
    module = retry
    required = {"RetryRule": "failure times", "NextTry": "at memory"}


def rule(**said: float) -> RetryRule:
    return RetryRule(failure=FailureClass.TIMEOUT, times=9, **said)


def test_each_wait_is_longer_up_to_the_longest() -> None:
    waits = [rule(wait=10.0, factor=3.0, longest=200.0).pause(n) for n in range(5)]
    assert waits == [10.0, 30.0, 90.0, 200.0, 200.0]


@given(st.integers(0, 99), st.floats(0, 1e5), st.floats(1, 100))
def test_no_wait_exceeds_the_longest_however_often(before: int, wait: float, factor: float) -> None:
    assert 0 <= rule(wait=wait, factor=factor, longest=60.0).pause(before) <= 60.0
