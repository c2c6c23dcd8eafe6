"""Which files count as read and written, and which are the machine's own business."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.capture import files
from jupyter_mlops.capture.files import FileWatch, Places


@pytest.fixture
def watch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "air.csv").write_text("a,b\n1,2\n")
    watch = FileWatch()
    yield watch
    watch.end()


def seen(watch: FileWatch, root: Path, **more) -> set[tuple[str, bool]]:
    watch.end()
    return {(Path(file.path).name, file.written) for file in watch.seen(Places(root, **more))}


def test_readers_of_pandas_numpy_and_python_itself_are_heard(watch, tmp_path):
    np.save("x.npy", np.arange(3))
    watch.begin()
    pd.read_csv("air.csv")
    np.load(tmp_path / "x.npy")
    Path("plain.txt").write_text("x")
    pd.DataFrame({"a": [1]}).to_csv("out.csv.gz")
    assert seen(watch, tmp_path) == {
        ("air.csv", False),
        ("x.npy", False),
        ("plain.txt", True),
        ("out.csv.gz", True),
    }


def test_what_was_written_first_is_no_input_when_it_is_read_again(watch, tmp_path):
    watch.begin()
    Path("made.txt").write_text("x")
    Path("made.txt").read_text()
    Path("air.csv").read_text()
    Path("air.csv").write_text("new")
    assert seen(watch, tmp_path) == {("made.txt", True), ("air.csv", False), ("air.csv", True)}


def test_caches_code_hidden_folders_and_the_systems_files_do_not_count(watch, tmp_path):
    (tmp_path / ".mlops").mkdir()
    (tmp_path / "work.ipynb").write_text("{}")
    (tmp_path / "own.py").write_text("")
    watch.begin()
    for path in (".mlops/x", ".hidden"):
        Path(path).write_text("x")
    for path in ("work.ipynb", "own.py", "/proc/self/status", "/etc/hostname", sys.executable):
        with open(path, "rb") as file:
            file.read(1)
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    assert seen(watch, tmp_path, apart=[tmp_path / "work.ipynb"]) == set()


def test_a_file_that_is_not_there_was_not_read(watch, tmp_path):
    watch.begin()
    with pytest.raises(FileNotFoundError):
        Path("missing.csv").read_text()
    assert seen(watch, tmp_path) == set()


def test_nothing_is_heard_before_the_beginning_after_the_end_or_of_our_own_work(watch, tmp_path):
    Path("air.csv").read_text()
    watch.begin()
    with files.unheard():
        with files.unheard():
            Path("air.csv").read_text()
        Path("air.csv").read_text()
    watch.end()
    Path("air.csv").read_text()
    assert seen(watch, tmp_path) == set()


def test_a_thread_that_did_our_work_is_heard_again_afterwards(watch, tmp_path):
    """The background's work is done on the user's own thread where somebody waits for it."""
    watch.begin()
    with pytest.raises(ZeroDivisionError), files.unheard():
        raise ZeroDivisionError
    Path("air.csv").read_text()
    watch.end()
    assert seen(watch, tmp_path) == {("air.csv", False)}


def test_data_outside_the_project_count_unless_they_lie_in_a_cache(tmp_path):
    places = Places(tmp_path / "project")
    assert places.hold("/data/air.csv")
    assert places.hold("s3://bucket/air.parquet")
    assert not places.hold("/home/ana/.cache/fonts.json")
    assert not places.hold("/usr/share/zoneinfo/UTC")


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        (".cache/sets/air.csv", True),
        (".cache/sets/air.csv.gz", True),
        (".cache/sets/air.parquet", True),
        (".cache/fontlist.json", False),
        (".git/HEAD", False),
        (".hidden.csv", False),
        ("site-packages/lib/data.csv", False),
        ("__pycache__/data.npy", False),
        ("plain/air.txt", True),
    ],
)
def test_below_a_dotted_folder_only_data_counts(tmp_path, path, counts):
    assert Places(tmp_path).hold(str(tmp_path / path)) is counts


def test_more_files_than_are_kept_in_mind_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.capture.files.MOST_FILES", 3)
    watch = FileWatch()
    for name in ("a", "b", "c", "a"):
        watch.opened(tmp_path / name, written=True)
    assert not watch.full
    watch.opened(tmp_path / "d", written=True)
    assert watch.full
    assert len(watch.seen(Places(tmp_path))) == 3
