"""A served alias, its answers, and the truth that comes later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.run import Lease

__all__ = ["DEPLOYMENT_STEPS", "Deployment", "DeploymentStatus", "Prediction"]


class DeploymentStatus(StrEnum):
    """Where a deployment stands."""

    STARTING = "starting"
    LIVE = "live"
    STOPPED = "stopped"
    FAILED = "failed"


DEPLOYMENT_STEPS: Mapping[DeploymentStatus, frozenset[DeploymentStatus]] = {
    DeploymentStatus.STARTING: frozenset(
        {DeploymentStatus.LIVE, DeploymentStatus.STOPPED, DeploymentStatus.FAILED}
    ),
    DeploymentStatus.LIVE: frozenset({DeploymentStatus.STOPPED, DeploymentStatus.FAILED}),
    DeploymentStatus.STOPPED: frozenset(),
    # A process of another machine that was silent for long may turn out to be there all the same.
    DeploymentStatus.FAILED: frozenset({DeploymentStatus.LIVE, DeploymentStatus.STOPPED}),
}


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """An alias that is served."""

    id: str
    model: str
    alias: str
    version: int
    status: DeploymentStatus = DeploymentStatus.STARTING
    url: str = ""
    started: datetime
    ended: datetime | None = None
    lease: Lease | None = None  # of the process that answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One answer: the row asked about, what was said, by which version; the outcome once it is known."""

    owner: str  # the deployment's id
    sequence: int
    request: str
    version: int
    features: Mapping[str, object] = field(default_factory=dict)
    prediction: object = None
    seconds: float = 0.0
    at: datetime
    outcome: object = None

    def __post_init__(self) -> None:
        freeze_mappings(self, "features")
