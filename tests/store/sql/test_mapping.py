"""A row to a record and back: nothing is lost on the way, and the index says no more than the record."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from contracts.keeping import same
from contracts.samples import everything, full_run, run
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.records.run import RunError
from jupyter_mlops.store.series import Tally
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.store.sql.mapping import (
    from_text,
    param_rows,
    record_of,
    row_of,
    summary_row,
    tag_rows,
    tally_of,
    to_text,
)
from jupyter_mlops.store.sql.tables import SHELF_TABLES

RUNS = SHELVES["runs"]
texts = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(
    ["nan", "inf", "-inf", "1", "true", "\\u0000", '{"float":"nan"}']
)
params = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.just(10**400)
reals = st.floats(allow_nan=False)


@settings(deadline=None)
@given(st.dictionaries(texts, params, max_size=5), st.dictionaries(texts, texts, max_size=3))
def test_parameters_and_tags_come_back_with_their_types_and_to_the_last_bit(
    given_params: dict[str, Any], tags: dict[str, str]
) -> None:
    record = run(params=given_params, tags=tags)
    body = row_of(RUNS, record)["body"]
    body.encode()  # no half of a surrogate pair is left, and no zero byte
    assert "\\u0000" not in body.replace("\\\\", "")
    back = record_of(RUNS, body, {})
    assert [(key, repr(value)) for key, value in back.params.items()] == [
        (key, repr(value)) for key, value in given_params.items()
    ]
    assert dict(back.tags) == tags


@pytest.mark.parametrize("shelf", SHELVES)
def test_a_row_has_a_value_for_each_column_of_its_table_and_its_body_is_the_record(shelf: str) -> None:
    record = everything()[shelf]
    row = row_of(SHELVES[shelf], record)
    assert set(row) == {column.name for column in SHELF_TABLES[shelf].columns}
    assert same(record_of(SHELVES[shelf], row["body"], {}), record)


def test_a_column_of_what_is_not_there_is_null() -> None:
    row = row_of(RUNS, run(parent=None))
    assert (row["parent"], row["ended"], row["source_notebook"]) == (None, None, None)
    job = replace(everything()["jobs"], run=None)
    assert row_of(SHELVES["jobs"], job)["spec_notebook"] == job.spec.notebook


def test_metrics_are_no_part_of_a_body_and_those_of_the_series_are_the_records() -> None:
    row = row_of(RUNS, run(metrics={"mae": 1.0, "system/cpu": 50.0}))
    assert json.loads(row["body"])["metrics"] == {}
    back = record_of(RUNS, row["body"], {"acc": 2.0})
    assert dict(back.metrics) == {"acc": 2.0}
    model = everything()["models"]
    assert record_of(SHELVES["models"], row_of(SHELVES["models"], model)["body"], {"acc": 2.0}) == model


def test_each_parameter_is_indexed_as_what_it_is_and_what_nobody_can_ask_for_not_at_all() -> None:
    nothing = {"number": None, "text": None, "flag": None}
    record = run(
        "r1",
        params={
            "flag": True, "off": False, "whole": 3, "real": 0.5, "text": "3", "none": None, "nan": math.nan,
            "most": math.inf, "beyond": 10**400, "below": -(10**400),
        },
    )  # fmt: skip
    rows = {row["key"]: {name: row[name] for name in nothing} for row in param_rows(record)}
    assert {row["run"] for row in param_rows(record)} == {"r1"}
    assert rows == {
        "flag": nothing | {"flag": True},
        "off": nothing | {"flag": False},
        "whole": nothing | {"number": 3.0},
        "real": nothing | {"number": 0.5},
        "text": nothing | {"text": "3"},
        "most": nothing | {"number": math.inf},
        "beyond": nothing | {"number": math.inf},
        "below": nothing | {"number": -math.inf},
    }
    assert type(rows["whole"]["number"]) is float


def test_tags_are_indexed_one_a_row() -> None:
    rows = list(tag_rows(full_run()))
    assert {row["key"]: row["value"] for row in rows} == dict(full_run().tags)
    assert list(tag_rows(run())) == []


tallies = st.builds(
    Tally,
    last=st.floats(),
    sequence=st.integers(0, 2**53),
    step=st.integers(-(2**63), 2**63 - 1),
    minimum=reals,
    maximum=reals,
    total=st.floats(),
    numbers=st.integers(1, 2**40),
    count=st.integers(1, 2**40),
)
unknown = tallies.map(lambda one: replace(one, minimum=math.inf, maximum=-math.inf, total=0.0, numbers=0))


@settings(deadline=None)
@given(tallies | unknown)
def test_a_tally_is_read_as_it_was_written_and_no_column_holds_what_is_no_number(one: Tally) -> None:
    row = summary_row("r1", "mae", one)
    assert not any(isinstance(value, float) and math.isnan(value) for value in row.values())
    assert repr(tally_of(SimpleNamespace(**row))) == repr(one)


def test_what_was_never_a_number_has_no_extremes_in_an_index_either() -> None:
    row = summary_row("r1", "mae", Tally(last=math.nan, sequence=1, step=0, count=1))
    assert (row["last"], row["minimum"], row["maximum"], row["count"]) == (None, None, None, 1)


def test_a_body_is_plain_text_unless_a_database_would_refuse_it() -> None:
    assert to_text({"a": "Größe \\u0000"}) != to_text({"a": "Größe \x00"})
    assert to_text({"name": "日本", "n": 1}) == '{"name":"日本","n":1}'
    error = RunError(kind="E", message="bad \x00 and \udc80")
    assert from_text(RunError, to_text({"kind": "E", "message": error.message})) == error


def test_a_number_that_json_does_not_know_is_never_written_as_one() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_text({"value": math.nan})
