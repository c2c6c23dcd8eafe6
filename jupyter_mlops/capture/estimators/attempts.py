"""A fit under way: what has to be known before it, and what is told where it raises.

What raises leaves parameters and data all the same: they are what somebody needs who looks for the reason. And a fit that
may write into its data (``copy=False``) has them looked at first: afterwards they are other data.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from types import FrameType, TracebackType
from typing import Any

from jupyter_mlops.capture.estimators.budget import few_rows, rows_of
from jupyter_mlops.capture.estimators.fits import (
    Before,
    inputs_of,
    kind_of,
    profile_of,
    role_of,
    spared,
    train_data,
)
from jupyter_mlops.capture.estimators.frames import name_of
from jupyter_mlops.capture.estimators.observer import Observer
from jupyter_mlops.capture.estimators.seen import FitSeen, Role
from jupyter_mlops.capture.estimators.sources import name_given
from jupyter_mlops.capture.estimators.training import parameters
from jupyter_mlops.records.run import RunError, RunInput

__all__ = ["Attempt", "attempt_fit", "inputs_to", "writes_in_place"]

_LONGEST = 1000  # characters of a message
_DEEPEST = 5  # a search, its pipeline, a column transformer, a pipeline, a scaler
_MOST_STEPS = 64
_WRITING = ("overwrite", "inplace")
_NESTS = frozenset(
    {"steps", "transformers", "transformer_list", "estimators"}
)  # parameters that are lists of estimators by name
_SWITCHES = frozenset({"bool", "bool_", "int"})
_RATE = 1e9  # bytes that are digested in a second
_WAITS = 0.25  # seconds of digests that a failure may wait for, however soon it came


@dataclass(slots=True)
class Attempt:
    """A call of a library, as a block: its time, and *told* where it raises.

    ``told`` returns what the call was made with; it is asked for the data unless the user was in a hurry to end it. It is let go of
    with the block: it holds the data. A block of this kind puts no frame into the traceback.
    """

    observer: Observer
    what: str
    told: Callable[[Attempt, bool], FitSeen] | None
    before: Before | None = None
    begun: float = 0.0
    seconds: float = 0.0
    ended: float = 0.0  # what follows is our own work

    def __enter__(self) -> None:
        self.begun = time.perf_counter()

    def __exit__(
        self, _kind: type[BaseException] | None, failure: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.seconds, self.ended = time.perf_counter() - self.begun, time.time()
        told, self.told = self.told, None
        if isinstance(failure, SystemExit) and isinstance(failure.__context__, KeyboardInterrupt):
            failure = failure.__context__  # as Lightning ends a training that was interrupted
        if told is not None and isinstance(failure, (Exception, KeyboardInterrupt)):
            self.observer.safely(f"{self.what} that raised", self._tell, told, failure)

    def _tell(self, told: Callable[[Attempt, bool], FitSeen], failure: BaseException) -> None:
        try:
            seen = told(self, isinstance(failure, Exception))
        except (KeyError, TypeError):
            if isinstance(failure, TypeError):
                return  # the call lacked what every call needs: nobody looks for its reason here
            raise
        self.observer.sink.fit(
            replace(
                seen,
                role=Role.FAILED,
                attempted=seen.role,
                estimator=None,  # it is what it was, or half of what it would have been
                features=None,
                kept=False,
                seconds=self.seconds,
                ended=self.ended,
                error=RunError(kind=type(failure).__name__, message=_message(failure)),
            )
        )


def _message(failure: BaseException) -> str:
    try:
        return str(failure)[:_LONGEST]
    except Exception:  # noqa: BLE001 - an exception of the user's may do anything to say what it is
        return ""


def attempt_fit(
    observer: Observer,
    estimator: Any,
    given: Callable[[], dict[str, Any]],
    caller: FrameType,
    *,
    batch: bool = False,
) -> Attempt:
    """Return the block for a fit of *estimator*, or of one *batch*; *given* returns its arguments by name, the data first."""
    told = functools.partial(_made_with, observer, estimator, given, caller)
    attempt = Attempt(observer, f"a fit of {type(estimator).__name__}", told)
    if writes_in_place(estimator):
        portrayed = not batch and observer.sink.keeps() and role_of(estimator) is Role.MODEL
        observer.safely("data before a fit", _look, attempt, given, caller, portrayed=portrayed)
    return attempt


def _made_with(
    observer: Observer,
    estimator: Any,
    given: Callable[[], dict[str, Any]],
    caller: FrameType,
    attempt: Attempt,
    data: bool,
) -> FitSeen:
    return FitSeen(
        estimator=None,
        features=None,
        role=role_of(estimator),
        kind=kind_of(estimator),
        name=name_of(estimator, caller) or name_given(caller),
        params=spared(observer, estimator, "parameters", parameters, estimator),
        **(spared(observer, estimator, "data", _inputs_field, attempt, given, caller) if data else {}),
    )


def _inputs_field(attempt: Attempt, given: Callable[[], dict[str, Any]], caller: FrameType) -> dict[str, Any]:
    return {"inputs": inputs_to(attempt, *train_data(given()), caller)}


def inputs_to(attempt: Attempt, features: Any, target: Any, caller: FrameType) -> tuple[RunInput, ...]:
    """Return the records of what a call that raised was given.

    Where it raised at once, large data are not digested: whoever catches the failure goes on without waiting for them.
    """
    if attempt.before is not None:
        return attempt.before.inputs
    seconds = (_bytes_of(features) + _bytes_of(target)) / _RATE
    if seconds <= max(_WAITS, attempt.seconds):
        return inputs_of(features, target, caller)
    return tuple(
        RunInput(
            name=name_of(data, caller) or fallback,
            role="train",
            digest="",
            rows=rows_of(data),
            note=f"not digested: it would have taken about {seconds:.1f} s, and the fit failed at once",
        )
        for data, fallback in ((features, "X"), (target, "y"))
        if data is not None
    )


def _bytes_of(data: Any) -> int:
    """Return how many bytes *data* have, where they say so."""
    try:
        if hasattr(data, "memory_usage"):
            of = data.memory_usage(index=False)
            return int(of.sum() if hasattr(of, "sum") else of)
        return int(getattr(data, "nbytes", 0) or 0)
    except Exception:  # noqa: BLE001 - data in the user's kernel may raise anything when looked at
        return 0


def _look(
    attempt: Attempt, given: Callable[[], dict[str, Any]], caller: FrameType, *, portrayed: bool
) -> None:
    """Take down what a fit may write into. The digests come first: whatever else fails, they are those of before."""
    features, target = train_data(given())
    attempt.before = Before(inputs=inputs_of(features, target, caller))
    with suppress(Exception):  # data that cannot be profiled; a note of it comes with the fit
        attempt.before = replace(
            attempt.before,
            features=few_rows(features),
            profile=profile_of(attempt.observer, features) if portrayed else None,
        )


def writes_in_place(estimator: Any) -> bool:
    """Tell whether *estimator*, or a part of it, may write into its data: it was told ``copy=False`` and the like, or cannot be looked through."""
    try:
        return _writes(estimator, _DEEPEST)
    except Exception:  # noqa: BLE001 - an estimator may hold anything, and is asked before each of its answers
        return True


def _writes(estimator: Any, depth: int) -> bool:
    for name, value in tuple(getattr(estimator, "__dict__", {}).items()):
        if not isinstance(name, str):
            continue
        if type(value).__name__ in _SWITCHES:
            if (name.startswith("copy") and not value) or (name.startswith(_WRITING) and value):
                return True
        # What a fit has learned (a name that ends in ``_``) was made of the parameters. Too deep to be looked at may be anything.
        elif name[-1:] != "_" and any(not depth or _writes(part, depth - 1) for part in _parts(name, value)):
            return True
    return False


def _parts(name: str, value: Any) -> Iterator[Any]:
    """Return the estimators that a parameter holds: one, or those of a pipeline's steps and the like.

    Types are asked and not objects: a lazy one would be loaded by the question.
    """
    if name in _NESTS and isinstance(value, (list, tuple)):
        members = (part for one in value[:_MOST_STEPS] if isinstance(one, tuple) for part in one[:3])
        yield from (part for part in members if hasattr(type(part), "get_params"))
    elif hasattr(type(value), "get_params") and not isinstance(value, type):
        yield value
