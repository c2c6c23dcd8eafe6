"""Files that a run read, looked for before it runs again."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest
from contracts.samples import run

from jupyter_mlops.jobs.inputs import settle_inputs
from jupyter_mlops.records.run import Run, RunInput


def that_read(called: str, content: bytes, **changes: object) -> Run:
    digest = hashlib.sha256(content).hexdigest()
    item = RunInput(name=called, role="read", kind="file", digest=digest, size=len(content))
    return run("r", inputs=(replace(item, **changes),))


def test_a_file_that_is_as_it_was_is_not_spoken_of(place) -> None:
    (place.settings.root / "a.csv").write_bytes(b"1")
    assert settle_inputs(place, [that_read("a.csv", b"1")]) == ()


@pytest.mark.parametrize("now", [b"2", b"22"])
def test_a_file_that_is_another_is_named_and_left(place, now) -> None:
    path = place.settings.root / "a.csv"
    path.write_bytes(now)
    place.blobs.put(io.BytesIO(b"1"))
    (said,) = settle_inputs(place, [that_read("a.csv", b"1")])
    assert said.startswith("a.csv is another file than the one that was read (")
    assert path.read_bytes() == now


def test_a_file_that_is_gone_is_put_back_once_where_its_bytes_are_kept(place) -> None:
    place.blobs.put(io.BytesIO(b"1"))
    read = that_read("sub/a.csv", b"1")
    (said,) = settle_inputs(place, [read, read])
    assert said.startswith("sub/a.csv was gone and was put back")
    assert (place.settings.root / "sub/a.csv").read_bytes() == b"1"
    assert settle_inputs(place, [read]) == ()


def test_outside_of_the_project_nothing_is_written(place) -> None:
    place.blobs.put(io.BytesIO(b"1"))
    (said,) = settle_inputs(place, [that_read("../a.csv", b"1")])
    assert said.startswith("../a.csv is missing (")
    assert not (place.settings.root.parent / "a.csv").exists()


def test_a_missing_file_is_named_with_the_place_where_its_bytes_lie_now(place) -> None:
    read = that_read("a.csv", b"123")
    (alone,) = settle_inputs(place, [read])
    (place.settings.root / "data").mkdir()
    (place.settings.root / "data" / "a.csv").write_bytes(b"123")
    (place.settings.root / "data" / "other.csv").write_bytes(b"321")
    (moved,) = settle_inputs(place, [read])
    assert alone.startswith("a.csv is missing (") and alone.endswith(")")  # noqa: PT018
    assert moved == f"{alone}; the same bytes lie in data/a.csv"


@pytest.mark.parametrize(
    "changes",
    [{"digest": ""}, {"rows": 3}, {"kind": "frame"}, {"role": "write"}, {"name": "https://a.b/c.csv"}],
)
def test_what_cannot_be_looked_for_is_passed_over(place, changes) -> None:
    assert settle_inputs(place, [that_read("a.csv", b"1", **changes)]) == ()
