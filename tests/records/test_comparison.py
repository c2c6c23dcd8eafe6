"""Runs beside each other."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import comparison


class TestRecords(RecordContract):
    module = comparison
    required = {
        "MetricRow": "name values",
        "ValueRow": "name values",
        "CodeDifference": "run changes",
        "ModuleChange": "path kind",
        "RunComparison": "runs headline",
    }
