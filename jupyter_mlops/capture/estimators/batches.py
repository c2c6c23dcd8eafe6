"""``partial_fit``: a training that comes in many calls is one fit, whose batches are counted and digested in order."""

from __future__ import annotations

import hashlib
import weakref
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from jupyter_mlops.capture.estimators.budget import rows_of
from jupyter_mlops.capture.estimators.fits import Before, kind_of, portrait, role_of
from jupyter_mlops.capture.estimators.frames import local_names, name_of
from jupyter_mlops.capture.estimators.hush import hush, unmoved
from jupyter_mlops.capture.estimators.latest import number_fit
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Progress, Role
from jupyter_mlops.capture.estimators.sources import name_given
from jupyter_mlops.capture.estimators.training import input_of, parameters
from jupyter_mlops.records.run import RunInput

__all__ = ["Batches"]


class _Batched:
    """One input that comes in batches: the digest of their digests in order, as a whole and column by column."""

    def __init__(self, first: RunInput) -> None:
        self.first = first
        self._rows = 0
        self._digest: Any = hashlib.sha256()  # None once a batch had no exact form: then the whole has none
        self._columns = {name: hashlib.sha256() for name in first.columns}

    def add(self, one: RunInput) -> None:
        """Take the next batch."""
        self._rows += one.rows or 0
        if self._digest is not None and one.digest:
            self._digest.update(bytes.fromhex(one.digest))
        else:
            self._digest = None
        if one.columns.keys() != self._columns.keys():
            self._columns = {}  # they are not columns of one table
        for name, digest in self._columns.items():
            digest.update(bytes.fromhex(one.columns[name]))

    def whole(self) -> RunInput:
        """Return the record of all batches so far."""
        return RunInput(
            name=self.first.name,
            role="train",
            digest="" if self._digest is None else self._digest.hexdigest(),
            rows=self._rows,
            columns={name: digest.hexdigest() for name, digest in self._columns.items()},
            width=None if self._columns else self.first.width or len(self.first.columns) or None,
            kind="batches",
            note="a batch of it has no exact digest" if self._digest is None else "",
        )


@dataclass(slots=True)
class _Training:
    seen: FitSeen | None = None
    calls: int = 0
    seconds: float = 0.0
    inputs: dict[int, _Batched] = field(default_factory=dict)  # by their place among the arguments

    def add(self, inputs: tuple[RunInput, ...], seconds: float) -> None:
        self.calls += 1
        self.seconds += seconds
        for place, one in enumerate(inputs):
            self.inputs.setdefault(place, _Batched(one)).add(one)

    def progress(self) -> Progress:
        inputs = tuple(one.first if self.calls == 1 else one.whole() for one in self.inputs.values())
        metrics = {"batches": float(self.calls), "fit_seconds": self.seconds}
        return Progress(metrics=metrics, inputs=inputs)


class Batches:
    """The trainings by ``partial_fit`` that go on."""

    def __init__(self) -> None:
        self._trainings: weakref.WeakKeyDictionary[Any, _Training] = weakref.WeakKeyDictionary()

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process, where a class of the notebook goes by value, no training goes on."""
        return Batches, ()

    def forget(self, estimator: Any) -> None:
        """Take note that *estimator* was fitted from the start."""
        with suppress(TypeError):  # a class that compares its objects by value need not hash them
            self._trainings.pop(estimator, None)

    def add(
        self,
        observer: Observer,
        estimator: Any,
        given: dict[str, Any],
        seconds: float,
        caller: FrameType,
        before: Before | None = None,
    ) -> None:
        """Take note of one batch, and tell the sink that the training began or goes on."""
        training = _Training()
        with suppress(TypeError):  # then each of its batches is a training of its own
            training = self._trainings.setdefault(estimator, training)
        features, target = given.get("X"), given.get("y", given.get("Y"))
        inputs = _inputs(features, target, caller, named=training.calls > 0)
        training.add(_as_before(inputs, before), seconds)
        if training.seen is None:
            rows = rows_of(features) or 0
            kept = role_of(estimator) is Role.MODEL and observer.sink.keeps()
            drawn: dict[str, Any] = {"features": None}
            if kept and rows:
                with hush(), unmoved(estimator):
                    drawn |= portrait(observer, estimator, features, seconds)
                if before is not None:  # a profile of what it has made of the batch would mislead
                    drawn |= {"features": before.features, "profile": None}
            training.seen = FitSeen(
                estimator=None,  # added below: what is kept by estimator must not keep it alive
                role=role_of(estimator),
                kind=kind_of(estimator),
                name=name_of(estimator, caller) or name_given(caller),
                params=parameters(estimator),
                progress=training.progress,
                **drawn,
            )
        observer.trained(estimator, features)
        observer.sink.fit(replace(training.seen, estimator=estimator, number=number_fit(estimator)))


def _as_before(inputs: tuple[RunInput, ...], before: Before | None) -> tuple[RunInput, ...]:
    """Return the records of a batch: of one that was written into the digests it had, under the names that others give it."""
    if before is None or len(before.inputs) != len(inputs):
        return inputs
    return tuple(replace(had, name=one.name) for one, had in zip(inputs, before.inputs, strict=True))


def _inputs(features: Any, target: Any, caller: FrameType, *, named: bool) -> tuple[RunInput, ...]:
    """Return the records of one batch; where others have *named* the training's inputs, no name is looked for.

    A batch without a name of its own is called as the array is that it is rows of. Else it is a batch: the notebook's
    ``X`` may be something else.
    """
    found = []
    for data, fallback in ((features, "batches"), (target, "batches of y")):
        if data is not None:
            origin = "" if named else _origin(data, caller)
            found.append(input_of(data, "train", caller, origin or fallback))
    return tuple(one for one in found if one is not None)


def _origin(data: Any, caller: FrameType) -> str:
    """Return the name of the array that *data* is some rows of, the smallest such; empty where none is known."""
    import numpy as np

    if not isinstance(data, np.ndarray) or data.base is None or not data.size:
        return ""
    for names in (local_names(caller), caller.f_globals):
        found = [
            (len(value), len(name), name)
            for name, value in list(names.items())
            if isinstance(value, np.ndarray) and not name.startswith("_") and _holds(value, data)
        ]
        if found:
            return min(found)[2]
    return ""


def _holds(whole: Any, rows: Any) -> bool:
    """Tell whether *rows* lie in *whole*, with all its columns."""
    alike = whole.ndim == rows.ndim and whole.dtype == rows.dtype and whole.shape[1:] == rows.shape[1:]
    if not alike or whole.strides[1:] != rows.strides[1:] or not whole.strides[0]:
        return False
    base, own = (array.__array_interface__["data"][0] for array in (whole, rows))
    first, rest = divmod(own - base, whole.strides[0])
    last = first + (len(rows) - 1) * rows.strides[0] // whole.strides[0]
    return not rest and 0 <= first < len(whole) and 0 <= last < len(whole)
