"""Calls of known libraries: what their results share with their arguments, and what they are trusted with."""

from __future__ import annotations

import pytest

from tests.capture.reads import read, rests

ARRAY = "import numpy as np\nX = np.zeros((3, 3))"
FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"


@pytest.mark.parametrize(
    "call",
    [
        "np.asarray(X)",
        "np.ravel(X)",
        "np.reshape(X, -1)",
        "np.atleast_2d(X)",
        "np.squeeze(X)",
        "np.transpose(X)",
    ],
)
def test_a_result_that_may_be_a_view_changes_its_argument(call: str) -> None:
    assert rests(ARRAY, f"v = {call}", "v[0] = 1", "X") == {1, 3}


@pytest.mark.parametrize(
    "call",
    ["np.sqrt(X)", "np.concatenate([X, X])", "np.where(X > 1, 1, 0)", "np.zeros_like(X)", "np.sort(X)"],
)
def test_a_new_result_does_not(call: str) -> None:
    assert rests(ARRAY, f"v = {call}", "v[0] = 1", "X") == {1}


@pytest.mark.parametrize(
    "call",
    [
        "np.add(X, 1, out=X)",
        "np.random.shuffle(X)",
        "np.put(X, 0, 1)",
        "np.fill_diagonal(X, 1)",
        "np.copyto(X, 1)",
        "np.clip(X, 0, 1, out=X)",
    ],
)
def test_a_call_that_writes_into_its_argument_is_seen(call: str) -> None:
    assert 2 in rests(ARRAY, call, "X")


@pytest.mark.parametrize(
    "call",
    [
        "strange(X)",
        "np.vectorize(strange)(X)",
        "list(map(strange, [X]))",
        "np.apply_along_axis(strange, 0, X)",
    ],
)
def test_a_function_nobody_knows_may_change_what_it_gets(call: str) -> None:
    assert 2 in rests(f"{ARRAY}\nfrom somewhere import strange", call, "X")


def test_a_dictionary_of_keywords_is_trusted_only_while_its_keys_are_known() -> None:
    first = f"{ARRAY}\nfrom sklearn.linear_model import Ridge"
    assert rests(first, "Ridge(**{'alpha': 2}).fit(X, X)", "X") == {1}
    assert 2 in rests(first, "Ridge(**{'copy_X': False}).fit(X, X)", "X")
    assert 2 in rests(f"{first}\nimport json", "Ridge(**json.load(open('p.json'))).fit(X, X)", "X")


@pytest.mark.parametrize(
    "library",
    ["requests.get('u')", "open('a.csv').read()", "pd.read_csv('a.csv')", "os.environ['A']", "time.time()"],
)
def test_the_world_outside_is_named(library: str) -> None:
    assert read("import os, time, requests\nimport pandas as pd", library).outside


def test_a_setting_of_a_library_reaches_its_calls() -> None:
    assert 2 in rests(FRAME, "pd.set_option('mode.copy_on_write', True)", "df.head()")
    assert 2 not in rests(FRAME, "pd.set_option('display.max_rows', 5)", "df.head()")


def test_a_module_nobody_knows_may_change_others_by_being_imported() -> None:
    assert rests(FRAME, "import strange_accessors", "df.head()") == {1, 2}
    assert rests(FRAME, "import json", "df.head()") == {1}


def test_a_colour_map_is_called_without_a_trace() -> None:
    assert rests(
        "import matplotlib.pyplot as plt\nxs = [1]", "colours = plt.get_cmap('Dark2')", "colours(xs[0])", "xs"
    ) == {1}


COPIED = "import copy, json, os, struct\nfrom copy import deepcopy\nimport numpy as np\nfrom sklearn.linear_model import Ridge\nX = y = [[1]]"


@pytest.mark.parametrize(
    ("made", "changed", "shown"),
    [
        ("c = copy.deepcopy({'m': {'a': 1}})", "c['m']['a'] = 3", "print(c)"),
        ("m = deepcopy(Ridge())", "m.fit(X, y)", "m.predict(X)"),
        ("rng = deepcopy(np.random.default_rng(1))", "rng.random()", "print(rng.random())"),
        ("n = deepcopy([[1], [2]])", "for x in n:\n    x.append(0)", "print(n)"),
        ("d = json.loads('{\"a\": [1]}')\ne = d['a']", "e.append(3)", "print(d)"),
        ("env = os.environ.copy()", "env['A'] = '1'", "print(env)"),
        ("b = bytearray(8)", "struct.pack_into('<i', b, 0, 7)", "print(b)"),
        ("import decimal\nc = decimal.Context(prec=9)", "c.prec = 3", "print(c.divide(1, 3))"),
    ],
)
def test_who_changes_a_copy_or_a_part_of_what_was_read_is_kept_by_who_shows_it(
    made: str, changed: str, shown: str
) -> None:
    assert 2 in rests(f"{COPIED}\n{made}", changed, shown)


def test_a_copy_of_all_parts_shares_nothing_with_what_it_is_of() -> None:
    assert 2 not in rests(f"{COPIED}\nd = {{'a': [1]}}\nc = deepcopy(d)", "c['a'].append(2)", "print(d)")


def test_an_instance_that_was_copied_is_of_its_class_and_changed_by_its_methods() -> None:
    first = f"{COPIED}\nclass Count:\n    def __init__(self):\n        self.n = 0\n    def more(self):\n        self.n += 1"
    assert 2 in rests(f"{first}\nc = deepcopy(Count())", "c.more()", "print(c.n)")


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ("plt.xlabel('x')", "print(ax.get_xlabel())"),
        ("plt.plot([1, 2])", "print(len(fig.axes))"),
        ("df.a.plot()", "plt.gca()"),
    ],
)
def test_pyplot_draws_on_the_figure_that_is_open_whoever_holds_it(changed: str, shown: str) -> None:
    first = (
        "import matplotlib.pyplot as plt\nimport pandas as pd\ndf = pd.DataFrame()\nfig, ax = plt.subplots()"
    )
    assert 2 in rests(first, changed, shown)


def test_a_slider_calls_what_it_was_given_when_it_is_moved() -> None:
    first = "import ipywidgets as w\ns = w.IntSlider()\nseen = []"
    watched = "s.observe(lambda change: seen.append(change), 'value')"
    assert 3 in rests(first, watched, "s.value = 5", "print(seen)")
