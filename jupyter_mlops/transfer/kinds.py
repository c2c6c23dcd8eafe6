"""The kinds of record a bundle carries, and how one becomes a line and a record again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from jupyter_mlops.records.codec import decode, derived_in, encode
from jupyter_mlops.records.run import MetricPoint, Run
from jupyter_mlops.store.protocol import Collection, Transaction
from jupyter_mlops.store.shelves import SHELVES, Shelf

__all__ = [
    "KINDS",
    "RULES",
    "collection",
    "member_of",
    "point_line",
    "read_point",
    "read_record",
    "record_line",
]


# Runs before their files, models before their versions: what is named comes before what names it.
_ORDER = (
    "runs", "artifacts", "datasets", "jobs", "models", "versions", "reviews", "aliases", "policies", "definitions",
    "fires", "deployments", "reports",
)  # fmt: skip
# Who is told of what stays where it was said: a copy must not tell people a second time, nor a stranger's bundle anybody.
KINDS: tuple[Shelf, ...] = tuple(SHELVES[name] for name in _ORDER)
# They say what is in force here, and how it does: never taken into a workspace that has its own say.
RULES = frozenset({"aliases", "policies", "definitions", "fires", "deployments", "reports"})


def collection(tx: Transaction, kind: Shelf) -> Collection[Any]:
    """Return where the store keeps records of this *kind*."""
    found: Collection[Any] = getattr(tx, kind.name)
    return found


def member_of(kind: Shelf) -> str:
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
    data = encode(record)
    kind: Any = type(record)
    for name in derived_in(kind):
        del data[name]
    return data


def _exact(value: object) -> object:
    return {"float": encode(value)} if isinstance(value, float) and not math.isfinite(value) else value


def read_record(kind: Shelf, data: Any, at: str) -> Any:
    """Return the record a line holds; ``Invalid`` where it is none."""
    if kind.record is Run and isinstance(data, dict) and isinstance(data.get("params"), dict):
        params = {
            k: float(v["float"]) if isinstance(v, dict) and set(v) == {"float"} else v
            for k, v in data["params"].items()
        }
        return replace(decode(Run, {**data, "params": {}}, at=at), params=params)
    if isinstance(data, dict):  # what another version wrote there, or somebody, is asked for anew
        data = {key: value for key, value in data.items() if key not in derived_in(kind.record)}
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
