"""A name for bytes that a run left behind."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import artifact


class TestRecords(RecordContract):
    module = artifact
    required = {"Artifact": "run name digest size", "ArtifactContent": "artifact"}
