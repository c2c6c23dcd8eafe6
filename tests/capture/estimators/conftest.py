"""A sink that remembers what it heard, and data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from sklearn.datasets import load_diabetes, load_wine
from sklearn.model_selection import train_test_split

from jupyter_mlops.capture.estimators import FitSeen, MetricSeen, autolog, autolog_off
from jupyter_mlops.capture.estimators.seen import PredictionSeen
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.records.run import RunInput


@dataclass
class Heard:
    fits: list[FitSeen] = field(default_factory=list)
    metrics: list[MetricSeen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    asked: list[PredictionSeen] = field(default_factory=list)
    predicted_on: list[RunInput] = field(default_factory=list)
    chosen: AutologOptions = field(default_factory=AutologOptions)
    listening: bool = True
    keeping: bool = True

    def fit(self, seen: FitSeen) -> None:
        self.fits.append(seen)

    def metric(self, seen: MetricSeen) -> None:
        self.metrics.append(seen)

    def predicted(self, seen: PredictionSeen) -> None:
        self.predicted_on.extend(seen.inputs())
        self.asked.append(replace(seen, estimator=None, inputs=tuple))  # what it holds must not stay alive

    def options(self) -> AutologOptions:
        return self.chosen

    def note(self, text: str) -> None:
        self.notes.append(text)

    def keeps(self) -> bool:
        return self.keeping

    def wanted(self) -> bool:
        return self.listening

    @property
    def values(self) -> dict[str, float]:
        return {seen.name: seen.value for seen in self.metrics}


@pytest.fixture
def sink():
    return Heard()


@pytest.fixture
def heard(sink):
    autolog(sink)
    yield sink
    autolog_off()


@pytest.fixture(scope="session")
def diabetes():
    return train_test_split(*load_diabetes(return_X_y=True, as_frame=True), random_state=0)


@pytest.fixture(scope="session")
def wine():
    X, y = load_wine(return_X_y=True, as_frame=True)
    X = (X - X.mean()) / X.std()  # a solver is then done in a few steps
    return train_test_split(X, (y == 1).astype(int), random_state=0)
