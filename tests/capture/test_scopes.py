"""Which names a function takes from outside."""

from __future__ import annotations

import ast

import pytest

from jupyter_mlops.capture.scopes import parameters_of, scope_of


def scope(source: str):
    return scope_of(ast.parse(source).body[0])


@pytest.mark.parametrize(
    ("source", "free"),
    [
        ("def f(x, y=z, *a, k=w, **n):\n    return x + y + k + outside", {"outside"}),
        ("def f():\n    x = 1\n    return x", set()),
        ("def f():\n    def g():\n        return deep\n    return g", {"deep"}),
        ("def f(deep):\n    def g():\n        return deep\n    return g", set()),
        ("def f():\n    return [i + k for i in items]", {"items", "k"}),
        (
            "def f():\n    for i in items:\n        with a as b:\n            import os.path as p",
            {"items", "a"},
        ),
        ("def f(m):\n    match m:\n        case {'a': x, **rest}:\n            return x, rest", set()),
        ("class C(Base):\n    x = y\n    def m(self):\n        return x", {"y", "x"}),
    ],
)
def test_a_function_takes_from_outside_what_it_does_not_bind(source: str, free: set[str]) -> None:
    assert scope(source).free == free


def test_declared_names_are_not_its_own() -> None:
    found = scope("def f():\n    global a\n    nonlocal b\n    a = b = c = 1")
    assert (found.worldwide, found.shared, found.own) == ({"a"}, {"b"}, {"c"})


def test_a_walrus_in_a_comprehension_binds_outside_of_it() -> None:
    assert scope("def f():\n    return [last := i for i in range(3)]").own == {"last"}


def test_a_function_that_yields_is_a_generator() -> None:
    assert scope("def f():\n    yield 1").generator
    assert not scope("def f():\n    def g():\n        yield 1\n    return g").generator


def test_parameters_stand_in_the_order_of_a_call() -> None:
    node = ast.parse("def f(a, /, b, *c, d, **e): pass").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert parameters_of(node) == ["a", "b", "d", "c", "e"]


def test_a_generator_that_has_something_left_to_do_says_so() -> None:
    assert scope("def f():\n    try:\n        yield 1\n    finally:\n        close()").ends
    assert scope("def f():\n    with open('x') as file:\n        yield file").ends
    assert not scope("def f():\n    yield 1").ends
    assert not scope("def f():\n    with open('x') as file:\n        return file").ends
