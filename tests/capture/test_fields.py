"""Fields of structured arrays, and what is surely none."""

from __future__ import annotations

import pytest

from tests.capture.reads import rests

LIBRARIES = (
    "import numpy as np, pandas as pd, polars as pl\n"
    "from sklearn.datasets import load_iris, fetch_california_housing\n"
    "from sklearn.model_selection import train_test_split\n"
)
SHARED, ALONE = {1, 3}, {1}

NO_FIELDS = [
    "pd.read_csv('a.csv')",
    "pd.DataFrame({'a': [1], 'b': [2]})",
    "pd.read_csv('a.csv').merge(pd.read_csv('b.csv'))",
    "pd.concat([pd.read_csv('a.csv'), pd.read_csv('b.csv')])",
    "pd.read_csv('a.csv').groupby('a').mean().reset_index()",
    "pd.read_csv('a.csv').astype({'a': int, 'b': float})",
    "pd.read_csv('a.csv').query('a > 1').dropna()",
    "pd.read_csv('a.csv')[pd.read_csv('a.csv').a > 1]",
    "pl.read_csv('a.csv').with_columns(pl.col('a') * 2)",
    "fetch_california_housing(as_frame=True).frame",
    "train_test_split(pd.read_csv('a.csv'))[0]",
    "pd.read_csv('a.csv').values",
    "np.zeros((3, 3))",
    "np.zeros(3, dtype=np.float32)",
    "np.zeros(3, 'int8')",
    "np.full(3, np.nan)",
    "np.array([[1, 2], [3, 4]])",
    "np.column_stack([np.zeros(3), np.ones(3)])",
    "np.zeros((3, 3)).astype(float)",
    "np.random.default_rng(1).normal(size=3) * 2",
]
PERHAPS_FIELDS = [
    "np.load('a.npy')",
    "np.zeros(3, dtype=kind)",
    "np.zeros(3, kind)",
    "np.array([1], dtype='i4,f4')",
    "np.zeros((3, 2)).view(kind)",
    "np.zeros((3, 2)).astype(kind)",
    "pd.read_csv('a.csv').astype(kind).values.astype({'names': ['a'], 'formats': [int]})",
    "np.asarray(np.load('a.npy'))",
    "np.concatenate([np.load('a.npy'), np.load('b.npy')])",
    "np.where(np.zeros(3) > 0, np.load('a.npy'), 0)",
    "train_test_split(np.load('a.npy'))[0]",
    "pd.Series([1, 2]).to_numpy(dtype=kind)",
    "np.zeros(3)\nt.dtype = kind",
    "np.zeros(3)\nsetattr(t, 'dtype', kind)",
    "np.rec.array([(1, 2.0)])",
    "pd.Series([np.load('a.npy')])[0]",
]


@pytest.mark.parametrize("made", NO_FIELDS)
@pytest.mark.parametrize("names", ["['a', 'b']", "[n for n in 'ab']", "[first, second]"])
def test_a_list_of_names_makes_a_copy_of_what_has_no_fields(made: str, names: str) -> None:
    assert rests(LIBRARIES + f"t = {made}", f"v = t[{names}]", "v['a'] = 0", "t") == ALONE


@pytest.mark.parametrize("made", PERHAPS_FIELDS)
def test_a_list_of_names_may_be_a_view_of_what_may_have_fields(made: str) -> None:
    cells = (LIBRARIES + f"t = {made}", "v = t[['a', 'b']]")
    assert rests(*cells, "v['a'] = 0", "t") >= SHARED
    assert rests(*cells, "t['a'] = 0", "v") >= {2, 3}


@pytest.mark.parametrize(
    "places", ["[0, 1]", "[len(t) - 1]", "[[0, 1], [1, 0]]", "[True, False]", "t['a'] > 1"]
)
def test_places_and_masks_make_a_copy_also_of_what_may_have_fields(places: str) -> None:
    cells = (LIBRARIES + "t = np.load('a.npy')", f"v = t[{places}]")
    assert rests(*cells, "v['a'] = 0", "t") == ALONE
