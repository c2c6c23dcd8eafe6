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

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def install(self) -> None:
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
            "names=['jupyter-mlops','mlflow','papermill','ipykernel','sqlalchemy','nbclient']; "
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


def row(
    what: str,
    ours: float | None,
    theirs: float | None,
    unit: str,
    beside: str,
    *,
    more_is_better: bool = False,
) -> None:
    if ours is None or theirs is None:
        print(
            f"{what:<44} {'-' if ours is None else f'{ours:,.2f}':>12} {'-' if theirs is None else f'{theirs:,.2f}':>12} {unit:<9} {'not measured':>9}  {beside}"
        )
        return
    ratio = ours / theirs if more_is_better else theirs / ours
    print(f"{what:<44} {ours:>12,.2f} {theirs:>12,.2f} {unit:<9} {ratio:>8.2f}x  {beside}")


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
    row("memory added by it", ours.get("memory_mb"), theirs.get("memory_mb"), "MB", "import mlflow")


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="folder for the peers' environments, kept between runs")
    parser.add_argument("--only", default="import,metrics,jobs")
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    folder = given.peers or Path(tempfile.mkdtemp(prefix="mlops-peers-"))
    us = Peer("jupyter_mlops", [str(HERE.parent)], folder / "ours")
    mlflow = Peer("mlflow", ["mlflow", "ipython"], folder / "mlflow")
    papermill = Peer("papermill", ["papermill", "ipykernel", "ipython"], folder / "papermill")
    for peer in (us, mlflow, papermill):
        print(f"installing {peer.name} …", file=sys.stderr)
        peer.install()
        print(f"{peer.name}: {peer.problem and f'could not be installed: {peer.problem}' or peer.versions()}")
    print(f"\n{'':<44} {'ours':>12} {'theirs':>12} {'':<9} {'we are':>9}  beside")
    for name, part, peer in (
        ("import", imports, mlflow),
        ("metrics", metrics, mlflow),
        ("jobs", jobs, papermill),
    ):
        if name in given.only.split(","):
            part(us, peer, given.repeat)


if __name__ == "__main__":
    main()
