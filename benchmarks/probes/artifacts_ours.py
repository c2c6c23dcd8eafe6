"""A file logged, beside a plain copy and SHA-256 of the same file; and logged once more."""

import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

import jupyter_mlops as mlops

size = int(sys.argv[1]) << 20
clock = time.perf_counter
Path("big.bin").write_bytes(os.urandom(size))
ws = mlops.workspace(".")


def copied(synced: bool = False) -> float:
    Path("copy.bin").unlink(missing_ok=True)
    begun = clock()
    shutil.copyfile("big.bin", "copy.bin")
    if synced:
        with open("copy.bin", "rb+") as file:
            os.fsync(file.fileno())
    with open("big.bin", "rb") as file:
        hashlib.file_digest(file, "sha256")
    return clock() - begun


def folder() -> int:
    return sum(path.stat().st_size for path in Path(".mlops/blobs").rglob("*") if path.is_file())


with mlops.track("files", experiment="files", workspace=ws) as run:
    run.log_artifact(b"warm", "warm.txt")
    plain = copied()
    begun = clock()
    run.log_artifact("big.bin", "a.bin")
    ours = clock() - begun
    plain = (plain + copied()) / 2
    synced = copied(synced=True)
    before = folder()
    begun = clock()
    run.log_artifact("big.bin", "b.bin")
    again = clock() - begun
    second = folder() - before
print(
    json.dumps(
        {
            "mb_per_s": size / ours / 1e6,
            "plain_mb_per_s": size / plain / 1e6,
            "synced_mb_per_s": size / synced / 1e6,
            "again_mb_per_s": size / again / 1e6,
            "second_copy_bytes": second,
        }
    )
)
