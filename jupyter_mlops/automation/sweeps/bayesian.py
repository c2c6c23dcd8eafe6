"""Values that look promising by what the trials so far came to: Optuna's tree of Parzen estimators (TPE).

Nothing is kept of Optuna's. What it would know is told to it anew for each trial, so that a sweep goes on wherever it
was left, on another machine too.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jupyter_mlops.automation.sweeps.drawing import exact, seeded, size_of, text_of, value_at
from jupyter_mlops.automation.sweeps.protocol import Known, Proposer
from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.sweep import Axis, Choices, Goal, Span, Sweep

__all__ = ["open_bayesian"]

_SEEDS = 2**32  # NumPy's older generator takes no larger ones
# Optuna's own levels and Python's filters belong to the whole process: two that changed them at once would leave the
# one's quiet behind as the other's custom.
_QUIET = threading.Lock()


def open_bayesian(plan: Sweep) -> Proposer:
    """Open the sampler of a sweep whose values follow from what earlier trials came to.

    Raises
    ------
    Invalid
        The sweep has no goal.
    Unavailable
        Optuna is not installed.
    """
    if plan.goal is None:
        raise Invalid(
            "the bayesian sampler must know which metric says how good a trial is, and the sweep has no goal",
            remedy="Name the metric: --metric mae.",
        )
    try:
        import optuna
    except ImportError:
        raise Unavailable(
            "the bayesian sampler was asked for, and Optuna is not installed",
            remedy='pip install "jupyter-mlops[sweep]", or take --sampler sobol.',
        ) from None
    return _Bayesian(plan, plan.goal, optuna)


class _Bayesian:
    """Optuna, asked for one trial at a time."""

    def __init__(self, plan: Sweep, goal: Goal, optuna: Any) -> None:
        self._plan, self._optuna = plan, optuna
        self._direction = "minimize" if goal.direction is Direction.LOWER else "maximize"
        # By name, so that their order does not change what is drawn.
        varying = {name: axis for name, axis in sorted(plan.axes.items()) if size_of(axis) != 1}
        with _quiet(optuna):
            self._coded = {name: _Coded(axis, optuna.distributions) for name, axis in varying.items()}

    def propose(self, number: int, known: Sequence[Known]) -> dict[str, object]:
        """Return the values of the trial *number*; those that are under way count as if they did badly."""
        begun = sorted((trial for trial in known if trial.number != number), key=lambda trial: trial.number)
        distributions = {name: coded.distribution for name, coded in self._coded.items()}
        with _quiet(self._optuna):
            study = self._optuna.create_study(direction=self._direction, sampler=self._sampler(number))
            study.add_trials([made for trial in begun if (made := self._told(trial)) is not None])
            asked = study.ask(fixed_distributions=distributions).params
        return {
            name: self._coded[name].value(asked[name]) if name in asked else value_at(axis, 0)
            for name, axis in self._plan.axes.items()
        }

    def _sampler(self, number: int) -> Any:
        seed = int(seeded(self._plan.seed, number, "bayesian").random() * _SEEDS)
        # Trials that are under way count as bad ones, or several at once would all be sent to the same place.
        return self._optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)

    def _told(self, trial: Known) -> Any:
        """Return *trial* as Optuna has trials; None for one that says nothing of this sweep's axes."""
        state = self._optuna.trial.TrialState
        params = self._params(trial.values)
        if params is None:
            return None
        if trial.running:
            kind, value = state.RUNNING, None
        elif trial.value is None or math.isnan(trial.value):
            kind, value = state.FAIL, None
        else:
            kind, value = state.COMPLETE, trial.value
        return self._optuna.trial.create_trial(
            state=kind,
            value=value,
            params=params,
            distributions={name: coded.distribution for name, coded in self._coded.items()},
        )

    def _params(self, values: Mapping[str, object]) -> dict[str, Any] | None:
        found = {}
        for name, coded in self._coded.items():
            code = coded.code(values[name]) if name in values else None
            if code is None:
                return None
            found[name] = code
        return found


class _Coded:
    """An axis as Optuna has it: choices and steps by their places, since it knows few types and rounds its steps."""

    def __init__(self, axis: Axis, distributions: Any) -> None:
        self._axis = axis
        self._places: dict[str, int] = {}
        self._stepped = isinstance(axis, Span) and axis.step is not None
        if isinstance(axis, Choices):
            self._places = {text_of(value): place for place, value in enumerate(axis.values)}
            self.distribution = distributions.CategoricalDistribution(range(len(axis.values)))
        elif axis.step is not None:
            self.distribution = distributions.IntDistribution(0, (size_of(axis) or 1) - 1)
        elif axis.whole:
            self.distribution = distributions.IntDistribution(int(axis.low), int(axis.high), log=axis.log)
        else:
            self.distribution = distributions.FloatDistribution(axis.low, axis.high, log=axis.log)

    def value(self, code: Any) -> object:
        """Return the value of the axis that Optuna calls *code*."""
        return value_at(self._axis, code) if isinstance(self._axis, Choices) or self._stepped else code

    def code(self, value: object) -> Any:
        """Return what Optuna calls *value*; None for one that is not on the axis."""
        if isinstance(self._axis, Choices):
            return self._places.get(text_of(value))
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        if not self._axis.low <= value <= self._axis.high:
            return None
        if self._axis.step is not None:
            return round((exact(value) - exact(self._axis.low)) / exact(self._axis.step))
        return int(value) if self._axis.whole else value


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna from telling of studies that are none of the user's, and of what it calls experimental."""
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        try:
            yield
        finally:
            optuna.logging.set_verbosity(level)
