"""Replaced attributes and bodies, and the way back."""

from __future__ import annotations

import functools
import inspect
import pickle

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
