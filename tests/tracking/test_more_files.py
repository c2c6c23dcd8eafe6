"""Files beyond those that are named one by one: their name, their digest, and the reason where there is none."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest

from jupyter_mlops.capture.files import FileSeen
from jupyter_mlops.tracking import more_files
from jupyter_mlops.tracking.more_files import MoreFiles


@pytest.fixture
def tasks(monkeypatch):
    """What is left for the background, done when it is asked for."""
    left = []
    monkeypatch.setattr(more_files, "in_background", left.append)
    return left


@pytest.fixture
def root(tmp_path) -> Path:
    root = tmp_path / "project"
    (root / "data" / "raw").mkdir(parents=True)
    return root


def made(root: Path, *names: str) -> list[Path]:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"of {name}")
    return [root / name for name in names]


def seen(path: Path, *, written: bool = False) -> FileSeen:
    found = path.stat()
    return FileSeen(path=str(path), written=written, size=found.st_size, changed=found.st_mtime_ns)


def group(root: Path, files: list[FileSeen], budget: int = 10**9) -> MoreFiles:
    return MoreFiles(files, root=root, budget=budget, limit=10**9)


def digested(more: MoreFiles, tasks: list):
    told = []
    more.digest_later(told.append)
    while tasks:
        tasks.pop(0)()
    (record,) = told
    return record


def of(root: Path, paths: list[Path], tasks: list) -> str:
    return digested(group(root, [seen(path) for path in paths]), tasks).digest


def test_the_digest_is_of_sorted_paths_and_digests_and_knows_no_order(root, tasks):
    paths = made(root, *(f"data/raw/{number}.csv" for number in range(30)))
    pairs = sorted(
        [path.relative_to(root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()] for path in paths
    )
    whole = hashlib.sha256(b"".join(json.dumps(pair).encode() + b"\n" for pair in pairs)).hexdigest()
    assert of(root, paths, tasks) == whole
    random.Random(1).shuffle(paths)
    assert of(root, paths, tasks) == whole


def test_a_byte_a_name_or_a_file_more_is_another_digest(root, tasks):
    paths = made(root, "data/a.csv", "data/b.csv", "data/raw/c.csv")
    before = of(root, paths, tasks)
    paths[1].write_text("of data/B.csv")
    changed = of(root, paths, tasks)
    moved = [paths[0], paths[1], paths[2].rename(root / "data/raw/d.csv")]
    digests = [before, changed, of(root, moved, tasks), of(root, moved[:2], tasks)]
    assert len(set(digests)) == 4


def test_the_same_files_in_another_copy_of_the_project_have_the_same_digest(root, tmp_path, tasks):
    names = ["data/a.csv", "data/raw/b.csv"]
    other = tmp_path / "copy"
    other.mkdir()
    assert of(root, made(root, *names), tasks) == of(other, made(other, *names), tasks)


def test_it_says_how_many_and_names_the_folder_they_have_in_common(root, tmp_path):
    def name(*paths: Path) -> str:
        return group(root, [seen(path) for path in paths]).record.name

    outside = tmp_path / "elsewhere"
    outside.mkdir()
    assert name(*made(root, "data/raw/a.csv", "data/raw/b.csv")) == "more files in data/raw"
    assert name(*made(root, "data/raw/a.csv", "data/b.csv")) == "more files in data"
    assert name(*made(root, "data/b.csv", "c.csv")) == "more files in the project's folder"
    assert name(*made(outside, "a.csv", "b.csv")) == "more files in elsewhere"
    assert name(*made(outside, "a.csv"), *made(root, "c.csv")) == "more files in several folders"


def test_outside_the_project_the_digest_does_not_know_where_they_lie(root, tmp_path, tasks):
    here, there = tmp_path / "here", tmp_path / "deep" / "there"
    names = ["a.csv", "b/c.csv"]
    assert of(root, made(here, *names), tasks) == of(root, made(there, *names), tasks)


def test_addresses_are_counted_and_never_asked_for(root, tasks):
    files = [FileSeen(path=f"s3://bucket/{number}.parquet", written=False) for number in range(1200)]
    more = group(root, files)
    more.digest_later(pytest.fail)
    assert tasks == []
    assert (more.record.name, more.record.digest) == ("more addresses", "")
    assert "not on this machine's disks" in more.record.note


def test_what_cannot_be_digested_whole_has_no_digest_and_says_why(root, tasks):
    paths = made(root, "data/a.csv", "data/b.csv")
    files = [seen(path) for path in paths]
    assert "too large" in group(root, files, budget=10).record.note
    written = group(root, [seen(path, written=True) for path in paths], budget=12)
    assert written.record.is_awaited
    assert digested(written, tasks).note == "too large: not digested within the budget of 1 GB"
    paths[0].unlink()
    gone = digested(group(root, files), tasks)
    assert (gone.digest, gone.note) == ("", "not all of them can be read any more")


def test_a_file_that_changed_after_it_was_read_is_told(root, tasks):
    paths = made(root, "data/a.csv", "data/b.csv")
    files = [seen(path) for path in paths]
    paths[0].write_text("other content")
    record = digested(group(root, files), tasks)
    assert record.digest == of(root, paths, tasks)
    assert record.note.startswith("1 of them changed after they were read")


def test_others_in_the_background_get_their_turn(root, tasks, monkeypatch):
    monkeypatch.setattr(more_files, "_TURN", 0.0)
    more = group(root, [seen(path) for path in made(root, *(f"data/{number}.csv" for number in range(5)))])
    told = []
    more.digest_later(told.append)
    turns = 0
    while tasks:
        tasks.pop(0)()
        turns += 1
    assert turns > 5
    assert told[0].digest


def test_a_name_that_is_no_text_is_digested_too(root, tasks):
    path = Path(str(root / "data" / "odd\udcff\n.csv"))
    path.write_text("x")
    assert of(root, [path], tasks)


def test_files_outside_the_project_do_not_make_the_digest_depend_on_where_it_lies(tmp_path, tasks):
    found = []
    for place in ("here/project", "there/deeper/project"):
        root, outside = tmp_path / place, tmp_path / place.partition("/")[0] / "shared"
        root.mkdir(parents=True)
        outside.mkdir(parents=True)
        found.append(of(root, [*made(root, "data/a.csv"), *made(outside, "raw/b.csv")], tasks))
    assert found[0] == found[1]
    moved = [*made(tmp_path / "here/project", "data/a.csv", "raw/b.csv")]
    assert of(tmp_path / "here/project", moved, tasks) != found[0]  # one of them lies elsewhere
