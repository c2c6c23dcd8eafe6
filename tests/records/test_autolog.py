"""The choices of autolog: what they are when nobody chooses, and what is refused."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.autolog import MOST_CHILDREN, AutologOptions
from jupyter_mlops.records.codec import decode, encode


def test_who_chooses_nothing_gets_what_autolog_always_did():
    assert encode(AutologOptions()) == {
        "positive_label": None,
        "candidates": 10,
        "models": True,
        "train_metrics": True,
    }


@pytest.mark.parametrize(("said", "most"), [(0, 0), (25, 25), (MOST_CHILDREN, 1000), ("all", 1000)])
def test_candidates_are_a_number_or_all_of_them_within_reason(said, most):
    assert AutologOptions(candidates=said).most == most


@pytest.mark.parametrize("said", [-1, MOST_CHILDREN + 1, "few", ""])
def test_another_number_of_candidates_is_refused_with_the_rule_the_value_and_the_way_out(said):
    with pytest.raises(Invalid, match="from 0 to 1000 or 'all'") as refused:
        AutologOptions(candidates=said)
    assert repr(said) in refused.value.message
    assert "'all'" in refused.value.remedy


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"models": "no"}, "autolog.models: expected boolean"),
        ({"train_metrics": 1}, "autolog.train_metrics: expected boolean"),
        ({"candidates": 2.5}, "autolog.candidates: expected"),
        ({"candidates": True}, "autolog.candidates: expected"),
        ({"positive_label": ["a"]}, "autolog.positive_label: expected"),
        ({"colour": "red"}, "autolog: unknown 'colour'"),
    ],
)
def test_another_type_is_refused_by_the_name_of_the_option(said, why):
    with pytest.raises(Invalid, match=why):
        decode(AutologOptions, said, at="autolog")
