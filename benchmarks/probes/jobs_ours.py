"""One notebook job of ours: as a command, and called from a running process."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

shutil.copy(sys.argv[1], "job.ipynb")
begun = time.perf_counter()
subprocess.run(
    ["jupyter-mlops", "run", "job.ipynb", "-p", "n", "3", "--workspace", "."], check=True, capture_output=True
)
command = time.perf_counter() - begun
import jupyter_mlops as mlops
from jupyter_mlops.automation import run_notebook

ws = mlops.workspace(".")
run_notebook(ws, notebook=str(Path("job.ipynb").resolve()), parameters={"n": 3})
begun = time.perf_counter()
report = run_notebook(ws, notebook=str(Path("job.ipynb").resolve()), parameters={"n": 3})
assert report.status == "succeeded", report
print(json.dumps({"command_s": command, "in_process_s": time.perf_counter() - begun}))
