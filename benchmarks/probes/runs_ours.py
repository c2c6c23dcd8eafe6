"""Start and end of an empty run, and a sweep of small ones: milliseconds a run, every one of them in the store."""

import json
import sys
import time

import jupyter_mlops as mlops

n = int(sys.argv[1])
ws = mlops.workspace(".")
clock = time.perf_counter


def sweep(name: str, count: int, metrics: int) -> float:
    begun = clock()
    for number in range(count):
        with mlops.track(f"{name}-{number}", experiment=name, workspace=ws) as run:
            if metrics:
                run.log_params(alpha=number / count, depth=3)
            for place in range(metrics):
                run.log_metric(f"m{place}", number * 0.1 + place)
    found = mlops.find_runs(ws, f"experiment = '{name}'", limit=1)
    took = clock() - begun
    assert found.total == count
    return took / count * 1e3


sweep("warm", 20, 3)
print(json.dumps({"empty_ms": sweep("empty", 100, 0), "small_ms": sweep("small", n, 3)}))
