"""When autolog watches: inside tracked cells, everywhere, or not at all; and which run it tells."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from typing import Any
from weakref import WeakKeyDictionary

from jupyter_mlops.capture import estimators
from jupyter_mlops.capture.estimators.latest import Origin, place_origin
from jupyter_mlops.capture.estimators.seen import FitSeen, MetricSeen, PredictionSeen, Role
from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.tracking.active import current_run, track_unasked
from jupyter_mlops.tracking.afterwards import afterwards
from jupyter_mlops.tracking.handle import ActiveRun
from jupyter_mlops.tracking.harvest import Harvest
from jupyter_mlops.tracking.here import here

__all__ = ["Watch", "autolog", "autolog_state", "watch_tracked", "watch_undone"]


class Watch(StrEnum):
    """Where estimators are watched."""

    OFF = "off"
    TRACKED = "tracked"
    EVERYWHERE = "on"


class _Teller:
    """The one sink there is: it hands on to the harvest of the run that goes on."""

    def __init__(self) -> None:
        self.mode = Watch.TRACKED
        self.said: dict[str, object] = {}  # options that were said outright: they win over the settings
        self._runs: WeakKeyDictionary[Any, ActiveRun] = WeakKeyDictionary()
        self._early: list[str] = []  # said of a fit before there was a run to say it to

    def wanted(self) -> bool:
        """Tell whether anybody listens now."""
        run = current_run()
        if run is not None:
            return run.harvest is not None
        return self.mode is Watch.EVERYWHERE

    def keeps(self) -> bool:
        """Tell whether the model of what is fitted now is kept: where nobody began a run, it is not."""
        run = current_run()
        harvest = run.harvest if run is not None else None
        return harvest is not None and harvest.keeps

    def options(self) -> AutologOptions:
        """Return the options of the run that goes on, else those of this place."""
        run = current_run()
        settled = AutologOptions()
        with suppress(MlopsError):  # a setting that is wrong is told where a cell is tracked
            settled = (here() if run is None else run.workspace).settings.autolog_options
        return replace(settled, **self.said)  # type: ignore[arg-type]  # checked when they were said

    def fit(self, seen: FitSeen) -> None:
        """Tell the run; outside one, with autolog on, a fit is a run of its own."""
        run = current_run()
        if run is not None:
            harvest = run.harvest  # its end, in another thread, takes it away
            if harvest is not None:
                harvest.fit(seen if self.options().models else replace(seen, kept=False))
                _place(seen, run)
        elif self.mode is Watch.EVERYWHERE and _attempted(seen) is not Role.STEP and not self._goes_on(seen):
            kind = seen.kind.rpartition(".")[2]  # in a list of runs it says more than ``model``
            name = seen.name if _attempted(seen) is Role.EVALUATION else kind
            with track_unasked(name, seen.kind.partition(".")[0], seen.error) as own:
                own.harvest = Harvest(keeps=False)
                own.harvest.fit(seen)
                _place(seen, own)
                for text in self._early:
                    own.harvest.note(text)
            own.harvest = None  # it holds the estimator, and the run is held below as long as that lives
            with suppress(TypeError):  # an estimator that cannot be referred to weakly
                self._runs[seen.estimator] = own
            self._early.clear()

    def _goes_on(self, seen: FitSeen) -> bool:
        """Tell whether *seen* is a training that comes in many calls, and not its first: that one has its run."""
        with suppress(TypeError):
            return seen.progress is not None and seen.estimator in self._runs
        return False

    def metric(self, seen: MetricSeen) -> None:
        """Tell the run; outside one, the run that the estimator was fitted in."""
        run = current_run()
        if run is not None:
            if run.harvest is not None:
                run.harvest.metric(seen, run.id)
        elif self.mode is Watch.EVERYWHERE and seen.estimator is not None:
            with suppress(TypeError):
                fitted = self._runs.get(seen.estimator)
                if fitted is not None:
                    _add_score(fitted, replace(seen, estimator=None))

    def predicted(self, seen: PredictionSeen) -> None:
        """Tell the run; outside one nobody asks."""
        run = current_run()
        harvest = run.harvest if run is not None else None
        if harvest is not None:
            harvest.predicted(seen)

    def note(self, text: str) -> None:
        """Tell the run; outside one, the run that the next fit becomes."""
        run = current_run()
        if run is not None and run.harvest is not None:
            run.harvest.note(text)
        elif run is None and self.mode is Watch.EVERYWHERE:
            self._early = [*self._early[-9:], text]


def _attempted(seen: FitSeen) -> Role:
    return seen.attempted if seen.role is Role.FAILED else seen.role


def _place(seen: FitSeen, run: ActiveRun) -> None:
    """Remember, as long as the estimator lives, whose fit this was: a later run that scores it will say so."""
    steps = (
        seen.progress is not None and not seen.kept
    )  # a network, at each of them; nobody follows what it predicts
    if seen.role is Role.MODEL and not steps:
        place_origin(seen.estimator, Origin(run=run.id, name=seen.name))
        for model in seen.further.values():
            place_origin(model, Origin(run=run.id))


def _add_score(run: ActiveRun, seen: MetricSeen) -> None:
    """Say it into the run's journal; where that is closed already, to the store, without waiting for it."""

    def say() -> None:
        run.log_metric(seen.name, seen.value)
        for one in seen.inputs:
            run.say({"input": encode(one)})

    if run.listens:
        say()
    else:
        afterwards(say)


_teller = _Teller()


def autolog(
    on: bool | str = True,
    *,
    positive_label: str | int | float | bool | None = None,
    candidates: int | str | None = None,
    models: bool | None = None,
    train_metrics: bool | None = None,
) -> None:
    """Watch estimators outside tracked cells too, or nowhere.

    What is seen in a tracked cell, or with ``"on"`` inside ``with track(...)``, goes into that run; outside, each fit becomes a run of
    its own, with parameters, metrics and data. Its model is not kept: that is what a tracked cell is for. The options
    hold everywhere until the next call; one that is not named is as the settings have it (``[autolog]`` in
    ``config.toml``).

    Parameters
    ----------
    on
        True or ``"on"``: everywhere. ``"tracked"``: in tracked cells, as it is from the start. False or ``"off"``:
        nowhere, and every patched object is put back.
    positive_label
        The class that ``train_precision``, ``train_recall``, ``train_f1``, ``train_roc_auc`` and the curves are of.
        Without it they are weighted over all classes; the curves, of two classes, are of the second.
    candidates
        How many candidates of a search become child runs, the best first: 0 to 1000, or ``"all"``.
    models
        Whether the fitted models are kept.
    train_metrics
        Whether models predict on their training data, for metrics.

    Raises
    ------
    Invalid
        *on* is none of these, or an option has another type or range.
    """
    try:
        mode = Watch(on) if isinstance(on, str) else (Watch.EVERYWHERE if on else Watch.OFF)
    except ValueError:
        raise Invalid(
            f"autolog cannot be {on!r:.40}",
            remedy=f"Say {', '.join(repr(str(known)) for known in Watch)}, True or False.",
        ) from None
    given = {
        "positive_label": positive_label,
        "candidates": candidates,
        "models": models,
        "train_metrics": train_metrics,
    }
    said = {name: _as_plain(value) for name, value in given.items() if value is not None}
    decode(AutologOptions, said, at="autolog")
    _teller.mode, _teller.said = mode, said
    if mode is Watch.EVERYWHERE:
        _begin(None)
    elif mode is Watch.OFF or not _teller.keeps():  # a tracked cell begins by itself, and goes on
        estimators.autolog_off()


def _as_plain(value: object) -> object:
    """Return a label as Python has it, where it was taken out of an array."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value


def autolog_state() -> tuple[Watch, AutologOptions]:
    """Return where estimators are watched, and the options that hold now."""
    return _teller.mode, _teller.options()


def watch_tracked(namespace: MutableMapping[str, Any]) -> bool:
    """Begin to watch for a tracked cell, unless autolog is off; return whether it is watched."""
    if _teller.mode is Watch.OFF:
        return False
    if not estimators.is_on():
        _begin(namespace)
    estimators.forget_data()
    return True


def watch_undone() -> None:
    """Stop watching, as if nobody had asked: the extension is unloaded."""
    _teller.mode, _teller.said = Watch.TRACKED, {}
    estimators.autolog_off()


def _begin(namespace: MutableMapping[str, Any] | None) -> None:
    main = sys.modules.get("__main__")
    estimators.autolog(_teller, vars(main) if namespace is None and main is not None else namespace)
