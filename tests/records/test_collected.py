"""What a collection erased for good."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import collected


class TestRecords(RecordContract):
    module = collected
    required = {"Collected": ""}
