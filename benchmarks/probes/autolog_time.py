"""Median milliseconds of a small fit and of a metric: without autolog, with it on but nothing recorded, and recorded."""

from __future__ import annotations

import json
import statistics
import time

import numpy as np
import pandas as pd
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, Ridge

from jupyter_mlops.capture.estimators import autolog, autolog_off

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(1000, 10)), columns=[f"c{i}" for i in range(10)])
y, label = X["c0"] * 2, (X["c1"] > 0).astype(int)


class Sink:
    listening = True

    def fit(self, seen):
        pass

    def metric(self, seen):
        pass

    def note(self, text):
        pass

    def wanted(self):
        return self.listening

    def keeps(self):
        return True


def median(call, times=60):
    call()
    taken = []
    for _ in range(times):
        time.sleep(0.02)  # as between cells: the budget of extra work fills with time
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return 1000 * statistics.median(taken)


predicted = LogisticRegression().fit(X, label).predict(X)
calls = {
    "Ridge.fit": lambda: Ridge().fit(X, y),
    "LogisticRegression.fit": lambda: LogisticRegression().fit(X, label),
    "accuracy_score": lambda: metrics.accuracy_score(label, predicted),
}
found = {}
for name, call in calls.items():
    found[f"{name} off"] = median(call)
    sink = Sink()
    autolog(sink)
    sink.listening = False
    found[f"{name} idle"] = median(call)
    sink.listening = True
    if name == "accuracy_score":
        model = LogisticRegression().fit(X, label)
        X_test = X.copy()
        predicted = model.predict(X_test)
    found[f"{name} recorded"] = median(call)
    autolog_off()
print(json.dumps(found))
