"""The same with MLflow on SQLite: one by one, and in batches of 1,000."""

import json
import logging
import sys
import time

logging.disable(logging.INFO)
import mlflow
from mlflow.entities import Metric

n = int(sys.argv[1])
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("bench")
with mlflow.start_run():
    mlflow.log_metric("loss", 1.0, step=0)
with mlflow.start_run() as run:
    begun = time.perf_counter()
    for i in range(n):
        mlflow.log_metric("loss", 1.0 / (i + 1), step=i)
    one = time.perf_counter() - begun
with mlflow.start_run() as run:
    begun = time.perf_counter()
    for i in range(n):
        mlflow.log_metric("loss", 1.0 / (i + 1), step=i, synchronous=False)
    later = time.perf_counter() - begun
    mlflow.flush_async_logging()
client = mlflow.MlflowClient()
with mlflow.start_run() as run:
    begun = time.perf_counter()
    for start in range(0, 20_000, 1000):
        client.log_batch(
            run.info.run_id, metrics=[Metric("loss", 1.0 / (i + 1), 0, i) for i in range(start, start + 1000)]
        )
    batch = time.perf_counter() - begun
print(
    json.dumps(
        {
            "call_us": one / n * 1e6,
            "async_call_us": later / n * 1e6,
            "points_per_s": n / one,
            "batch_points_per_s": 20_000 / batch,
        }
    )
)
