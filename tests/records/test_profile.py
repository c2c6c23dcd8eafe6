"""The portrait of a table."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import profile


class TestRecords(RecordContract):
    module = profile
    required = {"ColumnProfile": "name dtype kind", "Profile": "rows"}
