"""Pipelines as their files tell them."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import pipeline


class TestRecords(RecordContract):
    module = pipeline
    required = {
        "StepView": "name notebook",
        "PipelineView": "name",
        "ImportedPipeline": "source file name",
    }
