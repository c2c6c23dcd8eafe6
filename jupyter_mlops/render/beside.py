"""What a run's card says beyond the record: known only to whoever watched the run, or asked the store for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.beside import KeptModel, Relative, RunBeside
from jupyter_mlops.records.reproduced import Reproduced
from jupyter_mlops.records.source import Environment

__all__ = ["Beside", "Curve", "name_before"]

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
    usual: float | None = None  # seconds that the run before it took, where it came to its end
    beat: int = 0  # counts the drawings of a live card
    steps: int = 0
    curves: tuple[Curve, ...] = ()
    system: tuple[Curve, ...] = ()
    previous: Mapping[str, float] | None = None  # the metrics of the run before it
    previous_name: str = ""  # what to call that run
    outputs: tuple[Artifact, ...] = ()
    models: tuple[KeptModel, ...] = ()
    counts: tuple[int | None, ...] = field(default=())  # In [n] of the cells it rests on
    parent: Relative | None = None
    children: tuple[Relative, ...] = ()
    has_children: int = 0
    has_files: int = 0
    failed: int | None = None  # In [n] of the cell that raised, where the card does not stand under it
    reproduced: Reproduced | None = None
    environment: Environment | None = None

    @classmethod
    def of(cls, told: RunBeside, *, outputs: Sequence[Artifact] = (), curves: Sequence[Curve] = ()) -> Beside:
        """Return what the books tell of a stored run, with its files and its curves."""
        before = {row.name: row.values[0] for row in told.metrics}
        return cls(
            steps=told.steps,
            curves=tuple(curves),
            previous={name: figure for name, figure in before.items() if figure is not None},
            previous_name=name_before(told.before or ""),
            outputs=tuple(outputs),
            models=told.models,
            counts=told.counts,
            failed=told.failed,
            parent=told.parent,
            children=told.children,
            has_children=told.has_children,
            has_files=told.has_files,
            reproduced=told.reproduced,
            environment=told.environment,
        )


def name_before(run: str) -> str:
    """Return what the run before is called, by its id."""
    return f"the run before, {run[-6:]}"
