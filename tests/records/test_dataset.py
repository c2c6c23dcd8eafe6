"""Named data, versioned by content."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import dataset
from jupyter_mlops.records.dataset import Contract


class TestRecords(RecordContract):
    module = dataset
    required = {"Contract": "", "Dataset": "name version digest rows created actor"}


def test_a_contract_that_promises_nothing_is_no_burden() -> None:
    nothing = Contract()
    assert (dict(nothing.columns), nothing.not_null, nothing.minimum_rows) == ({}, (), 0)
