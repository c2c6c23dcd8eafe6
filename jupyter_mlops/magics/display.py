"""A bare ``run``, ``page`` or ``review`` at the end of a cell shows itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_mlops.render.blocks import Block

__all__ = ["register", "unregister"]

_LOG = logging.getLogger(__name__)

# Whatever an operation gives back, and what lies in its tuples.
_RECORDS = {
    "run": ("Run", "RunCurve", "MetricPoint"),
    "group": ("RunGroup",),
    "experiment": ("Experiment",),
    "source": ("CellExecution",),
    "collected": ("Collected",),
    "comparison": ("RunComparison",),
    "query": ("Page",),
    "review": ("Review", "CheckReport", "Verification"),
    "job": ("Job",),
    "fix": ("Fix",),
    "parameter": ("Parameter",),
    "pipeline": ("PipelineView",),
    "schedule": ("JobDefinition", "ScheduleView", "Fire"),
    "notification": ("Subscription", "Notification"),
    "model": ("Model", "ModelVersion", "Alias", "Manifest"),
    "dataset": ("Dataset",),
    "lineage": ("Lineage", "Resolved"),
    "policy": ("Policy",),
    "event": ("Event",),
    "drift": ("DriftReport",),
    "deployment": ("Deployment", "Prediction"),
    "quality": ("QualityReport",),
    "chain": ("State", "Head"),
    "report": (
        "Report",
        "RunReport",
        "SweepReport",
        "PipelinePlan",
        "PipelineReport",
        "TestReport",
        "TickReport",
        "Reproduction",
    ),
    "slice": ("RunSlice",),
    "artifact": ("Artifact", "ArtifactContent"),
    "beside": ("RunBeside",),
}
_HANDLES = ("ActiveRun", "MutedRun")


def _names() -> list[tuple[str, str]]:
    records = [
        (f"jupyter_mlops.records.{module}", name) for module, names in _RECORDS.items() for name in names
    ]
    handles = [("jupyter_mlops.tracking.handle", name) for name in _HANDLES]
    return [*records, *handles, ("jupyter_mlops.operations.workspaces", "WorkspaceState")]


def _blocks(thing: Any) -> tuple[Block, ...]:
    from jupyter_mlops.render.views import blocks_of
    from jupyter_mlops.tracking.handle import ActiveRun, MutedRun

    if isinstance(thing, MutedRun):
        return tuple(blocks_of({"run": thing.name, "recorded": f"no: {thing.why}"}))
    return _card(thing) if isinstance(thing, ActiveRun) else tuple(blocks_of(thing))


def _card(handle: Any) -> tuple[Block, ...]:
    """Return what the run's widget draws; the record alone where what stands beside it cannot be had."""
    from jupyter_mlops.render.views import blocks_of

    record = handle.record
    try:
        from jupyter_mlops.widgets.run import card_of

        return tuple(card_of(handle.workspace, record))
    except Exception:  # noqa: BLE001 - the user's cell shows a run all the same
        _LOG.debug("what stands beside run %s could not be read", handle.id, exc_info=True)
        return tuple(blocks_of(record))


def _html(thing: Any) -> str:
    from jupyter_mlops.render.html import html_of

    return html_of(_blocks(thing))


def _text(thing: Any, printer: Any, cycle: bool) -> None:
    from jupyter_mlops.render.text import text_of

    printer.text("…" if cycle else text_of(_blocks(thing)))


def _formatters(shell: Any) -> list[tuple[Any, Any]]:
    known = shell.display_formatter.formatters
    return [(known["text/html"], _html), (known["text/plain"], _text)]


def register(shell: Any) -> None:
    """Teach the shell to show records; none of their modules is imported for it."""
    for formatter, draw in _formatters(shell):
        for module, name in _names():
            formatter.for_type_by_name(module, name, draw)


def unregister(shell: Any) -> None:
    """Take it back, where nobody has put something else there meanwhile."""
    import sys

    for formatter, draw in _formatters(shell):
        for module, name in _names():
            if formatter.deferred_printers.get((module, name)) is draw:
                del formatter.deferred_printers[module, name]
            kind = getattr(sys.modules.get(module), name, None)
            if kind is not None and formatter.type_printers.get(kind) is draw:
                del formatter.type_printers[kind]
