"""What single terms of a filter say of the shape of the SQL; each read from the text a person writes."""

from __future__ import annotations

import pytest

from jupyter_mlops.records.query import query
from jupyter_mlops.store import asking
from jupyter_mlops.store.asking import ask
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.store.sql.terms import (
    implies_number,
    is_by_last,
    is_indexed,
    is_inside,
    is_narrow,
    is_of_metric,
    is_unarchived,
    terms_of,
)


def term(text: str) -> asking.Tested:
    where = asking.ask(SHELVES["runs"], query(text)).where
    assert where is not None
    return where


def test_what_must_all_hold_is_one_list_however_it_is_nested_and_a_choice_is_one_term() -> None:
    found = terms_of(term("name = 'a' and (status = 'lost' and (grade = 'clean' or name = 'b'))"))
    assert [type(one) for one in found] == [asking.Test, asking.Test, asking.Either]
    assert terms_of(term("name = 'a' or name = 'b'")) == (term("name = 'a' or name = 'b'"),)
    # The opposite of a choice is that all opposites hold.
    assert len(terms_of(term("not (name = 'a' or name = 'b')"))) == 2


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("metrics.mae < 3", True),
        ("not metrics.mae < 3", False),
        ("metrics.mae is null", False),
        ("metrics.mae is not null", True),
    ],
)
def test_runs_are_those_beside_which_something_passes_or_the_others(text: str, inside: bool) -> None:
    one = term(text)
    assert isinstance(one, asking.Test)
    assert is_inside(one) is inside


@pytest.mark.parametrize(
    ("text", "narrow", "unarchived"),
    [
        ("experiment = 'air'", True, False),
        ("parent = 'a'", True, False),
        ("not experiment = 'air'", False, False),
        ("experiment like 'air%'", False, False),
        ("tags.experiment = 'air'", False, False),
        ("name = 'a'", False, False),
        ("archived = false", False, True),
        ("archived = true", False, False),
        ("archived != false", False, False),
        ("not archived = false", False, False),
        ("params.archived = false", False, False),
    ],
)
def test_what_leaves_few_and_what_leaves_out_what_was_put_away(
    text: str, narrow: bool, unarchived: bool
) -> None:
    one = term(text)
    assert is_narrow(one) is narrow
    assert is_unarchived(one) is unarchived


@pytest.mark.parametrize(
    ("text", "of_metric", "by_last", "indexed"),
    [
        ("metrics.mae < 3", True, True, True),
        ("metrics.mae.last < 3", True, True, True),
        ("metrics.mae.max < 3", True, False, True),
        ("metrics.mae.at(3) < 3", False, False, False),
        ("metrics.loss < 3", False, True, True),
        ("not metrics.mae < 3", False, True, True),
        ("metrics.mae is not null", False, True, True),
        ("params.mae < 3", False, False, False),
    ],
)
def test_what_a_test_says_of_a_metric_and_what_its_index_knows(
    text: str, of_metric: bool, by_last: bool, indexed: bool
) -> None:
    one = term(text)
    assert is_of_metric(one, "mae") is of_metric
    assert isinstance(one, asking.Test)
    assert is_by_last(one.target) is by_last
    assert is_indexed(one.target) is indexed


@pytest.mark.parametrize(
    ("text", "sought", "implied"),
    [
        ("metrics.mae < 3", "last", True),
        ("metrics.mae < 3", "max", True),  # whoever has a last number has a greatest one
        ("metrics.mae.max < 3", "last", False),  # the last may have been no number
        ("metrics.mae.max < 3", "min", True),
        ("metrics.mae.mean < 3", "mean", True),
        ("metrics.mae < 3", "mean", False),  # both infinities have none
        ("metrics.mae.max < 3", "mean", False),
        ("metrics.mae.count > 3", "min", False),
        ("metrics.mae.count > 3", "count", True),
        ("metrics.mae.min < 3", "count", True),
        ("not metrics.mae.max < 3", "max", False),
        ("metrics.loss < 3", "last", False),
    ],
)
def test_which_number_is_there_where_another_one_is(text: str, sought: str, implied: bool) -> None:
    target = ask(SHELVES["runs"], query(order=f"metrics.mae.{sought}")).order[0].target
    assert implies_number(term(text), target) is implied
