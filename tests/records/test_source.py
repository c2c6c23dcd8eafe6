"""What ran, in which order, in which environment."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import source
from jupyter_mlops.records.source import Source


class TestRecords(RecordContract):
    module = source
    required = {
        "CellExecution": "session sequence cell position count source source_digest started ended status",
        "Environment": "python implementation platform cpus",
        "Source": "",
    }


def test_a_run_of_which_nothing_is_known_rests_on_nothing() -> None:
    unknown = Source()
    assert (unknown.rests_on, unknown.executed, unknown.dirty, unknown.outside) == ((), 0, (), ())
    assert (unknown.notebook, unknown.commit, unknown.cells) == (None, None, None)
