"""Measure how exact slices are on real notebooks: needed cells missed (must be 0), irrelevant cells kept.

    python benchmarks/slices.py --source FOLDER_OF_EXAMPLES

FOLDER_OF_EXAMPLES is the folder ``examples`` of scikit-learn's source distribution. Each script becomes a notebook by
the marks between its cells. The run is the last cell that fits or scores and leaves something to compare: a name it
binds or a line it prints. The notebook is executed in a kernel with the extension loaded; then

- *missed*: the slice's cells are executed alone in a fresh kernel. What the run's cell bound, displayed and printed
  must be the same, as far as two plain executions of the whole notebook agree with each other.
- *irrelevant*: from the last kept cell to the first, each is left out; if the same comes out without it, it stays
  out and counts as irrelevant. These trials run in forked processes with an empty namespace.

The same two figures follow for the synthetic sessions of the tests.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import multiprocessing
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from slice_values import names_bound, seen_in  # noqa: E402

from jupyter_mlops.capture.recorder import Recorder  # noqa: E402
from jupyter_mlops.capture.slicing import Slice, slice_of  # noqa: E402
from jupyter_mlops.records.codec import decode  # noqa: E402
from jupyter_mlops.records.source import CellExecution  # noqa: E402

# In the order of their names, at most two of a folder: those with six code cells or more, the run not among the first
# three, that need neither network nor a library beyond pandas and matplotlib and end within eight seconds.
EXAMPLES = frozenset(
    f"{name}.py"
    for name in (
        "bicluster/plot_spectral_biclustering", "calibration/plot_calibration_curve",
        "calibration/plot_calibration_multiclass", "callbacks/plot_callback_support",
        "cluster/plot_feature_agglomeration_vs_univariate_selection", "cluster/plot_kmeans_assumptions",
        "cross_decomposition/plot_compare_cross_decomposition", "ensemble/plot_feature_transformation",
        "ensemble/plot_gradient_boosting_regression", "feature_selection/plot_feature_selection",
        "gaussian_process/plot_gpr_noisy", "gaussian_process/plot_gpr_noisy_targets",
        "linear_model/plot_lasso_and_elasticnet", "linear_model/plot_lasso_lars_ic", "manifold/plot_mds",
        "miscellaneous/plot_metadata_routing", "model_selection/plot_likelihood_ratios",
        "model_selection/plot_precision_recall", "preprocessing/plot_scaling_importance",
        "preprocessing/plot_target_encoder_cross_val",
    )
)  # fmt: skip
KNOWN = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})
MARK = re.compile(r"^(?:# ?%%.*|#{20,})\s*$", re.MULTILINE)
SCORING = re.compile(r"\.fit\w*\(|\.score\(|_(?:score|error|loss|curve)\(|cross_val\w*\(|cross_validate\(")
NEEDS = re.compile(r"fetch_|urlretrieve|plotly|skimage|polars|n_jobs=-1")
DOCSTRING = re.compile(r'\A(?:#.*\n|\s*\n)*[rR]?"""[\s\S]*?"""')
FEWEST, EARLIEST = 6, 3
PATIENCE = 60.0  # seconds for one execution of a notebook, on a loaded machine

PRELOADED = ("numpy", "pandas", "scipy.stats", "sklearn.ensemble", "sklearn.svm", "matplotlib.pyplot")

Seen = dict[str, str]
_played: dict[tuple[str, ...], Seen] = {}


@dataclass(frozen=True)
class Notebook:
    name: str
    cells: tuple[str, ...]
    run: int  # the place of the run's cell


@dataclass(frozen=True)
class Figures:
    """What was found for one session. ``missed`` names what differs, empty where nothing does."""

    name: str
    executed: int
    kept: int
    irrelevant: tuple[int, ...]  # places in the slice
    missed: tuple[str, ...]
    grade: str = ""


# notebooks ------------------------------------------------------------------------------------------------------


def cells_of(text: str) -> tuple[str, ...]:
    """Return the code cells of an example script; comments that follow a mark are its prose."""
    found = []
    for i, part in enumerate(MARK.split(text)):
        code = part
        if i:
            lines = part.split("\n")
            start = next((k for k, line in enumerate(lines) if line.strip()), len(lines))
            while start < len(lines) and lines[start].startswith("#"):
                start += 1
            code = "\n".join(lines[start:])
        else:
            code = DOCSTRING.sub("", part)
        if re.search(r"^[^#\s]", code, re.MULTILINE):
            found.append(code.strip())
    return tuple(found)


def run_of(cells: Sequence[str]) -> int:
    """Return the place of the last cell that fits or scores and leaves something to compare; -1: none."""
    for place in range(len(cells) - 1, -1, -1):
        source = cells[place]
        if SCORING.search(source) and (names_bound(source) or "print(" in source):
            return place
    return -1


def candidates(folder: Path) -> Iterator[Notebook]:
    """Yield the examples that meet the conditions which can be read off their text."""
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        cells = cells_of(text)
        run = run_of(cells) if not NEEDS.search(text) else -1
        if len(cells) >= FEWEST and run >= EARLIEST:
            yield Notebook(path.relative_to(folder).as_posix(), cells[: run + 1], run)


# executions -----------------------------------------------------------------------------------------------------


def replayed_once(cells: Sequence[str]) -> Seen:
    """Return what ``played`` gives, from memory where the same cells were executed before."""
    key = tuple(cells)
    if key not in _played:
        _played[key] = played(cells)
    return _played[key]


def played(cells: Sequence[str]) -> Seen:
    """Execute cells in an empty namespace in a forked process; return what the last one came to."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_play, args=(list(cells), there))
    process.start()
    there.close()
    answer: Seen = {"failed": f"not done in {PATIENCE} seconds"}
    if here.poll(PATIENCE):
        with contextlib.suppress(EOFError):
            answer = here.recv()
    if process.is_alive():
        process.terminate()
    process.join()
    return answer


def _play(cells: list[str], answer: Connection) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    out, shown = io.StringIO(), None
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        os.chdir(folder)
        os.dup2(nowhere.fileno(), 2)
        try:
            for source in cells:
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    shown = _execute(source, namespace)
            answer.send(seen_in(namespace, cells[-1], out.getvalue(), shown))
        except Exception as failure:
            answer.send({"failed": f"{type(failure).__name__}: {failure}"})
        os.chdir("/")


def _execute(source: str, namespace: dict[str, Any]) -> Any:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)


def in_kernel(cells: Sequence[str], *, recorded: bool) -> tuple[Seen, tuple[CellExecution, ...]]:
    """Execute cells in a fresh kernel; return what the last one came to, and the chain where it is *recorded*."""
    from jupyter_client.manager import start_new_kernel

    with tempfile.TemporaryDirectory() as folder:
        manager, client = start_new_kernel(
            cwd=folder, env={**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": str(HERE.parent)}
        )
        try:
            if recorded:
                _ask(client, "%load_ext jupyter_mlops")
            printed = ""
            for source in cells:
                printed = _ask(client, source)
            question = f"import sys; sys.path.insert(0, {str(HERE)!r}); import json, slice_values as _sv"
            shown = "get_ipython().user_ns['Out'].get(get_ipython().execution_count - 1)"
            question += f"\nprint(json.dumps(_sv.seen_in(globals(), {cells[-1]!r}, {printed!r}, {shown})))"
            seen: Seen = json.loads(_ask(client, question, silent=True))
            if not recorded:
                return seen, ()
            asked = "from jupyter_mlops.magics import session_of as _s; from jupyter_mlops.records.codec import encode as _e"
            asked += "\nprint(json.dumps(_e(_s(get_ipython()).recorder.chain)))"
            chain = json.loads(_ask(client, asked, silent=True))
            return seen, tuple(decode(CellExecution, link) for link in chain)
        except RuntimeError as failure:
            return {"failed": str(failure)}, ()
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _ask(client: Any, source: str, *, silent: bool = False) -> str:
    """Execute *source* and return what it printed; a failure is raised."""
    out: list[str] = []

    def heard(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            out.append(message["content"]["text"])

    reply = client.execute_interactive(source, silent=silent, timeout=PATIENCE, output_hook=heard)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}")
    return "".join(out)


# figures --------------------------------------------------------------------------------------------------------


def sliced(notebook: Notebook) -> tuple[Slice, tuple[CellExecution, ...]]:
    """Return the slice of the run as the analysis finds it, without executing anything."""
    recorder = Recorder("session", lambda: datetime(2026, 1, 5, tzinfo=UTC))
    recorder.document([f"c{i}" for i in range(len(notebook.cells))])
    for i, source in enumerate(notebook.cells):
        recorder.started(source, cell=f"c{i}", count=i + 1)
        recorder.ended("ok")
    chain = recorder.chain
    last = chain[-1].sequence
    cut = slice_of(chain, last, last, blind=False, known_names=KNOWN, order=recorder.order)
    return cut, chain


def differences(expected: Seen, again: Seen, found: Seen) -> tuple[str, ...]:
    """Return what *found* lacks of that in which two executions of the whole, *expected* and *again*, agree."""
    if "failed" in found:
        return (found["failed"],)
    agreed = {key: value for key, value in expected.items() if again.get(key) == value}
    return tuple(key for key, value in agreed.items() if found.get(key) != value)


def needless(cells: Sequence[str], same: Callable[[Sequence[str]], bool]) -> tuple[int, ...]:
    """Return the places of the cells that can be left out, tried from the last but one to the first."""
    left = list(range(len(cells)))
    for place in reversed(range(len(cells) - 1)):
        without = [i for i in left if i != place]
        if same([cells[i] for i in without]):
            left = without
    return tuple(sorted(set(range(len(cells))) - set(left)))


def measured(notebook: Notebook, *, kernels: bool) -> Figures | str:
    """Return the figures of one notebook; a text where it cannot be executed."""
    expected, again = replayed_once(notebook.cells), played(notebook.cells)
    if "failed" in expected:
        return expected["failed"]
    cut, _ = sliced(notebook)
    cells = [cell.source for cell in cut.cells]
    missed = differences(expected, again, replayed_once(cells))
    if kernels:
        whole, chain = in_kernel(notebook.cells, recorded=True)
        if not chain:
            return whole.get("failed", "not recorded")
        last = chain[-1].sequence
        real = slice_of(chain, last, last, blind=False, known_names=KNOWN)
        cells = [cell.source for cell in real.cells if not cell.source.startswith("%load_ext")]
        alone, _ = in_kernel(cells, recorded=False)
        plain, _ = in_kernel(notebook.cells, recorded=False)
        missed += differences(whole, plain, alone)
    irrelevant = needless(cells, lambda rest: not differences(expected, again, replayed_once(rest)))
    return Figures(notebook.name, len(notebook.cells), len(cells), irrelevant, missed, str(cut.grade))


def synthetic() -> Iterator[Figures]:
    """Yield the figures of the sessions that the tests play."""
    from tests.capture.cases import CASES
    from tests.capture.sessions import Session, execute, replayed, result_of

    for case in CASES:
        if not case.same:
            continue
        session = Session(case.document)
        for cell, source in case.ran:
            session.run(cell, source)
        expected, cut = result_of(session.namespace), session.slice()

        def same(cells: Sequence[str], expected: str = expected) -> bool:
            namespace: dict[str, Any] = {"__name__": "__main__"}
            try:
                for source in cells:
                    execute(source, namespace)
                return bool(result_of(namespace) == expected)
            except Exception:
                return False

        missed = () if result_of(replayed(cut)) == expected else ("result",)
        sources = [cell.source for cell in cut.cells]
        yield Figures(case.name, len(case.ran), len(sources), needless(sources, same), missed, str(cut.grade))


def told(title: str, every: Sequence[Figures]) -> None:
    print(f"\n{title}\n{'executed':>9}{'kept':>6}{'missed':>8}{'irrelevant':>12}  session")
    for one in every:
        print(
            f"{one.executed:9}{one.kept:6}{len(one.missed):8}{len(one.irrelevant):12}  {one.name}"
            f"{' ' + str([i + 1 for i in one.irrelevant]) if one.irrelevant else ''}"
            f"{' MISSED ' + ', '.join(one.missed)[:200] if one.missed else ''}"
        )
    kept, irrelevant = sum(one.kept for one in every), sum(len(one.irrelevant) for one in every)
    missed = sum(bool(one.missed) for one in every)
    share = f"{irrelevant / kept:.1%}" if kept else "nothing"
    print(
        f"{len(every)} sessions, {kept} cells kept of {sum(one.executed for one in every)} executed: ", end=""
    )
    print(f"slices with needed cells missed {missed}, irrelevant cells kept {irrelevant} ({share})")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--source", type=Path, help="the folder 'examples' of scikit-learn's source distribution"
    )
    parser.add_argument("--only", default="", help="examples whose name contains this text")
    parser.add_argument(
        "--all", action="store_true", help="every example that meets the conditions, not the twenty"
    )
    parser.add_argument("--no-kernels", action="store_true", help="everything in forked processes; quicker")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    for name, value in (("MPLBACKEND", "agg"), ("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")):
        os.environ.setdefault(name, value)
    for module in PRELOADED:
        __import__(module)  # once, for all forked processes
    found: list[Figures] = []
    for notebook in candidates(asked.source) if asked.source else ():
        if asked.only not in notebook.name or not (asked.all or asked.only or notebook.name in EXAMPLES):
            continue
        begun = time.monotonic()
        one = measured(notebook, kernels=not asked.no_kernels)
        print(
            f"{time.monotonic() - begun:6.1f} s  {notebook.name}  {one if isinstance(one, str) else ''}",
            flush=True,
        )
        if isinstance(one, Figures):
            found.append(one)
    if found:
        told("notebooks", found)
    matrix = [] if asked.only else list(synthetic())
    if matrix:
        told("synthetic sessions", matrix)
    return int(any(one.missed for one in (*found, *matrix)))


if __name__ == "__main__":
    sys.exit(main())
