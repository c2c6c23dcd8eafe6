"""Files of a run, written into a folder: whole, under their names, never over another and never outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.errors import Conflict, Invalid, NotFound
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
