"""Calls that the source does not show: special methods, methods handed on, hooks of the process."""

from __future__ import annotations

import pytest

from jupyter_mlops.capture.world import Kind
from tests.capture.reads import read, rests, world_after

OWN = "xs = []\nclass Own:\n    def __len__(self):\n        xs.append(1)\n        return 1\nown = Own()"


@pytest.mark.parametrize(
    "asking", ["if own: pass", "while own: pass", "not own", "own or 1", "assert own", "len(own)"]
)
def test_a_truth_is_asked_of_the_object(asking: str) -> None:
    assert rests(OWN, asking, "xs") == {1, 2}


def test_a_special_method_that_is_not_asked_for_is_not_called() -> None:
    assert rests(OWN, "[own]", "xs") == {1}


@pytest.mark.parametrize(
    ("made", "attribute"), [("[]", "append"), ("__import__('numpy').zeros(3)", "fill"), ("{}", "setdefault")]
)
def test_a_method_that_changes_its_object_holds_it_when_it_is_not_called(made: str, attribute: str) -> None:
    world = world_after(f"thing = {made}", f"kept = thing.{attribute}")
    (mark,) = world.names["kept"].value.regions
    (held,) = world.names["thing"].value.regions
    assert world.kinds[mark] is Kind.FUNCTION
    assert world.bound[mark][1] == attribute
    assert held in world.reach(frozenset({mark}), seeing=False)


def test_a_method_that_only_looks_is_what_it_was() -> None:
    assert not world_after("xs = [1]", "kept = xs.index").bound
    assert rests("xs = [1]", "sorted([1], key=xs.index)", "xs") == {1}


def test_an_object_with_an_end_may_end_in_any_later_cell() -> None:
    ending = "xs = []\nclass Own:\n    def __del__(self):\n        xs.append(1)"
    assert rests(f"{ending}\nown = Own()", "y = 1", "xs") == {1, 2}
    assert rests(ending, "y = 1", "xs") == {1}  # there is no object yet


@pytest.mark.parametrize(
    "given",
    [
        "atexit.register(xs.append, 1)", "signal.signal(10, lambda *a: xs.append(1))", "weakref.finalize(k, xs.append, 1)",
        "threading.Thread(target=xs.append, args=(1,)).start()", "sys.settrace(lambda *a: xs.append(1))",
        "sys.excepthook = lambda *a: xs.append(1)", "logging.getLogger().addFilter(lambda r: xs.append(1))",
    ],
)  # fmt: skip
def test_what_is_given_to_the_process_may_be_called_in_any_later_cell(given: str) -> None:
    start = "import atexit, signal, weakref, threading, sys, logging\nxs, k = [], object"
    assert rests(start, given, "y = 1", "xs") == {1, 2, 3}
    assert rests(start, "y = 1", "xs") == {1}


def test_what_only_the_process_has_is_nobodys_later() -> None:
    assert rests("import threading, logging\nxs = []", "lock = threading.Lock()", "y = 1", "xs") == {1}
    assert rests("import logging\nxs = []", "logging.info('%s', xs)", "y = 1", "xs") == {1}


def test_a_metaclass_stands_beside_the_bases_of_a_class() -> None:
    meta = "xs = []\nclass Meta(type):\n    def __init__(cls, *args):\n        xs.append(1)"
    assert rests(meta, "class Own(metaclass=Meta): pass", "class Other(Own): pass", "xs") == {1, 2, 3}
    assert rests(meta, "class Own: pass", "xs") == {1}


def test_the_keywords_of_a_class_are_no_bases() -> None:
    base = "class Base:\n    def __init_subclass__(cls, tag): pass\nxs = []"
    assert rests(base, "class Own(Base, tag='x'): pass\nown = Own()", "own.y = 1", "xs") == {1}
    assert not read(base, "class Own(Base, tag='x'): pass", "Own()").opaque
