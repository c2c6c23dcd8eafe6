"""Versions with real models behind them, written straight into the books: tracking and intake have tests of their own."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from jupyter_mlops import formats
from jupyter_mlops.formats.golden import golden_rows
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.model import Manifest, Model, ModelVersion, Signature, SignatureColumn
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.query import equal, query
from jupyter_mlops.records.run import DocumentState, Grade, MetricPoint, Run, RunInput, RunStatus
from jupyter_mlops.records.source import CellExecution, CellStatus, Environment, Source
from jupyter_mlops.registry import manifest_bytes
from jupyter_mlops.review import set_policy
from jupyter_mlops.workspace import Workspace

CELLS = (
    ("a1", "import pandas as pd\nfrom sklearn.linear_model import Ridge"),
    ("b2", "frame = pd.read_csv('air.csv')"),
    ("c3", "model = Ridge(alpha={alpha}).fit(X, y)\nprint(model.score(X_test, y_test))"),
)
TRAIN, TEST = "a" * 64, "b" * 64
MODULE = "d" * 64  # the digest of an imported file


def person(ws: Workspace, name: str, via: Door = Door.PYTHON, *, authenticated: bool = False) -> Workspace:
    return ws.acting_as(Actor(name=name, via=via, authenticated=authenticated))


def keep_policy(ws: Workspace, policy: Policy) -> Policy:
    """Set all rules of *policy* the way people do: as text, of which JSON is a dialect."""
    rules = {name: value for name, value in encode(policy).items() if value is not None}
    rules["kpis"] = [
        {name: value for name, value in kpi.items() if value is not None} for kpi in rules["kpis"]
    ]
    text = json.dumps(rules)
    return set_policy(ws, policy.model, text=text)


@cache
def saved_model(alpha: float) -> tuple[formats.Saved, bytes | None]:
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    X = pd.DataFrame({"dewp": rng.normal(size=60), "temp": rng.normal(size=60)})
    model = Ridge(alpha=alpha).fit(X, X["dewp"] * 3 + X["temp"])
    return formats.save(model), golden_rows(model, X)


def put(ws: Workspace, content: bytes) -> str:
    return ws.blobs.put(io.BytesIO(content))


def manifest_of(ws: Workspace, alpha: float, columns: Sequence[str]) -> Manifest:
    saved, golden = saved_model(alpha)
    for content in saved.files.values():
        put(ws, content)
    return Manifest(
        format=saved.format,
        kind=saved.kind,
        files=formats.files_of(saved),
        types=saved.types,
        requirements=saved.requirements,
        params={"alpha": str(alpha)},
        golden=put(ws, golden) if golden else None,
        signature=Signature(
            inputs=tuple(SignatureColumn(name=name, dtype="float64") for name in columns),
            outputs=(SignatureColumn(name="pm25", dtype="float64"),),
        ),
    )


def add_version(  # noqa: PLR0913
    ws: Workspace,
    *,
    model: str = "pm25",
    alpha: float = 1.0,
    metrics: Mapping[str, float] | None = None,
    grade: Grade = Grade.CLEAN,
    document: DocumentState = DocumentState.SAVED,
    test: str = TEST,
    cells: Sequence[tuple[str, str]] = CELLS,
    packages: Mapping[str, str] | None = None,
    columns: Sequence[str] = ("dewp", "temp"),
) -> ModelVersion:
    """A finished run with cells, inputs, metrics and an environment, and the version it logged."""
    environment = Environment(
        python="3.11.7", implementation="CPython", platform="Linux", cpus=2,
        packages=packages or {"scikit-learn": "1.9.0", "pandas": "3.1.1"},
    )  # fmt: skip
    run = Run(
        id=ws.new_id(),
        experiment="air",
        name="baseline",
        status=RunStatus.FINISHED,
        grade=grade,
        grade_reason="" if grade is Grade.CLEAN else "cell 2 ran again after it was used",
        document=document,
        source=Source(
            notebook="train.ipynb", session="s", environment=put(ws, json.dumps(encode(environment)).encode()),
            python="3.11.7", commit="4e1b02c0", rests_on=tuple(range(1, len(cells) + 1)), executed=len(cells),
            modules={"helpers.py": MODULE}, seeds=("numpy.random.seed(7)",), variables={"TZ_OF_THE_TEST": "UTC"},
        ),
        inputs=(
            RunInput(name="X_train", role="train", digest=TRAIN, rows=43_824, columns={"dewp": "c" * 64}),
            RunInput(name="X_test", role="test", digest=test, rows=14_610, columns={"dewp": test}),
        ),
        params={"alpha": alpha},
        started=ws.now(),
        ended=ws.now() + timedelta(seconds=12),
        actor=ws.actor,
    )  # fmt: skip
    chain = [
        CellExecution(
            session="s", sequence=n, cell=cell or None, position=n - 1, count=n, source=text.format(alpha=alpha),
            source_digest=f"{n}" * 64, started=ws.now(), ended=ws.now(), status=CellStatus.OK, digest=f"{n}" * 64,
        )
        for n, (cell, text) in enumerate(cells, start=1)
    ]  # fmt: skip
    manifest = manifest_of(ws, alpha, columns)
    digest = put(ws, manifest_bytes(manifest))
    values = {"mae": 41.2, "r2": 0.912} if metrics is None else metrics
    with ws.store.write() as tx:
        if not tx.models.find(query(also=equal(name=model))).total:
            tx.models.add(Model(name=model, created=ws.now(), actor=ws.actor))
        number = tx.versions.find(query(limit=1, also=equal(model=model))).total + 1
        version = ModelVersion(
            model=model, version=number, digest=digest, format=manifest.format, kind=manifest.kind,
            size=sum(file.size for file in manifest.files), signature=manifest.signature, run=run.id,
            created=ws.now(), actor=ws.actor,
        )  # fmt: skip
        tx.runs.add(run)
        tx.cells.append(run.id, chain)
        tx.metrics.append(
            [
                MetricPoint(owner=run.id, sequence=n, key=key, value=value, at=ws.now())
                for n, (key, value) in enumerate(values.items(), start=1)
            ]
        )
        tx.versions.add(version)
        tx.events.append([ws.event("version.registered", version.reference, digest=digest, run=run.id)])
    return version


def set_alias(ws: Workspace, version: int, *, model: str = "pm25", alias: str = "champion") -> None:
    from jupyter_mlops.registry import move_alias

    move_alias(ws, model=model, alias=alias, version=version, reason="to begin with", emergency=True)


def kinds(ws: Workspace) -> list[str]:
    with ws.store.read() as tx:
        return [event.kind for event in tx.events.read(limit=10_000)]


def held(ws: Workspace, model: str = "pm25", alias: str = "champion") -> int | None:
    from jupyter_mlops.errors import NotFound

    with ws.store.read() as tx:
        try:
            return tx.aliases.get(model, alias).version
        except NotFound:
            return None


__all__ = [
    "CELLS",
    "MODULE",
    "TEST",
    "TRAIN",
    "add_version",
    "held",
    "kinds",
    "person",
    "put",
    "replace",
    "set_alias",
]
