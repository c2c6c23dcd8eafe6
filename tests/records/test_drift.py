"""A live window against its reference."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import drift


class TestRecords(RecordContract):
    module = drift
    required = {
        "ColumnDrift": "name statistic effect",
        "DriftReport": "id deployment model version started ended rows",
    }
