"""Objects that lie in tables, and what copies share of them."""

from __future__ import annotations

import pytest

from tests.capture.reads import rests, world_after

LIBRARIES = (
    "import numpy as np, pandas as pd, polars as pl\nfrom sklearn.datasets import load_iris, make_moons\n"
)
LISTS = LIBRARIES + "xs = [1]\ndf = pd.DataFrame({'n': [1, 2], 't': [xs, []]})"
SHARED, ALONE = {1, 3}, {1}

NOTHING_LIES_IN = [
    "pd.read_csv('a.csv')",
    "pd.read_csv(open('a.csv'), usecols=['a'], dtype={'a': str})",
    "pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
    "pd.DataFrame([[1, 2], [3, 4]])",
    "pd.Series([1, 2])",
    "np.array([[1, 2], [3, 4]])",
    "np.arange(3)",
    "np.random.default_rng(1).normal(size=3)",
    "np.load('a.npy')",
    "pl.DataFrame({'a': [1, 2]})",
    "make_moons(noise=0.1)",
    "pd.read_csv('a.csv').groupby('a').sum()",
    "pd.read_csv('a.csv').a * 2",
    "pd.DataFrame({'a': np.zeros(2)})",
    "np.where(np.zeros(2) > 0, 'a', 'b')",
]
SOMETHING_LIES_IN = [
    "pd.read_json('a.json')",
    "pd.read_csv('a.csv', converters={'a': lambda text: [text]})",
    "pd.DataFrame({'a': [[1], [2]]})",
    "pd.DataFrame([{'a': [1]}])",
    "pd.Series([[1], [2]])",
    "np.array([[1], [2, 3]], dtype=object)",
    "np.load('a.npy', allow_pickle=True)",
    "np.load('a.npy', None, True)",
    "pd.read_sql('select x from t', connection)",
    "pd.read_csv('a.csv').a.str.split(',')",
    "pd.read_csv('a.csv').a.apply(list)",
    "pd.read_csv('a.csv').groupby('a').agg(list)",
    "pd.Series([np.zeros(2), np.ones(3)])",
    "np.empty(2, dtype=object)\nt[0] = []",
]


@pytest.mark.parametrize("made", NOTHING_LIES_IN)
def test_nothing_is_shared_by_copies_of_numbers_and_texts(made: str) -> None:
    assert rests(LIBRARIES + f"t = {made}", "c = t.copy()", "c[0].append(1)", "t") == ALONE


@pytest.mark.parametrize("made", SOMETHING_LIES_IN)
def test_copies_share_the_objects_that_lie_in_them(made: str) -> None:
    assert rests(LIBRARIES + f"t = {made}", "c = t.copy()", "c[0].append(1)", "t") == SHARED


@pytest.mark.parametrize(
    "change",
    ["c['m'] = 1", "c.loc[0, 't'] = 1", "c.pop('n')", "c.columns = ['a', 'b']", "c['t'] = [[], []]", "c.at[0, 't'] = []"],
)  # fmt: skip
def test_a_copy_that_is_changed_itself_leaves_them_as_they_are(change: str) -> None:
    assert rests(LISTS, "c = df.copy()", change, "df") == ALONE
    assert rests(LISTS, "c = df.copy()", change, "xs") == ALONE


@pytest.mark.parametrize(
    "change",
    [
        "c.t[0].append(1)", "c.loc[0, 't'].extend([1])", "c.t[0][0] = 2", "del c.t[0][0]", "c.t.iloc[0].sort()", "c.t[0].pop()",
        "c.t.get(0).append(1)", "c.t.item().append(1)", "c.t.max().append(1)", "for t in c.t: t.clear()", "t = c.t[0]\nt += [1]",
        "max(c.t).append(1)", "next(iter(c.t)).append(1)", "c.values[0, 1].append(1)", "np.array(c)[0, 1].append(1)",
        "pd.concat([c, c]).t.iloc[0].append(1)", "c.add(1).t[0].append(1)", "c.t[0].add(1)", "unknown(c)", "c.drop_in(1)",
        "list(c.t)[0].append(1)", "dict(zip(c.n, c.t))[1].append(1)", "c.groupby('n').t.first()[1].append(1)",
    ],
)  # fmt: skip
def test_an_object_that_lies_in_a_copy_is_changed_for_all(change: str) -> None:
    assert 3 in rests(LISTS, "c = df.sort_values('n')", change, "df")
    assert 3 in rests(LISTS, "c = df.sort_values('n')", change, "xs")


def test_a_set_is_added_to_and_a_table_is_not() -> None:
    assert rests(LISTS, "c = df.copy()", "c.add(df)", "df") == ALONE
    assert rests(LISTS, "c = df.copy()", "c.t[0].add(1)", "df") == SHARED


def test_what_was_put_in_after_the_copy_is_shared_by_the_next_one() -> None:
    later = [LISTS, "b = df.copy()", "ys = []\ndf.at[0, 't'] = ys", "c = df.copy()", "c.t[0].append(1)"]
    assert rests(*later, "ys") == {3, 5}
    assert 5 in rests(*later, "df")


def test_what_a_function_gives_back_lies_in_the_table_it_was_called_for() -> None:
    kept = LISTS + "\nd = {1: [], 2: []}"
    for made in ("df.n.map(lambda n: d[n])", "df.n.map(d)", "df.apply(lambda row: d[row.n], axis=1)"):
        assert rests(kept, f"c = {made}", "c[0].append(1)", "d") == SHARED


def test_the_halves_of_a_split_share_what_lies_in_both() -> None:
    split = "from sklearn.model_selection import train_test_split\na, b = train_test_split(df)"
    assert rests(LISTS, split, "a.t.iloc[0].append(1)", "df") >= SHARED
    assert rests(LISTS, split, "a['m'] = 1", "df") == ALONE


def test_pandas_copies_no_object_in_a_table_however_deep() -> None:
    assert rests(LISTS, "import copy\nc = copy.deepcopy(df)", "c.t[0].append(1)", "df") == SHARED
    assert rests(LISTS, "import copy\nc = copy.deepcopy([df])", "c[0].t[0].append(1)", "df") == SHARED
    assert rests("xs = [[1]]", "import copy\nc = copy.deepcopy(xs)", "c[0].append(1)", "xs") == ALONE


@pytest.mark.parametrize(
    "index",
    ["c.n > 1", "~(c.n > 1)", "(c.n > 1) & (c.n < 3)", "[0, 1]", "mask", "np.argsort(c.n)", "c.n.isin([1])"],
)
def test_what_is_surely_many_rows_is_a_copy(index: str) -> None:
    frame = LIBRARIES + "c = pd.read_csv('a.csv')\nmask = c.n > 1"
    assert rests(frame, f"part = c[{index}]", "part[0] = 5", "c") == ALONE


@pytest.mark.parametrize("index", ["i", "c.index[-1]", "np.argmax(c.n)", "c.n.idxmax()", "n - 1", "-n"])
def test_one_place_of_a_table_is_a_part_of_it(index: str) -> None:
    frame = LIBRARIES + "c = pd.read_csv('a.csv')\nfor i, n in c.n.items(): pass"
    assert rests(frame, f"part = c.t[{index}]", "part[0] = 5", "c") >= SHARED


def test_a_list_is_a_column_of_a_frame_and_an_object_in_a_series() -> None:
    frame = LIBRARIES + "xs = [1, 2]\nc = pd.DataFrame({'n': [1, 2]})"
    assert rests(frame, "c['m'] = xs", "d = c.copy()\nd.m[0] = 5", "xs") == ALONE
    series = LIBRARIES + "xs = [1, 2]\nc = pd.Series({'n': 0}, dtype=object)"
    assert rests(series, "c['m'] = xs", "d = c.copy()\nd.m[0] = 5", "xs") == SHARED


@pytest.mark.parametrize(
    "body",
    ["df['x{0}'] = df.t.map(str)\ndf.head()", "df['x{0}'] = df.t.apply(lambda v: [v])\ndf = df.sort_values('n')",
     "df = df.assign(x=df.t.apply(lambda v: [v]))"],
)  # fmt: skip
def test_reading_the_last_of_many_cells_takes_little_more_than_reading_the_first(body: str) -> None:
    few, many = (
        world_after(
            "import pandas as pd\ndf = pd.read_json('a')", *(body.format(k) for k in range(cells))
        ).walked
        for cells in (30, 120)
    )
    assert many < 4 * 4 * 2 * few  # no worse than the square of how many there are


@pytest.mark.parametrize(
    "made",
    [
        "copy.copy(np.zeros(3))",
        "pickle.loads(b)",
        "joblib.load('x')",
        "functools.reduce(np.add, xs)",
        "list(map(np.ones, [3]))[0]",
    ],
)
@pytest.mark.parametrize(
    "seen", ["np.asarray(x)", "np.ravel(x)", "np.asarray(x).T", "np.asarray(x[:2])", "pd.DataFrame(x)"]
)
@pytest.mark.parametrize("change", ["v[0] = 1", "v.fill(0)", "v += 1", "v.T[...] = 0"])
def test_what_nobody_knows_may_be_an_array_and_be_changed_by_a_view_of_it(
    made: str, seen: str, change: str
) -> None:
    imports = f"import copy, functools, joblib, pickle\n{LIBRARIES}xs = [np.ones(3)]\nx = {made}"
    assert rests(imports, f"v = {seen}", change, "x") >= SHARED


@pytest.mark.parametrize("seen", ["np.frombuffer(x)", "np.ndarray(2, buffer=x)", "np.asarray(memoryview(x))"])
def test_memory_that_is_seen_as_an_array_is_changed_by_it(seen: str) -> None:
    assert rests(f"{LIBRARIES}x = bytearray(16)", f"v = {seen}", "v[0] = 1", "x") >= SHARED


@pytest.mark.parametrize("made", ["np.sqrt(x)", "np.concatenate([x, x])", "pd.concat([x])", "np.argsort(x)"])
def test_what_is_computed_of_it_is_not(made: str) -> None:
    assert rests(f"import joblib\n{LIBRARIES}x = joblib.load('x')", f"v = {made}", "v[0] = 1", "x") == ALONE
