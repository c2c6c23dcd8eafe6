"""Log and register a scikit-learn model, and load it: the first in a process, and the next ones."""

import json
import statistics
import time

from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import jupyter_mlops as mlops

clock = time.perf_counter
X, y = load_diabetes(return_X_y=True, as_frame=True)
model = make_pipeline(StandardScaler(), Ridge()).fit(X, y)
ws = mlops.workspace(".")


def register() -> float:
    begun = clock()
    with mlops.track("fit", experiment="bench") as run:
        run.log_model(model, name="bench", register=True, data=X)
    return (clock() - begun) * 1e3


def load(version: int) -> float:
    begun = clock()
    mlops.load_model(f"bench:{version}").predict(X[:1])
    return (clock() - begun) * 1e3


first = register()
later = [register() for _ in range(5)]
load(1)
loads = [load(number) for number in range(2, 7)]
print(
    json.dumps(
        {"first_ms": first, "register_ms": statistics.median(later), "load_ms": statistics.median(loads)}
    )
)
