"""Which parameters are shown, in which order, how short; and that two which differ never look the same."""

from __future__ import annotations

import math

import pytest

from jupyter_mlops.render.parameters import hidden, listed, ordered_names, says_little, told_apart, whole


@pytest.mark.parametrize(
    "item",
    [
        None,
        "None",
        "null",
        "[('scale', StandardScaler()), ('ridge', Ridge(alpha=0.3))]",
        "Ridge(alpha=0.3)",
        "sklearn.linear_model.Ridge()",
        "[Ridge(), Lasso()]",
        "<function f at 0x7f00>",
        "<class 'numpy.float64'>",
        "<built-in method x>",
        "<air.Model object at 0x7f00>",
    ],
)
def test_what_is_not_set_and_the_text_of_an_object_say_little(item: object) -> None:
    assert says_little(item)


@pytest.mark.parametrize(
    "item", [0, 0.0, False, "", "ridge", "(100, 50)", "[1, 2]", "['a', 'b']", "<5", "a (b)", "squared error", "none of it"]
)  # fmt: skip
def test_a_setting_says_something_however_small_it_is(item: object) -> None:
    assert not says_little(item)


def test_the_notebooks_own_stand_before_a_steps_and_what_is_seldom_chosen_stands_last() -> None:
    names = ["scale__copy", "verbose", "ridge__alpha", "seed", "memory", "ridge__n_jobs", "alpha"]

    assert ordered_names(names) == [
        "seed",
        "alpha",
        "ridge__alpha",
        "verbose",
        "memory",
        "scale__copy",
        "ridge__n_jobs",
    ]


def test_a_list_of_parameters_counts_all_that_it_leaves_out() -> None:
    params = {"alpha": 0.3, "model": "Ridge()", "note": None, "depth": 3, "text": "x" * 100}

    assert listed(params, 2) == "alpha 0.3 · depth 3  (+3)"
    assert listed(params, 9, 10) == f"alpha 0.3 · depth 3 · text {'x' * 9}…  (+2)"
    assert listed({"alpha": 1}, 3) == "alpha 1"
    assert listed({"note": None}, 3) == "(+1)"
    assert listed({}, 3) == ""


@pytest.mark.parametrize(
    ("items", "silent"),
    [
        ([None, None], True),
        ([None, 3], False),
        (["None", 3], False),
        ([3, "Ridge()"], True),
        (["Ridge()"], True),
        ([False, 0], False),
    ],
)
def test_a_parameter_is_left_out_where_no_value_says_something_or_one_is_an_object(
    items: list[object], silent: bool
) -> None:
    assert hidden(items) is silent


def test_two_values_have_the_same_text_only_where_they_are_the_same() -> None:
    long = "data/2026/a/rather/long/folder/" + "x" * 200
    different = [
        f"{long}a",
        f"{long}b",
        0.1234561,
        0.1234562,
        1,
        2,
        True,
        None,
        1e300,
        math.inf,
        -math.inf,
        math.nan,
    ]

    assert len({whole(item) for item in different}) == len(different)
    assert whole(1.0) == whole(1) == "1"
    assert whole(math.nan) == whole(float("nan"))
    assert whole(0.3) == "0.3"


def test_a_value_is_short_unless_another_one_would_look_like_it() -> None:
    folder = "data/2026/a/rather/long/folder"
    items = [
        f"{folder}/train.csv",
        f"{folder}/test.csv",
        "else/" + "y" * 40,
        0.1234561,
        0.1234562,
        0.5,
        math.inf,
        None,
    ]

    shown = told_apart(items, 24)

    assert [shown[whole(item)] for item in items] == [
        f"{folder}/train.csv", f"{folder}/test.csv", "else/" + "y" * 18 + "…", "0.1234561", "0.1234562", "0.5", "∞", "None",
    ]  # fmt: skip
    assert told_apart([], 24) == {}


def test_a_text_that_reads_as_something_else_stands_in_quotes_beside_that() -> None:
    shown = told_apart([3, "3", "None", None, "x"], 24)
    assert [shown[whole(item)] for item in (3, "3", "None", None, "x")] == ["3", "'3'", "'None'", "None", "x"]
    assert told_apart(["3.11", "3.12"], 24) == {"'3.11'": "3.11", "'3.12'": "3.12"}


def test_texts_that_begin_alike_for_long_are_told_apart_by_their_ends() -> None:
    first, second = f"{'a/' * 80}train", f"{'a/' * 80}test"
    shown = told_apart([first, second], 24)
    assert shown[first].endswith("train")
    assert shown[second].endswith("test")
    assert max(map(len, shown.values())) <= 101
