"""What a run's card says beyond the record: known only to whoever watched the run, or asked the store for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.model import Manifest

__all__ = ["Beside", "Curve"]

Points = tuple[tuple[int, float], ...]  # step and value


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A metric that was logged more than once."""

    name: str
    points: Points
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Each part may be missing; the card then says less."""

    elapsed: float | None = None  # seconds since the start, while the run goes on
    beat: int = 0  # counts the drawings of a live card
    steps: int = 0
    curves: tuple[Curve, ...] = ()
    system: tuple[Curve, ...] = ()
    previous: Mapping[str, float] | None = None  # the metrics of the run before it
    previous_name: str = ""  # what to call that run
    outputs: tuple[Artifact, ...] = ()
    model: Manifest | None = None
    counts: tuple[int | None, ...] = field(default=())  # In [n] of the cells it rests on
