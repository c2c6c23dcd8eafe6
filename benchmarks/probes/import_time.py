"""How long and how heavy an import is, in fresh processes."""

import json
import resource
import subprocess
import sys

module = sys.argv[1]
plain = "import time; a=time.perf_counter(); import {0}; print((time.perf_counter()-a)*1000)"
shell = """
import resource, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
a = time.perf_counter()
shell.run_cell("{0}")
ms = (time.perf_counter() - a) * 1000
print(ms, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
line = "%load_ext jupyter_mlops" if module == "jupyter_mlops" else f"import {module}"


def run(code):
    return [
        float(x)
        for x in subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()[-2:]
    ]


with open("nothing_at_all.py", "w") as extension:
    extension.write("def load_ipython_extension(shell):\n    pass\n")
run(plain.format(module))  # bytecode
import_ms = run(plain.format(module))[0]
shell_ms, memory = run(shell.format(line))
empty_ms = run(shell.format("%load_ext nothing_at_all"))[0]
print(json.dumps({"import_ms": import_ms, "shell_ms": shell_ms, "empty_ms": empty_ms, "memory_mb": memory}))
