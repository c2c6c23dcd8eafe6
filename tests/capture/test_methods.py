"""Methods: what they do to their object, according to what it is."""

from __future__ import annotations

import pytest

from jupyter_mlops.capture.library import ESTIMATOR_READING
from jupyter_mlops.capture.library_methods import DATA_CONTAINERS, DATA_NEW, DATA_READING
from tests.capture.reads import rests

FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"
MODEL = "import numpy as np\nfrom sklearn.linear_model import Ridge\nX, y = np.zeros((3, 2)), np.zeros(3)\nm = Ridge()"


@pytest.mark.parametrize(
    "call",
    [
        "head()",
        "describe()",
        "groupby('a').sum()",
        "merge(df)",
        "plot()",
        "a.value_counts()",
        "sort_values('a')",
        "to_csv()",
    ],
)
def test_looking_at_a_frame_is_no_change(call: str) -> None:
    assert rests(FRAME, f"df.{call}", "df") == {1}


@pytest.mark.parametrize(
    "call",
    [
        "insert(0, 'b', 1)",
        "pop('a')",
        "update(df)",
        "sort_values('a', inplace=True)",
        "a.update([3])",
        "never_heard_of()",
    ],
)
def test_a_method_that_changes_its_frame_is_seen(call: str) -> None:
    assert rests(FRAME, f"df.{call}", "df") == {1, 2}


@pytest.mark.parametrize("call", ["fit(X, y)", "set_params(alpha=2)", "never_heard_of()"])
def test_a_fit_changes_the_model_and_not_its_data(call: str) -> None:
    assert 2 in rests(MODEL, f"m.{call}", "m")
    assert rests(MODEL, "m.fit(X, y)", "X, y") == {1}


@pytest.mark.parametrize("call", ["predict(X)", "score(X, y)", "get_params()"])
def test_asking_a_model_is_no_change(call: str) -> None:
    assert rests(MODEL, f"m.{call}", "m") == {1}


def test_a_model_out_of_a_list_is_told_apart_from_its_name() -> None:
    assert rests(MODEL, "for one, name in [(m, 'ridge')]:\n    one.fit(X, y)", "m") == {1, 2}
    assert rests(MODEL, "for one, name in [(m, 'ridge')]:\n    one.fit(X, y)", "X") == {1}


@pytest.mark.parametrize("name", ["sample", "head", "items", "copy", "join", "predict"])
def test_a_question_to_something_unknown_may_change_it(name: str) -> None:
    assert rests("import strange\ns = strange.make()", f"s.{name}()", "s") == {1, 2}


@pytest.mark.parametrize("call", ["append(1)", "extend([1])", "clear()", "sort()", "pop()"])
def test_a_list_is_changed_by_its_methods(call: str) -> None:
    assert rests("xs = [1]", f"xs.{call}", "xs") == {1, 2}


@pytest.mark.parametrize("call", ["count(1)", "index(1)", "copy()"])
def test_a_list_is_not_changed_by_a_question(call: str) -> None:
    assert rests("xs = [1]", f"xs.{call}", "xs") == {1}


def test_text_is_never_changed() -> None:
    assert rests("t = 'a b'", "t.upper().split()", "t") == {1}


def test_what_may_be_one_of_two_things_is_asked_as_both() -> None:
    assert rests(MODEL, "one = m if len(X) else [1]", "one.append(2)", "m") == {1, 3}


def test_no_table_of_methods_contradicts_another() -> None:
    assert DATA_NEW <= DATA_READING
    assert DATA_CONTAINERS <= DATA_READING
    assert not {"fit", "partial_fit", "set_params", "fit_transform", "fit_predict"} & ESTIMATOR_READING
    assert (
        not {"insert", "pop", "update", "sort", "fill", "resize", "put", "itemset", "partition", "byteswap"}
        & DATA_READING
    )


def test_a_function_that_a_table_calls_for_its_groups_leaves_the_table_as_it_is() -> None:
    first = "import pandas as pd\ndf = pd.DataFrame()\nlog = []"
    assert 2 not in rests(first, "t = df.groupby('y').apply(lambda g: g.a.mean())", "print(df)")
    assert 2 in rests(first, "t = df.groupby('y').apply(lambda g: log.append(g))", "print(log)")
    assert 2 in rests(first, "t = df.groupby('y').apply(lambda g, l=log: l.append(g))", "print(log)")


@pytest.mark.parametrize("drawn", ["df.plot.scatter('a', 'b')", "df['a'].plot.hist()"])
def test_a_plot_of_a_table_leaves_it_as_it_is(drawn: str) -> None:
    assert 2 not in rests("import pandas as pd\ndf = pd.DataFrame()", drawn, "print(df)")


def test_the_name_of_the_columns_is_a_part_of_their_table() -> None:
    first = "import pandas as pd\ntable = pd.crosstab([1], [2])"
    assert 2 in rests(first, "table.columns.name = None", "print(table)")


def test_a_filter_may_be_told_to_put_its_output_into_an_array() -> None:
    first = "import numpy as np\nfrom scipy import ndimage\na = np.ones(3)"
    assert 2 in rests(first, "ndimage.gaussian_filter(a, 1, output=a)", "print(a)")
    assert 2 not in rests(first, "b = ndimage.gaussian_filter(a, 1)", "print(a)")
