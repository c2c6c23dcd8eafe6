"""The packages a run ran with are one of its files, wherever its files are listed, looked at or taken away."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest

from jupyter_mlops.errors import NotFound, Unavailable
from jupyter_mlops.records.artifact import ENVIRONMENT, Artifact
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import Environment, Source
from jupyter_mlops.tracking import (
    attached,
    download_artifacts,
    find_artifacts,
    finish_run,
    get_artifact,
    get_run,
    log_artifact,
    open_artifact,
    run_beside,
    start_run,
)
from jupyter_mlops.tracking.environment import environment_digest
from jupyter_mlops.tracking.finding import every_artifact
from jupyter_mlops.workspace import Workspace

RAN = Environment(
    python="3.12.3",
    implementation="CPython",
    platform="Linux-6.8",
    cpus=8,
    packages={"numpy": "2.1.0", "torch": "2.9.1+cu130"},
    processor="EPYC",
    gpus=("A100",),
)
TEXT = """# Python 3.12.3 (CPython) on Linux-6.8
# EPYC, 8 CPUs
# A100
numpy==2.1.0
torch==2.9.1+cu130
"""


def ended(ws: Workspace, ran: Environment | None = RAN, files: tuple[str, ...] = ()) -> Run:
    run = start_run(ws, name="one")
    for name in files:
        log_artifact(ws, run=run.id, content=name.encode(), name=name)
    finish_run(ws, run=run.id)
    digest = None if ran is None else ws.blobs.put(io.BytesIO(canonical(encode(ran))))
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), source=Source(environment=digest)))
    return get_run(ws, run.id)


def test_it_is_read_as_pip_reads_it_through_every_verb(ws: Workspace, tmp_path) -> None:
    run = ended(ws)
    (listed,) = find_artifacts(ws, run=run.id)
    assert listed == Artifact(
        run=run.id,
        name=ENVIRONMENT,
        digest=hashlib.sha256(TEXT.encode()).hexdigest(),
        size=len(TEXT),
        media_type="text/plain",
    )
    shown = get_artifact(ws, run.short, ENVIRONMENT)
    assert (shown.artifact, shown.text) == (listed, TEXT)
    with open_artifact(ws, run=run.id, name=ENVIRONMENT) as file:
        assert file.read().decode() == TEXT
    for place, name in enumerate((None, ENVIRONMENT, "source")):
        assert download_artifacts(ws, run.id, name=name, into=tmp_path / str(place)) == (listed,)
        assert (tmp_path / str(place) / ENVIRONMENT).read_text() == TEXT
    assert not ws.blobs.has(listed.digest)  # to read it writes nothing


def test_it_stands_in_its_place_by_name_is_counted_and_has_its_folder(ws: Workspace) -> None:
    run = ended(ws, files=("a.txt", "source/a.patch", "source/z.patch", "z.txt"))
    names = ["a.txt", "source/a.patch", ENVIRONMENT, "source/z.patch", "z.txt"]
    page = find_artifacts(ws, run=run.id)
    assert ([file.name for file in page], page.total) == (names, 5)
    assert [file.name for file in every_artifact(ws, run=run.id)] == names
    for folder in ("source", "source/"):
        assert [file.name for file in find_artifacts(ws, run=run.id, folder=folder)] == names[1:4]
        assert [file.name for file in every_artifact(ws, run=run.id, folder=folder)] == names[1:4]
    assert find_artifacts(ws, run=run.id, folder="sour").total == 0
    cut = find_artifacts(ws, run=run.id, limit=2)
    assert ([file.name for file in cut], cut.total) == (names[:2], 5)
    assert run_beside(ws, run=run.id).has_files == 5


def test_another_folder_is_listed_without_a_look_at_the_packages(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ended(ws, files=("figures/a.png",))
    asked: list[str] = []
    monkeypatch.setattr(attached, "read_environment", lambda _ws, digest: asked.append(digest))
    assert [file.name for file in find_artifacts(ws, run=run.id, folder="figures")] == ["figures/a.png"]
    assert asked == []
    find_artifacts(ws, run=run.id)
    assert asked == [run.source.environment]


@pytest.mark.parametrize("failure", [Unavailable("away", remedy="wait"), OSError("away")])
def test_where_the_bucket_is_away_the_other_files_are_listed_all_the_same(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def away(_ws: Workspace, _digest: str) -> None:
        raise failure

    run = ended(ws, files=("a.txt",))
    monkeypatch.setattr(attached, "read_environment", away)
    assert [file.name for file in find_artifacts(ws, run=run.id)] == ["a.txt"]
    assert run_beside(ws, run=run.id).environment is None


def test_a_file_that_the_run_left_under_that_name_goes_before_it(ws: Workspace) -> None:
    run = ended(ws, files=(ENVIRONMENT,))
    assert [file.size for file in find_artifacts(ws, run=run.id)] == [len(ENVIRONMENT)]
    assert get_artifact(ws, run.id, ENVIRONMENT).text == ENVIRONMENT
    assert run_beside(ws, run=run.id).has_files == 1


@pytest.mark.parametrize("content", [None, b"{}", b"no JSON"])
def test_where_no_environment_can_be_read_there_is_no_such_file_and_the_others_are_listed(
    ws: Workspace, content: bytes | None
) -> None:
    run = ended(ws, None, files=("a.txt",))
    digest = "0" * 64 if content is None else ws.blobs.put(io.BytesIO(content))
    with ws.store.write() as tx:
        tx.runs.replace(replace(run, source=Source(environment=digest)))
    assert [file.name for file in find_artifacts(ws, run=run.id)] == ["a.txt"]
    assert run_beside(ws, run=run.id).environment is None
    with pytest.raises(NotFound):
        get_artifact(ws, run.id, ENVIRONMENT)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("evil\n-r /etc/passwd", "1\n--index-url x"),
        ("--index-url=https://evil.example/simple #", "1"),
        ("-r other.txt #", "1"),
        ("x @ https://evil.example/x.whl #", "1"),
        ("good", "1 --pre"),
        ("good", ""),
        ("", "1"),
    ],
)
def test_what_is_no_package_is_a_comment_whatever_pip_would_make_of_it(
    ws: Workspace, name: str, version: str
) -> None:
    odd = replace(RAN, packages={name: version, "torch": "2.9.1+cu130"})
    text = get_artifact(ws, ended(ws, odd).id, ENVIRONMENT).text
    assert text is not None
    lines = text.splitlines()[3:]
    assert [line for line in lines if not line.startswith("# ")] == ["torch==2.9.1+cu130"]
    assert len(lines) == 2


def test_a_bucket_that_is_away_is_said_where_the_file_is_asked_for_and_waited_for_once_in_lists(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def away(_ws: Workspace, digest: str) -> None:
        asked.append(digest)
        raise Unavailable("the bucket does not answer", remedy="Later.")

    run = ended(ws, RAN, files=("a.txt",))
    monkeypatch.setattr("jupyter_mlops.tracking.attached.read_environment", away)
    monkeypatch.setattr("jupyter_mlops.tracking.downloading.read_environment", away)
    for _ in range(3):
        assert [file.name for file in find_artifacts(ws, run=run.id)] == ["a.txt"]
        assert run_beside(ws, run=run.id).environment is None
    assert len(asked) == 1
    with pytest.raises(Unavailable, match="the bucket"):
        get_artifact(ws, run.id, ENVIRONMENT)
    with pytest.raises(Unavailable, match="the bucket"):
        download_artifacts(ws, run=run.id, into=ws.settings.root / "kept")
    attached._away.clear()


def test_what_this_process_runs_with_can_be_had_back(ws: Workspace) -> None:
    run = start_run(ws, name="here")
    with ws.store.write() as tx:
        kept = tx.runs.get(run.id)
        tx.runs.replace(replace(kept, source=Source(environment=environment_digest(ws))))
    assert "\npytest==" in (get_artifact(ws, run.id, ENVIRONMENT).text or "")
