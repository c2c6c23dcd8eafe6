"""What every library's observer shares: who is asking, what was predicted lately, what each model was fitted on."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from types import FrameType
from typing import Any

from jupyter_mlops.capture.estimators.budget import Budget
from jupyter_mlops.capture.estimators.digested import Digested
from jupyter_mlops.capture.estimators.frames import called_by_library, name_of
from jupyter_mlops.capture.estimators.latest import origin_of
from jupyter_mlops.capture.estimators.patches import Patches
from jupyter_mlops.capture.estimators.predictions import Attribution, Made, Predictions
from jupyter_mlops.capture.estimators.seen import MetricSeen, PredictionSeen, Role, Sink
from jupyter_mlops.capture.estimators.sources import objects_behind
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.records.run import RunInput

__all__ = ["Observer", "number_of"]


class Observer:
    """One sink's view of the libraries that are watched. A library's ``observe`` gets it, and keeps nothing else.

    Attributes
    ----------
    sink
        Who is told.
    patches
        Where every replaced attribute and function body is entered, so that it is put back.
    namespace
        The user's names, where they are known.
    profiles
        The profile last drawn, by the digest of its data.
    describers
        For a top-level package, a function from a fitted estimator of its to further fields of ``FitSeen``.
    unwatched
        A context within which this thread is not observed; it puts no frame between the user's code and a library's.
    """

    def __init__(
        self, sink: Sink, patches: Patches, namespace: MutableMapping[str, Any] | None = None
    ) -> None:
        self.sink = sink
        self.patches = patches
        self.namespace = namespace
        self.predictions = Predictions()
        self.digested = Digested()
        self.budget = Budget()
        self.describers: dict[str, Callable[[Any], dict[str, Any]]] = {}
        self.profiles: dict[str, Profile] = {}
        self.unwatched = _Unwatched()
        # All weak: neither models nor data are kept alive.
        self._trained_on: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self._owners: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self._made_of: weakref.WeakKeyDictionary[Any, tuple[RunInput, ...]] = weakref.WeakKeyDictionary()
        self._scored: weakref.WeakKeyDictionary[Any, dict[str, str]] = weakref.WeakKeyDictionary()

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process, where a class of the notebook goes by value, nobody listens."""
        return _deaf, ()

    @property
    def inside(self) -> bool:
        """True within an observed call of this thread."""
        return self.unwatched.depth > 0

    def watches(self, caller: FrameType | None, receiver: Any = None) -> bool:
        """Tell whether a call by *caller* is the user's own, outside any fit, while somebody listens."""
        return self.sink.wanted() and not self.inside and not called_by_library(caller, receiver)

    def quietly(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call without observing what happens within."""
        __tracebackhide__ = True
        with self.unwatched:
            return call(*args, **kwargs)

    def safely(self, what: str, call: Callable[..., None], *args: Any, **kwargs: Any) -> None:
        """Observe; a failure of ours is a note in the run, never the user's exception."""
        try:
            self.quietly(call, *args, **kwargs)
        except Exception as failure:  # noqa: BLE001
            self.sink.note(f"{what} could not be observed: {type(failure).__name__}: {failure}"[:300])

    def trained(self, estimator: Any, features: Any) -> None:
        """Remember what *estimator* was fitted on, and forget how it was scored before."""
        try:
            self._trained_on[estimator] = _reference(features)
            self._scored.pop(estimator, None)
        except TypeError:  # cannot be referred to weakly
            return

    def knows(self, estimator: Any) -> bool:
        """Tell whether a fit of *estimator* was seen."""
        try:
            return estimator in self._trained_on
        except TypeError:
            return False

    def belongs(self, part: Any, whole: Any) -> None:
        """Have what *part* predicts count for *whole*: a search's best estimator, a pipeline's last step."""
        try:
            if part is not whole:
                self._owners[part] = weakref.ref(whole)
        except TypeError:  # a class that compares its objects by value need not hash them
            return

    def owner(self, estimator: Any) -> Any:
        """Return what was fitted by the user when *estimator* was fitted."""
        try:
            whole = self._owners.get(estimator)
        except TypeError:
            return estimator
        return (whole() or estimator) if whole is not None else estimator

    def made_of(self, matrix: Any, inputs: tuple[RunInput, ...]) -> None:
        """Remember what a library's own *matrix* was made of, for where it is fitted on or scored."""
        self._made_of[matrix] = inputs

    def inputs_behind(self, matrix: Any) -> tuple[RunInput, ...]:
        """Return what a library's own *matrix* was made of; nothing where that was not seen."""
        try:
            return self._made_of.get(matrix, ())
        except TypeError:
            return ()

    def predicted(
        self,
        result: Any,
        estimator: Any,
        features: Any,
        caller: FrameType,
        known: RunInput | None = None,
    ) -> None:
        """Remember whose *result* it is, and tell the sink what it was made of; *known* is their record, taken before the answer."""
        data = name_of(features, caller)
        made = self.predictions.remember(result, estimator=estimator, features=features, data=data)
        self.asked(estimator, features, data, caller, made=made, known=known)

    def asked(
        self,
        estimator: Any,
        features: Any,
        data: str,
        caller: FrameType,
        *,
        role: Role = Role.MODEL,
        made: Made | None = None,
        known: RunInput | None = None,
    ) -> None:
        """Tell the sink that *estimator* was given *features*, called *data*; their digest is taken now or not at all."""
        if features is None:
            return
        estimator, behind = self.owner(estimator), self.inputs_behind(features)
        training = self._trains(estimator, features)
        known = None if behind else known or self.digested.find(features)

        def inputs() -> tuple[RunInput, ...]:
            found = self._records(features, data, caller, known)
            if made is not None and not training:
                made.inputs = found
            return tuple(replace(one, role="predict") for one in found)

        self.sink.predicted(
            PredictionSeen(
                estimator=estimator,
                inputs=inputs,
                data=data,
                role=role,
                known=bool(behind) or known is not None,
                training=training,
            )
        )

    def measured(
        self,
        function: str,
        value: Any,
        given: tuple[Any, Any],
        caller: FrameType,
        place: tuple[int, str],
        *,
        of_training: Callable[[Any], str] | None = None,
    ) -> None:
        """Tell the sink of a metric of *given*, truth and values, if the values are somebody's predictions.

        *place* is the position and the name of the argument that held the values. *of_training* returns what the
        metric is called where it is of an estimator's training data, if not as elsewhere.
        """
        number, (truth, values) = number_of(value), given
        if number is None:
            return
        origin = self.predictions.origin(values, lambda: objects_behind(caller, *place))
        if origin.made is None:
            return
        if not origin.known:
            self._ambiguous(function, number, origin)
            return
        estimator, made = self.owner(origin.estimators[0]), origin.made
        features = made.features() if made.features is not None else None
        if made.inputs is None:
            made.inputs = self._data_of(estimator, features, made.data, caller)
        inputs = (*made.inputs, *self._truth_of(features, truth, caller)) if made.inputs else ()
        training = self._trains(estimator, features)
        if training and of_training is not None and not made.prefix:
            function = of_training(estimator)
        about = MetricSeen(
            name=f"{made.prefix}{function}",
            value=number,
            estimator=estimator,
            model=self._called(estimator, caller),
            data=made.data,
            inputs=inputs,
        )
        self._tell(about, training=training)

    def _ambiguous(self, function: str, number: float, origin: Attribution) -> None:
        count = len(origin.estimators)
        models = ", ".join(type(model).__name__ for model in origin.estimators)
        self.sink.metric(MetricSeen(name=function, value=number, candidates=count))
        if count > 1:
            how = "may be made of" if origin.mixed else "fits"
            self.sink.note(f"{function} = {number:.6g} {how} the predictions of several models: {models}")
        else:
            self.sink.note(
                f"{function} = {number:.6g} may come from the predictions of a {models}: "
                "the code that computed it could not be read"
            )

    def scored(
        self,
        estimator: Any,
        function: str,
        value: float,
        given: tuple[Any, Any],
        caller: FrameType,
        *,
        of_training: Callable[[Any], str] | None = None,
    ) -> None:
        """Tell the sink of a metric that a known model was given data for: features, and their truth.

        *of_training* is as in ``measured``.
        """
        estimator, (features, truth) = self.owner(estimator), given
        data = name_of(features, caller)
        inputs = self._data_of(estimator, features, data, caller)
        inputs = (*inputs, *self._truth_of(features, truth, caller)) if inputs else ()
        training = self._trains(estimator, features)
        about = MetricSeen(
            name=of_training(estimator) if training and of_training is not None else function,
            value=value,
            estimator=estimator,
            model=self._called(estimator, caller),
            data=data,
            inputs=inputs,
        )
        self._tell(about, training=training)

    def _called(self, estimator: Any, caller: FrameType) -> str:
        """Return what the user calls *estimator*: in the notebook first, for within a function every model is ``model``."""
        names = list((self.namespace or {}).items())
        found = [name for name, value in names if value is estimator and not name.startswith("_")]
        origin = origin_of(estimator) if len(found) > 1 else None
        if origin is not None and origin.name in found:
            return origin.name  # and not the variable of a loop over several
        return found[0] if found else name_of(estimator, caller)

    def _trains(self, estimator: Any, features: Any) -> bool:
        try:
            trained = self._trained_on.get(estimator)
        except TypeError:
            return False
        return features is not None and trained is not None and trained() is features

    def _data_of(self, estimator: Any, features: Any, data: str, caller: FrameType) -> tuple[RunInput, ...]:
        """Return the records of data that a model was scored on; of its training data there are some already."""
        if features is None or self._trains(estimator, features):
            return ()
        return self._records(features, data, caller)

    def _records(
        self, features: Any, data: str, caller: FrameType, known: RunInput | None = None
    ) -> tuple[RunInput, ...]:
        behind = tuple(replace(one, role="test") for one in self.inputs_behind(features))
        if behind:
            return behind
        if known is not None:
            return (replace(known, role="test", name=data or known.name),)
        one = self.digested.record(features, "test", caller, data or "X")
        return () if one is None else (one,)

    def _truth_of(self, features: Any, truth: Any, caller: FrameType) -> tuple[RunInput, ...]:
        if truth is None or self.inputs_behind(features):  # a library's matrix holds the truth, too
            return ()
        one = self.digested.record(truth, "test", caller, name_of(truth, caller) or "y")
        return () if one is None else (one,)

    def _tell(self, about: MetricSeen, *, training: bool) -> None:
        function = about.name
        name = f"train_{function}" if training else self._named(about.estimator, function, about.data)
        self.sink.metric(replace(about, name=name))

    def _named(self, estimator: Any, function: str, data: str) -> str:
        """Name a metric by its function; a second data set scored with the same function adds its own name."""
        try:
            first = self._scored.setdefault(estimator, {}).setdefault(function, data)
        except TypeError:
            return function
        return function if first == data or not data else f"{function}_{data}"


class _Unwatched(threading.local):
    """How deep this thread is within observed calls."""

    depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1


class _Nobody:
    def wanted(self) -> bool:
        return False


def _deaf() -> Observer:
    return Observer(_Nobody(), Patches())  # type: ignore[arg-type]  # never asked for more


def _reference(thing: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(thing)
    except TypeError:
        return lambda: None


def number_of(value: Any) -> float | None:
    """Return *value* if it is one number, else None."""
    import numpy as np

    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating, np.integer)):
        return None
    return float(value)
