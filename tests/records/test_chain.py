"""What the ledger says about itself."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import chain
from jupyter_mlops.records.chain import ChainReport


class TestRecords(RecordContract):
    module = chain
    required = {"Head": "sequence digest", "ChainReport": "ok events head", "State": "at sequence"}


def test_what_is_odd_is_told_without_making_the_chain_bad() -> None:
    told = ChainReport(ok=True, events=2, head="0" * 64, notes=("the clock went backwards",))
    assert (told.ok, told.first_bad, told.problem) == (True, None, "")
