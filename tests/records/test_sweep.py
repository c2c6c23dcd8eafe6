"""Sweeps as records: axes of two kinds, and what is left of one."""

from __future__ import annotations

import pytest
from contracts.records import RecordContract

from jupyter_mlops.records import sweep
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.sweep import Choices, Span, Sweep, Tally


class TestRecords(RecordContract):
    module = sweep
    required = {
        "Choices": "values",
        "Span": "low high",
        "Goal": "metric direction",
        "EarlyStop": "",
        "Sweep": "axes trials",
        "SweepOptions": "",
        "Best": "job value",
        "Tally": "trials",
    }


def test_an_axis_says_of_which_kind_it_is() -> None:
    plan = Sweep(axes={"a": Choices(values=(1, "x")), "b": Span(low=0.1, high=1.0, log=True)}, trials=4)

    data = encode(plan)

    assert [axis["type"] for axis in data["axes"].values()] == ["Choices", "Span"]
    assert decode(Sweep, data) == plan


@pytest.mark.parametrize(
    ("tally", "remaining"),
    [
        (Tally(trials=5), 5),
        (Tally(trials=5, succeeded=1, failed=1, stopped=1, running=1), 1),
        (Tally(trials=2, succeeded=2, running=1), 0),
    ],
)
def test_what_has_not_begun_is_what_is_left(tally, remaining) -> None:
    assert tally.remaining == remaining
