"""A bundle that was changed on its way, or was never ours, is refused before anything is written."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_mlops.errors import Invalid, Untrusted
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.transfer import export_bundle, import_bundle
from tests.registry.books import registered
from tests.transfer.places import another


@pytest.fixture
def bundle(ws, tmp_path, no_round_trip) -> Path:
    registered(ws)
    file = tmp_path / "good.zip"
    export_bundle(ws, file=str(file))
    return file


def rewritten(bundle: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    bad = bundle.with_name("bad.zip")
    with zipfile.ZipFile(bundle) as good, zipfile.ZipFile(bad, "w") as out:
        for name in good.namelist():
            kept = change(name, good.read(name))
            if kept is not None:
                out.writestr(*kept)
    return bad


def refused(tmp_path: Path, file: Path) -> Untrusted:
    target = another(tmp_path / "other")
    with pytest.raises(Untrusted) as caught:
        import_bundle(target, file=str(file))
    assert find_runs(target).total == 0
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("member", ["records/runs.jsonl", "series/metrics.jsonl", "series/cells.jsonl"])
def test_one_changed_byte_in_any_member_is_seen(bundle, tmp_path, member):
    def flip(name: str, content: bytes) -> tuple[str, bytes]:
        if name == member:
            content = content.replace(b"1", b"2", 1)
        return name, content

    assert member in str(refused(tmp_path, rewritten(bundle, flip)))


def test_one_changed_byte_in_a_file_is_seen(bundle, tmp_path):
    def flip(name: str, content: bytes) -> tuple[str, bytes]:
        return name, (content + b"!" if name.startswith("blobs/") else content)

    assert "have the digest" in str(refused(tmp_path, rewritten(bundle, flip)))


def test_a_line_taken_out_of_the_ledger_is_seen(bundle, tmp_path):
    from hashlib import sha256

    with zipfile.ZipFile(bundle) as good:
        index = json.loads(good.read("bundle.json"))
        lines = good.read("series/events.jsonl").splitlines(keepends=True)
    short = b"".join(lines[1:])
    index["members"]["series/events.jsonl"] = {"lines": len(lines) - 1, "digest": sha256(short).hexdigest()}
    index["head"] = None

    def cut(name: str, content: bytes) -> tuple[str, bytes]:
        changed = {"bundle.json": json.dumps(index).encode(), "series/events.jsonl": short}
        return name, changed.get(name, content)

    assert "ledger does not hold" in str(refused(tmp_path, rewritten(bundle, cut)))


@pytest.mark.parametrize(
    "name", ["../../escape", "/etc/passwd", "records/../runs.jsonl", "blobs/xyz", "C:\\x"]
)
def test_a_name_that_no_bundle_has_is_refused(bundle, tmp_path, name):
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr(name, b"x")
    assert "entry called" in str(refused(tmp_path, bundle))


def test_a_member_that_is_missing_is_refused(bundle, tmp_path):
    bad = rewritten(bundle, lambda name, content: None if name == "records/runs.jsonl" else (name, content))
    assert "does not hold" in str(refused(tmp_path, bad))


def test_what_is_no_bundle_is_refused(tmp_path):
    text = tmp_path / "text.zip"
    text.write_text("not a zip")
    refused(tmp_path, text)
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    assert "bundle.json" in str(refused(tmp_path, empty))


def test_a_bundle_from_the_future_names_what_to_do(bundle, tmp_path):
    def later(name: str, content: bytes) -> tuple[str, bytes]:
        if name == "bundle.json":
            content = json.dumps({**json.loads(content), "format": 99}).encode()
        return name, content

    with pytest.raises(Invalid, match="format 99") as caught:
        import_bundle(another(tmp_path / "other"), file=str(rewritten(bundle, later)))
    assert "newer" in caught.value.remedy
