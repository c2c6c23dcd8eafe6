"""What would make a failed job succeed."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import fix


class TestRecords(RecordContract):
    module = fix
    required = {"Fix": "job kind what"}
