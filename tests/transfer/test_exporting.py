"""What an export writes, and what it never writes over."""

from __future__ import annotations

import json
import zipfile

import pytest

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.ledger import export_head
from jupyter_mlops.transfer import export_bundle
from tests.registry.books import logged_run, registered


@pytest.mark.usefixtures("no_round_trip")
def test_the_same_records_give_the_same_digests(ws, tmp_path):
    registered(ws)
    first = export_bundle(ws, file=str(tmp_path / "a.zip"))
    with zipfile.ZipFile(tmp_path / "a.zip") as one:
        index = json.loads(one.read("bundle.json"))
    assert first.whole
    assert first.head is not None
    assert first.head == export_head(ws)
    assert index["members"]["records/runs.jsonl"]["lines"] == first.records["runs"] == 1
    second = export_bundle(ws, file=str(tmp_path / "b.zip"))
    with zipfile.ZipFile(tmp_path / "b.zip") as other:
        assert json.loads(other.read("bundle.json"))["members"] == index["members"]
    assert second.records == first.records


def test_every_file_a_run_names_is_in_the_bundle(ws, tmp_path):
    run = logged_run(ws)
    exported = export_bundle(ws, file=str(tmp_path / "a.zip"))
    assert exported.missing == ()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        held = {name[6:] for name in archive.namelist() if name.startswith("blobs/")}
    assert run.source.environment in held
    assert len(held) == exported.blobs


def test_bytes_that_are_gone_are_named_and_do_not_stop_it(ws, tmp_path):
    run = logged_run(ws)
    with ws.store.read() as tx:
        digest = tx.artifacts.get(run.id, "models/model/manifest.json").digest
    ws.blobs.remove(digest)
    assert export_bundle(ws, file=str(tmp_path / "a.zip")).missing == (digest,)


def test_a_file_that_is_there_is_never_written_over(ws, tmp_path):
    file = tmp_path / "mine.zip"
    file.write_text("precious")
    with pytest.raises(Unavailable, match="there already"):
        export_bundle(ws, file=str(file))
    assert file.read_text() == "precious"


def test_an_export_that_fails_leaves_nothing_behind(ws, tmp_path):
    with pytest.raises(Unavailable, match="cannot be written"):
        export_bundle(ws, file=str(tmp_path / "no" / "such" / "a.zip"))
    with pytest.raises(Invalid, match="no run answers"):
        export_bundle(ws, file=str(tmp_path / "a.zip"), runs="name = 'nobody'")
    assert not any(path.suffix in {".zip", ".part"} for path in tmp_path.iterdir())
