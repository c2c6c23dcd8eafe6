"""What autolog records beside MLflow's on the same cells, and what it costs; prints Markdown.

    python benchmarks/autolog.py [--ours PYTHON] [--mlflow PYTHON] [--only fields,memory,time]

PYTHON is an interpreter of an environment that has the package; without --mlflow its column is left out.
docs/autolog.md holds the output of a real run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROBES = Path(__file__).resolve().parent / "probes"


def probe(python, script, *args):
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "JUPYTER_MLOPS_HOME": folder}
        done = subprocess.run(
            [python, str(PROBES / script), *args], cwd=folder, env=environment, capture_output=True, text=True
        )
    if done.returncode:
        return {"problem": (done.stderr.strip().splitlines() or ["?"])[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def versions(python):
    names = "['jupyter-mlops', 'mlflow', 'scikit-learn', 'pandas', 'numpy']"
    code = (
        "import importlib.metadata as m, sys\n"
        f"names = {names}\n"
        "here = {d.name.lower(): d.version for d in m.distributions()}\n"
        "print('Python', sys.version.split()[0], *(f'{n} {here[n]}' for n in names if n in here))"
    )
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def told(run):
    """One run, in one cell of the table."""
    parts = [f"**{run['failure'].partition(':')[0]}**"] if run.get("failure") else []
    if run["params"]:
        parts.append(f"{len(run['params'])} parameters")
    if run["metrics"]:
        parts.append("metrics " + ", ".join(f"`{name}`" for name in sorted(run["metrics"])))
    if run["inputs"]:
        parts.append("data " + ", ".join(f"{name} ({role})" for name, role in run["inputs"]))
    files = sorted({summed(name) for name in run["files"]})
    if files:
        parts.append("files " + ", ".join(f"`{name}`" for name in files))
    if run["children"]:
        first = run["children"][0]
        names = ", ".join(f"`{name}`" for name in sorted(first["metrics"]))
        parts.append(f"{len(run['children'])} child runs with {len(first['params'])} parameters, {names}")
    return "; ".join(parts) or "nothing"


def summed(name):
    return "/".join(name.split("/")[:2]) if name.startswith("models/") else name


def fields(ours, mlflow):
    mine = probe(ours, "autolog_session.py", "ours")
    theirs = probe(mlflow, "autolog_session.py", "mlflow") if mlflow else {}
    print("| cell | MLflow | ours |\n|---|---|---|")
    for title in mine:
        other = told(theirs[title]) if title in theirs else theirs.get("problem", "not measured")
        print(f"| {title} | {other} | {told(mine[title])} |")
    both = [
        (mine[title]["params"], theirs[title]["params"])
        for title in mine
        if theirs.get(title, {}).get("params")
    ]
    for whose, names in (
        ("MLflow", {name for ours_, others in both for name in set(others) - set(ours_)}),
        ("us", {name for ours_, others in both for name in set(ours_) - set(others)}),
    ):
        print(
            f"\nParameters that only {whose} recorded: {', '.join(f'`{name}`' for name in sorted(names)) or 'none'}"
        )


def memory(ours, mlflow):
    print(
        "| fit on a frame of a gigabyte | without | ours | peak | MLflow | peak |\n|---|---|---|---|---|---|"
    )
    for kind in ("ridge", "sgd", "dummy"):
        plain = probe(ours, "autolog_memory.py", "off", kind)
        on = probe(ours, "autolog_memory.py", "on", kind)
        theirs = {"problem": "not measured"}
        if mlflow and kind == "ridge":  # one is enough: it takes minutes
            theirs = probe(mlflow, "autolog_memory.py", "mlflow", kind)
        bare = plain["data"] + plain["rise"]

        def row(found):
            if "problem" in found:
                return found["problem"], "-"
            at = found["data"] + found["rise"]
            return f"{at:.0f} MiB, {found['seconds']:.2f} s", f"{100 * (at / bare - 1):+.1f} %"

        print(
            "|", " | ".join([kind, f"{bare:.0f} MiB, {plain['seconds']:.2f} s", *row(on), *row(theirs)]), "|"
        )


def seconds(ours, _mlflow):
    found = probe(ours, "autolog_time.py")
    print("| call, median | off | on, nothing recorded | recorded |\n|---|---|---|---|")
    for name in dict.fromkeys(key.rpartition(" ")[0] for key in found):
        ways = [f"{found[f'{name} {way}']:.2f} ms" for way in ("off", "idle", "recorded")]
        print("|", " | ".join([name, *ways]), "|")


PARTS = {"fields": fields, "memory": memory, "time": seconds}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", default=sys.executable)
    parser.add_argument("--mlflow", default="")
    parser.add_argument("--only", default=",".join(PARTS))
    given = parser.parse_args()
    print(f"Ours: {versions(given.ours)}\n")
    if given.mlflow:
        print(f"MLflow: {versions(given.mlflow)}\n")
    for part in given.only.split(","):
        PARTS[part](given.ours, given.mlflow)
        print()
