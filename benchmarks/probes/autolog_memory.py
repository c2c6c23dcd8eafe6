"""One fit on a frame of a gigabyte; prints how far the resident memory rose above what stood before, and seconds.

Usage: autolog_memory.py off|on|mlflow ridge|dummy|sgd
"""

from __future__ import annotations

import gc
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge, SGDRegressor

warnings.simplefilter("ignore")
way, kind = sys.argv[1:3]
rows = int(sys.argv[3]) if len(sys.argv) > 3 else 1_250_000
data = pd.DataFrame(np.random.default_rng(0).normal(size=(rows, 100)), columns=[f"c{i}" for i in range(100)])
target = data["c0"] * 2 + 1
model = {"ridge": Ridge(), "dummy": DummyRegressor(), "sgd": SGDRegressor(max_iter=3, tol=None)}[kind]
small = type(model)().fit(data[:50], target[:50])  # what is loaded at the first fit is loaded


def peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


def measured(call):
    gc.collect()
    with open("/proc/self/clear_refs", "w") as reset:  # sets the peak back to what is resident now
        reset.write("5")
    before, begun = peak(), time.perf_counter()
    call()
    return {"rise": peak() - before, "before": before, "seconds": time.perf_counter() - begun}


def fit():
    model.fit(data, target)


if way == "off":
    found = measured(fit)
elif way == "mlflow":
    import logging

    import mlflow

    logging.getLogger("mlflow").setLevel(logging.CRITICAL)
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    mlflow.sklearn.autolog(log_models=False)
    with mlflow.start_run():
        small.fit(data[:50], target[:50])
    with mlflow.start_run():
        found = measured(fit)
else:
    import jupyter_mlops

    with open("pyproject.toml", "w"):
        pass
    jupyter_mlops.autolog()
    with jupyter_mlops.track("small"):
        small.fit(data[:50], target[:50])
    with jupyter_mlops.track("large"):
        found = measured(fit)
found["data"] = float(data.memory_usage().sum()) / 2**20
print(json.dumps(found))
