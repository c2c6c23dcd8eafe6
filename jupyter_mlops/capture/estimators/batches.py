"""``partial_fit``: a training that comes in many calls is one fit, whose batches are counted and digested in order."""

from __future__ import annotations

import hashlib
import weakref
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from jupyter_mlops.capture.estimators.budget import few_rows, rows_of
from jupyter_mlops.capture.estimators.fits import inputs_of, kind_of, portrait, role_of
from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.capture.estimators.latest import number_fit
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Progress, Role
from jupyter_mlops.capture.estimators.sources import name_given
from jupyter_mlops.capture.estimators.training import parameters
from jupyter_mlops.records.run import RunInput

__all__ = ["Batches"]


@dataclass(slots=True)
class _Training:
    seen: FitSeen | None = None
    calls: int = 0
    seconds: float = 0.0
    # name of an input to its name, its rows so far, and the digest of its batches' digests; None where one has none
    inputs: dict[str, tuple[RunInput, int, Any]] = field(default_factory=dict)

    def add(self, inputs: tuple[RunInput, ...], seconds: float) -> None:
        self.calls += 1
        self.seconds += seconds
        for place, one in enumerate(inputs):
            first, rows, digest = self.inputs.get(str(place), (one, 0, hashlib.sha256()))
            if digest is not None and one.digest:
                digest.update(bytes.fromhex(one.digest))
            else:
                digest = None  # one batch without an exact form, and the whole has none
            self.inputs[str(place)] = (first, rows + (one.rows or 0), digest)

    def progress(self) -> Progress:
        if self.calls == 1:
            inputs = tuple(first for first, _, _ in self.inputs.values())
        else:
            inputs = tuple(
                RunInput(
                    name=first.name,
                    role="train",
                    digest="" if digest is None else digest.hexdigest(),
                    rows=rows,
                    kind="batches",
                    note="a batch of it has no exact digest" if digest is None else "",
                )
                for first, rows, digest in self.inputs.values()
            )
        metrics = {"batches": float(self.calls), "fit_seconds": self.seconds}
        return Progress(metrics=metrics, inputs=inputs)


class Batches:
    """The trainings by ``partial_fit`` that go on."""

    def __init__(self) -> None:
        self._trainings: weakref.WeakKeyDictionary[Any, _Training] = weakref.WeakKeyDictionary()

    def forget(self, estimator: Any) -> None:
        """Take note that *estimator* was fitted from the start."""
        with suppress(TypeError):  # a class that compares its objects by value need not hash them
            self._trainings.pop(estimator, None)

    def add(
        self, observer: Observer, estimator: Any, given: dict[str, Any], seconds: float, caller: FrameType
    ) -> None:
        """Take note of one batch, and tell the sink that the training began or goes on."""
        training = _Training()
        with suppress(TypeError):  # then each of its batches is a training of its own
            training = self._trainings.setdefault(estimator, training)
        features, target = given.get("X"), given.get("y", given.get("Y"))
        training.add(inputs_of(features, target, caller), seconds)
        if training.seen is None:
            rows = rows_of(features) or 0
            kept = role_of(estimator) is Role.MODEL and observer.sink.keeps()
            seen = FitSeen(
                estimator=None,  # added below: what is kept by estimator must not keep it alive
                features=few_rows(features) if kept else None,
                role=role_of(estimator),
                kind=kind_of(estimator),
                name=name_of(estimator, caller) or name_given(caller),
                params=parameters(estimator),
                progress=training.progress,
                **(portrait(observer, estimator, features, seconds) if kept and rows else {}),
            )
            training.seen = seen
        observer.trained(estimator, features)
        observer.sink.fit(replace(training.seen, estimator=estimator, number=number_fit(estimator)))
