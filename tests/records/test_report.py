"""What the verbs that run notebooks hand back."""

from __future__ import annotations

from dataclasses import fields

from contracts.records import RecordContract

from jupyter_mlops.records import report
from jupyter_mlops.records.report import RunReport, TestReport


class TestRecords(RecordContract):
    module = report
    required = {
        "RunReport": "job run status grade",
        "TickReport": "",
        "SweepRow": "parameters job run status",
        "SweepReport": "run",
        "Reproduction": "verdict run of",
        "NotebookTest": "notebook passed seconds",
        "TestReport": "folder passed failed",
        "PipelineStep": "name status why",
        "PipelineReport": "pipeline ok",
        "PlannedStep": "name would why notebook",
        "PipelinePlan": "pipeline",
        "Report": "title at",
    }


def test_a_run_from_the_command_line_has_the_keys_that_scripts_read() -> None:
    assert [field.name for field in fields(RunReport)] == [
        "job", "run", "status", "grade", "metrics", "version", "review", "notebook", "error",
        "follow_up_error",
    ]  # fmt: skip


def test_a_report_of_tests_is_not_taken_for_a_test() -> None:
    assert TestReport.__test__ is False
    assert TestReport(folder=".", passed=1, failed=0).notebooks == ()
