"""Where a served model answers."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import serving


class TestRecords(RecordContract):
    module = serving
    required = {"Served": "deployment reference model version url token"}
