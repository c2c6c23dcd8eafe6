"""What a run has to say: what may name it, what becomes of odd values, and whose numbers its points get."""

from __future__ import annotations

import enum
import math
import os
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.store.journal import FOREIGN
from jupyter_mlops.tracking import (
    find_artifacts,
    finish_run,
    get_run,
    log_artifact,
    log_metrics,
    log_params,
    metric_history,
    open_artifact,
    start_run,
)
from jupyter_mlops.tracking.log import as_metric, as_param, checked_key, checked_path, known_id, read_file


class Text(str, enum.Enum):  # noqa: UP042 - as code before Python 3.11 writes it
    RED = "red"


class Word(enum.StrEnum):
    BLUE = "blue"


class Number(enum.IntEnum):
    TWO = 2


class Ratio(float):
    def __repr__(self) -> str:
        return "a ratio"


class Named(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "somebody else"


class Foreign:
    """The same store, come to by another way: this process's hold on its runs is not seen through it."""

    def __init__(self, store) -> None:
        self.read, self.write = store.read, store.write


@pytest.fixture
def run(ws) -> str:
    begun = start_run(ws, name="baseline")
    yield begun.id
    if get_run(ws, begun.id).status is RunStatus.RUNNING:
        finish_run(ws, run=begun.id)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0), (True, 1.0), (Fraction(1, 4), 0.25), (Decimal("0.5"), 0.5), (np.float32(1.5), 1.5), (np.bool_(True), 1.0),
        (np.int8(-3), -3.0), (np.array(2.5), 2.5), (np.array([2.5]), 2.5), (np.array([[7]]), 7.0), (pd.Series([1.5]), 1.5),
        (np.longdouble(0.5), 0.5), (-math.inf, -math.inf),
    ],
)  # fmt: skip
def test_whatever_is_one_number_is_a_metric(value, number):
    assert (as_metric("mae", value), type(as_metric("mae", value))) == (number, float)


@pytest.mark.parametrize(
    ("value", "why", "remedy"),
    [
        ("41", "'41', not a number", "as a parameter or a tag"),
        (b"41", "not a number", "as a parameter"),
        (None, "None, not a number", "as a parameter"),
        ([1], "a list, not one number", "float(mae)"),
        (1j, "a complex, not one number", "float(mae)"),
        (np.array([1.0, 2.0]), "a ndarray, not one number", "float(mae)"),
        (np.array([]), "a ndarray, not one number", "float(mae)"),
        (np.array(["41"]), "'41', not a number", "as a parameter"),
        (pd.NA, "NAType, not one number", "float(mae)"),
        (pd.DataFrame({"a": [1]}), "a DataFrame, not one number", "float(mae)"),
        pytest.param(10**400, "beyond what a float can hold", "logarithm", id="huge"),
    ],
)
def test_what_is_not_one_number_is_refused_with_what_to_do(value, why, remedy):
    with pytest.raises(Invalid, match="metric mae") as refused:
        as_metric("mae", value)
    assert (why in refused.value.message, remedy in refused.value.remedy) == (True, True), refused.value


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, True), (None, None), (2**70, 2**70), (Number.TWO, 2), (Ratio(0.5), 0.5), (np.float64(0.5), 0.5),
        (np.bool_(False), False), (np.array(3), 3), (np.str_("air"), "air"), (Text.RED, "red"), (Word.BLUE, "blue"),
        (Named("ana"), "ana"), (np.longdouble(0.5), "0.5"), (np.array([1, 2]), "array([1, 2])"), ({"a": 1}, "{'a': 1}"),
        ("x" * 6000, "x" * 6000), ("x" * 6001, "x" * 5999 + "…"),
    ],
)  # fmt: skip
def test_a_parameter_is_a_plain_value_of_its_own_kind_or_text(value, kept):
    found = as_param(value)
    assert (found, type(found)) == (kept, type(kept))


def test_odd_parameters_come_back_as_they_were_given(ws, run):
    given = {
        "big": 2**70,
        "nan": math.nan,
        "low": -math.inf,
        "text": "a\tb\x00c – ü",
        "kind": Text.RED,
        "flag": False,
    }
    log_params(ws, run=run, params=given)
    finish_run(ws, run=run)
    kept = log_params(
        ws, run=run, params={"kind": "blue", "flag": False}
    ).params  # the journal is closed by now
    assert (kept["big"], math.isnan(kept["nan"]), kept["low"], kept["text"]) == (
        2**70,
        True,
        -math.inf,
        given["text"],
    )
    assert (kept["kind"], kept["flag"]) == ("blue", False)
    assert get_run(ws, run).notes == ("parameter kind was 'red' and became 'blue'",)


@pytest.mark.parametrize("key", ["", "  ", "a\nb", "a\x00", "x" * 251, None, 3])
def test_a_name_is_text_that_one_line_shows(ws, run, key):
    with pytest.raises(Invalid, match="1 to 250 printable characters") as refused:
        checked_key("metric", key)
    assert "val/loss" in refused.value.remedy
    for log in (log_metrics, log_params):
        what = "metrics" if log is log_metrics else "params"
        with pytest.raises(Invalid):
            log(ws, run=run, **{what: {"fine": 1, key: 1}})
    assert (get_run(ws, run).metrics, get_run(ws, run).params) == ({}, {})
    assert checked_key("metric", "x" * 250)
    assert checked_key("metric", "val/mae, 95 % – µg")


def test_a_step_is_any_whole_number_however_far_out(ws, run):
    for number, step in enumerate((np.int32(7), -3, 10**30)):
        log_metrics(ws, run=run, metrics={"loss": float(number)}, step=step)
    with pytest.raises(Invalid, match="the step 1.5 is not a whole number"):
        log_metrics(ws, run=run, metrics={"loss": 1.0}, step=1.5)
    finish_run(ws, run=run)
    log_metrics(ws, run=run, metrics={"loss": 3.0}, step=-(10**30))  # past the journal, into the store
    steps = [point.step for point in metric_history(ws, run=run, key="loss")]
    assert steps == [7, -3, 2**63 - 1, -(2**63)]


def test_points_of_another_process_keep_out_of_the_numbers_the_holder_gives(ws, run):
    """What the holder's journal knows and the store does not yet must find its numbers free."""
    other = replace(ws, settings=replace(ws.settings, store="memory://elsewhere"), store=Foreign(ws.store))
    log_metrics(ws, run=run, metrics={"loss": 1.0})
    log_metrics(other, run=run, metrics={"loss": 8.0, "seen": 1.0})
    log_metrics(other, run=run, metrics={"loss": 9.0})
    log_metrics(ws, run=run, metrics={"loss": 2.0})
    points = metric_history(ws, run=run, key="loss")
    assert [point.value for point in points] == [1.0, 2.0, 8.0, 9.0]
    assert [point.sequence < FOREIGN for point in points] == [True, True, False, False]


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "/etc/passwd", "../a", "a/../b", "a/./b", "a//b", "a/", "a\\b", "c:/x", "C:x", " a", "a ", "a/ b", "a\n",
        "a\x00", "x" * 501,
    ],
)  # fmt: skip
def test_a_file_stays_inside_its_run(name):
    with pytest.raises(Invalid, match="must be relative") as refused:
        checked_path(name)
    assert "reports/errors.html" in refused.value.remedy


@pytest.mark.parametrize(
    "name", ["a", "reports/errors.html", "..a", "a..b", ".hidden", "über – 1.png", "x" * 500]
)
def test_an_ordinary_file_name_is_left_as_it_is(name):
    assert checked_path(name) == name


def test_a_file_takes_its_own_name_and_kind_and_a_name_logged_again_the_new_content(ws, run, tmp_path):
    path = tmp_path / "errors.html"
    path.write_text("<p>old</p>")
    first = log_artifact(ws, run=run[-6:], content=path)
    assert (first.name, first.media_type, first.size) == ("errors.html", "text/html", 10)
    path.write_text("<p>newer</p>")
    second = log_artifact(ws, run=run, content=str(path), media_type="text/plain")
    log_artifact(ws, run=run, content=b"", name="empty.unknown")
    found = {file.name: file for file in find_artifacts(ws, run=run)}
    assert found["errors.html"] == second
    assert (second.digest != first.digest, second.size, second.media_type) == (True, 12, "text/plain")
    assert (found["empty.unknown"].size, found["empty.unknown"].media_type) == (0, "application/octet-stream")
    with open_artifact(ws, run=run, name="errors.html") as file:
        assert file.read() == b"<p>newer</p>"
    with pytest.raises(NotFound):
        open_artifact(ws, run=run, name="never.html")


def test_what_is_no_file_is_refused_without_being_opened(ws, run, tmp_path):
    (tmp_path / "real.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    os.mkfifo(tmp_path / "pipe")  # which to open would wait for ever
    for content, error, why, remedy in (
        (tmp_path / "link.txt", Invalid, "symbolic link", str(tmp_path / "real.txt")),
        (tmp_path, Invalid, "a folder", "one by one"),
        (tmp_path / "pipe", Invalid, "not a regular file", "one by one"),
        (tmp_path / "none.txt", NotFound, "no file", "counts from the working folder"),
        (tmp_path / "real.txt" / "below", NotFound, "no file", "counts from the working folder"),
        ("mae: 41.2\n" * 500, NotFound, "no file", "text.encode()"),
        ("a\x00b", NotFound, "no file", "text.encode()"),
        (b"x", Invalid, "no name of their own", "name='report.html'"),
    ):
        with pytest.raises(error, match=why) as refused:
            log_artifact(ws, run=run, content=content)
        assert remedy in refused.value.remedy
        assert len(refused.value.message) < 400
    assert find_artifacts(ws, run=run).total == 0


def test_of_a_run_that_is_held_here_no_store_is_asked(ws, run, monkeypatch):
    def refuse():
        raise AssertionError("the store was asked")

    for side in ("read", "write"):
        monkeypatch.setattr(ws.store, side, refuse)
    assert known_id(ws, run) == run
    kept = log_artifact(ws, run=run, content=b"x", name="x.txt")
    monkeypatch.undo()
    assert [file.digest for file in find_artifacts(ws, run=run)] == [kept.digest]
    finish_run(ws, run=run)
    assert known_id(ws, run[-8:]) == run
    with pytest.raises(NotFound):
        known_id(ws, "nobody")


def test_a_file_is_read_as_it_would_be_kept(ws, run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2\n")
    artifact, read = read_file(run, path, None, None)
    assert read == b"1,2\n"
    assert artifact == log_artifact(ws, run=run, content=path)
    artifact, read = read_file(run, b"{}", "b.json", "text/x")
    assert (artifact, read) == (
        log_artifact(ws, run=run, content=b"{}", name="b.json", media_type="text/x"),
        b"{}",
    )
    with pytest.raises(Invalid, match="no name of their own"):
        read_file(run, b"", None, None)
    with pytest.raises(Invalid):
        read_file(run, b"", "../up", None)


def test_a_long_parameter_is_masked_before_it_is_cut():
    whole = "'" + "x" * 5980 + "', 'password': 'hunter2" + "y" * 100 + "'"
    kept = as_param(whole)
    assert "hunter2" not in kept
    assert len(kept) <= 6000
    assert as_param(" password='hunter2'" + " x" * 20_000).startswith(" password='***' x")
