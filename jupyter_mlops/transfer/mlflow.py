"""Runs, points, files and model versions out of an MLflow store."""

from __future__ import annotations

import hashlib
import mimetypes
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from jupyter_mlops.errors import MlopsError, NotFound
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.run import MetricPoint, Param, Run, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.records.transfer import Imported
from jupyter_mlops.store import masked
from jupyter_mlops.transfer.foreign import ForeignModel, ForeignRun, ForeignStore
from jupyter_mlops.transfer.mlflow_database import MlflowDatabase
from jupyter_mlops.transfer.mlflow_files import Files
from jupyter_mlops.transfer.mlflow_folder import MlflowFolder
from jupyter_mlops.transfer.mlflow_models import register_foreign
from jupyter_mlops.workspace import Workspace

__all__ = ["import_mlflow"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_STATUS = {"FINISHED": RunStatus.FINISHED, "FAILED": RunStatus.FAILED, "KILLED": RunStatus.CANCELLED}
_DROPPED = {"mlflow.runName", "mlflow.parentRunId", "mlflow.user", "mlflow.log-model.history"}
_BATCH = 10_000
_LONGEST = 200


def import_mlflow(ws: Workspace, *, source: str, artifacts: str = "") -> Imported:
    """Bring runs with their points, tags, files and models out of an MLflow store; that store is only read.

    A run keeps its times and gets an id made from its MLflow id, so that a second import adds only what is new.
    Its grade is unknown: MLflow does not record which cells ran. Models are loaded under the same guard as any
    other and registered where they pass; a pickle never does. Aliases are left out, since they move by review here.

    Parameters
    ----------
    source
        ``mlflow.db``, an ``mlruns`` folder, or the URL of MLflow's PostgreSQL database.
    artifacts
        Where the files lie, if not beside the store. Files elsewhere (an object store) are named in the notes.

    Raises
    ------
    NotFound, Invalid
        There is no such place, or it is none that MLflow wrote.
    """
    path = Path(source)
    store: ForeignStore = MlflowFolder(path) if path.is_dir() else MlflowDatabase(source)
    beside = path.parent if path.exists() else None
    roots = tuple(Path(root) for root in (artifacts, beside) if root)
    with closing(store):
        return _Taking(ws, store, Files(roots), source).all()


class _Taking:
    """One import: run by run, each in a transaction of its own, so that a long one may be cut short and taken up."""

    def __init__(self, ws: Workspace, store: ForeignStore, files: Files, source: str) -> None:
        self._ws, self._store, self._files, self._source = ws, store, files, source
        self._added: Counter[str] = Counter()
        self._present: Counter[str] = Counter()
        self._blobs = 0
        self._notes: list[str] = []
        self._seen = hashlib.sha256()

    def all(self) -> Imported:
        deleted = elsewhere = 0
        for run in self._store.runs():
            self._seen.update(f"{run.uuid}\n".encode())
            if run.deleted:
                deleted += 1
                continue
            if self._present_already(run):
                self._present["runs"] += 1
                continue
            elsewhere += not self._take(run)
        if deleted:
            self._notes.append(f"{deleted} deleted runs left out")
        if elsewhere:
            self._notes.append(
                f"the files of {elsewhere} runs are not beside the store: name their folder with --artifacts"
            )
        for model in self._store.models():
            self._model(model)
        self._tell()
        return Imported(
            source=masked(self._source),  # an address may hold a password
            digest=self._seen.hexdigest(),
            added=dict(self._added),
            present=dict(self._present),
            blobs=self._blobs,
            notes=tuple(self._notes),
        )

    def _present_already(self, run: ForeignRun) -> bool:
        with self._ws.store.read() as tx:
            try:
                tx.runs.get(run_id(run.uuid, run.started))
            except NotFound:
                return False
        return True

    def _take(self, run: ForeignRun) -> bool:
        """Write one run with all it has; tell whether its files were here."""
        folder = self._files.of_run(run)
        kept = as_run(run, self._starts)
        files = [] if folder is None else list(self._artifacts(kept.id, folder))
        with self._ws.store.write() as tx:
            tx.runs.add(kept)
            for file in files:
                tx.artifacts.add(file)
            points = list(self._points(kept.id, run))
            for start in range(0, len(points), _BATCH):
                tx.metrics.append(points[start : start + _BATCH])
            tx.events.append(
                [self._ws.event("run.imported", kept.id, tool="mlflow", run=run.uuid, points=len(points))]
            )
        self._added += Counter(runs=1, artifacts=len(files), metrics=len(points))
        return folder is not None or not run.artifacts

    def _artifacts(self, owner: str, folder: Path) -> Iterator[Artifact]:
        for name, path in self._files.walk(folder):
            with path.open("rb") as content:
                digest = self._ws.blobs.put(content)
            self._blobs += 1
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            yield Artifact(
                run=owner, name=name, digest=digest, size=path.stat().st_size, media_type=media_type
            )

    def _points(self, owner: str, run: ForeignRun) -> Iterator[MetricPoint]:
        for number, point in enumerate(self._store.points(run), 1):
            yield MetricPoint(
                owner=owner,
                sequence=number,
                key=point.key[:_LONGEST],
                value=point.value,
                step=point.step,
                at=_moment(point.milliseconds),
            )

    @cached_property
    def _starts(self) -> dict[str, int]:
        return {run.uuid: run.started for run in self._store.runs()}

    def _model(self, model: ForeignModel) -> None:
        starts = self._starts
        if model.run is None or model.run not in starts:
            self._notes.append(
                f"{model.name}:{model.version} left out: the run that made it is not in the store"
            )
            return
        folder = self._files.at(model.location)
        try:
            version, new = register_foreign(self._ws, model, run_id(model.run, starts[model.run]), folder)
        except MlopsError as refusal:
            self._notes.append(f"{model.name}:{model.version} left out: {refusal.message}")
            return
        (self._added if new else self._present)["versions"] += 1
        was = f" (was {model.name}:{model.version})" if version.version != model.version else ""
        if model.aliases and new:
            self._notes.append(
                f"{version.reference}{was} was {', '.join(model.aliases)} there; here a review moves an alias"
            )

    def _tell(self) -> None:
        if self._added:
            told = {"tool": "mlflow", "added": dict(self._added), "runs": self._seen.hexdigest()}
            with self._ws.store.write() as tx:
                tx.events.append([self._ws.event("workspace.imported", "workspace", **told)])


def run_id(uuid: str, started: int) -> str:
    """Return the id an MLflow run has here: it sorts by its start like any other, and is always the same."""
    chance = int.from_bytes(hashlib.sha256(f"mlflow {uuid}".encode()).digest()[:10], "big")
    number = (max(started, 0) << 80) | chance
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def as_run(run: ForeignRun, starts: dict[str, int]) -> Run:
    """Return the record of an MLflow run, without points and files."""
    parent = run.tags.get("mlflow.parentRunId", "")
    status = _STATUS.get(run.status, RunStatus.LOST)
    started = _moment(run.started)
    return Run(
        id=run_id(run.uuid, run.started),
        experiment=(run.experiment.strip("/") or "default")[:_LONGEST],
        name=(run.name or run.uuid[:8])[:_LONGEST],
        status=status,
        grade_reason="imported from MLflow, which does not record the cells that ran",
        source=Source(
            notebook=run.tags.get("mlflow.source.name") or None,
            commit=run.tags.get("mlflow.source.git.commit"),
            branch=run.tags.get("mlflow.source.git.branch"),
        ),
        params={key[:_LONGEST]: _typed(value) for key, value in run.params.items()},
        tags={**{k: v for k, v in run.tags.items() if k not in _DROPPED}, "mlflow.run": run.uuid},
        parent=run_id(parent, starts[parent]) if parent in starts else None,
        started=started,
        ended=_moment(run.ended)
        if run.ended is not None
        else (None if status is RunStatus.RUNNING else started),
        actor=Actor(name=run.user or "unknown", via=Door.PYTHON),
    )


def _typed(text: str) -> Param:
    """Return the value a text was written from, where writing it again gives the same text; else the text."""
    if text in {"True", "False"}:
        return text == "True"
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if str(value) == text and text not in {"nan", "inf", "-inf"}:
            return value
    return text


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
