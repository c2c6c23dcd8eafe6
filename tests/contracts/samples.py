"""One record of each kind, every field filled, for suites that ask whether all of it survives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.dataset import Contract, Dataset
from jupyter_mlops.records.deployment import Deployment, Prediction
from jupyter_mlops.records.drift import ColumnDrift, DriftReport
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.job import (
    CellProgress,
    Job,
    JobError,
    JobSpec,
    JobStatus,
)
from jupyter_mlops.records.links import link_digest
from jupyter_mlops.records.model import Alias, Model, ModelVersion, Signature, SignatureColumn
from jupyter_mlops.records.notification import (
    ChannelKind,
    Notification,
    NotificationStatus,
    Occasion,
    Subscription,
    Webhook,
)
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.profile import ColumnProfile, Profile
from jupyter_mlops.records.review import (
    Check,
    CodeChange,
    Decision,
    Evidence,
    MetricComparison,
    Outcome,
    Review,
    ReviewStatus,
    Side,
    Verdict,
)
from jupyter_mlops.records.run import (
    DocumentState,
    Grade,
    Lease,
    MetricPoint,
    Run,
    RunError,
    RunInput,
    RunStatus,
)
from jupyter_mlops.records.schedule import (
    CatchUp,
    Cron,
    Fire,
    FireStatus,
    JobDefinition,
    OnDrift,
    Overlap,
    Rules,
)
from jupyter_mlops.records.source import CellExecution, CellStatus, Source
from jupyter_mlops.records.sweep import Best, Choices, Span, Sweep, Tally
from jupyter_mlops.store.curves import Curve, micros

NOON = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)
ANA = Actor(name="ana", via=Door.NOTEBOOK)
DIGEST = "ab" * 32
PROFILE = Profile(
    rows=3,
    columns=(
        ColumnProfile(name="pm2.5", dtype="float64", kind="numeric", nulls=1, mean=math.nan, edges=(0.0, 1.5, math.inf), counts=(1, 1)),
        ColumnProfile(name="wind", dtype="object", kind="category", top={"NW": 2, "cv": 1}),
    ),
)  # fmt: skip
LEASE = Lease(host="h", pid=7, process_started=1.5e9, until=NOON)
SPEC = JobSpec(
    notebook="train.ipynb",
    content=DIGEST,
    parameters={"alpha": 0.1, "names": ["a", None], "deep": {"x": 1}},
    timeout=1.5,
)
SWEEP = Sweep(axes={"alpha": Span(low=0.1, high=1.0), "b": Choices(values=("x",))}, trials=9)


def run(id: str = "r1", **changes: Any) -> Run:  # noqa: A002
    plain = Run(id=id, experiment="air", name="baseline", started=NOON, actor=ANA)
    return replace(plain, **changes)


def full_run(id: str = "r1") -> Run:  # noqa: A002
    return run(
        id,
        status=RunStatus.FAILED,
        grade=Grade.STALE,
        grade_reason="cell 3 ran again",
        document=DocumentState.ORPHANED,
        source=Source(notebook="a/b.ipynb", session="s1", cells=DIGEST, rests_on=(1, 3), executed=9, commit="c0ffee", dirty=("x.py",)),
        inputs=(RunInput(name="X", role="train", digest=DIGEST, rows=3, columns={"a": DIGEST}),),
        params={"alpha": 0.1, "depth": 3, "on": True, "none": None, "text": "3", "missing": math.nan, "bound": -math.inf, "ratio": 1.0, "Größe": "日本"},
        tags={"team": "risk", 'quo"te': "it's", "%": "_"},
        parent="p1",
        job="j1",
        lease=LEASE,
        ended=NOON + timedelta(seconds=3),
        error=RunError(kind="ValueError", message="bad\x00 \udc80", traceback="…", cell="c1", line=3),
        last_cell="c1",
        archived=True,
        notes=("ambiguous",),
    )  # fmt: skip


def version(model: str = "pm25", number: int = 1, **changes: Any) -> ModelVersion:
    plain = ModelVersion(
        model=model,
        version=number,
        digest=DIGEST,
        format="skops",
        kind="Ridge",
        size=10,
        signature=Signature(inputs=(SignatureColumn(name="a", dtype="float64", nullable=True),)),
        profile=PROFILE,
        created=NOON,
        actor=ANA,
    )
    return replace(plain, **changes)


def alias(model: str = "pm25", name: str = "champion", number: int = 1) -> Alias:
    return Alias(model=model, name=name, version=number, moved=NOON, actor=ANA, reason="better", review="v1")


def model(name: str = "pm25") -> Model:
    return Model(name=name, created=NOON, actor=ANA, description="fine dust", tags={"team": "air"})


def artifact(run: str = "r1", name: str = "models/pm25/manifest.json") -> Artifact:
    return Artifact(run=run, name=name, digest=DIGEST, size=3)


def event(subject: str = "r1", kind: str = "run.finished", **data: Any) -> Event:
    return Event(at=NOON, actor=ANA, kind=kind, subject=subject, data=data)


def curve(owner: str, sequences: Sequence[int], key: str = "mae") -> Curve:
    """Columns in which value and step say the sequence."""
    import numpy as np

    numbers = np.array(list(sequences), np.int64)
    return Curve(owner, key, numbers, numbers, micros(NOON) + numbers, numbers.astype(np.float64))


def point(owner: str, sequence: int, value: float, key: str = "mae", step: int = 0) -> MetricPoint:
    return MetricPoint(owner=owner, sequence=sequence, key=key, value=value, step=step, at=NOON)


# What scripts read of ``jupyter mlops run --json``, in its order.
RUN_REPORT_KEYS = (
    "job", "run", "status", "grade", "metrics", "version", "review", "notebook", "error", "follow_up_error",
)  # fmt: skip


def linked_cells(count: int) -> list[CellExecution]:
    """Return the first executions of one session, each linked to the one before by its digest."""
    links: list[CellExecution] = []
    for number in range(1, count + 1):
        link = replace(cell(number, "s"), source=f"x = {number}", previous=links[-1].digest if links else "")
        links.append(replace(link, digest=link_digest(link)))
    return links


def cell(sequence: int, session: str = "s1", started: datetime = NOON) -> CellExecution:
    return CellExecution(
        session=session,
        sequence=sequence,
        cell=f"c{sequence}",
        position=0,
        count=sequence,
        source="x = 'ü'\n",
        source_digest=DIGEST,
        started=started,
        ended=None,
        status=CellStatus.OK,
        reads=("a",),
    )


def prediction(owner: str, sequence: int) -> Prediction:
    return Prediction(
        owner=owner,
        sequence=sequence,
        request="q",
        version=1,
        features={"a": 1.5, "b": None},
        prediction=[1, "x"],
        at=NOON,
    )


def _side() -> Side:
    return Side(version=2, digest=DIGEST, run="r1", created=NOON, params={"alpha": "0.1"}, grade=Grade.CLEAN)


def everything() -> dict[str, Any]:
    """One full record for each shelf."""
    return {
        "runs": full_run(),
        "artifacts": artifact(),
        "datasets": Dataset(
            name="air", version=1, digest=DIGEST, columns={"a": DIGEST}, rows=3, profile=PROFILE,
            contract=Contract(columns={"a": "float64"}, not_null=("a",)), created=NOON, actor=ANA,
        ),
        "jobs": Job(
            id="j1", spec=replace(SPEC, sweep=SWEEP), status=JobStatus.FAILED, queued=NOON, started=NOON, lease=LEASE, actor=ANA,
            error=JobError(kind="ValueError", message="no"), progress=CellProgress(index=1, total=3, started=NOON),
            sweep="j0", trial=3,
            tally=Tally(trials=9, succeeded=1, best=Best(job="j2", value=0.5, parameters={"a": 1}), left=3.0),
        ),
        "definitions": JobDefinition(
            id="d1", name="nightly", spec=SPEC, when=Cron(expression="0 3 * * *", timezone="Europe/Berlin"),
            created=NOON, actor=ANA, moment=NOON, due=NOON, since=NOON, watches="", seen=("a",), fired=2, done="",
            rules=Rules(
                catch_up=CatchUp.ALL, overlap=Overlap.QUEUE, jitter=5.0, blackout=("22:00-06:00",), maximum=9,
                timezone="Europe/Berlin", start=NOON, end=NOON,
            ),
        ),
        "fires": Fire(
            definition="d1", cause="2026-01-05T03:00:00+00:00", status=FireStatus.ENDED, reason="why", job="j1",
            moment=NOON, due=NOON, claimed=NOON, ended=NOON, outcome=JobStatus.FAILED,
        ),
        "subscriptions": Subscription(
            id="s1", name="night watch", on=(Occasion.FAILURE, Occasion.LATE), schedule="d1", late_after=60.0,
            channel=Webhook(address="https://example.org/hook", secret="env:HOOK"), created=NOON, actor=ANA,
        ),
        "notifications": Notification(
            subscription="s1", cause="job j1 1", id="n1", name="night watch", channel=ChannelKind.WEBHOOK,
            occasion=Occasion.FAILURE, subject="j1", title="failed", text="why", made=NOON, due=NOON,
            status=NotificationStatus.SENT, attempts=1, sent=NOON,
        ),
        "models": model(),
        "versions": version(),
        "aliases": alias(),
        "policies": Policy(
            model="pm25", quorum=2, minimum_grade=Grade.CLEAN, checks={"grade": True},
            kpis=(Kpi(metric="mae", direction=Direction.LOWER, margin=0.5, bar=42.0),),
        ),
        "reviews": Review(
            id="v1", model="pm25", version=2, alias="champion", evidence_digest=DIGEST, required=1, opened=NOON, actor=ANA,
            status=ReviewStatus.APPROVED, closed=NOON,
            evidence=Evidence(
                candidate=_side(), champion=_side(), headline="better", attention=("a",), parts={"model": DIGEST},
                metrics=(MetricComparison(name="mae", candidate=40.0, champion=None, better=None),),
                checks=(Check(name="grade", outcome=Outcome.PASSED, summary="clean"),),
                code=(CodeChange(cell="c1", kind="edited", diff="-a\n+b"),),
            ),
            decisions=(Decision(actor=ANA, verdict=Verdict.APPROVE, evidence_digest=DIGEST, at=NOON),),
        ),
        "deployments": Deployment(id="e1", model="pm25", alias="champion", version=1, started=NOON),
        "reports": DriftReport(
            id="t1", deployment="e1", model="pm25", version=1, started=NOON, ended=NOON, rows=3,
            columns=(ColumnDrift(name="a", statistic="chi_square", effect=0.1, moved=True),), verdict=Outcome.FAILED,
        ),
    }  # fmt: skip


def on_drift() -> JobDefinition:
    return JobDefinition(
        id="d2", name="drift", spec=SPEC, when=OnDrift(deployment="e1"), created=NOON, actor=ANA
    )
