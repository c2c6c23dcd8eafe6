"""Run published notebooks plain, and with the extension and autolog loaded first: same outputs, what it costs.

    python benchmarks/published.py --source FOLDER_OF_EXAMPLES [--repeat 3] [--mlflow PYTHON]

FOLDER_OF_EXAMPLES is the folder ``examples`` of scikit-learn's source distribution; which of them, and how a script
becomes cells, is told in ``slices.py``. Each is executed in real kernels: plain twice or more, and as often with a first
cell that loads the extension and switches autolog on for every cell. Rounds alternate, so that what else the machine does
meets both. Compared are texts, pictures, streams and errors of every cell, as far as the plain executions agree with each
other, and what is new on stderr. Times are the medians of the rounds: of the cells alone, with the first one, and of the whole
execution, from the start of the kernel to its end. With ``--mlflow`` the same with MLflow's autolog, models off, in the
environment of that Python, beside plain executions there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from slices import EXAMPLES, cells_of  # noqa: E402

FIRST = "%load_ext jupyter_mlops\n%mlops autolog on"
MLFLOW = "import mlflow\nmlflow.sklearn.autolog(log_models=False)"
# Addresses, times and folders differ between two executions of the same notebook.
VARIES = re.compile(r"0x[0-9a-f]+|\d+\.\d+ ?(?:s|ms|sec|seconds)\b|/tmp/\S+|ipykernel_\d+/\d+\.py")
PATIENCE = 300.0


@dataclass
class Execution:
    """One execution: seconds of each cell, what each said, and what stood on stderr."""

    whole: float = 0.0  # from the start of the kernel to its end
    seconds: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def execute(cells: Sequence[str], place: str, python: str = sys.executable) -> Execution:
    """Execute *cells* one after the other in a fresh kernel of *python*."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import KernelManager

    found, begun_at = Execution(), time.perf_counter()
    specs = Path(place) / "kernels"
    (specs / "measured").mkdir(parents=True)
    command = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "measured", "language": "python"}
    (specs / "measured" / "kernel.json").write_text(json.dumps(spec))
    manager = KernelManager(
        kernel_name="measured", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)])
    )
    manager.start_kernel(cwd=place)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    try:
        # The figures of the kernel's own backend are shown under their cells, as JupyterLab has them.
        client.execute_interactive("import matplotlib", timeout=PATIENCE, store_history=False)
        for source in cells:
            said: list[str] = []
            errors: list[str] = []
            begun = time.perf_counter()
            client.execute_interactive(
                source,
                timeout=PATIENCE,
                output_hook=lambda m, s=said, e=errors: take(m, s, e),
                allow_stdin=False,
            )
            found.seconds.append(time.perf_counter() - begun)
            found.said.append("".join(said))  # streams come in pieces, by chance
            found.errors.append("".join(errors))
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    found.whole = time.perf_counter() - begun_at
    return found


def take(message: dict[str, Any], said: list[str], errors: list[str]) -> None:
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        (errors if content["name"] == "stderr" else said).append(VARIES.sub("~", content["text"]))
    elif kind in {"execute_result", "display_data"}:
        said.append(VARIES.sub("~", str(content["data"].get("text/plain", ""))))
        said.extend(
            f"\n{kind} {hashlib.sha256(shown.encode()).hexdigest()}"
            for kind, shown in sorted(content["data"].items())
            if kind.startswith("image/")
        )
    elif kind == "error":
        said.append(f"{content['ename']}: {VARIES.sub('~', content['evalue'])}")


@dataclass(frozen=True)
class Figures:
    """One notebook. ``ratio`` is without the first cell, ``loaded`` with it, ``whole`` of the whole execution."""

    name: str
    plain: float
    ratio: float
    loaded: float
    whole: float
    different: tuple[int, ...]
    pictures: int  # that the plain executions agree on
    new_errors: tuple[str, ...]


def measure(
    name: str, cells: Sequence[str], repeat: int, first: str = FIRST, python: str = sys.executable
) -> Figures:
    plain: list[Execution] = []
    ours: list[Execution] = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as place:
            plain.append(execute(cells, place, python))
        with tempfile.TemporaryDirectory() as place:
            ours.append(execute((first, *cells), place, python))
    usual = statistics.median(sum(one.seconds) for one in plain)
    steady = [i for i in range(len(cells)) if len({one.said[i] for one in plain}) == 1]
    different = tuple(i for i in steady if any(one.said[i + 1] != plain[0].said[i] for one in ours))
    known = {line for one in plain for text in one.errors for line in text.splitlines()}
    new = {line for one in ours for text in one.errors for line in text.splitlines()} - known
    return Figures(
        name=name,
        plain=usual,
        ratio=statistics.median(sum(one.seconds[1:]) for one in ours) / usual,
        loaded=statistics.median(sum(one.seconds) for one in ours) / usual,
        whole=statistics.median(one.whole for one in ours) / statistics.median(one.whole for one in plain),
        different=different,
        pictures=sum(plain[0].said[i].count("\nimage/") for i in steady),
        new_errors=tuple(sorted(new)),
    )


def report(asked: argparse.Namespace, first: str, python: str) -> None:
    rows = []
    for name in sorted(EXAMPLES):
        if asked.only in name:
            cells = cells_of((asked.source / name).read_text(encoding="utf-8"))
            rows.append(row := measure(name, cells, asked.repeat, first, python))
            print(
                f"{row.name:70} {row.plain:6.2f} s  x{row.ratio:.2f}  with loading x{row.loaded:.2f}  whole x{row.whole:.2f}"
                f"  different cells: {list(row.different) or 'none'}  pictures: {row.pictures}"
                f"  new on stderr: {len(row.new_errors)}",
                flush=True,
            )
            for line in row.new_errors[:5]:
                print(f"    {line}")
    print()
    print(f"{len(rows)} notebooks, {sum(row.plain for row in rows):.0f} s plain")
    median = {
        said: statistics.median(getattr(row, said) for row in rows) for said in ("ratio", "loaded", "whole")
    }
    print(
        f"median ratio {median['ratio']:.2f}, with loading {median['loaded']:.2f}, "
        f"of the whole execution {median['whole']:.2f}"
    )
    print(
        f"same outputs in {sum(not row.different for row in rows)} of {len(rows)}, "
        f"{sum(row.pictures for row in rows)} pictures among them; "
        f"nothing new on stderr in {sum(not row.new_errors for row in rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default="", help="only names that hold this")
    parser.add_argument("--mlflow", default="", help="a Python that has MLflow, scikit-learn and ipykernel")
    asked = parser.parse_args()
    report(asked, FIRST, sys.executable)
    if asked.mlflow:
        print("\nMLflow's autolog, models off, beside plain executions in its environment\n")
        report(asked, MLFLOW, asked.mlflow)


if __name__ == "__main__":
    main()
