"""How right a deployment was."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import quality


class TestRecords(RecordContract):
    module = quality
    required = {"QualityReport": "deployment model version"}
