"""The same runs with MLflow on SQLite."""

import json
import logging
import sys
import time

logging.disable(logging.INFO)
import mlflow

n = int(sys.argv[1])
mlflow.set_tracking_uri("sqlite:///mlflow.db")
clock = time.perf_counter


def sweep(name: str, count: int, metrics: int) -> float:
    mlflow.set_experiment(name)
    begun = clock()
    for number in range(count):
        with mlflow.start_run():
            if metrics:
                mlflow.log_params({"alpha": number / count, "depth": 3})
            for place in range(metrics):
                mlflow.log_metric(f"m{place}", number * 0.1 + place)
    return (clock() - begun) / count * 1e3


sweep("warm", 3, 3)
print(json.dumps({"empty_ms": sweep("empty", min(n, 50), 0), "small_ms": sweep("small", n, 3)}))
