"""Run published notebooks plain, and with the extension and autolog loaded first: same outputs, what it costs.

    python benchmarks/published.py --source FOLDER_OF_EXAMPLES [--repeat 3]

FOLDER_OF_EXAMPLES is the folder ``examples`` of scikit-learn's source distribution; which of them, and how a script
becomes cells, is told in ``slices.py``. Each is executed in real kernels: plain twice or more, and as often with a first
cell that loads the extension and switches autolog on for every cell. Rounds alternate, so that what else the machine does
meets both. Compared are texts, streams and errors of every cell, as far as the plain executions agree with each other,
and what is new on stderr. Times are of the cells alone (with and without the first one), the median of the rounds.
"""

from __future__ import annotations

import argparse
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
# Addresses, times and folders differ between two executions of the same notebook.
VARIES = re.compile(r"0x[0-9a-f]+|\d+\.\d+ ?(?:s|ms|sec|seconds)\b|/tmp/\S+|ipykernel_\d+/\d+\.py")
PATIENCE = 300.0


@dataclass
class Execution:
    """One execution: seconds of each cell, what each said, and what stood on stderr."""

    seconds: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def execute(cells: Sequence[str], place: str) -> Execution:
    """Execute *cells* one after the other in a fresh kernel."""
    from jupyter_client.manager import start_new_kernel

    found = Execution()
    manager, client = start_new_kernel(kernel_name="python3", cwd=place)
    try:
        client.execute_interactive(
            "import matplotlib; matplotlib.use('agg')", timeout=PATIENCE, store_history=False
        )
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
        manager.shutdown_kernel(now=True)
    return found


def take(message: dict[str, Any], said: list[str], errors: list[str]) -> None:
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        (errors if content["name"] == "stderr" else said).append(VARIES.sub("~", content["text"]))
    elif kind in {"execute_result", "display_data"}:
        said.append(VARIES.sub("~", str(content["data"].get("text/plain", ""))))
    elif kind == "error":
        said.append(f"{content['ename']}: {VARIES.sub('~', content['evalue'])}")


@dataclass(frozen=True)
class Figures:
    """One notebook. ``ratio`` is without the first cell, ``whole`` with it."""

    name: str
    plain: float
    ratio: float
    whole: float
    different: tuple[int, ...]
    new_errors: tuple[str, ...]


def measure(name: str, cells: Sequence[str], repeat: int) -> Figures:
    plain: list[Execution] = []
    ours: list[Execution] = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as place:
            plain.append(execute(cells, place))
        with tempfile.TemporaryDirectory() as place:
            ours.append(execute((FIRST, *cells), place))
    usual = statistics.median(sum(one.seconds) for one in plain)
    steady = [i for i in range(len(cells)) if len({one.said[i] for one in plain}) == 1]
    different = tuple(i for i in steady if any(one.said[i + 1] != plain[0].said[i] for one in ours))
    known = {line for one in plain for text in one.errors for line in text.splitlines()}
    new = {line for one in ours for text in one.errors for line in text.splitlines()} - known
    return Figures(
        name=name,
        plain=usual,
        ratio=statistics.median(sum(one.seconds[1:]) for one in ours) / usual,
        whole=statistics.median(sum(one.seconds) for one in ours) / usual,
        different=different,
        new_errors=tuple(sorted(new)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default="", help="only names that hold this")
    asked = parser.parse_args()
    rows = []
    for name in sorted(EXAMPLES):
        if asked.only in name:
            cells = cells_of((asked.source / name).read_text(encoding="utf-8"))
            rows.append(row := measure(name, cells, asked.repeat))
            print(
                f"{row.name:70} {row.plain:6.2f} s  x{row.ratio:.2f}  with loading x{row.whole:.2f}"
                f"  different cells: {list(row.different) or 'none'}  new on stderr: {len(row.new_errors)}",
                flush=True,
            )
            for line in row.new_errors[:5]:
                print(f"    {line}")
    print()
    print(f"{len(rows)} notebooks, {sum(row.plain for row in rows):.0f} s plain")
    print(
        f"median ratio {statistics.median(row.ratio for row in rows):.2f}, with loading {statistics.median(row.whole for row in rows):.2f}"
    )
    print(
        f"same outputs in {sum(not row.different for row in rows)} of {len(rows)}; nothing new on stderr in {sum(not row.new_errors for row in rows)}"
    )


if __name__ == "__main__":
    main()
