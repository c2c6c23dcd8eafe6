"""A tracked cell in a real kernel while its store is held, damaged, away, or has no room: the cell goes on, one warning at most."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import find_artifacts, find_runs, metric_history
from jupyter_mlops.tracking.places import journal_folder
from jupyter_mlops.workspace import open_workspace
from tests.magics.kernels import Answer, Kernel
from tests.magics.test_kernel import last, opened

pytestmark = pytest.mark.kernel

LOAD = "%load_ext jupyter_mlops\nimport resource"
WARM = "%%track warm\nrun.log_metric('loss', 1.0)"
WORK = (
    "%%track {name}\n"
    "for step in range(2000):\n"
    "    run.log_metric('loss', float(step), step=step)\n"
    "run.log_artifact(b'kept', 'kept.txt')\n"
    "run.log_params(alpha=0.5)\n"
    "value = 'the cell went on'"
)
OURS = "jupyter_mlops: "
HOLD = (
    "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); "
    "db.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.readline()"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


@pytest.fixture
def kernel(project: Path) -> Iterator[Kernel]:
    with Kernel(project) as kernel:
        kernel.execute(LOAD, "load")
        assert kernel.execute(WARM, "warm").status == "ok"
        last(project, "warm")
        yield kernel


def store_of(project: Path) -> Path:
    return project / ".mlops" / "store.db"


def work(kernel: Kernel, name: str = "hard") -> Answer:
    answer = kernel.execute(WORK.format(name=name), "work")
    assert (answer.status, answer.errors) == ("ok", [])
    after = kernel.execute("print(value)", "after")
    assert "the cell went on" in after.stdout
    # The background meets the trouble in its own time: it may be this cell that tells.
    return replace(answer, stderr=answer.stderr + after.stderr)


def assert_kept_once(project: Path, name: str = "hard") -> None:
    run = last(project, name)
    assert (run.status, run.params["alpha"]) == (RunStatus.FINISHED, 0.5)
    ws = opened(project)
    history = metric_history(ws, run=run.id, key="loss", limit=10**6)
    assert [point.value for point in history] == [float(step) for step in range(2000)]
    assert "kept.txt" in {file.name for file in find_artifacts(ws, run=run.id)}
    ws.store.close()


def said(*answers: Answer) -> list[str]:
    return [line for answer in answers for line in answer.stderr.splitlines() if line.strip()]


def ask_until_said(kernel: Kernel, answers: list[Answer], word: str = "") -> None:
    """Run cells that do nothing until one of all *answers* tells of the trouble."""
    deadline = time.monotonic() + 60
    while not any(word in line for line in said(*answers)):
        assert time.monotonic() < deadline, "nothing was said"
        answers.append(kernel.execute("1", "quiet"))


@contextmanager
def held(project: Path) -> Iterator[None]:
    """Have another process hold the store meanwhile."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store_of(project))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield
    finally:
        holder.stdin.close()
        holder.wait()


def test_a_store_that_another_process_holds_for_a_moment(kernel: Kernel, project: Path) -> None:
    with held(project):
        answer = work(kernel)
    assert said(answer) == []  # it is one of many who take their turn
    assert_kept_once(project)


def test_a_store_that_another_process_holds_on_to_is_told_of_once(kernel: Kernel, project: Path) -> None:
    with held(project):
        answers = [work(kernel)]
        ask_until_said(kernel, answers)
        answers += [work(kernel, "again"), kernel.execute("1", "quiet")]
    (line,) = said(*answers)
    assert "another writer has held it for" in line
    assert "waits in the journal" in line
    assert_kept_once(project)
    assert_kept_once(project, "again")


def test_blocks_while_another_process_holds_the_store_are_told_of_once_and_kept(
    kernel: Kernel, project: Path
) -> None:
    blocks = (
        "import jupyter_mlops as mlops, warnings; warnings.simplefilter('always')\n"
        "for number in range(3):\n"
        "    with mlops.track(f'block {number}') as each:\n"
        "        each.log_metric('loss', float(number))\n"
        "print('went on')"
    )
    with held(project):
        answer = kernel.execute(blocks, "blocks")
    assert (answer.status, answer.errors, answer.stdout) == ("ok", [], "went on\n")
    told = [line for line in said(answer) if "UserWarning" in line]
    assert len(told) == 1
    assert "waits in the journal until its store is back" in told[0]
    for number in range(3):
        assert last(project, f"block {number}").metrics["loss"] == number


def test_a_store_that_is_damaged_until_its_copy_is_back(
    kernel: Kernel, project: Path, tmp_path: Path
) -> None:
    path, copy = store_of(project), tmp_path / "copy.db"
    kernel.manager.shutdown_kernel(now=True)
    with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(copy)) as other:
        connection.backup(other)
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    path.write_bytes(b"this is no database" * 1000)
    with Kernel(project) as second:
        second.execute(LOAD, "load")
        answers = [work(second)]
        ask_until_said(second, answers)
        answers += [second.execute("1", "quiet") for _ in range(3)]
        (line,) = said(*answers)
        assert "waits in the journal" in line
    shutil.copy(copy, path)
    assert_kept_once(project)


def test_a_folder_that_cannot_be_made(project: Path) -> None:
    (project / ".mlops").write_text("a file where the folder should be")
    with Kernel(project) as kernel:
        kernel.execute(LOAD, "load")
        answer = kernel.execute("%%track nowhere\nvalue = 'the cell went on'", "work")
        assert (answer.status, answer.errors) == ("ok", [])
        assert "the cell went on" in kernel.execute("print(value)", "after").stdout
        (line,) = said(answer)
        assert "this cell is not tracked" in line


def test_a_disk_that_is_full(kernel: Kernel, project: Path) -> None:
    ws = open_workspace(project, environ={})
    journals = journal_folder(ws.settings)
    ws.store.close()
    kernel.execute(
        "from pathlib import Path\nfree = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        f"journals = Path({str(journals)!r})",
        "see",
    )
    answer = kernel.execute(
        "%%track full\n"
        "run.log_metric('loss', 0.0, step=0)\n"
        "written = max(path.stat().st_size for path in journals.glob('*.journal'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (written + 20, free[1]))\n"
        "for step in range(1, 2000):\n"
        "    run.log_metric('loss', float(step), step=step)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, free)\n",
        "work",
    )
    assert (answer.status, answer.errors) == ("ok", [])
    assert len([line for line in said(answer) if "kept in memory" in line]) <= 1
    run = last(project, "full")
    ws = opened(project)
    history = metric_history(ws, run=run.id, key="loss", limit=10**6)
    assert [point.value for point in history] == [float(step) for step in range(2000)]
    assert find_runs(ws, "name = 'full'").total == 1
    ws.store.close()


@pytest.mark.parametrize("logs_a_file", [True, False])
def test_a_workspace_on_a_network_file_system(project: Path, logs_a_file: bool) -> None:
    """No such system can be mounted here; that is all that is made up. The cell opens the store, or the background does."""
    with Kernel(project, PYTHONWARNINGS="default") as kernel:
        kernel.execute(
            "import jupyter_mlops.store.sql.sqlite as store_of\nstore_of.network_kind = lambda path: 'nfs4'",
            "as if",
        )
        kernel.execute(LOAD, "load")
        answers = [work(kernel) if logs_a_file else kernel.execute(WARM, "warm")]
        ask_until_said(kernel, answers, "network file system")
        answers += [work(kernel, "again"), *(kernel.execute("1", "quiet") for _ in range(3))]
    told = [line for line in said(*answers) if "network file system" in line]
    assert len(told) == 1
    assert "nfs4" in told[0]
    assert "PostgreSQL" in told[0]
    assert_kept_once(project, "again")
