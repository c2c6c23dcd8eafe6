"""What stands beside a run on its card: what it is compared with, how its cells are called, the models it kept."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.records.comparison import MetricRow
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.records.reproduced import Reproduced
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.records.source import Environment
from jupyter_mlops.records.trust import RunTrust

__all__ = ["KeptModel", "Relative", "RunBeside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptModel:
    """A model that a run kept, in the words of one line."""

    name: str  # within the run
    format: str
    kind: str  # the estimator's qualified class name
    size: int  # bytes, all files
    columns: int  # that it takes; 0: it does not say

    @classmethod
    def of(cls, name: str, manifest: Manifest) -> KeptModel:
        """Return what the manifest of the model *name* comes to."""
        return cls(
            name=name,
            format=manifest.format,
            kind=manifest.kind,
            size=sum(file.size for file in manifest.files),
            columns=len(manifest.signature.inputs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A run that this one is part of, or that is part of it, in the words of one line."""

    run: str  # its id
    name: str
    status: RunStatus
    metric: str = ""  # the most telling one it has
    value: float | None = None
    trust: RunTrust | None = None  # None while it goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBeside:
    """What the card of a run says beyond the run itself; each part may be missing, and the card then says less."""

    run: str  # its id
    before: str | None = None  # the id of the run before: the latest finished of its name and experiment
    usual: float | None = None  # seconds that the run before took, while this one goes on
    metrics: tuple[MetricRow, ...] = ()  # of the run before and of this one; the telling ones first
    counts: tuple[int | None, ...] = ()  # In [n] of the cells it rests on, in their order
    failed: int | None = None  # In [n] of the cell that raised
    steps: int = 0  # how far its metrics went: the highest step, counted from 1
    models: tuple[KeptModel, ...] = ()
    parent: Relative | None = None
    children: tuple[Relative, ...] = ()  # the first of them, in the order they began
    has_children: int = 0  # how many there are
    has_files: int = 0  # how many it left behind: a card lists the first of them
    reproduced: Reproduced | None = None  # what came of it when it was last run again
    environment: Environment | None = None  # the interpreter, the machine and the packages it ran with
