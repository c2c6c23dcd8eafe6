"""What autolog saw while a run goes on: the sink it tells, and what each fit comes to in the end."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jupyter_mlops.capture.estimators.latest import is_latest
from jupyter_mlops.capture.estimators.seen import (
    CandidateSeen,
    FitSeen,
    MetricSeen,
    PredictionSeen,
    Progress,
    Role,
    Series,
)
from jupyter_mlops.records.run import Param, RunError, RunInput
from jupyter_mlops.tracking.harvest_loose import MOST_POINTS, Loose, way_back
from jupyter_mlops.tracking.log import as_param

__all__ = ["MOST_FITS", "Harvest", "Yield"]

MOST_FITS = 51  # of one run that are kept: its own, and fifty children
_MOST_STEPS = 20
# Data sets without a metric, by one name and in all: whoever goes through a million rows asks a million times.
_MOST_PREDICTED, _MOST_PREDICTED_IN_ALL = 20, 60
_MOST_CELLS = 20_000  # of the few rows of an earlier fit; golden rows are never more


@dataclass(slots=True, eq=False)  # each is itself: what it holds may be arrays, which are not simply equal
class _Fitted:
    seen: FitSeen
    model: Callable[[], Any]  # a way back; only the last fit's estimator is held
    started: float = 0.0  # seconds, as the clock had them
    ended: float = 0.0
    further: tuple[Callable[[], Any], ...] = ()  # ways back to a search's best estimator
    metrics: dict[str, list[float]] = field(default_factory=dict)
    inputs: list[RunInput] = field(default_factory=list)
    predicted: list[RunInput] = field(default_factory=list)
    times: int = 1

    def time(self, *, goes_on: bool) -> None:
        """Take note of when it was: of a fit that was made again the last time, of one that goes on all of it."""
        if self.seen.progress is None:
            self.ended = self.seen.ended
            self.started = self.ended - self.seen.seconds
        else:
            self.ended = time.time()
            self.started = self.started if goes_on else self.seen.ended - self.seen.seconds

    def copy(self) -> _Fitted:
        """Return what is known now, which further notes do not change."""
        metrics = {name: list(values) for name, values in self.metrics.items()}
        return replace(self, metrics=metrics, inputs=list(self.inputs), predicted=list(self.predicted))

    def models(self) -> tuple[Any, ...]:
        """Return what is still alive of what this fit gave."""
        found = (way() for way in (self.model, *self.further))
        return tuple(one for one in found if one is not None)

    def rows(self) -> Any:
        """Return the few rows that somebody may yet want as the proof of a model."""
        shape = getattr(self.seen.features, "shape", ())
        return self.seen.features if self.models() and math.prod(shape) <= _MOST_CELLS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """One fit's share: for the run itself, or for a child run where a cell fitted several."""

    seen: FitSeen | None
    name: str = ""
    params: Mapping[str, Param] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Series = field(default_factory=dict)
    inputs: tuple[RunInput, ...] = ()
    candidates: tuple[CandidateSeen, ...] = ()
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    started: float | None = None  # seconds, as the clock had them; None where nobody looked
    ended: float | None = None
    error: RunError | None = None  # of a fit that raised


class Harvest:
    """The sink of one run. Its methods are called in user threads, and only take notes.

    Parameters
    ----------
    keeps
        Keep models and pictures too. Where autolog watches everything, each fit would pay for files nobody asked for.
    """

    def __init__(self, *, keeps: bool = True) -> None:
        self.keeps = keeps
        self._lock = threading.Lock()
        self._fitted: list[_Fitted] = []
        self._steps: list[FitSeen] = []
        self._loose = _Fitted(_NOTHING, lambda: None)  # the data of what is no fit's of this run
        self._scores = Loose()  # and its metrics
        self._transformed: list[RunInput] = []  # by transformers that were fitted before
        self._asked: Counter[str] = Counter()  # data sets that were digested for a prediction, by name
        self._asked_more = 0  # times, about further ones
        self._left = 0
        self.notes: list[str] = []

    @property
    def fitted(self) -> bool:
        """True where an estimator was fitted."""
        return bool(self._fitted or self._steps)

    def fit(self, seen: FitSeen) -> None:
        """Take note of a finished fit; the same fit again, or one that goes on, replaces what was known of it."""
        with self._lock:
            if seen.role is Role.STEP:
                self._step(seen)
                return
            known = next((one for one in reversed(self._fitted) if _is_same(one, seen)), None)
            if known is not None:
                known.seen, known.times = seen, known.times + (seen.progress is None)
                known.further = _ways_back(seen)
                self._fitted.remove(known)
                self._fitted.append(known)
            else:
                self._fitted.append(_Fitted(seen, way_back(seen.estimator), further=_ways_back(seen)))
            self._fitted[-1].time(goes_on=known is not None)
            self._let_go()

    def _step(self, seen: FitSeen) -> None:
        light = replace(seen, estimator=None, features=None)
        if seen.progress is not None:
            self._steps = [one for one in self._steps if one.progress != seen.progress]
        if len(self._steps) < _MOST_STEPS and light not in self._steps:
            self._steps.append(light)

    def _let_go(self) -> None:
        """Hold no estimator but the last fitted one: a loop over a thousand fits keeps a thousand otherwise."""
        last = next((one for one in reversed(self._fitted) if one.seen.role is Role.MODEL), None)
        for one in self._fitted[:-1]:
            if one is last or one.seen.role is not Role.MODEL:
                continue
            rows = one.rows()
            if one.seen.estimator is not None or one.seen.features is not rows:
                one.seen = replace(one.seen, estimator=None, features=rows, further={})
        if len(self._fitted) > MOST_FITS:
            # What raised goes first, and the last model, which is the run's own, never.
            failed = (one for one in self._fitted[:-1] if one.seen.role is Role.FAILED)
            self._fitted.remove(next(failed, None) or next(one for one in self._fitted if one is not last))
            self._left += 1

    def seen_of(self, model: Any) -> FitSeen | None:
        """Return what was seen of the last fit of this very *model*, or of the search that it came out of as the best.

        None where a later fit of it was another run's, or a part of another estimator's: it is no longer what was seen.
        """
        with self._lock:
            of = (
                one.seen
                for one in reversed(self._fitted)
                if one.seen.role is Role.MODEL and _gave(one, model) and is_latest(model, one.seen.number)
            )
            return next(of, None)

    def metric(self, seen: MetricSeen, run: str = "") -> None:
        """Take note of a metric, with the estimator whose predictions went into it; *run* is the run's own id."""
        with self._lock:
            known = None
            if seen.estimator is not None:
                known = next((one for one in reversed(self._fitted) if _gave(one, seen.estimator)), None)
            if known is None:
                known = self._loose
                self._scores.add(seen, run)
            else:
                values = known.metrics.setdefault(seen.name, [])
                if (not values or values[-1] != seen.value) and len(values) < MOST_POINTS:
                    values.append(seen.value)
            known.inputs.extend(one for one in seen.inputs if one not in known.inputs)

    def predicted(self, seen: PredictionSeen) -> None:
        """Take note of the data that a model was asked about, each once; so many are digested, further ones counted."""
        with self._lock:
            of = self._place_of(seen)
            if seen.training and of is not self._loose.predicted:
                return  # they are recorded with its fit
            full = self._asked[seen.data] >= _MOST_PREDICTED or self._asked.total() >= _MOST_PREDICTED_IN_ALL
            if full and not seen.known:
                self._asked_more += 1
                return
        inputs = seen.inputs()  # takes as long as it takes to read them
        with self._lock:
            new = [one for one in inputs if _mark(one) not in map(_mark, of)]
            if new and full:
                self._asked_more += 1
                return
            of.extend(new)
            self._asked[seen.data] += bool(new) or not seen.known  # what was read was paid for

    def _place_of(self, seen: PredictionSeen) -> list[RunInput]:
        if seen.role is Role.STEP:
            return self._transformed
        of = (one for one in reversed(self._fitted) if _gave(one, seen.estimator))
        return next(of, self._loose).predicted

    def note(self, text: str) -> None:
        """Take note of a sentence for the reader."""
        with self._lock:
            self._note(text)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def gather(self, said: Mapping[str, float] | None = None) -> tuple[Yield, tuple[Yield, ...]]:
        """Return the run's own share, and one for each further fit, in the order they were made.

        Of several the last model fitted is the run's own; what belongs to no one estimator is the run's, too, and
        so are the steps: transformers whose output the models were fitted on. *said* are the metrics that user code
        has logged.
        """
        with self._lock:
            fitted, steps, loose = self._merged(), tuple(self._steps), self._loose.copy()
            self._note_the_rest()
            if not fitted and not loose.predicted:  # else a step on the way to what the model was given
                loose.predicted = list(self._transformed)
        # What a network tells of its progress may wait for a thread that waits for us: it is asked without the lock.
        share, others = _shares(fitted, steps, _share(loose))
        with self._lock:
            metrics, curves, notes = self._scores.settle({*share.metrics, *share.series}, said or {})
            for text in notes:
                self._note(text)
        share = replace(share, metrics={**share.metrics, **metrics}, series={**share.series, **curves})
        return share, tuple(sorted(others, key=lambda one: one.started or 0.0))

    def _note_the_rest(self) -> None:
        if self._left:
            self._note(f"{self._left} more fits were seen; the last {MOST_FITS} are kept")
        if self._asked_more:
            self._note(
                f"models were asked {self._asked_more:,} times more, about data that were not digested: "
                f"the first {_MOST_PREDICTED} of one name are, {_MOST_PREDICTED_IN_ALL} in all"
            )

    def _merged(self) -> list[_Fitted]:
        """Return copies of the fits, scores by cross-validation joined to the fit of the very estimator they are of."""
        fitted: list[_Fitted] = []
        copies = [one.copy() for one in self._fitted]
        for one in copies:
            if one.seen.role is not Role.EVALUATION:
                fitted.append(one)
                continue
            estimator = one.seen.estimator
            models = (m for m in copies if m.seen.role is Role.MODEL and m.model() is estimator)
            model = next(models, None) if estimator is not None else None
            if model is None:
                fitted.append(one)
            else:
                _join(model, one)
        return fitted


_RANKS = (Role.FAILED, Role.STEP, Role.EVALUATION, Role.MODEL)  # of fits that could be the run's own
_NOTHING = FitSeen(estimator=None, features=None, kind="")


def _ways_back(seen: FitSeen) -> tuple[Callable[[], Any], ...]:
    return tuple(way_back(model) for model in seen.further.values())


def _gave(fitted: _Fitted, model: Any) -> bool:
    return any(one is model for one in fitted.models())


def _is_same(known: _Fitted, seen: FitSeen) -> bool:
    """Tell whether *seen* is a fit known already: it goes on, or was made again in the same way."""
    if known.model() is not seen.estimator or known.seen.role is not seen.role:
        return False
    if seen.progress is not None or known.seen.progress is not None:
        return known.seen.progress == seen.progress
    first, second = known.seen, seen
    return _made_with(first) == _made_with(second)


def _made_with(seen: FitSeen) -> tuple[object, ...]:
    return seen.params, seen.inputs, seen.name, seen.kind, seen.error


def _join(model: _Fitted, evaluation: _Fitted) -> None:
    seen, more = model.seen, evaluation.seen
    model.seen = replace(
        seen,
        params={**more.params, **seen.params},
        metrics={**more.metrics, **seen.metrics},
        series={**more.series, **seen.series},
        inputs=(*seen.inputs, *more.inputs),
        artifacts={**more.artifacts, **seen.artifacts},
    )
    for name, values in evaluation.metrics.items():
        model.metrics.setdefault(name, []).extend(values)
    model.inputs.extend(evaluation.inputs)
    model.predicted.extend(evaluation.predicted)


def _shares(
    fitted: Sequence[_Fitted], steps: Sequence[FitSeen], unclaimed: Yield
) -> tuple[Yield, list[Yield]]:
    """Return what is the run's own, with what is nobody's, and what is of its further fits."""
    if not fitted and not steps:
        return replace(unclaimed, seen=None, name="", params={}), []
    if not fitted:
        *steps, last = steps
        fitted = [_Fitted(last, lambda: None)]
    own = max(reversed(fitted), key=lambda one: _RANKS.index(one.seen.role))  # of equal ones the last
    share = _with_steps(_share(own), steps)
    share = replace(share, inputs=_unscored((*share.inputs, *unclaimed.inputs)))
    return share, [_share(one) for one in fitted if one is not own]


def _share(fitted: _Fitted) -> Yield:
    seen = fitted.seen
    progress = seen.progress() if seen.progress is not None else Progress()
    kind = seen.kind.rpartition(".")[2]
    metrics = {**seen.metrics, **{name: values[-1] for name, values in fitted.metrics.items()}}
    if seen.seconds and seen.error is None:
        metrics["fit_seconds" if seen.role is not Role.EVALUATION else "seconds"] = seen.seconds
    if fitted.times > 1:
        metrics["fits"] = float(fitted.times)
    loops = {name: tuple(enumerate(values)) for name, values in fitted.metrics.items() if len(values) > 1}
    return Yield(
        seen=seen,
        name=seen.name or kind,
        params={"model": kind, "model_class": seen.kind, **{k: as_param(v) for k, v in seen.params.items()}},
        metrics={**metrics, **progress.metrics},
        series={**seen.series, **progress.series, **loops},
        inputs=_unscored((*seen.inputs, *progress.inputs, *fitted.inputs, *_unknown(fitted, progress))),
        candidates=seen.candidates,
        artifacts=seen.artifacts,
        started=fitted.started or None,
        ended=fitted.ended or None,
        error=seen.error,
    )


def _with_steps(share: Yield, steps: Sequence[FitSeen]) -> Yield:
    """Add the parameters of transformers, under their names, and the data they learned from."""
    params, inputs = dict(share.params), list(share.inputs)
    for seen in steps:
        name = seen.name or seen.kind.rpartition(".")[2].lower()
        params |= {f"{name}__{key}": as_param(value) for key, value in seen.params.items()}
        inputs.extend(seen.progress().inputs if seen.progress is not None else seen.inputs)
    return replace(share, params={**params, **share.params}, inputs=_once(inputs))


def _mark(item: RunInput) -> str:
    return item.digest or item.name


def _unknown(fitted: _Fitted, progress: Progress) -> Iterator[RunInput]:
    """Return what a model was asked about and not fitted on: of a copy of its training data there is a record already."""
    own = {_mark(item) for item in (*fitted.seen.inputs, *progress.inputs)}
    return (item for item in fitted.predicted if _mark(item) not in own)


def _unscored(inputs: Sequence[RunInput]) -> tuple[RunInput, ...]:
    """Return each of *inputs* once: what was scored afterwards is test data, and not what was predicted on besides."""
    tested = {_mark(item) for item in inputs if item.role == "test"}
    return _once([item for item in inputs if item.role != "predict" or _mark(item) not in tested])


def _once(inputs: Sequence[RunInput]) -> tuple[RunInput, ...]:
    return tuple({(item.name, item.role, item.digest): item for item in inputs}.values())
