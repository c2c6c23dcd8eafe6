"""Runs that differ in chance only, taken together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.run import Param
from jupyter_mlops.records.trust import RunTrust

__all__ = ["RunGroup", "Spread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One metric over the runs of a group; runs whose value is not a number do not count."""

    count: int
    mean: float
    deviation: float | None  # of the sample; None: one run alone has none
    minimum: float
    maximum: float


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class RunGroup:
    """Runs of one experiment and name that are equal in all parameters but those they are grouped over."""

    experiment: str
    name: str
    params: Mapping[str, Param] = field(default_factory=dict)  # those they share
    runs: tuple[str, ...] = ()  # ids, the newest first
    metrics: Mapping[str, Spread] = field(default_factory=dict)
    trust: RunTrust | None = None  # of the worst of them; None while none has ended

    def __post_init__(self) -> None:
        freeze_mappings(self, "params", "metrics")
