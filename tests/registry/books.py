"""Runs that logged a model, written straight into the books: what tracking does is tested there."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

from jupyter_mlops import formats
from jupyter_mlops.formats.golden import golden_rows
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.model import Manifest, ModelVersion
from jupyter_mlops.records.review import Evidence, Review, ReviewStatus, Side
from jupyter_mlops.records.run import Grade, MetricPoint, Run, RunInput, RunStatus
from jupyter_mlops.records.source import CellExecution, CellStatus, Source
from jupyter_mlops.registry import (
    evidence_digest,
    evidence_parts,
    manifest_bytes,
    move_alias_within,
    register_version,
)
from jupyter_mlops.workspace import Workspace


def small_data() -> tuple[Any, Any]:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"dewp": rng.normal(size=80), "temp": rng.normal(size=80), "wind": rng.integers(0, 9, 80)}
    )
    return X, X["dewp"] * 3 + X["wind"]


def fitted(alpha: float = 1.0) -> Any:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = small_data()
    return make_pipeline(StandardScaler(), Ridge(alpha=alpha)).fit(X, y)


def put(ws: Workspace, content: bytes) -> str:
    return ws.blobs.put(io.BytesIO(content))


def manifest_of(ws: Workspace, model: Any, *, golden: bytes | None = None) -> Manifest:
    saved = formats.save(model)
    for content in saved.files.values():
        put(ws, content)
    return Manifest(
        format=saved.format,
        kind=saved.kind,
        files=formats.files_of(saved),
        types=saved.types,
        requirements=saved.requirements,
        golden=put(ws, golden) if golden else None,
    )


def logged_run(
    ws: Workspace,
    model: Any = None,
    *,
    name: str = "baseline",
    manifest: Manifest | None = None,
    artifact: str = "model",
) -> Run:
    """A finished run with cells, an input, metrics, an environment and one logged model."""
    X, _ = small_data()
    if manifest is None:
        model = fitted() if model is None else model
        manifest = manifest_of(ws, model, golden=golden_rows(model, X))
    environment = put(ws, json.dumps({"python": "3.11", "packages": {"scikit-learn": "1.9.1"}}).encode())
    run = Run(
        id=ws.new_id(),
        experiment="air",
        name=name,
        status=RunStatus.FINISHED,
        grade=Grade.CLEAN,
        source=Source(notebook="train.ipynb", environment=environment, python="3.11", rests_on=(1, 2)),
        inputs=(RunInput(name="X", role="train", digest="d" * 64, rows=80),),
        started=ws.now(),
        ended=ws.now() + timedelta(seconds=3),
        actor=ws.actor,
    )
    cells = [
        CellExecution(
            session="s", sequence=n, cell=f"c{n}", position=n, count=n, source=f"x{n} = {n}", source_digest=str(n) * 64,
            started=ws.now(), ended=ws.now(), status=CellStatus.OK, digest=str(n) * 64,
        )
        for n in (1, 2)
    ]  # fmt: skip
    content = manifest_bytes(manifest)
    with ws.store.write() as tx:
        tx.runs.add(run)
        tx.cells.append(run.id, cells)
        tx.metrics.append([MetricPoint(owner=run.id, sequence=1, key="mae", value=41.5, at=ws.now())])
        path = f"models/{artifact}/manifest.json"
        tx.artifacts.add(Artifact(run=run.id, name=path, digest=put(ws, content), size=len(content)))
    return run


def registered(ws: Workspace, model: str = "pm25", **given: Any) -> ModelVersion:
    return register_version(ws, model=model, run=logged_run(ws, **given).id)


def approved(ws: Workspace, version: ModelVersion, *, champion: ModelVersion | None = None) -> Review:
    """A review of *version* that was approved, and the alias it moved: what the review package writes."""
    with ws.store.write() as tx:
        parts = evidence_parts(
            tx,
            ws.blobs,
            model=version.model,
            version=version.version,
            alias="champion",
            champion=champion.version if champion else None,
        )
        against = None if champion is None else _side(champion)
        review = Review(
            id=ws.new_id(),
            model=version.model,
            version=version.version,
            alias="champion",
            evidence=Evidence(candidate=_side(version), champion=against, parts=parts),
            evidence_digest=evidence_digest(parts),
            required=1,
            status=ReviewStatus.APPROVED,
            opened=ws.now(),
            closed=ws.now(),
            actor=ws.actor,
        )
        tx.reviews.add(review)
        move_alias_within(
            tx,
            ws,
            model=version.model,
            alias="champion",
            version=version.version,
            review=review.id,
            reason="approved",
        )
        told = {"review": review.id, "alias": review.alias, "evidence": review.evidence_digest}
        tx.events.append([ws.event("review.approved", review.reference, **told)])
    return review


def _side(version: ModelVersion) -> Side:
    return Side(version=version.version, digest=version.digest, run=version.run, created=version.created)
