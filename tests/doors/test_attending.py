"""The commands that watch over a place: they say where they stand, stop when told to, and leave nothing open."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from doors.voices import Voices
from jupyter_mlops.errors import Invalid, MlopsError, NotFound, Unavailable
from jupyter_mlops.jobs import get_job, submit_job
from jupyter_mlops.operations.attending import scheduler, serve, tick, upgrade
from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.projects import init
from jupyter_mlops.records.deployment import DeploymentStatus
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.serving import find_deployments
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.review.books import add_version, set_alias

OLD = Path(__file__).parents[1] / "old" / "0.1.0"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    ws = open_workspace(tmp_path, environ={})
    yield ws
    ws.store.close()


def interrupted(console: Console) -> tuple[Console, list[Answer]]:
    """The same console, at which somebody presses Ctrl-C as soon as it has announced its answer."""
    answers: list[Answer] = []

    def announce(answer: Answer) -> None:
        answers.append(answer)
        raise KeyboardInterrupt

    return replace(console, announce=announce), answers


# --- serve ------------------------------------------------------------------------------------------------------


def test_a_server_tells_its_address_once_and_ends_well_when_it_is_stopped(
    ws: Workspace, tmp_path: Path
) -> None:
    set_alias(ws, add_version(ws).version)
    voices = Voices()
    console, announced = interrupted(voices.console(tmp_path))

    try:
        answer = serve(console, "pm25@champion", token="t" * 20)
    except KeyboardInterrupt:
        pytest.fail("it went on to whoever started the server")

    (served,) = announced
    assert (answer.code, answer.told, answer.text) == (0, True, "")  # nothing is said twice
    assert (served.value.model, served.value.version, served.value.token) == ("pm25", 1, "t" * 20)
    assert all(part in served.text for part in (served.value.url, served.value.token, "pm25:1"))
    assert voices.told == ["stopped"]
    (deployment,) = find_deployments(ws)
    assert deployment.status is DeploymentStatus.STOPPED


@pytest.mark.parametrize(
    ("reference", "given", "kind"),
    [
        ("pm25@champion", {"host": "0.0.0.0", "token": "short"}, Invalid),
        ("pm25@champion", {"host": "0.0.0.0"}, Invalid),
        ("pm25@challenger", {}, NotFound),
        ("none:1", {}, NotFound),
        ("pm25:one", {}, Invalid),
    ],
)
def test_what_cannot_be_served_is_refused_before_anything_is_announced(
    ws: Workspace, tmp_path: Path, reference: str, given: dict[str, str], kind: type[MlopsError]
) -> None:
    set_alias(ws, add_version(ws).version)
    voices = Voices()

    with pytest.raises(kind) as refusal:
        serve(voices.console(tmp_path), reference, **given)

    assert refusal.value.remedy
    assert voices.announced == []
    assert find_deployments(ws).total == 0


def test_a_port_that_is_taken_is_named(ws: Workspace, tmp_path: Path) -> None:
    set_alias(ws, add_version(ws).version)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Unavailable, match=str(port)):
            serve(Voices().console(tmp_path), "pm25@champion", port=port)


# --- tick and scheduler -----------------------------------------------------------------------------------------


@pytest.fixture
def ended(ws: Workspace, tmp_path: Path) -> str:
    """A job that failed while nobody was there to do what follows."""
    init(Voices().console(tmp_path))
    job = submit_job(ws, notebook=str(tmp_path / "notebooks" / "train.ipynb"))
    with ws.store.write() as tx:
        tx.jobs.replace(replace(job, status=JobStatus.FAILED, started=ws.now(), ended=ws.now()))
    return job.id


def test_a_turn_does_what_is_due_once_and_says_what(ws: Workspace, tmp_path: Path, ended: str) -> None:
    first, second = (tick(Voices().console(tmp_path), workers=0) for _ in range(2))

    assert first.value.followed == (ended,)
    assert first.text == "1 followed up"
    assert second.value.followed == ()
    assert second.text == "nothing was due"
    assert (first.code, second.code) == (0, 0)


def test_a_turn_starts_no_more_than_it_may(ws: Workspace, tmp_path: Path, ended: str) -> None:
    queued = submit_job(ws, notebook=str(tmp_path / "notebooks" / "train.ipynb"))

    assert tick(Voices().console(tmp_path), workers=0).value.started == ()
    assert get_job(ws, queued.id).status is JobStatus.QUEUED


def test_the_scheduler_says_where_it_turns_tells_each_turn_that_did_something_and_stops(
    ws: Workspace, tmp_path: Path, ended: str
) -> None:
    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        if "followed up" in line:
            raise KeyboardInterrupt

    try:
        answer = scheduler(replace(Voices().console(tmp_path), tell=tell), interval=0.0, workers=0)
    except KeyboardInterrupt:
        pytest.fail("it went on to whoever started the scheduler")

    where, turn, last = told
    assert str(tmp_path / ".mlops") in where
    assert turn == "1 followed up"
    assert last == "stopped"
    assert (answer.code, answer.told) == (0, True)
    assert get_job(ws, ended).followed


def test_schedulers_side_by_side_end_in_order_when_they_are_told_to(ws: Workspace, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "jupyter_mlops", "scheduler", "--interval", "0.2", "--workers", "0"]
    both = [
        subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert "turning in" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
    said = [process.communicate(timeout=60)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert said == ["stopped\n", "stopped\n"]


# --- upgrade ----------------------------------------------------------------------------------------------------


def test_an_old_store_is_brought_up_to_date_once_and_a_copy_is_kept(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / ".mlops")
    console = Voices().console(tmp_path)

    first, second = upgrade(console), upgrade(console)

    assert second.value.changed is False
    assert (second.value.before, second.value.after) == (first.value.after, first.value.after)
    if first.value.changed:
        assert Path(first.value.backup).is_file()
        assert first.value.backup in first.text
    assert "up to date" in second.text
    ws = open_workspace(tmp_path, environ={})
    assert find_runs(ws).total
    ws.store.close()


def test_a_database_that_is_empty_gets_todays_schema_and_is_told_as_new(tmp_path: Path) -> None:
    (tmp_path / ".mlops").mkdir(mode=0o700)
    (tmp_path / ".mlops" / "store.db").touch()

    answer = upgrade(Voices().console(tmp_path))

    assert (answer.value.before, answer.value.backup) == (None, None)
    assert "None" not in answer.text
    ws = open_workspace(tmp_path, environ={})
    assert find_runs(ws).total == 0
    ws.store.close()


@pytest.mark.parametrize("workspace", [None, "a/b", "."])
def test_there_is_nothing_to_upgrade_where_there_is_no_store_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: str | None
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(NotFound) as refusal:
        upgrade(Voices().console(tmp_path, workspace=workspace))

    assert refusal.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_a_schema_is_not_upgraded(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="memory://"):
        upgrade(Voices().console(tmp_path, workspace="memory://"))
