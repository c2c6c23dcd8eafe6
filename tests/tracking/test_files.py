"""Files read and written while a cell runs, with their digests: at once, later, or with the reason why not."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.capture.files import told
from jupyter_mlops.records.codec import encode
from jupyter_mlops.tracking import get_run, track
from jupyter_mlops.tracking.files import CellFiles, stop_reading


@pytest.fixture
def project(sql_ws, monkeypatch) -> Path:
    root = sql_ws.settings.root
    monkeypatch.chdir(root)
    (root / "data").mkdir()
    (root / "data" / "air.csv").write_text("a\n1\n")
    yield root
    stop_reading()


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def with_budget(ws, count: int):
    return replace(ws, settings=replace(ws.settings, digest_bytes=count))


def test_small_files_have_their_digest_when_the_cell_ends(project, sql_ws):
    files = CellFiles(sql_ws, print)
    Path("data/air.csv").read_text()
    Path("made.txt").write_text("made")
    (read,), (written,) = files.end()
    assert (read.name, read.role, read.kind, read.size, read.note) == ("data/air.csv", "read", "file", 4, "")
    assert read.digest == sha(project / "data/air.csv")
    assert (written.name, written.role, written.digest) == ("made.txt", "write", sha(project / "made.txt"))


def test_large_files_are_digested_in_the_background_and_the_run_learns_it_after_its_end(project, sql_ws):
    large = project / "large.bin"
    large.write_bytes(b"0123456789abcdef" * (3 << 16))
    late = []
    with track("large", workspace=sql_ws) as run:
        files = CellFiles(sql_ws, run.say)
        files.late = late.append
        large.read_bytes()
        (read,), _ = files.end()
        assert (read.digest, read.size) == ("", 3 << 20)
        assert "not taken yet" in read.note
        from jupyter_mlops.records.codec import encode

        run.say({"input": encode(read)})
    deadline = time.monotonic() + 30
    while not (late and get_run(sql_ws, run.id).inputs[0].digest) and time.monotonic() < deadline:
        time.sleep(0.01)
    (kept,) = get_run(sql_ws, run.id).inputs
    assert (kept.digest, kept.note) == (sha(large), "")
    assert late == [kept]


def test_what_exceeds_the_budget_is_said_and_not_passed_over(project, sql_ws):
    (project / "large.bin").write_bytes(bytes(1000))
    files = CellFiles(with_budget(sql_ws, 500), print)
    Path("large.bin").read_bytes()
    Path("data/air.csv").read_text()
    (large, small), _ = files.end()
    assert large.digest == ""
    assert large.note.startswith("too large: not digested within the budget")
    assert small.digest


def test_a_file_that_changed_after_it_was_read_says_so(project, sql_ws):
    files = CellFiles(sql_ws, print)
    Path("data/air.csv").read_text()
    Path("data/air.csv").write_text("other\n1\n")
    (read,), (written,) = files.end()
    assert "changed after it was read" in read.note
    assert written.name == "data/air.csv"


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Algorithm=AWS4&X-Amz-Signature=SECRETsignature0123456789&X-Amz-Date=2026",
        "X-Goog-Signature=SECRETsignature0123456789abcdef",
        "sv=2024-11-04&sig=SECRETsignature%2B0123456789%3D&se=2026",
        "Expires=1&Signature=SECRETsignature0123456789",
        "access_token=SECRETsignature0123456789",
    ],
)
def test_what_signs_an_address_is_not_kept(project, sql_ws, query):
    cell = CellFiles(sql_ws, print)
    told(f"https://lake.example/air.csv?{query}", False)
    (one,), _ = cell.end()
    assert one.name.startswith("https://lake.example/air.csv?")
    assert "SECRET" not in one.name


def test_an_address_is_an_input_without_a_digest_and_without_its_secret(project, sql_ws):

    files = CellFiles(sql_ws, print)
    files._watch.opened("s3://user:secret@bucket/air.parquet", written=False)
    (read,), _ = files.end()
    assert read.name == "s3://user:***@bucket/air.parquet"
    assert (read.digest, read.size) == ("", None)
    assert "not on this machine" in read.note


def test_the_notebook_itself_is_no_input(project, sql_ws):
    (project / "work.ipynb").write_text("{}")
    files = CellFiles(sql_ws, print, [project / "work.ipynb"])
    Path("work.ipynb").read_text()
    assert files.end() == ((), ())


def test_runs_are_found_by_the_digest_of_what_they_read_or_wrote(project, sql_ws):
    from jupyter_mlops.records.captured import Captured
    from jupyter_mlops.tracking import find_runs, finish_run, start_run

    files = CellFiles(sql_ws, print)
    Path("data/air.csv").read_text()
    Path("made.txt").write_text("made")
    inputs, written = files.end()
    run = start_run(sql_ws, name="reader")
    other = start_run(sql_ws, name="other")
    finish_run(sql_ws, run=run.id, captured=Captured(inputs=inputs, written=written))
    finish_run(sql_ws, run=other.id)
    for asked in (
        f"inputs.digest = '{inputs[0].digest}'",
        f"inputs.digest like '{inputs[0].digest[:8]}%'",
        "inputs.name = 'data/air.csv'",
        f"written.digest = '{written[0].digest}'",
    ):
        assert [found.id for found in find_runs(sql_ws, asked)] == [run.id], asked


def test_files_beyond_those_that_are_named_are_one_input_with_one_digest(project, sql_ws):
    """Two hundred are named; what lies beyond is in the run all the same, and its digest is there after the run's end."""
    (project / "data" / "raw").mkdir()
    for number in range(260):
        (project / "data" / "raw" / f"{number:03}.csv").write_text(f"a\n{number}\n")
    with track("many", workspace=sql_ws) as run:
        files = CellFiles(sql_ws, run.say)
        for number in reversed(range(260)):  # whatever the order is, the same ones are named
            Path(f"data/raw/{number:03}.csv").read_text()
        Path("sums.csv").write_text("a\n")
        inputs, written = files.end()
        assert (len(inputs), [one.name for one in written], files.note) == (201, ["sums.csv"], "")
        for one in inputs:
            run.say({"input": encode(one)})
    assert [one.name for one in inputs[:200]] == [f"data/raw/{number:03}.csv" for number in range(200)]
    size = sum(len(f"a\n{number}\n") for number in range(200, 260))
    assert (inputs[200].name, inputs[200].rows, inputs[200].size, inputs[200].digest) == (
        "more files in data/raw",
        60,
        size,
        "",
    )
    deadline = time.monotonic() + 30
    while not (kept := get_run(sql_ws, run.id).inputs)[-1].digest and time.monotonic() < deadline:
        time.sleep(0.01)
    pairs = [
        [f"data/raw/{number}.csv", sha(project / f"data/raw/{number}.csv")] for number in range(200, 260)
    ]
    whole = hashlib.sha256(b"".join(json.dumps(pair).encode() + b"\n" for pair in pairs)).hexdigest()
    assert (kept[-1].digest, kept[-1].note, len(kept)) == (whole, "", 201)


def test_what_is_written_takes_no_place_from_what_is_read(project, sql_ws, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.tracking.files._MOST", 2)
    cell = CellFiles(sql_ws, print)
    for number in range(5):
        Path(f"tile{number}.txt").write_text("x")
    Path("data/air.csv").read_text()
    inputs, written = cell.end()
    assert [one.name for one in inputs] == ["data/air.csv"]
    assert [one.name for one in written] == ["tile0.txt", "tile1.txt", "more files in the project's folder"]


def test_one_budget_is_shared_by_all_that_is_hashed(project, sql_ws, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.tracking.files._MOST", 0)
    for number in range(3):
        Path(f"in{number}.bin").write_bytes(bytes(40))
    cell = CellFiles(with_budget(sql_ws, 150), print)
    for number in range(3):
        Path(f"in{number}.bin").read_bytes()
        Path(f"out{number}.bin").write_bytes(bytes(40))
    heard = []
    cell.late = heard.append
    inputs, _ = cell.end()
    assert "too large" not in inputs[0].note
    deadline = time.monotonic() + 30
    while len(heard) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [bool(one.digest) for one in heard] == [True, False]
    assert "budget" in heard[1].note


@pytest.mark.parametrize(
    ("count", "note"), [(6, ""), (8, "more files were read or written than the 6 that are kept in mind")]
)
def test_more_files_than_are_kept_in_mind_are_told(project, sql_ws, monkeypatch, count, note):
    monkeypatch.setattr("jupyter_mlops.tracking.files._MOST", 3)
    monkeypatch.setattr("jupyter_mlops.tracking.files.MOST_FILES", 6)
    monkeypatch.setattr("jupyter_mlops.capture.files.MOST_FILES", 6)
    cell = CellFiles(sql_ws, print)
    for number in range(count):
        Path(f"{number}.txt").write_text("x")
    _, written = cell.end()
    assert [one.name for one in written] == [
        "0.txt",
        "1.txt",
        "2.txt",
        "more files in the project's folder",
    ]
    assert cell.note == note


def test_a_folder_that_took_too_long_is_said_and_is_not_said_to_be_too_large(project, sql_ws):
    cell = CellFiles(sql_ws, print)
    told(None, False)
    cell.end()
    assert cell.note == "a folder took too long to be gone through: not all of its files are known"
