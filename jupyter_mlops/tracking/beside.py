"""What stands beside a stored run on its card, read off the books."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress

from jupyter_mlops.errors import MlopsError, NotFound
from jupyter_mlops.records.beside import KeptModel, Relative, RunBeside
from jupyter_mlops.records.comparison import MetricRow
from jupyter_mlops.records.policy import Direction, direction_of
from jupyter_mlops.records.query import equal, query
from jupyter_mlops.records.run import SYSTEM, Run, RunStatus
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.records.trust import trust_in
from jupyter_mlops.registry.manifests import read_manifest
from jupyter_mlops.render.figures import headline
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.attached import attached_to, environment_of
from jupyter_mlops.tracking.finding import find_artifacts, get_run
from jupyter_mlops.tracking.reproduced import reproduced_in
from jupyter_mlops.tracking.reruns import run_before, usual_seconds
from jupyter_mlops.workspace import Workspace

__all__ = ["run_beside"]

_MOST_FILES = 1000
_MOST_MODELS = 20
_MOST_CHILDREN = 20
_MANIFEST = "manifest.json"


def run_beside(ws: Workspace, *, run: str) -> RunBeside:
    """Show what a run's card says beyond the run: how it differs from the run before, its cells' numbers, its models, its kin.

    The run before is the latest finished one with its name and experiment, begun before it. A run that is still going
    on is compared with none; of that one it is told how long it took.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    """
    found = get_run(ws, run)
    going, earlier = found.status is RunStatus.RUNNING, run_before(ws, found)
    before, environment = None if going else earlier, environment_of(ws, found)
    with ws.store.read() as tx:
        cells = tx.cells.read(found.id)
        steps = _steps(tx, found)
        parent = _parent(tx, found)
        reproduced = reproduced_in(tx, found.id)
        files = tx.artifacts.find(query(limit=1, also=equal(run=found.id))).total
        files += len(attached_to(tx, found, environment))
        children = tx.runs.find(
            query(order="started", limit=_MOST_CHILDREN, also=equal(parent=found.id, archived=False))
        )
    return RunBeside(
        run=found.id,
        before=None if before is None else before.id,
        usual=usual_seconds(earlier) if going else None,
        metrics=_metrics(found, before),
        counts=tuple(cell.count for cell in cells),
        failed=_failed(found, cells),
        steps=steps,
        models=tuple(_models(ws, found)),
        parent=parent,
        children=tuple(_relative(child) for child in children),
        has_children=children.total,
        has_files=files,
        reproduced=reproduced,
        environment=None if going else environment,
    )


def _parent(tx: Transaction, run: Run) -> Relative | None:
    if run.parent is None:
        return None
    try:
        return _relative(tx.runs.get(run.parent))
    except NotFound:  # it was deleted for good
        return None


def _relative(run: Run) -> Relative:
    metric, value = next(iter(headline(run.metrics).items()), ("", None))
    return Relative(
        run=run.id, name=run.name, status=run.status, metric=metric, value=value, trust=trust_in([run])
    )


def _steps(tx: Transaction, run: Run) -> int:
    summaries = tx.metrics.summaries(run.id)
    return max((s.step + 1 for name, s in summaries.items() if not name.startswith(SYSTEM)), default=0)


def _metrics(run: Run, before: Run | None) -> tuple[MetricRow, ...]:
    earlier = before.metrics if before is not None else {}
    return tuple(_row(name, earlier.get(name), now) for name, now in headline(run.metrics).items())


def _row(name: str, before: float | None, now: float) -> MetricRow:
    direction = direction_of(name)
    difference = best = None
    if before is not None and math.isfinite(before) and math.isfinite(now):
        difference = now - before
        if direction is not None and difference:
            best = int((difference < 0) == (direction is Direction.LOWER))
    return MetricRow(name=name, values=(before, now), direction=direction, best=best, difference=difference)


def _failed(run: Run, cells: Sequence[CellExecution]) -> int | None:
    if run.error is None:
        return None
    executed = [cell for cell in cells if cell.cell == run.error.cell]  # the last time it was, it raised
    return executed[-1].count if executed else None


def _models(ws: Workspace, run: Run) -> Iterator[KeptModel]:
    files = find_artifacts(ws, run=run.id, folder="models", limit=_MOST_FILES)
    manifests = [file for file in files if file.name.count("/") == 2 and file.name.endswith(f"/{_MANIFEST}")]  # noqa: PLR2004 - models/NAME/manifest.json
    for file in manifests[:_MOST_MODELS]:
        name = file.name.split("/")[1]
        # A card without its model's line is better than none; who loads the model is told what is wrong.
        with suppress(MlopsError):
            yield KeptModel.of(name, read_manifest(ws.blobs, file.digest, f"{run.short}/{name}"))
