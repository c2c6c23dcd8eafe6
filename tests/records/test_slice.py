"""The cells a run rests on."""

from __future__ import annotations

from contracts.records import RecordContract
from contracts.samples import cell

from jupyter_mlops.records import slice as module
from jupyter_mlops.records.run import Grade
from jupyter_mlops.records.slice import RunSlice


class TestRecords(RecordContract):
    module = module
    required = {"RunSlice": "run grade reason cells"}


def test_a_slice_is_printed_as_what_it_was_asked_for() -> None:
    told = RunSlice(run="r1", grade=Grade.CLEAN, reason="", cells=(cell(1),), text="x = 'ü'\n")
    assert str(told) == "x = 'ü'\n"
    assert str(RunSlice(run="r1", grade=Grade.CLEAN, reason="", cells=())) == ""
