"""Measure jobs beside papermill, in one run on one machine: ratios travel, seconds do not.

    python benchmarks/jobs.py [--only one,outputs,kernel,cells,sweep] [--notebooks 32] [--seconds 3,0.5] [--workers 2]

Ours and papermill run in the interpreter that runs this script, so that both have the same kernel and libraries.

- *one*: a trivial notebook; a job waited for, papermill.execute_notebook, and both commands, in turn.
- *outputs*: 200 cells of 50 kB each; papermill writes the whole notebook twice a cell.
- *kernel*: from the order to start it to the end of `import sklearn, pandas`, cold and forked.
- *cells*: 1,000 cells in one job; what the last hundred took beside the first hundred.
- *sweep*: short trainings at once. *Own time* is what the cells take in a cold kernel, imports included, times the
  notebooks, divided by the workers; papermill runs them one after the other, in one process and as a command each.
  It runs `--theirs` of them (by default all), and the time of all is reckoned from that.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import papermill

from jupyter_mlops.automation import run_notebook, sweep_notebook
from jupyter_mlops.jobs.kernels import OWN, KernelPlace, kernel_for
from jupyter_mlops.jobs.prepared.process import PreparedProcess, can_prepare
from jupyter_mlops.records.sweep import SweepOptions
from jupyter_mlops.workspace import Workspace, open_workspace

PARTS = "one,outputs,kernel,cells,sweep"
IMPORTS = "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import SGDClassifier"
TRAINING = """
import time
end = time.process_time() + {busy}
model, made = SGDClassifier(random_state=0), np.random.default_rng(int(alpha))
x = made.normal(size=(2000, 20))
y = x[:, 0] > 0
model.partial_fit(x, y, classes=[False, True])
while time.process_time() < end:
    model.partial_fit(x, y)
print(model.score(x, y))
"""


def written(place: Path, name: str, *cells: str, parameters: str = "") -> Path:
    """Write a notebook of these cells, the parameters cell behind the first."""
    made = [nbformat.v4.new_code_cell(source) for source in cells]
    if parameters:
        made.insert(1, nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    notebook = nbformat.v4.new_notebook(cells=made)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, place / name)
    return place / name


def took(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def in_turn(rounds: int, *acts: Callable[[], object]) -> list[float]:
    """The median of each, taken in turn so that a busy moment meets all of them."""
    taken = [[took(act) for act in acts] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def ours(ws: Workspace, notebook: Path) -> None:
    report = run_notebook(ws, notebook=str(notebook))
    assert report.status == "succeeded", report


def theirs(notebook: Path, **parameters: object) -> None:
    with contextlib.redirect_stderr(io.StringIO()):
        papermill.execute_notebook(
            str(notebook), str(notebook.with_suffix(".out.ipynb")), parameters=parameters, progress_bar=False
        )


def their_command(notebook: Path, *words: str) -> None:
    command = [
        sys.executable,
        "-m",
        "papermill",
        "--no-progress-bar",
        str(notebook),
        str(notebook.with_suffix(".out.ipynb")),
    ]
    subprocess.run([*command, *words], check=True, capture_output=True)


def our_command(ws: Workspace, notebook: Path) -> None:
    root = str(ws.settings.root)
    command = [
        sys.executable,
        "-c",
        "from jupyter_mlops.cli import main; main()",
        "run",
        str(notebook),
        "--workspace",
        root,
    ]
    subprocess.run(command, check=True, capture_output=True, cwd=root)


def say(what: str, mine: float, other: float, beside: str) -> None:
    print(f"| {what} | {mine:,.2f} s | {other:,.2f} | {mine / other:.2f} | {beside} |", flush=True)


def one(ws: Workspace, place: Path, rounds: int) -> None:
    notebook = written(place, "trivial.ipynb", "x = 1")
    for begun in (lambda: ours(ws, notebook), lambda: theirs(notebook)):
        begun()  # what is loaded once
    mine, other = in_turn(rounds, lambda: ours(ws, notebook), lambda: theirs(notebook))
    say("a trivial notebook, in process", mine, other, "papermill.execute_notebook")
    mine, other = in_turn(rounds, lambda: our_command(ws, notebook), lambda: their_command(notebook))
    say("a trivial notebook, command", mine, other, "papermill IN OUT")


def outputs(ws: Workspace, place: Path, rounds: int) -> None:
    notebook = written(place, "outputs.ipynb", *["print('x' * 50_000)"] * 200)
    mine, other = in_turn(max(1, rounds // 3), lambda: ours(ws, notebook), lambda: theirs(notebook))
    say("200 cells of 50 kB", mine, other, "papermill.execute_notebook")


async def _until_imported(folder: Path, socket: str | None) -> float:
    place = KernelPlace()
    begun = time.perf_counter()
    manager = kernel_for(OWN, place, socket)
    await manager.start_kernel(cwd=str(folder), env=dict(os.environ))
    client = manager.client()
    client.start_channels()
    reply = await client.execute_interactive("import sklearn, pandas", output_hook=lambda _: None, timeout=60)
    elapsed = time.perf_counter() - begun
    assert reply["content"]["status"] == "ok", reply
    if socket is not None:
        assert type(manager.provisioner.process).__name__ == "Forked", manager.provisioner.reason
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
    place.close()
    return elapsed


def kernel(ws: Workspace, place: Path, rounds: int) -> None:
    del ws
    if not can_prepare():
        print("| a kernel | - | - | - | kernels are forked on Linux only |")
        return
    process = PreparedProcess((("sklearn", ()), ("pandas", ())), str(place), dict(os.environ))
    try:
        begun = time.perf_counter()
        while not process.ready:
            assert not process.over, process.doubt
            time.sleep(0.01)
        prepared = time.perf_counter() - begun
        taken = [
            [asyncio.run(_until_imported(place, socket)) for socket in (process.socket, None)]
            for _ in range(rounds)
        ]
    finally:
        process.close()
    mine, other = (statistics.median(column) for column in zip(*taken, strict=True))
    say("a forked kernel, until `import sklearn, pandas`", mine, other, "a cold kernel")
    say("the prepared process, once", prepared, other, "a cold kernel")


def cells(ws: Workspace, place: Path, rounds: int) -> None:
    del rounds
    notebook = written(place, "cells.ipynb", *[f"y = {number}" for number in range(1000)])
    report = run_notebook(ws, notebook=str(notebook), output=str(place / "cells.out.ipynb"))
    assert report.status == "succeeded", report
    ran = nbformat.read(place / "cells.out.ipynb", 4)
    each = [cell.metadata.papermill["duration"] for cell in ran.cells]
    say("the last 100 of 1,000 cells", sum(each[-100:]), sum(each[:100]), "the first 100")


def own_time(place: Path, notebook: Path) -> float:
    """What the cells take in a cold kernel, imports included."""
    theirs(notebook, alpha=0)
    ran = nbformat.read(notebook.with_suffix(".out.ipynb"), 4)
    return sum(cell.metadata.papermill["duration"] for cell in ran.cells)


def sweep(
    ws: Workspace, place: Path, seconds: float, notebooks: int, workers: int, their_notebooks: int
) -> None:
    notebook = written(
        place,
        f"training-{seconds:g}.ipynb",
        IMPORTS,
        TRAINING.format(busy=0),
        parameters="alpha: float = 0.0",
    )
    imports = own_time(place, notebook)
    busy = max(0.0, seconds - imports)
    written(place, notebook.name, IMPORTS, TRAINING.format(busy=busy), parameters="alpha: float = 0.0")
    each = statistics.median(own_time(place, notebook) for _ in range(3))

    def all_of_ours() -> None:
        found = sweep_notebook(
            ws,
            notebook=str(notebook),
            parameters={"alpha": [float(n) for n in range(notebooks)]},
            sweep=SweepOptions(workers=workers),
        )
        assert all(row.status == "succeeded" for row in found.rows), found

    mine = took(all_of_ours)
    name = f"{notebooks} notebooks of {each:.2f} s, {workers} workers"
    say(name, mine, each * notebooks / workers, "the cells' own time, divided by the workers")
    many = notebooks / their_notebooks
    in_process = took(lambda: [theirs(notebook, alpha=float(n)) for n in range(their_notebooks)]) * many
    say(name, mine, in_process, "papermill.execute_notebook, one after the other")
    command = (
        took(lambda: [their_command(notebook, "-p", "alpha", str(n)) for n in range(their_notebooks)]) * many
    )
    say(name, mine, command, "papermill IN OUT, one after the other")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=PARTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--notebooks", type=int, default=32)
    parser.add_argument("--theirs", type=int, default=0, help="how many papermill runs; 0 for all")
    parser.add_argument("--seconds", default="3,0.5")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args(words)
    print(
        f"papermill {papermill.__version__}, {os.cpu_count()} cores, {json.dumps(os.getloadavg())} at work before\n"
    )
    print("| | ours | theirs | ours / theirs | beside |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ws = open_workspace(place, start=place, environ={})
        for part in chosen.only.split(","):
            if part != "sweep":
                {"one": one, "outputs": outputs, "kernel": kernel, "cells": cells}[part](
                    ws, place, chosen.rounds
                )
                continue
            for seconds in map(float, chosen.seconds.split(",")):
                number = chosen.theirs or chosen.notebooks
                sweep(ws, place, seconds, chosen.notebooks, chosen.workers, number)
        ws.store.close()


if __name__ == "__main__":
    main()
