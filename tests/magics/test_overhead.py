"""The account of what recording costs: bookkeeping, and beside it what is none."""

import gc
import time

import pytest

from jupyter_mlops.magics.overhead import Overhead


def rest(seconds):
    """Let time pass, all of it seen by the clock that hooks are measured with."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def test_each_hook_is_one_entry_and_the_last_thousand_are_kept():
    account = Overhead()
    for _ in range(1001):
        with account.hook():
            pass
    assert len(account.hooks) == 1000
    with account.hook():
        rest(0.02)
    assert account.hooks[-1] >= 0.02
    assert account.collecting == account.keeping == 0


def test_a_hook_that_fails_is_measured_all_the_same():
    account = Overhead()
    with pytest.raises(KeyError), account.hook():
        raise KeyError
    assert len(account.hooks) == 1


def test_a_collection_of_garbage_in_a_hook_is_counted_apart():
    many = [[] for _ in range(300_000)]
    account = Overhead()
    begun = time.perf_counter()
    with account.hook():
        gc.collect()
    taken = time.perf_counter() - begun
    assert account.collecting > 0
    assert account.hooks[-1] + account.collecting <= taken
    assert account.hooks[-1] < account.collecting
    del many


def test_collections_between_hooks_are_nobodys_business_and_no_callback_stays():
    before = list(gc.callbacks)
    account = Overhead()
    with account.hook():
        assert len(gc.callbacks) == len(before) + 1
    assert gc.callbacks == before
    gc.collect()
    assert account.collecting == 0


def test_a_collection_that_began_before_the_hook_is_not_taken_for_one_of_it():
    account = Overhead()
    with account.hook():
        account._collects("stop", {})
    assert account.collecting == 0


def test_keeping_a_model_is_no_bookkeeping_and_a_collection_in_it_is_counted_once():
    account = Overhead()
    begun = time.perf_counter()
    with account.hook(), account.keeps_model():
        rest(0.02)
        gc.collect()
    taken = time.perf_counter() - begun
    assert account.keeping >= 0.02
    assert account.collecting > 0
    assert account.hooks[-1] < 0.02
    assert account.hooks[-1] + account.keeping + account.collecting <= taken
