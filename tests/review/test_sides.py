"""One version as the books have it; what is missing from them is empty and no error."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from contracts.samples import run, version

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import Grade
from jupyter_mlops.records.source import Source
from jupyter_mlops.review.sides import Subject, read_subject, same_person, side_of
from jupyter_mlops.workspace import Workspace
from tests.review.books import add_version
from tests.review.subjects import data, environment, subject


def read(ws: Workspace, number: int = 1) -> Subject:
    with ws.store.read() as tx:
        return read_subject(tx, ws.blobs, "pm25", number)


def test_a_version_is_read_with_everything_it_rests_on(ws: Workspace) -> None:
    add_version(ws)
    found = read(ws)
    assert found.manifest is not None
    assert found.run is not None
    assert found.environment is not None
    assert (found.reference, len(found.cells)) == ("pm25:1", 3)
    assert found.metrics == {"mae": 41.2, "r2": 0.912}
    assert found.packages == {"scikit-learn": "1.9.0", "pandas": "3.1.1"}


def test_a_version_that_is_not_there_is_not_found(ws: Workspace) -> None:
    with pytest.raises(NotFound):
        read(ws, 9)


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"{}", b"[]", b"[" * 200_000, b'{"format": 1}'])
def test_what_is_lost_or_damaged_is_none_and_the_rest_is_read(ws: Workspace, content: bytes | None) -> None:
    digest = "0" * 64 if content is None else ws.blobs.put(io.BytesIO(content))
    with ws.store.write() as tx:
        tx.models.add(_model())
        tx.runs.add(run("r1", metrics={}, source=Source(environment=digest)))
        tx.versions.add(version(run="r1", digest=digest))
    found = read(ws)
    assert (found.manifest, found.environment) == (None, None)
    assert found.run is not None
    assert dict(found.packages) == {}
    assert side_of(found).packages == {}


def _model():
    from contracts.samples import model

    return model()


@pytest.mark.parametrize("kept", [None, "gone"])
def test_a_version_without_its_run_says_so(memory_ws: Workspace, kept: str | None) -> None:
    found = replace(subject(without_run=True), version=version(run=kept))
    assert (dict(found.metrics), dict(found.baseline), found.inputs) == ({}, {}, ())
    assert found.authors == ("ana",)
    side = side_of(found)
    assert (side.grade, side.grade_reason) == (Grade.UNKNOWN, "the run that made it is not in the books")


def test_metrics_of_the_simple_baseline_stand_by_themselves() -> None:
    found = subject(metrics={"mae": 1.0, "baseline_mae": 3.0, "baseline_": 4.0, "my_baseline_mae": 5.0})
    assert found.metrics == {"mae": 1.0, "my_baseline_mae": 5.0}
    assert found.baseline == {"mae": 3.0, "": 4.0}


def test_what_the_author_set_comes_first_and_wins_over_what_the_file_says() -> None:
    plain = subject(params={"alpha": 0.5, "on": True, "text": "x", "none": None})
    assert plain.manifest is not None
    found = replace(plain, manifest=replace(plain.manifest, params={"solver": "auto", "alpha": "1.0"}))
    assert list(found.params.items()) == [
        ("alpha", "0.5"), ("on", "true"), ("text", "x"), ("none", "null"), ("solver", "auto")
    ]  # fmt: skip


def test_who_made_it_and_who_registered_it_are_named_once_each() -> None:
    def authors(made: str, registered: str) -> tuple[str, ...]:
        plain = subject(actor=Actor(name=made))
        return replace(plain, version=replace(plain.version, actor=Actor(name=registered))).authors

    assert authors("ana", "bo") == ("ana", "bo")
    assert authors("ana", "ana") == authors("ana", "ANA ") == ("ana",)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ana", "Ana", True), ("ana", " ana ", True), ("ａｎａ", "ana", True), ("STRASSE", "straße", True),
        ("Jose\u0301", "José", True), ("ana", "anna", False), ("ana", "аna", False), ("", " ", True),
    ],
)  # fmt: skip
def test_case_and_spelling_make_nobody_a_second_person(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same_person(other, one) is same


def test_data_of_one_name_are_told_apart_by_their_role() -> None:
    side = side_of(subject(inputs=(data("X", "train", "a"), data("X", "test", "b"), data("y", "train", "c"))))
    assert dict(side.data) == {"X (train)": "a", "X (test)": "b", "y": "c"}


def test_data_of_one_name_and_role_are_counted() -> None:
    side = side_of(
        subject(inputs=(data("X", "train", "a"), data("X", "train", "b"), data("y", "train", "c")))
    )
    assert dict(side.data) == {"X #1": "a", "X #2": "b", "y": "c"}


def test_seeds_and_imported_files_are_shown() -> None:
    source = Source(modules={"helpers.py": "a" * 64}, seeds=("random.seed(1)",))
    side = side_of(subject(source=source))
    assert (dict(side.modules), side.seeds) == ({"helpers.py": "a" * 64}, ("random.seed(1)",))
    assert dict(side_of(subject(without_run=True)).modules) == {}


def test_the_screen_shows_what_the_file_needs_and_not_the_whole_kernel() -> None:
    found = subject(surroundings=environment(numpy="2.1", left_pad="1"))
    assert dict(found.packages) == {"numpy": "2.1", "left_pad": "1"}
    assert dict(side_of(found).packages) == {"numpy": "2"}
    assert json.dumps(encode(side_of(found)), allow_nan=False)
