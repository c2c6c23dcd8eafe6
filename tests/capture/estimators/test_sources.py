"""The objects behind an argument, read in the code."""

from __future__ import annotations

import linecache
import sys

import pytest

from jupyter_mlops.capture.estimators.sources import name_given, objects_behind


def seen(first, scored=None):
    """Stands for a metric function: the argument in question is the second, ``scored``."""
    del first, scored
    reached = objects_behind(sys._getframe(1), 1, "scored")
    return None if reached is None else [thing for level in reached.levels for thing in level]


class Thing:
    def answer(self):
        return [1]


def run(source, **names):
    """Run *source* as a cell would be: its text can be found by its name."""
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    names = {"seen": seen, **names}
    exec(compile(source, "<cell>", "exec"), names)
    return names["found"]


def test_names_in_the_argument_and_behind_their_assignments_are_reached():
    one, two, three = Thing(), Thing(), Thing()
    source = """
a = one.answer()
b, c = [x + 1 for x in a], two
found = seen(0, b)
"""
    assert any(thing is one for thing in run(source, one=one, two=two, three=three))
    assert not any(thing is three for thing in run(source, one=one, two=two, three=three))


def test_two_names_bound_at_once_are_told_apart():
    one, two = Thing(), Thing()
    reached = run("a, b = one.answer(), two.answer()\nfound = seen(0, b)", one=one, two=two)
    assert any(thing is two for thing in reached)
    assert not any(thing is one for thing in reached)


def test_a_keyword_an_attribute_and_a_members_place_are_followed():
    one, two = Thing(), Thing()
    two.model, many = one, {"k": two}
    assert any(thing is one for thing in run("found = seen(0, scored=two.model.answer())", two=two))
    assert any(thing is two for thing in run("found = seen(0, many['k'].answer())", many=many))


def test_loops_and_functions_have_their_own_names():
    one, two = Thing(), Thing()
    source = """
x = two
def inside(given):
    x = given.answer()
    for y in x:
        pass
    return seen(0, y)
found = inside(one)
"""
    reached = run(source, one=one, two=two)
    assert any(thing is one for thing in reached)
    assert not any(thing is two for thing in reached)


def test_cells_before_this_one_are_read():
    one = Thing()
    reached = run(
        "found = seen(0, a)", a=[1], one=one, In=["", "a = one.answer()", "not ) python", "found = 0"]
    )
    assert any(thing is one for thing in reached)


@pytest.mark.parametrize("source", ["found = seen(*[0, 1])", "f = [seen]; found = f[0](0)"])
def test_what_cannot_be_read_is_said(source):
    assert run(source) is None


def test_nothing_of_the_users_is_run():
    class Loud:
        @property
        def danger(self):
            raise AssertionError("it was run")

    run("found = seen(0, loud and loud.danger if False else loud.danger if False else 1)", loud=Loud())


def test_code_without_a_source_is_said():
    names = {"seen": seen}
    exec("found = seen(0, 1)", names)
    assert names["found"] is None


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("found = seen()", "found"),
        ("found = [seen()][0]", ""),
        ("found = other = seen()", ""),
        ("_, found = 1, seen()", ""),
    ],
)
def test_the_name_a_result_will_have_is_read(source, name):
    assert run(source, seen=lambda: name_given(sys._getframe(1))) == name


def test_what_one_expression_names_is_known_apart_from_what_a_container_holds():
    one, two = Thing(), Thing()
    source = """
def seen(first, scored):
    return objects_behind(sys._getframe(1), 1, "scored")
both = [many["k"], one.answer()]
found = seen(0, both)
"""
    many = {"k": two, "other": 3}
    reached = run(source, one=one, many=many, objects_behind=objects_behind, sys=sys)
    (making,) = reached.named[1]
    assert [any(thing is wanted for thing in making) for wanted in (one, two, 3)] == [True, True, False]
    assert any(thing == 3 for thing in reached.levels[1])
