"""Attributes, items and elements."""

from __future__ import annotations

import pytest

from tests.capture.reads import rests

FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"
ARRAY = "import numpy as np\nX = np.zeros((3, 3))"


@pytest.mark.parametrize("part", ["X[0]", "X[:, 1]", "X.T", "X.flat", "X[...]", "X.real"])
def test_a_part_of_an_array_may_be_a_view(part: str) -> None:
    assert rests(ARRAY, f"v = {part}", "v[0] = 1", "X") == {1, 3}


@pytest.mark.parametrize("part", ["X[X > 1]", "X[[0, 1]]", "X.shape", "X[~(X > 1)]"])
def test_a_choice_out_of_an_array_is_a_copy(part: str) -> None:
    assert rests(ARRAY, f"v = {part}", "v[0] = 1", "X") == {1}


@pytest.mark.parametrize(
    "place",
    ["df['b']", "df.loc[0, 'a']", "df.iloc[0]", "df.at[0, 'a']", "df.index", "df.values[0]", "df['a'][0]"],
)
def test_putting_something_into_a_frame_changes_it(place: str) -> None:
    assert rests(FRAME, f"{place} = 3", "df") == {1, 2}


def test_an_attribute_of_an_object_of_the_notebook_is_what_was_put_there() -> None:
    box = "class Box: pass\nb, xs = Box(), []"
    assert rests(box, "b.x = xs", "b.x.append(1)", "xs") == {1, 3}


def test_a_library_whose_part_was_replaced_is_trusted_no_more() -> None:
    assert 2 in rests(FRAME, "pd.DataFrame.head = lambda self: None", "df.head()")


def test_an_item_of_a_defaultdict_makes_one() -> None:
    assert rests("from collections import defaultdict\nd = defaultdict(list)", "d['k']", "d") == {1, 2}


def test_going_over_an_iterator_uses_it_up() -> None:
    assert rests("s = iter([1, 2])", "for x in s: pass", "s") == {1, 2}
    assert rests("s = [1, 2]", "for x in s: pass", "s") == {1}


def test_a_special_method_of_the_notebook_is_called_by_its_operator() -> None:
    log = (
        "xs = []\nclass Log:\n    def __{}__(self, *a):\n        xs.append(1)\n        return 1\nlog = Log()"
    )
    for name, use in (
        ("len", "len(log)"),
        ("getitem", "log[1]"),
        ("add", "log + 1"),
        ("getattr", "log.x"),
        ("eq", "log == 1"),
        ("contains", "1 in log"),
    ):
        assert rests(log.format(name), use, "xs") == {1, 2}, name


def test_kernels_are_added_and_stay_models() -> None:
    imports = "from sklearn.gaussian_process.kernels import RBF, WhiteKernel\na, b = RBF(), WhiteKernel()"
    assert rests(imports, "k = 2.0 * a + b", "k.set_params(k1__k2__length_scale=3)", "a") == {1, 3}


def test_the_name_of_a_function_is_a_text() -> None:
    assert rests("def f(): pass", "n = f.__name__.upper()", "f") == {1}
