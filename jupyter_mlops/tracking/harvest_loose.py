"""Metrics that are of none of a run's own fits: whose they are, and names under which they stand beside the run's own."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlops.capture.estimators.latest import Origin, origin_of
from jupyter_mlops.capture.estimators.seen import MetricSeen

__all__ = ["MOST_POINTS", "Loose", "way_back"]

MOST_POINTS = 1000  # values of one metric that a loop computed
_NAMED = 3  # models that a note names before it counts


def way_back(estimator: Any) -> Callable[[], Any]:
    """Return a call that gives *estimator*, without keeping it alive where that can be done."""
    try:
        return weakref.ref(estimator)
    except TypeError:
        return lambda: estimator


@dataclass(slots=True)
class _Scores:
    """The values of one metric, of the models that were held by one name: in a loop they are a curve."""

    label: str
    models: list[Callable[[], Any]] = field(default_factory=list)
    whose: list[str] = field(default_factory=list)  # a phrase for each of them; none where that is open
    candidates: int = 1
    values: list[float] = field(default_factory=list)


class Loose:
    """What was scored and not fitted in a run."""

    def __init__(self) -> None:
        self._scores: dict[
            tuple[str, str | None], _Scores
        ] = {}  # by metric and label, in the order they came

    def add(self, seen: MetricSeen, run: str) -> None:
        """Take note of a metric that was heard in *run*; of its model only what it is called and where it is from."""
        if seen.estimator is None:
            scores = self._scores.setdefault((seen.name, None), _Scores("ambiguous"))
            scores.candidates = max(scores.candidates, seen.candidates)
        else:
            kind, origin = type(seen.estimator).__name__, origin_of(seen.estimator)
            label = seen.model or (origin.name if origin is not None else "") or kind
            scores = self._scores.setdefault((seen.name, label), _Scores(label))
            if not any(way() is seen.estimator for way in reversed(scores.models)):
                scores.models.append(way_back(seen.estimator))
                scores.whose.append(_phrase(kind, label, origin, run))
        if (not scores.values or scores.values[-1] != seen.value) and len(scores.values) < MOST_POINTS:
            scores.values.append(seen.value)

    def settle(
        self, taken: Set[str], said: Mapping[str, float]
    ) -> tuple[dict[str, float], dict[str, tuple[tuple[int, float], ...]], list[str]]:
        """Return the metrics, those of loops by step, and sentences about whose they are.

        Parameters
        ----------
        taken
            Names of the run's own.
        said
            What user code has logged: the same name with the same value is the same number.
        """
        metrics: dict[str, float] = {}
        curves: dict[str, tuple[tuple[int, float], ...]] = {}
        open_ones: list[str] = []
        known: dict[str, list[str]] = {}  # a phrase about models to the metrics that are theirs
        # What may be anybody's comes last: it has the less right to the plain name.
        for (name, label), scores in sorted(self._scores.items(), key=lambda one: one[0][1] is None):
            last = scores.values[-1]
            free = (one for one in _names(name, scores.label) if one not in taken and one not in metrics)
            final = next(one for one in free if one not in said or said[one] == last)
            metrics[final] = last
            if len(scores.values) > 1:
                curves[final] = tuple(enumerate(scores.values))
            if label is not None:
                known.setdefault(_together(scores.whose), []).append(final)
            else:
                open_ones.extend(_open(final, name, scores.candidates))
        notes = [f"{_listed(names)} {_are(names)} of {whose}" for whose, names in known.items()]
        return metrics, curves, [*notes, *open_ones]


def _names(name: str, label: str) -> Iterator[str]:
    yield name
    own = f"{name}_{label}"
    yield own
    number = 2
    while True:
        yield f"{own}_{number}"
        number += 1


def _phrase(kind: str, label: str, origin: Origin | None, run: str) -> str:
    model = kind if label == kind else f"{kind} `{label}`"
    if origin is None or not (origin.run or origin.version):
        return f"{model}, whose fit was not seen"
    if origin.version:
        return f"{model}, loaded as {origin.version}"
    if origin.run == run:
        return f"{model}, an earlier fit of this run"
    return f"{model}, fitted in run {origin.run[-6:]}"


def _together(phrases: list[str]) -> str:
    several = list(dict.fromkeys(phrases))
    if len(several) > _NAMED:
        several = [*several[: _NAMED - 1], f"{len(several) - _NAMED + 1} more"]
    found = "; ".join(several)
    return found if len(phrases) == 1 else f"{len(phrases)} models: {found}"


def _open(final: str, name: str, candidates: int) -> Iterator[str]:
    if candidates > 1:
        yield f"{final} may belong to any of {candidates} models; it was kept with the run"
    elif final != name:
        yield f"{final} may or may not be {name} of a model of this run; it was kept beside it"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
