"""Files of a run, written into a folder: whole, under their names, never over another and never outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.errors import Conflict, Invalid, NotFound, Unavailable
from jupyter_mlops.tracking import download_artifacts, finish_run, log_artifact, start_run

FILES = {"figures/a.png": b"\x89PNG a", "figures/deep/b.png": b"\x89PNG b", "notes.txt": b"words"}


@pytest.fixture
def run(ws) -> str:
    started = start_run(ws, name="one").id
    for name, content in FILES.items():
        log_artifact(ws, run=started, content=content, name=name)
    return finish_run(ws, run=started).id


def written(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_all_files_of_a_run_come_into_a_new_folder(ws, run, tmp_path):
    found = download_artifacts(ws, run[-6:], into=tmp_path / "out" / "deeper")
    assert written(tmp_path / "out" / "deeper") == FILES
    assert {file.name for file in found} == set(FILES)


def test_a_file_or_a_folder_is_asked_for_by_its_name(ws, run, tmp_path):
    download_artifacts(ws, run, name="notes.txt", into=tmp_path / "one")
    download_artifacts(ws, run, name="figures", into=tmp_path / "some")
    assert written(tmp_path / "one") == {"notes.txt": b"words"}
    assert written(tmp_path / "some") == {name: FILES[name] for name in FILES if name.startswith("figures/")}


def test_where_one_file_is_there_nothing_is_written_at_all(ws, run, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_bytes(b"mine")
    with pytest.raises(Conflict, match="is there already"):
        download_artifacts(ws, run, into=out)
    assert written(out) == {"notes.txt": b"mine"}


def test_a_name_that_the_run_has_not_is_not_found(ws, run, tmp_path):
    with pytest.raises(NotFound):
        download_artifacts(ws, run, name="tables", into=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_store_from_elsewhere_cannot_write_outside_the_folder(ws, run, tmp_path):
    with ws.store.write() as tx:
        file = tx.artifacts.get(run, "notes.txt")
        tx.artifacts.add(replace(file, name="../outside.txt"))
    with pytest.raises(Invalid, match="leads out of"):
        download_artifacts(ws, run, into=tmp_path / "out" / "deep" / "deeper")
    assert written(tmp_path / "out") == {}


def test_a_file_that_is_a_folder_too_is_said_and_each_is_had_alone(ws, tmp_path):
    run = start_run(ws, name="two").id
    for name in ("a", "a/b", "c"):
        log_artifact(ws, run=run, content=name.encode(), name=name)
    with pytest.raises(Conflict, match=r"'a' and a file 'a/b'"):
        download_artifacts(ws, run, into=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    download_artifacts(ws, run, name="a", into=tmp_path / "file")
    assert written(tmp_path / "file") == {"a": b"a"}
    download_artifacts(ws, run, name="a/", into=tmp_path / "folder")
    assert written(tmp_path / "folder") == {"a/b": b"a/b"}


def test_a_percent_sign_in_a_folder_name_is_itself(ws, tmp_path):
    run = start_run(ws, name="percent").id
    for name in ("a%b/one", "aXb/two", "a%b0"):
        log_artifact(ws, run=run, content=b"-", name=name)
    assert [file.name for file in download_artifacts(ws, run, name="a%b", into=tmp_path / "out")] == [
        "a%b/one"
    ]


def test_more_files_than_one_page_all_come(ws, tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.tracking.finding._A_PAGE", 2)
    run = start_run(ws, name="many").id
    for number in range(5):
        log_artifact(ws, run=run, content=b"-", name=f"deep/{number}")
    assert len(download_artifacts(ws, run, into=tmp_path / "all")) == 5
    assert len(download_artifacts(ws, run, name="deep", into=tmp_path / "some")) == 5


@pytest.mark.parametrize("there", [True, False])
def test_where_one_cannot_be_written_none_is_left(ws, run, tmp_path, monkeypatch, there):
    out, opened = tmp_path / "out", ws.blobs.open
    if there:
        out.mkdir()

    def full(digest):
        if digest == last:
            raise OSError(28, "No space left on device")
        return opened(digest)

    with ws.store.read() as tx:
        last = tx.artifacts.get(run, "notes.txt").digest
    monkeypatch.setattr(type(ws.blobs), "open", lambda _, digest: full(digest))
    with pytest.raises(Unavailable, match="No space left"):
        download_artifacts(ws, run, into=out)
    assert out.exists() is there
    assert not there or list(out.iterdir()) == []
    monkeypatch.undo()
    download_artifacts(ws, run, into=out)
    assert written(out) == FILES


def test_what_comes_in_the_meantime_is_kept_and_what_was_written_goes(ws, run, tmp_path, monkeypatch):
    out, opened = tmp_path / "out", ws.blobs.open

    def meanwhile(digest):
        if digest == last:
            (out / "notes.txt").write_bytes(b"mine")
        return opened(digest)

    with ws.store.read() as tx:
        last = tx.artifacts.get(run, "notes.txt").digest
    monkeypatch.setattr(type(ws.blobs), "open", lambda _, digest: meanwhile(digest))
    with pytest.raises(Unavailable, match="in the meantime"):
        download_artifacts(ws, run, into=out)
    assert written(out) == {"notes.txt": b"mine"}
    assert [path.name for path in out.iterdir()] == ["notes.txt"]
