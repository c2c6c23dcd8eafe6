"""log_metric per call, and points a second until they can be queried."""

import json
import sys
import time

import jupyter_mlops as mlops

n = int(sys.argv[1])
ws = mlops.workspace(".")
with mlops.track("warm", experiment="bench") as run:
    run.log_metric("loss", 1.0, step=0)
begun = time.perf_counter()
with mlops.track("bench", experiment="bench") as run:
    inner = time.perf_counter()
    for i in range(n):
        run.log_metric("loss", 1.0 / (i + 1), step=i)
    call = time.perf_counter() - inner
page = mlops.find_runs(ws, "metrics.loss < 1 and name = 'bench'")
total = time.perf_counter() - begun
assert len(page) == 1, page
print(json.dumps({"call_us": call / n * 1e6, "points_per_s": n / total}))
