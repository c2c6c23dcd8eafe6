"""Records to draw: one of each kind, with what makes drawing hard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.policy import Direction
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
)  # fmt: skip
from jupyter_mlops.records.run import DocumentState, Grade, Run, RunError, RunInput, RunStatus
from jupyter_mlops.records.source import Source

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ANA = Actor(name="ana", via=Door.NOTEBOOK)
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31mred\x1b[0m"


def a_run(**changes: object) -> Run:
    values = {
        "id": "01m7xwy4ft6vjr09ecnrx4ah70",
        "experiment": "air/pm25",
        "name": "baseline",
        "status": RunStatus.FINISHED,
        "grade": Grade.CLEAN,
        "document": DocumentState.SAVED,
        "source": Source(
            notebook="train.ipynb",
            rests_on=(2, 4, 7),
            executed=11,
            commit="4e1b02c" + "0" * 33,
            dirty=("a", "b"),
        ),
        "inputs": (
            RunInput(
                name="X_train",
                role="train",
                digest="34da91" + "0" * 58,
                rows=29220,
                columns={"a": "1", "b": "2"},
            ),
        ),
        "params": {
            "alpha": 0.3,
            "max_iter": 500,
            "model": "HistGB",
            "deep": True,
            "none": None,
            "text": "a b",
        },
        "metrics": {"mae": 41.2, "r2": 0.912345, "train_mae": 30.0},
        "tags": {"team": "risk"},
        "started": AT,
        "ended": AT + timedelta(seconds=12.4),
        "actor": ANA,
    }
    return Run(**(values | changes))


def a_review(**changes: object) -> Review:
    side = {"run": "01m7xwy4ft6vjr09ecnrx4ah70", "run_name": "baseline", "grade": Grade.CLEAN, "kind": "sklearn.linear_model.Ridge",
                "format": "skops", "size": 1_200_000, "author": "ana", "created": AT, "params": {"alpha": "0.3"}, "data": {"X": "34da91" * 10}}  # fmt: skip
    evidence = Evidence(
        candidate=Side(version=7, digest="aa" * 32, **side),
        champion=Side(version=5, digest="bb" * 32, **side),
        headline="Better than champion pm25:5 on 2 of 2 required metrics.",
        attention=("slice NE is worse by 3.1",),
        metrics=(
            MetricComparison(
                name="mae",
                candidate=41.2,
                champion=42.3,
                direction=Direction.LOWER,
                difference=-1.1,
                better=True,
                required=True,
                unit="µg/m³",
            ),
            MetricComparison(
                name="r2",
                candidate=0.91,
                champion=0.92,
                direction=Direction.HIGHER,
                difference=-0.01,
                better=False,
            ),
            MetricComparison(name="odd", candidate=1.0, champion=1.0, difference=0.0),
        ),
        checks=(
            Check(name="mae", outcome=Outcome.PASSED, summary="−1.1 is within the margin", required=True),
            Check(name="slice NE", outcome=Outcome.UNKNOWN, summary="410 more rows needed"),
            Check(name="latency", outcome=Outcome.FAILED, summary="12 ms > 10 ms", required=True),
        ),
        changes=("parameter alpha 0.3 → 0.1", "data: same"),
        code=(CodeChange(cell="c7", kind="edited", diff="-alpha = 0.3\n+alpha = 0.1", label="cell 7"),),
        against="champion",
        parts={"model": "cc" * 32, "cells": "dd" * 32},
    )
    values = {
        "id": "01m7xwy4ft6vjr09ecnrx4revw", "model": "pm25", "version": 7, "alias": "champion", "evidence": evidence,
        "evidence_digest": "9c41f0" + "0" * 58, "required": 1, "opened": AT, "actor": ANA, "rules": "1 approval, the author may approve",
    }  # fmt: skip
    return Review(**(values | changes))


def approved(**changes: object) -> Review:
    review = a_review()
    decision = Decision(actor=Actor(name="ben", via=Door.NOTEBOOK), verdict=Verdict.APPROVE, comment="looks right",
                        evidence_digest=review.evidence_digest, at=AT + timedelta(hours=1), note="self-approved")  # fmt: skip
    return a_review(
        **(
            {"decisions": (decision,), "status": ReviewStatus.APPROVED, "closed": AT + timedelta(hours=1)}
            | changes
        )
    )


def failed_run() -> Run:
    error = RunError(
        kind="ZeroDivisionError", message=EVIL, traceback=f"Traceback\n  {EVIL}", cell="c2", line=3
    )
    return a_run(status=RunStatus.FAILED, error=error, name=EVIL, tags={EVIL: EVIL}, params={EVIL: EVIL}, notes=(EVIL,),
                 grade=Grade.STALE, grade_reason=EVIL)  # fmt: skip
