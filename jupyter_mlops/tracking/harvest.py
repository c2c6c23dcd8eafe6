"""What autolog saw while a run went on, brought home at its end: parameters, metrics, inputs, the model."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jupyter_mlops.capture.estimators.seen import FitSeen, MetricSeen
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import MetricPoint, Param, Run, RunInput, RunStatus
from jupyter_mlops.tracking.log import as_param
from jupyter_mlops.tracking.models import keep_model
from jupyter_mlops.workspace import Workspace

__all__ = ["Harvest", "Yield", "child_notes", "keep_fitted_model"]

_MOST_CHILDREN = 50


@dataclass(slots=True)
class _Fitted:
    seen: FitSeen
    metrics: dict[str, float] = field(default_factory=dict)
    inputs: list[RunInput] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """One estimator's share: for the run itself, or for a child run where a cell fitted several."""

    seen: FitSeen | None
    name: str = ""
    params: Mapping[str, Param] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    inputs: tuple[RunInput, ...] = ()


class Harvest:
    """The sink of one run. Its methods are called in user threads, and only take notes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fitted: dict[int, _Fitted] = {}
        self._loose: dict[str, float] = {}
        self._loose_inputs: list[RunInput] = []
        self.notes: list[str] = []

    @property
    def fitted(self) -> bool:
        """True where an estimator was fitted."""
        return bool(self._fitted)

    def fit(self, seen: FitSeen) -> None:
        """Take note of a finished fit; the same estimator fitted again replaces its earlier fit."""
        with self._lock:
            self._fitted.pop(id(seen.estimator), None)
            self._fitted[id(seen.estimator)] = _Fitted(seen)

    def metric(self, seen: MetricSeen) -> None:
        """Take note of a metric, with the estimator whose predictions went into it."""
        with self._lock:
            known = self._fitted.get(id(seen.estimator)) if seen.estimator is not None else None
            (self._loose if known is None else known.metrics)[seen.name] = seen.value
            (self._loose_inputs if known is None else known.inputs).extend(seen.inputs)
            if seen.estimator is None and seen.candidates > 1:
                self.notes.append(
                    f"{seen.name} may belong to any of {seen.candidates} models; it was kept with the run"
                )

    def note(self, text: str) -> None:
        """Take note of a sentence for the reader."""
        with self._lock:
            if text not in self.notes:
                self.notes.append(text)

    def gather(self) -> tuple[Yield, tuple[Yield, ...]]:
        """Return the run's own share, and one for each further estimator, in the order they were fitted.

        Of several the last one fitted is the run's own; what belongs to no one estimator is the run's, too.
        """
        with self._lock:
            fitted = list(self._fitted.values())
            loose, inputs = dict(self._loose), tuple(self._loose_inputs)
        if not fitted:
            return Yield(seen=None, metrics=loose, inputs=_once(inputs)), ()
        *others, last = (_share(one) for one in fitted)
        own = replace(last, metrics={**loose, **last.metrics}, inputs=_once((*last.inputs, *inputs)))
        return own, tuple(others)


def _share(fitted: _Fitted) -> Yield:
    seen = fitted.seen
    return Yield(
        seen=seen,
        name=seen.name or seen.kind.rpartition(".")[2],
        params={"model": seen.kind.rpartition(".")[2], **{k: as_param(v) for k, v in seen.params.items()}},
        metrics={**seen.metrics, **fitted.metrics, **({"fit_seconds": seen.seconds} if seen.seconds else {})},
        inputs=_once((*seen.inputs, *fitted.inputs)),
    )


def _once(inputs: Sequence[RunInput]) -> tuple[RunInput, ...]:
    return tuple({(item.name, item.role, item.digest): item for item in inputs}.values())


def keep_fitted_model(ws: Workspace, run: str, seen: FitSeen, name: str = "model") -> str | None:
    """Keep the model of a fit with its run; return a sentence where that is not possible."""
    from jupyter_mlops.formats.golden import golden_rows

    try:
        golden = golden_rows(seen.estimator, seen.features)
        keep_model(
            ws, run, seen.estimator, name, signature=seen.signature, portrait=seen.profile, golden=golden
        )
    except MlopsError as refusal:
        return f"the model was not kept: {refusal}"
    return None


def child_notes(
    ws: Workspace, parent: Run, shares: Sequence[Yield], captured: Captured
) -> list[dict[str, object]]:
    """Return one note for each further estimator: a child run that has begun and ended already."""
    notes: list[dict[str, object]] = [
        {"child": _child(ws, parent, share, captured)} for share in shares[-_MOST_CHILDREN:]
    ]
    left = len(shares) - _MOST_CHILDREN
    if left > 0:
        notes.append(
            {"note": f"{left} more fits were seen; the last {_MOST_CHILDREN} are kept as child runs"}
        )
    return notes


def _child(ws: Workspace, parent: Run, share: Yield, captured: Captured) -> dict[str, object]:
    now = ws.now()
    run = replace(
        parent,
        id=ws.new_id(),
        name=share.name or "fit",
        status=RunStatus.RUNNING,
        parent=parent.id,
        lease=None,
        params=share.params,
        inputs=share.inputs,
        tags={},
        notes=(),
    )
    points = [
        MetricPoint(owner=run.id, sequence=number, key=key, value=value, at=now)
        for number, (key, value) in enumerate(share.metrics.items(), 1)
    ]
    own = replace(captured, params={}, inputs=(), artifacts=(), notes=(), tags={})
    end = End(status=RunStatus.FINISHED, at=now, captured=own)
    return {"run": encode(run), "points": encode(points), "end": encode(end)}
