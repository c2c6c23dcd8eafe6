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
        "FigureRow": "name files",
        "ModuleChange": "path kind",
        "OutputChange": "cell kind what",
        "RunComparison": "runs headline",
    }
