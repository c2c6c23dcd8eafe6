"""Replaced attributes and bodies, and the way back."""

from __future__ import annotations

import functools
import inspect
import pickle
import subprocess
import sys
import warnings

import pytest

from jupyter_mlops.capture.estimators.frames import skipped
from jupyter_mlops.capture.estimators.patches import ABSENT, Patches


def plain(first, second=2, *rest, third, fourth=4, **more):
    """Say what was given."""
    return first, second, rest, third, fourth, more


def counted():
    count = 0

    def count_up(step=1):
        nonlocal count
        count += step
        return count

    return count_up


def test_a_replaced_body_calls_the_hook_and_stays_the_same_function():
    calls = []

    def make(original):
        def hook(*args, **kwargs):
            calls.append((args, kwargs))
            return original(*args, **kwargs)

        return hook

    patches, body, signature = Patches(), plain.__code__, inspect.signature(plain)
    held = plain
    patches.body(plain, make)
    assert held(1, third=3) == (1, 2, (), 3, 4, {})
    assert held(1, 5, 6, third=3, fourth=0, x=1) == (1, 5, (6,), 3, 0, {"x": 1})
    assert len(calls) == 2
    assert pickle.loads(pickle.dumps(plain)) is held
    assert inspect.signature(plain) == signature
    assert patches.undo() == ()
    assert plain.__code__ is body
    assert "__signature__" not in vars(plain)
    plain(1, third=3)
    assert len(calls) == 2


def test_a_function_with_a_closure_keeps_it():
    count_up, patches = counted(), Patches()
    patches.body(count_up, lambda original: lambda *args: 10 * original(*args))
    assert [count_up(), count_up(2)] == [10, 30]
    patches.undo()
    assert count_up() == 4


CLOSURES = """
import sys, types
from jupyter_mlops.capture.estimators.patches import Patches

def closures():
    a, b, c = 1, "two", [3]
    def one(x):
        return a / x
    def three(x):
        def deeper():
            return b
        return a, deeper(), c[x]
    class Base:
        def __init__(self):
            pass
    class Cls(Base):
        def method(self, x):
            super().__init__()  # closes over its class
            return a / x
    return one, three, Cls.method.__get__(Cls()).__func__, Cls

one, three, method, cls = closures()
patches = Patches()
for function in (one, three, method):
    patches.body(function, lambda original: lambda *args: original(*args))
seen = []
for call in (lambda: one(0), lambda: three(9), lambda: cls().method(0)):
    try:
        call()
    except (ZeroDivisionError, IndexError):
        frames = sys.exc_info()[2]
        while frames is not None:
            seen.append(frames.tb_frame.f_code.co_name)
            dict(frames.tb_frame.f_locals)  # as IPython reads them for its traceback
            frames = frames.tb_next
assert three(0) == (1, "two", 3)
patches.undo()
assert three(0) == (1, "two", 3)
print(seen.count("one"), seen.count("three"), seen.count("method"))
"""


def test_the_variables_of_a_replaced_body_can_be_read_from_a_traceback():
    # In a process of its own: where this goes wrong there is none any more.
    done = subprocess.run([sys.executable, "-c", CLOSURES], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["2", "2", "2"]), done.stderr


def test_functions_that_share_one_body_are_replaced_each_for_itself():
    first, second, patches = counted(), counted(), Patches()
    patches.body(first, lambda original: lambda: "first")
    assert (first(), second()) == ("first", 1)
    patches.undo()
    assert first() == 1


def test_an_attribute_that_was_not_there_goes_again():
    class Owner:
        pass

    patches = Patches()
    patches.attribute(Owner, "added", lambda before: before is ABSENT)
    assert Owner.added is True
    patches.undo()
    assert "added" not in vars(Owner)


def test_what_somebody_else_replaced_meanwhile_is_named_and_left():
    patches = Patches()
    patches.body(plain, lambda original: original)
    theirs, body = functools.partial(plain), plain.__code__
    plain.__code__ = counted.__code__
    try:
        assert patches.undo() == ("plain",)
        assert plain.__code__ is counted.__code__
    finally:
        plain.__code__ = body
        assert theirs.func is plain


def test_what_a_library_takes_away_itself_is_asked_to():
    patches, gone = Patches(), []
    patches.undone(lambda: gone.append(1))
    patches.undo()
    patches.undo()
    assert gone == [1]


def test_a_warning_of_a_replaced_body_points_to_the_users_line():
    def old():
        warnings.warn("old", DeprecationWarning, stacklevel=2)

    def make(original):
        @skipped
        def hook():
            original()

        return hook

    patches = Patches()
    patches.body(old, make)
    with pytest.warns(DeprecationWarning, match="old") as heard:
        old()
    line = sys._getframe().f_lineno - 1
    patches.undo()
    assert [(one.filename, one.lineno) for one in heard] == [(__file__, line)]
