"""Files that travel in the journal."""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import replace

import pytest

from jupyter_mlops.errors import NotFound, Unavailable
from jupyter_mlops.records.artifact import ENVIRONMENT, Artifact
from jupyter_mlops.store.journal_records import Said
from jupyter_mlops.tracking import find_artifacts, parcels, track
from jupyter_mlops.tracking.folding import with_blobs
from jupyter_mlops.tracking.parcels import LARGEST, SMALL, file_note
from jupyter_mlops.workspace import Workspace


def artifact_of(content: bytes) -> Artifact:
    digest = hashlib.sha256(content).hexdigest()
    return Artifact(run="r", name="f.bin", digest=digest, size=len(content), media_type="x/y")


@pytest.mark.parametrize("size", [0, 1, SMALL])
def test_a_small_file_travels_in_the_note_and_rests_when_it_comes_home(ws: Workspace, size: int) -> None:
    content = bytes(size)
    note = file_note(ws, artifact_of(content), content)
    assert base64.b64decode(note["file"]["content"]) == content
    assert not ws.blobs.has(artifact_of(content).digest)
    (home,) = with_blobs(ws, Said(notes=(note,))).notes
    assert home["artifact"]["digest"] == artifact_of(content).digest
    with ws.blobs.open(artifact_of(content).digest) as kept:
        assert kept.read() == content


def test_a_large_file_is_put_down_first_and_the_note_only_names_it(ws: Workspace) -> None:
    content = bytes(SMALL + 1)
    note = file_note(ws, artifact_of(content), content)
    assert set(note) == {"artifact"}
    assert ws.blobs.has(note["artifact"]["digest"])


@pytest.mark.parametrize("trouble", [Unavailable("away", remedy="wait"), OSError("no space left")])
def test_a_large_file_travels_after_all_where_nothing_can_be_put_down(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def refuse(_content: object) -> str:
        raise trouble

    monkeypatch.setattr(ws.blobs, "put", refuse)
    content = bytes(SMALL + 1)
    note = file_note(ws, artifact_of(content), content)
    assert base64.b64decode(note["file"]["content"]) == content


@pytest.mark.parametrize(
    ("address", "far"),
    [
        ({"blobs": "s3://ours/mlops"}, True),
        ({"store": "postgresql://ana@host/mlops"}, True),
        ({}, False),
    ],
    ids=["bucket", "server", "here"],
)
def test_a_bucket_or_a_server_is_reached_by_the_network(
    ws: Workspace, address: dict[str, str], far: bool
) -> None:
    assert parcels.far(replace(ws, settings=replace(ws.settings, **address))) is far


@pytest.mark.parametrize("size", [SMALL + 1, LARGEST])
def test_what_the_journal_is_to_carry_is_put_down_nowhere(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(ws.blobs, "put", lambda _: pytest.fail("asked"))
    content = bytes(size)
    note = file_note(ws, artifact_of(content), content, carry=True)
    assert len(base64.b64decode(note["file"]["content"])) == size


def test_a_store_that_is_known_to_be_away_is_not_asked_again_by_each_file(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = []  # the background tries, too, and nobody waits for that

    def refuse(_content: object) -> str:
        waited.append(threading.current_thread() is threading.main_thread())
        raise Unavailable("away", remedy="wait")

    with track("away", workspace=ws) as run:
        monkeypatch.setattr(ws.blobs, "put", refuse)
        for name in ("a", "b", "c"):
            assert run.log_artifact(bytes(SMALL + 1), name).size == SMALL + 1
        assert sum(waited) == 1
        with pytest.raises(NotFound):
            run.log_artifact("no/such/file.csv")
        run._asked_again = 0.0  # half a minute later it is asked again, unless the background has met it, too
        monkeypatch.setattr(type(run), "trouble", "away")
        run.log_artifact(b"d", "d")
        assert sum(waited) == 1
        monkeypatch.undo()
        assert run.log_artifact(b"e", "e").size == 1
    assert {file.name for file in find_artifacts(ws, run=run.id)} - {ENVIRONMENT} == {*"abcde"}


def test_what_is_too_large_to_travel_is_refused_and_not_lost_on_the_way(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_content: object) -> str:
        raise Unavailable("away", remedy="wait")

    monkeypatch.setattr(ws.blobs, "put", refuse)
    content = bytes(LARGEST + 1)
    with pytest.raises(Unavailable, match="away"):
        file_note(ws, artifact_of(content), content)
    with track("large", workspace=ws) as run:
        assert run.log_artifact(content[:LARGEST], "large.bin").size == LARGEST
        with pytest.raises(Unavailable, match="away"):
            run.log_artifact(content, "larger.bin")
        run.log_metric("loss", 1.0)
        monkeypatch.undo()
    assert {file.name for file in find_artifacts(ws, run=run.id)} - {ENVIRONMENT} == {"large.bin"}
    assert run.metrics == {"loss": 1.0}
