"""Functions and classes of the notebook, read at each call."""

from __future__ import annotations

import pytest

from tests.capture.reads import rests


@pytest.mark.parametrize(
    "definition",
    [
        "def f(q):\n    q.append(1)", "f = lambda q: q.append(1)", "def f(*q):\n    q[0].append(1)", "def f(q=xs):\n    q.append(1)",
        "def f(**q):\n    xs.append(1)", "def f(q):\n    g(q)\ndef g(r):\n    r.append(1)", "def f(q):\n    def g():\n        q.append(1)\n    g()",
        "class f:\n    def __init__(self, q):\n        q.append(1)", "class f:\n    def __new__(cls, q):\n        q.append(1)",
        "class B:\n    def __init__(self, q):\n        q.append(1)\nclass f(B): pass", "import functools\ndef g(a, q):\n    q.append(a)\nf = functools.partial(g, 1)",
        "def f(q):\n    if q: return f(q[1:])\n    xs.append(1)", "class F:\n    def __call__(self, q):\n        q.append(1)\nf = F()",
    ],
)  # fmt: skip
def test_a_call_changes_what_its_body_changes(definition: str) -> None:
    assert {1, 3} <= rests("xs = []", definition, "f(xs)", "xs")


def test_a_definition_changes_nothing() -> None:
    assert rests("xs = []", "def f():\n    xs.append(1)", "xs") == {1}


def test_whoever_hands_a_function_on_rests_on_what_it_takes_from_outside() -> None:
    assert rests("k = 1", "def f():\n    return k", "fs = [f]", "fs") == {1, 3}


def test_a_decorator_is_called() -> None:
    assert 3 in rests("xs = []", "def note(f):\n    xs.append(f)\n    return f", "@note\ndef g(): pass", "xs")


def test_a_state_shared_by_two_closures_is_one() -> None:
    made = "def make():\n    n = [0]\n    def up():\n        n.append(1)\n    def get():\n        return n\n    return up, get"
    assert rests(made, "up, get = make()", "up()", "get()") == {2, 3}


def test_a_method_changes_its_object() -> None:
    box = "class Box:\n    def __init__(self):\n        self.n = 0\n    def up(self):\n        self.n += 1\n    def get(self):\n        return self.n"
    assert rests(box, "b = Box()", "b.up()", "b.get()") == {2, 3}
    assert rests(box, "b = Box()", "b.get()", "b.get()") == {2}


def test_the_first_parameter_of_a_method_is_an_instance() -> None:
    model = "from sklearn.linear_model import Ridge\nclass Mine(Ridge):\n    def fit(self, X, y):\n        self.seen = len(X)\n        return self"
    assert rests(
        model,
        "from sklearn.calibration import CalibratedClassifierCV\nX, y = [[1]], [1]",
        "CalibratedClassifierCV(Mine()).fit(X, y)",
        "X",
    ) == {2}


def test_an_unknown_call_changes_all_it_can_reach_and_joins_it() -> None:
    assert rests("import strange\nxs, ys, zs = [], [], []", "strange.f(xs, ys)", "xs.append(1)", "ys") == {
        1,
        2,
        3,
    }
    assert rests("import strange\nxs, ys, zs = [], [], []", "strange.f(xs, ys)", "xs.append(1)", "zs") == {1}
