"""What went out of a workspace, and what came in."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import transfer


class TestRecords(RecordContract):
    module = transfer
    required = {"Exported": "file digest whole", "Imported": "source digest"}
