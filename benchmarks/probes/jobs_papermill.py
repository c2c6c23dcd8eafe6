"""The same notebook through papermill: as a command, and called from a running process."""

import json
import shutil
import subprocess
import sys
import time

shutil.copy(sys.argv[1], "job.ipynb")
subprocess.run(
    [sys.executable, "-m", "ipykernel", "install", "--sys-prefix"], check=True, capture_output=True
)
subprocess.run(["papermill", "--version"], check=True, capture_output=True)
begun = time.perf_counter()
subprocess.run(["papermill", "job.ipynb", "out.ipynb", "-p", "n", "3"], check=True, capture_output=True)
command = time.perf_counter() - begun
import papermill

papermill.execute_notebook("job.ipynb", "out.ipynb", parameters={"n": 3}, progress_bar=False)
begun = time.perf_counter()
papermill.execute_notebook("job.ipynb", "out.ipynb", parameters={"n": 3}, progress_bar=False)
print(json.dumps({"command_s": command, "in_process_s": time.perf_counter() - begun}))
