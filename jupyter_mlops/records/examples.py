"""What people ask of each kind of record: the example that help shows, and that answers a query that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["EXAMPLES", "Example", "example_for"]


class Example(NamedTuple):
    """A filter and an order that the records of one kind can be asked for."""

    where: str
    order: str


_RUNS = Example(
    where="metrics.mae < 42 and (params.alpha > 0.1 or tags.team = 'risk')", order="metrics.mae desc, started"
)
# By the records' class, as a page names it. A group is asked for by its runs.
EXAMPLES: Mapping[str, Example] = {
    "Run": _RUNS,
    "RunGroup": _RUNS,
    "Experiment": _RUNS,
    "Job": Example(where="status = 'failed' and spec.experiment = 'air'", order="queued desc"),
    "JobDefinition": Example(where="active = true and spec.experiment = 'air'", order="name"),
    "Subscription": Example(where="name like 'team%' and schedule = ''", order="name"),
    "Notification": Example(where="status = 'failed' and made > -7d", order="made desc"),
    "Model": Example(where="name like 'air%' and created > -30d", order="created desc"),
    "ModelVersion": Example(where="kind like '%Regressor' and created > -7d", order="size desc, version"),
    "Review": Example(where="status = 'open' and model = 'pm25'", order="opened"),
    "Dataset": Example(where="name = 'air' and rows > 1000", order="rows desc"),
    "Deployment": Example(where="status = 'live' and model = 'pm25'", order="started desc"),
    "DriftReport": Example(where="verdict = 'failed' and ended > -7d", order="ended desc"),
}
# Where nobody says what is asked for.
_ANY = Example(where="name = 'air' and (size > 42 or kind like 'b%')", order="name, created desc")


def example_for(kind: str) -> Example:
    """Return what may be asked of the records of this class; of one that is not known, how a query looks."""
    return EXAMPLES.get(kind, _ANY)
