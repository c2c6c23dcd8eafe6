"""What calls do beyond the namespace: files, figures, generators, settings."""

from __future__ import annotations

import pytest

from tests.capture.reads import read, rests

IMPORTS = "import numpy as np, random, os, time, uuid\nimport pandas as pd\nimport matplotlib.pyplot as plt"


@pytest.mark.parametrize(
    ("call", "outside"),
    [
        ("pd.read_csv('data/a.csv')", "file data/a.csv"),
        ("open('a.txt').read()", "file a.txt"),
        ("os.environ['A']", "environment variables"),
        ("time.time()", "the clock"),
        ("uuid.uuid4()", "random numbers without a seed"),
        ("np.random.rand(3)", "random numbers without a seed (numpy)"),
        ("np.random.default_rng()", "random numbers without a seed (numpy)"),
        ("random.random()", "random numbers without a seed (random)"),
        ("os.system('ls')", "the shell"),
        ("input()", "typed input"),
    ],
)
def test_what_lies_outside_is_named(call: str, outside: str) -> None:
    assert outside in read(IMPORTS, f"x = {call}").outside


def test_a_generator_with_its_own_seed_is_nothing_outside() -> None:
    assert read(IMPORTS, "x = np.random.default_rng(3)").outside == set()


@pytest.mark.parametrize(
    "written",
    ["df.to_csv('a.csv')", "open('a.csv', 'w').write('1')", "plt.savefig('a.csv')", "np.save('a.csv', 1)"],
)
def test_a_file_written_is_known_to_whoever_reads_it(written: str) -> None:
    assert 2 in rests(f"{IMPORTS}\ndf = pd.DataFrame()", written, "x = open('a.csv').read()")


def test_reading_a_file_writes_none() -> None:
    assert 2 not in rests(IMPORTS, "pd.read_csv('a.csv')", "x = open('a.csv').read()")


def test_a_figure_goes_on_from_cell_to_cell_and_ends_with_a_new_one() -> None:
    assert 2 in rests(IMPORTS, "plt.plot([1])", "plt.savefig('a.png')")
    assert 2 not in rests(IMPORTS, "plt.plot([1])", "x = 3")


@pytest.mark.parametrize(
    "draw",
    [
        "train_test_split([1, 2])",
        "RandomForestClassifier().fit([[1]], [1])",
        "cross_val_score(RandomForestClassifier(), [[1]], [1])",
    ],
)
def test_scikit_learn_draws_from_numpys_generator_unless_it_has_its_own(draw: str) -> None:
    first = (
        f"{IMPORTS}\nfrom sklearn.model_selection import *\nfrom sklearn.model_selection import train_test_split, cross_val_score\n"
        "from sklearn.ensemble import RandomForestClassifier\nnp.random.seed(1)"
    )
    assert 2 in rests(first, draw, "x = np.random.rand()")


def test_a_model_with_its_own_seed_draws_from_nobody() -> None:
    first = f"{IMPORTS}\nfrom sklearn.ensemble import RandomForestClassifier\nnp.random.seed(1)"
    assert 2 not in rests(
        first, "RandomForestClassifier(random_state=3).fit([[1]], [1])", "x = np.random.rand()"
    )


def test_a_library_set_up_reaches_what_it_shows_and_nothing_else() -> None:
    assert 2 in rests(IMPORTS, "np.seterr(all='raise')", "x = np.sqrt(2)")
    assert 2 not in rests(IMPORTS, "plt.style.use('ggplot')", "x = np.sqrt(2)")


@pytest.mark.parametrize(
    ("opened", "written"),
    [
        ("open('a.csv')", False), ("open('a.csv', 'r')", False), ("open('a.csv', mode='a')", True), ("open('a.csv', how)", True),
        ("open('a.csv', **kw)", True), ("pd.HDFStore('a.csv')", True), ("pd.HDFStore('a.csv', 'r')", False),
        ("np.memmap('a.csv', 'u1')", True), ("np.memmap('a.csv', 'u1', 'r')", False),
    ],
)  # fmt: skip
def test_a_file_is_written_where_its_mode_says_so_or_does_not_say(opened: str, written: bool) -> None:
    rested = rests(f"{IMPORTS}\nhow, kw = input(), {{'mode': input()}}", opened, "x = open('a.csv').read()")
    assert (2 in rested) is written


@pytest.mark.parametrize(
    "text", ["'a > @t'", "f'a > @{name}'", "f'{name} > @t'", "query", "' and '.join(parts)"]
)
def test_the_names_in_a_query_are_read(text: str) -> None:
    names = "df, t, name, query, parts = pd.DataFrame({'a': [1]}), 1, 't', 'a > @t', ['a > @t']"
    assert 3 in rests(IMPORTS, names, "t = 2", f"df.query({text})")


def test_a_query_without_names_reads_none() -> None:
    assert 3 not in rests(IMPORTS, "df, t = pd.DataFrame({'a': [1]}), 1", "t = 2", "df.query('a > 1')")


def test_a_function_of_a_library_that_is_handed_on_may_be_called() -> None:
    assert 2 in rests(IMPORTS, "list(map(os.remove, ['x.csv']))", "x = open('a.csv').read()")
    assert 2 not in rests(IMPORTS, "list(map(os.fspath, ['x.csv']))", "x = open('a.csv').read()")
    assert 3 in rests(IMPORTS, "random.seed(1)", "list(map(random.randint, [1], [9]))", "x = random.random()")


def test_an_error_made_of_warnings_reaches_every_later_cell_and_their_silence_does_not() -> None:
    assert 2 in rests(IMPORTS, "import warnings\nwarnings.simplefilter('error')", "x = 1")
    assert 2 not in rests(IMPORTS, "import warnings\nwarnings.simplefilter('ignore')", "x = 1")


def test_a_warning_that_is_an_error_no_more_is_kept_with_the_cell_that_made_it_one() -> None:
    first = "import warnings"
    kept = rests(first, "warnings.simplefilter('error')", "warnings.simplefilter('ignore')", "x = 1")
    assert {2, 3} <= kept
    assert rests(first, "warnings.simplefilter('ignore')", "x = 1") == set()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("@pd.api.extensions.register_dataframe_accessor('geo')\nclass Geo: pass", "df.geo"),
        ("np.set_printoptions(precision=2)", "str(np.ones(2))"),
        ("csv.register_dialect('mine', delimiter=';')", "csv.reader([], 'mine')"),
    ],
)
def test_what_is_registered_with_a_library_is_kept_by_who_uses_it(said: str, shown: str) -> None:
    assert 2 in rests(f"{IMPORTS}\nimport csv\ndf = pd.DataFrame()", said, f"x = {shown}")


@pytest.mark.parametrize(
    "asked", ["pd.eval(text)", "df.query(expr=text)", "df.query(**{'expr': text})", "df.query(text)"]
)
def test_a_text_that_is_computed_may_name_anything(asked: str) -> None:
    assert 2 in rests(f"{IMPORTS}\ndf = pd.DataFrame()", "k = 2", "text = 'a' + '@k'", f"x = {asked}")


def test_the_version_of_a_library_is_no_call_of_it() -> None:
    assert 2 not in rests("import torch\nd = []", "print(torch.__version__)", "print(d)")
