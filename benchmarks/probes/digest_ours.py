"""How fast data are digested, on one core: numeric frames and arrays, beside SHA-256 and BLAKE2b over as many bytes."""

import hashlib
import json
import os
import statistics
import sys
import time

import numpy as np
import pandas as pd

from jupyter_mlops.capture.fingerprint import fingerprint

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
ROWS = int(sys.argv[1])
numbers = np.random.default_rng(0).normal(size=(ROWS, 100))
by_columns = pd.DataFrame({f"c{i}": numbers[:, i].copy() for i in range(100)})
as_frame = pd.DataFrame(numbers)
size = numbers.nbytes


def speed(call):
    call()
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        assert call() is not None
        taken.append(time.perf_counter() - begun)
    return size / statistics.median(taken) / 1e9


print(
    json.dumps(
        {
            "array": speed(lambda: fingerprint(numbers)),
            "frame": speed(lambda: fingerprint(as_frame)),
            "columns": speed(lambda: fingerprint(by_columns)),
            "sha256": speed(lambda: hashlib.sha256(numbers).digest()),
            "blake2b": speed(lambda: hashlib.blake2b(numbers).digest()),
        }
    )
)
