"""The kinds of record a bundle carries, and how one becomes a line and a record again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.dataset import Dataset
from jupyter_mlops.records.deployment import Deployment
from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.job import Job, JobDefinition
from jupyter_mlops.records.model import Alias, Model, ModelVersion
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.review import Review
from jupyter_mlops.records.run import MetricPoint, Run
from jupyter_mlops.store.protocol import Collection, Transaction

__all__ = [
    "KINDS",
    "Kind",
    "collection",
    "member_of",
    "point_line",
    "read_point",
    "read_record",
    "record_line",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A collection of the store: its name there, what its records are, and what names one."""

    name: str
    record: type
    key: Callable[[Any], tuple[object, ...]]
    # Says what is in force here: never taken into a workspace that has its own say.
    rules: bool = False


def _own_id(record: Any) -> tuple[object, ...]:
    return (record.id,)


KINDS: tuple[Kind, ...] = (
    Kind("runs", Run, _own_id),
    Kind("artifacts", Artifact, lambda r: (r.run, r.name)),
    Kind("datasets", Dataset, lambda r: (r.name, r.version)),
    Kind("jobs", Job, _own_id),
    Kind("models", Model, lambda r: (r.name,)),
    Kind("versions", ModelVersion, lambda r: (r.model, r.version)),
    Kind("reviews", Review, _own_id),
    Kind("reports", DriftReport, _own_id),
    Kind("aliases", Alias, lambda r: (r.model, r.name), rules=True),
    Kind("policies", Policy, lambda r: (r.model,), rules=True),
    Kind("definitions", JobDefinition, _own_id, rules=True),
    Kind("deployments", Deployment, _own_id, rules=True),
)


def collection(tx: Transaction, kind: Kind) -> Collection[Any]:
    """Return where the store keeps records of this *kind*."""
    found: Collection[Any] = getattr(tx, kind.name)
    return found


def member_of(kind: Kind) -> str:
    """Return the name of a kind's member in a bundle."""
    return f"records/{kind.name}.jsonl"


def record_line(record: object) -> Any:
    """Return *record* as JSON-ready data."""
    if isinstance(record, Run):
        # Metrics are a view over the series. A parameter that is no number must not come back as a word.
        return {
            **encode(replace(record, metrics={})),
            "params": {k: _exact(v) for k, v in record.params.items()},
        }
    return encode(record)


def _exact(value: object) -> object:
    return {"float": encode(value)} if isinstance(value, float) and not math.isfinite(value) else value


def read_record(kind: Kind, data: Any, at: str) -> Any:
    """Return the record a line holds; ``Invalid`` where it is none."""
    if kind.record is Run and isinstance(data, dict) and isinstance(data.get("params"), dict):
        params = {
            k: float(v["float"]) if isinstance(v, dict) and set(v) == {"float"} else v
            for k, v in data["params"].items()
        }
        return replace(decode(Run, {**data, "params": {}}, at=at), params=params)
    return decode(kind.record, data, at=at)


def point_line(point: MetricPoint) -> list[object]:
    """Return a metric point as a short line: there are millions of them."""
    return [point.owner, point.sequence, point.key, encode(point.value), point.step, encode(point.at)]


_POINT = ("owner", "sequence", "key", "value", "step", "at")


def read_point(data: Any, at: str) -> MetricPoint:
    """Return the point a line holds."""
    named = (
        dict(zip(_POINT, data, strict=True)) if isinstance(data, list) and len(data) == len(_POINT) else data
    )
    return decode(MetricPoint, named, at=at)
