"""Cursors: where a page ended, as text that leads nowhere but to the page after it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.condition import Field, Scope
from jupyter_mlops.store.cursors import read_cursor, write_cursor
from jupyter_mlops.store.fields import Sort, attribute, resolve
from jupyter_mlops.store.shelves import SHELVES

RUNS = SHELVES["runs"]
NAME, STARTED, EXECUTED, ARCHIVED, ID = (
    Sort(attribute(RUNS, name), descending=False)
    for name in ("name", "started", "source.executed", "archived", "id")
)
MAE = Sort(resolve(RUNS, Field(Scope.METRICS, "mae")), descending=True)
ALPHA = Sort(resolve(RUNS, Field(Scope.PARAMS, "alpha")), descending=False)
ORDER = (NAME, STARTED, EXECUTED, ARCHIVED, MAE, ALPHA, ID)

texts = st.text(st.characters(exclude_categories=()), max_size=20)
numbers = st.floats(allow_nan=False)
values = st.tuples(
    st.none() | texts,
    st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat()),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.booleans(),
    st.none() | numbers,
    st.none() | numbers,  # a parameter is two values: a number and a text
    st.none() | texts,
    texts,
)


def signed(body: bytes) -> str:
    """A cursor with whatever is in it, and a checksum that fits."""
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:6] + body).decode().rstrip("=")


@settings(deadline=None)
@given(values)
def test_what_a_page_ended_with_is_read_as_it_was_written(held: tuple[Any, ...]) -> None:
    text = write_cursor("mark", held)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)  # it stands in an address without being quoted
    read = read_cursor(text, "mark", ORDER)
    assert read == held
    assert [type(one) for one in read] == [type(one) for one in held]


def test_a_cursor_leads_nowhere_under_another_questions_mark() -> None:
    text = write_cursor("mark", ["r1"])
    with pytest.raises(Invalid, match="does not belong to this query") as refusal:
        read_cursor(text, "other", (ID,))
    assert "the same filter and order, or none" in refusal.value.remedy


def test_no_changed_character_leads_to_another_place() -> None:
    text = write_cursor("mark", ["baseline", None, 3.5, "r1"])
    order = (NAME, STARTED, MAE, ID)
    for place, letter in enumerate(text):
        changed = text[:place] + ("A" if letter != "A" else "B") + text[place + 1 :]
        try:
            read = read_cursor(changed, "mark", order)
        except Invalid:
            continue
        assert read == ("baseline", None, 3.5, "r1")  # the last letter has bits that say nothing


@pytest.mark.parametrize(
    ("held", "order"),
    [
        (["r1", "r2"], (ID,)),
        ([], (ID,)),
        ([3], (ID,)),
        ([["r1"]], (ID,)),
        ([{"id": "r1"}], (ID,)),
        (["1.5", "r1"], (MAE, ID)),
        (["yes", "r1"], (ARCHIVED, ID)),
        ([1767614400, "r1"], (STARTED, ID)),
        ([0.5, "r1"], (ALPHA, ID)),  # a parameter's text is missing
        (["auto", None, "r1"], (ALPHA, ID)),  # it stands where the number should
        ([2**63, "r1"], (EXECUTED, ID)),  # more than a database can be asked for
        ([-(2**63) - 1, "r1"], (EXECUTED, ID)),
    ],
)
def test_values_that_do_not_fit_the_order_are_refused_though_the_mark_fits(
    held: list[Any], order: tuple[Sort, ...]
) -> None:
    with pytest.raises(Invalid, match="does not belong to this query"):
        read_cursor(write_cursor("mark", held), "mark", order)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'"mark"',
        b"not json",
        b"\xff\xfe",
        b'["mark",' + b"9" * 5000 + b"]",
        b"[" * 200_000,  # deeper than Python follows
    ],
    ids=["nothing", "empty", "mapping", "text", "no-json", "no-text", "long-number", "deep"],
)
def test_a_made_up_cursor_with_a_fitting_checksum_is_refused_like_any_other(body: bytes) -> None:
    with pytest.raises(Invalid, match="does not belong to this query"):
        read_cursor(signed(body), "mark", (ID,))


def test_a_long_cursor_is_quoted_by_its_beginning() -> None:
    text = signed(json.dumps(["mark", "x" * 50_000]).encode())
    with pytest.raises(Invalid) as refusal:
        read_cursor(text, "other", (ID,))
    assert text[:24] in refusal.value.message
    assert len(str(refusal.value)) < 200
