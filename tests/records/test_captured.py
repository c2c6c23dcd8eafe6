"""What an execution leaves behind."""

from __future__ import annotations

from dataclasses import fields, replace

from contracts.records import RecordContract
from contracts.samples import NOON, full_run, run

from jupyter_mlops.records import captured
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.run import DocumentState, Grade, Run, RunStatus


class TestRecords(RecordContract):
    module = captured
    required = {"Captured": "", "End": "status at"}


def test_an_end_at_which_nothing_was_seen_says_nothing() -> None:
    nothing = End(status=RunStatus.LOST, at=NOON).captured
    silent = (None, "", (), {}, Grade.UNKNOWN, DocumentState.UNKNOWN)
    assert all(getattr(nothing, field.name) in silent for field in fields(Captured))


def test_what_is_seen_has_its_place_in_the_run() -> None:
    kept_beside_it = {"cells", "artifacts"}
    names = {field.name for field in fields(Captured)} - kept_beside_it
    assert names <= {field.name for field in fields(Run)}
    seen = {name: getattr(full_run(), name) for name in names}
    assert replace(run(), **seen).source == Captured(**seen).source
