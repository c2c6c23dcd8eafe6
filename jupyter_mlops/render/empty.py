"""What a page with nothing in it says: what it is empty of, and the one line that fills it."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.render.blocks import Block, Line

__all__ = ["empty_blocks"]

# By the records' class: what people call many of them, and how one comes to be.
_FILLED = {
    "Run": ("runs", "Record one with %%track NAME at the top of a cell, or with: jupyter mlops run NOTEBOOK"),
    "Model": ("models", "Register one with: jupyter mlops register RUN --as NAME"),
    "ModelVersion": ("versions", "Register one with: jupyter mlops register RUN --as NAME"),
    "Alias": ("aliases", "An approved review sets one: jupyter mlops review open MODEL:VERSION"),
    "Review": ("reviews", "Open one with: jupyter mlops review open MODEL:VERSION"),
    "Job": ("jobs", "Run a notebook as one with: jupyter mlops run NOTEBOOK"),
    "JobDefinition": (
        "schedules",
        "Add one with: jupyter mlops schedule add NAME NOTEBOOK --cron '0 7 * * 1'",
    ),
    "Subscription": (
        "subscriptions",
        "Add one with: jupyter mlops notify add NAME --jupyterlab, or --webhook, --email, --desktop",
    ),
    "Notification": ("messages", "They are made as jobs end, for who asked: jupyter mlops notify add NAME"),
    "Dataset": ("datasets", "Keep one with: jupyter mlops dataset register NAME PATH"),
    "Deployment": ("deployments", "Start one with: jupyter mlops serve MODEL@ALIAS"),
    "DriftReport": ("reports", "Make one with: jupyter mlops drift DEPLOYMENT"),
    "Event": ("events", "The first run writes one: jupyter mlops run NOTEBOOK"),
    "Artifact": ("artifacts", "Keep one with run.log_artifact(PATH)"),
    "MetricPoint": (
        "points",
        "Log one with run.log_metric(NAME, VALUE); jupyter mlops show RUN names the metrics of a run",
    ),
    "CellExecution": ("cells", "They are recorded below %load_ext jupyter_mlops, for runs of a notebook"),
    "Experiment": ("experiments", "Runs make them: jupyter mlops run NOTEBOOK --experiment NAME"),
    "RunGroup": ("groups of runs", "They are made of runs: jupyter mlops runs"),
    "Prediction": ("answers", "They are kept while jupyter mlops serve MODEL@ALIAS answers"),
    "Parameter": ("parameters", "Tag the cell that sets them with: parameters"),
}
_UNKNOWN = (
    "records",
    "jupyter mlops run NOTEBOOK fills the books: it keeps the job, its run and what it measured.",
)


def empty_blocks(kind: str, *, narrowed: bool = False) -> Iterator[Block]:
    """The two lines of a page of *kind* without items; *narrowed*: there may be others."""
    noun, advice = _FILLED.get(kind, _UNKNOWN)
    if narrowed:
        yield Line(f"No {noun} match.", strong=True)
        yield Line("Leave the filter out to see all.", faint=True)
        return
    yield Line(f"No {noun} yet.", strong=True)
    yield Line(advice, faint=True)
