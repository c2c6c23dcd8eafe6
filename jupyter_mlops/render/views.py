"""Which drawing a record has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jupyter_mlops.records.artifact import ArtifactContent
from jupyter_mlops.records.beside import RunBeside
from jupyter_mlops.records.collected import Collected
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.dataset import Dataset
from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.experiment import Experiment
from jupyter_mlops.records.group import RunGroup
from jupyter_mlops.records.job import Job
from jupyter_mlops.records.lineage import Lineage
from jupyter_mlops.records.model import Alias, Model, ModelVersion
from jupyter_mlops.records.notification import Notification, Subscription
from jupyter_mlops.records.pipeline import PipelineView
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.report import PipelinePlan, PipelineReport, Report, SweepReport
from jupyter_mlops.records.review import CheckReport, Review, Verification
from jupyter_mlops.records.run import MetricPoint, Run, RunCurve
from jupyter_mlops.records.schedule import JobDefinition, ScheduleView
from jupyter_mlops.records.slice import RunSlice
from jupyter_mlops.render.blocks import Block
from jupyter_mlops.render.card import beside_blocks, run_blocks
from jupyter_mlops.render.collected import collected_blocks
from jupyter_mlops.render.curves import curves_blocks
from jupyter_mlops.render.empty import empty_blocks
from jupyter_mlops.render.experiments import experiments_blocks
from jupyter_mlops.render.files import content_blocks
from jupyter_mlops.render.groups import group_blocks
from jupyter_mlops.render.lists import LISTED, list_blocks
from jupyter_mlops.render.notifications import notification_blocks, subscription_blocks
from jupyter_mlops.render.origins import dataset_blocks, lineage_blocks, policy_blocks
from jupyter_mlops.render.others import (
    alias_blocks,
    drift_blocks,
    event_blocks,
    fallback_blocks,
    job_blocks,
    model_blocks,
    report_blocks,
    rows_blocks,
    slice_blocks,
    version_blocks,
)
from jupyter_mlops.render.pipelines import pipeline_blocks, steps_blocks
from jupyter_mlops.render.plans import plan_blocks
from jupyter_mlops.render.points import points_blocks
from jupyter_mlops.render.reviews import (
    check_report_blocks,
    review_blocks,
    reviews_blocks,
    verification_blocks,
)
from jupyter_mlops.render.runs import comparison_blocks, runs_blocks
from jupyter_mlops.render.schedules import schedule_blocks, view_blocks
from jupyter_mlops.render.sweeps import sweep_blocks

__all__ = ["blocks_of"]

_ONE: Mapping[type, Callable[[Any], Iterator[Block]]] = {
    Run: run_blocks,
    RunBeside: beside_blocks,
    RunComparison: comparison_blocks,
    Review: review_blocks,
    CheckReport: check_report_blocks,
    Verification: verification_blocks,
    Job: job_blocks,
    JobDefinition: schedule_blocks,
    ScheduleView: view_blocks,
    Subscription: subscription_blocks,
    Notification: notification_blocks,
    ModelVersion: version_blocks,
    Model: model_blocks,
    Alias: alias_blocks,
    Event: event_blocks,
    DriftReport: drift_blocks,
    Report: report_blocks,
    SweepReport: sweep_blocks,
    PipelineReport: pipeline_blocks,
    PipelineView: steps_blocks,
    PipelinePlan: plan_blocks,
    Lineage: lineage_blocks,
    Dataset: dataset_blocks,
    Policy: policy_blocks,
    RunSlice: slice_blocks,
    ArtifactContent: content_blocks,
    Collected: collected_blocks,
}
_MANY: Mapping[type, Callable[[Any, int], Iterator[Block]]] = {
    Run: runs_blocks,
    Review: reviews_blocks,
    RunGroup: group_blocks,
    Experiment: experiments_blocks,
    MetricPoint: points_blocks,
    RunCurve: curves_blocks,
    **dict.fromkeys(LISTED, list_blocks),
}
_NOUNS = {
    "DriftReport": "report",
    "CellExecution": "cell",
}


def blocks_of(record: object, kind: str = "", *, narrowed: bool = False) -> Iterable[Block]:
    """Return what to draw for *record*, a page or tuple of records, or plain data.

    *kind* is the class of the records that a tuple would hold, so that an empty one can say what there is none of;
    *narrowed*: it was asked for by a filter, and there may be others.
    """
    if isinstance(record, Page) and not record.items:
        return empty_blocks(record.kind, narrowed=record.narrowed)
    if isinstance(record, Page) and all(isinstance(item, Run) for item in record.items):
        return runs_blocks(record.items, record.total, asked=record.asked)
    if isinstance(record, Page):
        return _many(record.items, record.total)
    if isinstance(record, (tuple, list)):
        return _many(record, len(record)) if record else empty_blocks(kind, narrowed=narrowed)
    return _ONE.get(type(record), fallback_blocks)(record)


def _many(items: Any, total: int) -> Iterable[Block]:
    kinds = {type(item) for item in items}
    if len(kinds) == 1:
        (kind,) = kinds
        if kind in _MANY:
            return _MANY[kind](items, total)
        name = kind.__name__
        return rows_blocks(items, total, _NOUNS.get(name, name.lower()))
    return rows_blocks(items, total, "record")
