"""The same with MLflow on SQLite and a local folder."""

import json
import logging
import statistics
import time
import warnings

logging.disable(logging.WARNING)
warnings.simplefilter("ignore")
import mlflow
from mlflow.models import infer_signature
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

clock = time.perf_counter
X, y = load_diabetes(return_X_y=True, as_frame=True)
model = make_pipeline(StandardScaler(), Ridge()).fit(X, y)
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("bench")


def register() -> float:
    begun = clock()
    with mlflow.start_run():
        signature = infer_signature(X, model.predict(X))
        mlflow.sklearn.log_model(model, name="model", signature=signature, registered_model_name="bench")
    return (clock() - begun) * 1e3


def load(version: int) -> float:
    begun = clock()
    mlflow.sklearn.load_model(f"models:/bench/{version}").predict(X[:1])
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
