"""Tracked cells of real kernels on one PostgreSQL and one object store: many at once, and while the bucket is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from store.gate import Gate
from store.sql.postgres import execute, server
from store.swift import KEY, SECRET, make_bucket, s3

from jupyter_mlops.ledger import verify_chain
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.store import upgrade_store
from jupyter_mlops.tracking import find_artifacts, find_runs, metric_history, open_artifact
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.magics.kernels import Answer, Kernel
from tests.magics.test_hardship import OURS, ask_until_said, said

pytestmark = pytest.mark.kernel

LOAD = "%load_ext jupyter_mlops"
WARM = "%%track warm\nrun.log_metric('loss', 1.0)"
PATIENCE = (
    "4s"  # of the object store's library for one request; without a word from outside it is half a minute
)
TIMED = (
    "%%track {name}\n"
    "import time\n"
    "took = []\n"
    "for file, content in (('small.txt', b'of {name}'), ('large.bin', b'{name}' * 200_000), ('third.txt', b'3')):\n"
    "    begun = time.monotonic()\n"
    "    run.log_artifact(content, file)\n"
    "    took.append(time.monotonic() - begun)\n"
    "for step in range(500):\n"
    "    run.log_metric('loss', float(step), step=step)\n"
    "print('took', *took)"
)
POINTS = 500
WORK = (
    "%%track {name}\n"
    f"for step in range({POINTS}):\n"
    "    run.log_metric('loss', float(step), step=step)\n"
    "run.log_artifact(b'of {name}', 'small.txt')\n"
    "run.log_artifact(b'{name}' * 200_000, 'large.bin')\n"
    "value = 'the cell went on'"
)


@dataclass
class Team:
    """What everybody has in the environment, and the door to the bucket."""

    environment: dict[str, str]
    bucket: Gate

    def kernel(self, folder: Path) -> Kernel:
        folder.mkdir()
        (folder / "pyproject.toml").write_text("")
        return Kernel(folder, **self.environment)

    def sees(self, folder: Path) -> Workspace:
        return open_workspace(folder, environ=self.environment)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, Gate]]:
    with server() as address, s3() as endpoint:
        make_bucket(endpoint, "ours")
        gate = Gate(urlsplit(endpoint).port or 0)
        yield address, gate
        gate.shut()


@pytest.fixture
def team(servers: tuple[str, Gate], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Team:
    address, gate = servers
    name = f"of_{request.node.name[:40]}"
    execute(address.format("postgres"), f"CREATE DATABASE {name}")
    environment = {
        "JUPYTER_MLOPS_STORE": address.format(name),
        "JUPYTER_MLOPS_BLOBS": f"s3://ours/{name}",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{gate.port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
    for key, value in environment.items():
        if key.startswith("AWS_"):
            monkeypatch.setenv(key, value)
    upgrade_store(environment["JUPYTER_MLOPS_STORE"])
    return Team(environment, gate)


def ended(ws: Workspace, name: str) -> Run:
    """Return the run called *name* once its kernel has brought its end home."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        page = find_runs(ws, f"name = '{name}'")
        if page.items and page[0].status is not RunStatus.RUNNING:
            return page[0]
        time.sleep(0.1)
    raise AssertionError(f"{name} has not ended: {[(run.name, run.status) for run in find_runs(ws)]}")


def assert_kept_once(ws: Workspace, name: str) -> None:
    run = ended(ws, name)
    assert run.status is RunStatus.FINISHED
    assert find_runs(ws, f"name = '{name}'").total == 1
    history = metric_history(ws, run=run.id, key="loss", limit=10**6)
    assert [point.value for point in history] == [float(step) for step in range(POINTS)]
    assert {"small.txt", "large.bin"} <= {file.name for file in find_artifacts(ws, run=run.id)}
    for file, content in (("small.txt", f"of {name}"), ("large.bin", name * 200_000)):
        with open_artifact(ws, run=run.id, name=file) as kept:
            assert kept.read() == content.encode()


def test_kernels_of_several_people_track_at_once_and_nothing_is_lost_or_doubled(
    team: Team, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        kernels = [stack.enter_context(team.kernel(tmp_path / f"p{number}")) for number in range(3)]
        for kernel in kernels:
            assert kernel.execute(LOAD, "load").status == "ok"
        for turn in range(3):
            sent = [
                kernel.send(WORK.format(name=f"p{number}x{turn}"), f"c{turn}")
                for number, kernel in enumerate(kernels)
            ]
            answers = [kernel.answer(one) for kernel, one in zip(kernels, sent, strict=True)]
            assert [(one.status, one.errors) for one in answers] == [("ok", [])] * 3
            assert [line for line in said(*answers) if OURS in line] == []
        ws = team.sees(tmp_path / "p0")
        for number in range(3):
            for turn in range(3):
                assert_kept_once(ws, f"p{number}x{turn}")
    assert find_runs(ws).total == 9
    assert verify_chain(ws).ok
    ws.store.close()


def test_a_bucket_that_goes_away_and_comes_back_costs_nothing_and_one_warning(
    team: Team, tmp_path: Path
) -> None:
    with team.kernel(tmp_path / "ana") as kernel:
        kernel.execute(LOAD, "load")
        assert kernel.execute(WARM, "warm").status == "ok"
        ws = team.sees(tmp_path / "ana")
        ended(ws, "warm")
        team.bucket.shut()
        try:
            answers: list[Answer] = [kernel.execute(WORK.format(name="away"), "work")]
            assert (answers[0].status, answers[0].errors) == ("ok", [])
            ask_until_said(kernel, answers)
            answers.append(kernel.execute("print(value)", "after"))
            assert "the cell went on" in answers[-1].stdout
            answers += [kernel.execute("1", "quiet") for _ in range(3)]
            (line,) = said(*answers)
            assert "waits in the journal" in line
        finally:
            team.bucket.open()
        assert_kept_once(ws, "away")
        assert said(kernel.execute("1", "quiet")) == []
        ws.store.close()


def test_a_bucket_that_takes_connections_and_says_nothing_is_waited_for_once_and_loses_nothing(
    team: Team, tmp_path: Path
) -> None:
    team.environment["AWS_TIMEOUT"] = PATIENCE
    with team.kernel(tmp_path / "ana") as kernel:
        kernel.execute(LOAD, "load")
        assert kernel.execute(WARM, "warm").status == "ok"
        ws = team.sees(tmp_path / "ana")
        ended(ws, "warm")
        team.bucket.hush()
        try:
            answers: list[Answer] = [kernel.execute(TIMED.format(name="silent"), "work")]
            assert (answers[0].status, answers[0].errors) == ("ok", [])
            (line,) = [line for line in answers[0].stdout.splitlines() if line.startswith("took ")]
            first, *others = map(float, line.split()[1:])
            assert team.bucket.held > 0
            assert 4 <= first < 60  # several tries of four seconds, and then no more
            assert all(one < 2 for one in others), line  # the one behind it does not wait again
            ask_until_said(kernel, answers)
            answers += [kernel.execute("1", "quiet") for _ in range(3)]
            (told,) = said(*answers)
            assert "waits in the journal" in told
        finally:
            team.bucket.open()
        assert_kept_once(ws, "silent")
        run = ended(ws, "silent")
        with open_artifact(ws, run=run.id, name="third.txt") as kept:
            assert kept.read() == b"3"
        ws.store.close()
