"""The ports: every adapter has each of their methods, to be called in the same way."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from jupyter_mlops.records.query import Page
from jupyter_mlops.store import open_blobs, open_store
from jupyter_mlops.store.objects import ObjectBlobs
from jupyter_mlops.store.protocol import (
    Blobs,
    CellSeries,
    Collection,
    EventSeries,
    MetricSeries,
    Series,
    Store,
    Transaction,
)
from jupyter_mlops.store.shelves import SHELVES

SERIES = {"metrics": MetricSeries, "cells": CellSeries, "predictions": Series, "events": EventSeries}


def methods(port: type) -> dict[str, Any]:
    """A protocol's own methods and those of the protocols it is made of."""
    return {
        name: member
        for one in reversed(port.__mro__)
        if getattr(one, "_is_protocol", False)
        for name, member in vars(one).items()
        if inspect.isfunction(member) and not name.startswith("_")
    }


def call(method: Any) -> list[tuple[str, Any, Any]]:
    """How a method is called: names, kinds and defaults of its arguments, without the receiver."""
    parameters = [one for one in inspect.signature(method).parameters.values() if one.name != "self"]
    return [(one.name, one.kind, one.default) for one in parameters]


def assert_is(thing: object, port: type) -> None:
    for name, asked in methods(port).items():
        assert call(getattr(thing, name)) == call(asked), f"{type(thing).__name__}.{name}"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = open_store({"memory": "memory://", "sqlite": f"sqlite:///{tmp_path}/store.db"}[request.param])
    yield store
    store.close()


def test_both_stores_are_called_alike(store: Store) -> None:
    assert set(methods(Store)) == {"read", "write", "waited", "close"}
    assert_is(store, Store)


@pytest.mark.parametrize("kind", ["read", "write"])
def test_every_collection_and_series_of_a_transaction_is_called_alike(store: Store, kind: str) -> None:
    with getattr(store, kind)() as tx:
        for shelf in SHELVES:
            assert_is(getattr(tx, shelf), Collection)
        for name, port in SERIES.items():
            assert_is(getattr(tx, name), port)


@pytest.mark.parametrize("kind", ["memory", "folder", "objects"])
def test_every_place_for_bytes_is_called_alike(kind: str, tmp_path: Path) -> None:
    from obstore.store import MemoryStore

    made = {
        "memory": lambda: open_blobs("memory://"),
        "folder": lambda: open_blobs(f"file://{tmp_path}"),
        "objects": lambda: ObjectBlobs(MemoryStore(), "memory"),
    }
    assert_is(made[kind](), Blobs)


def test_a_transaction_has_a_collection_for_each_shelf_and_says_its_key() -> None:
    """Whoever calls ``get`` reads here which values the key is made of."""
    named = {name: member for name, member in vars(Transaction).items() if isinstance(member, property)}
    assert set(named) == {*SHELVES, *SERIES}
    for shelf in SHELVES.values():
        assert tuple(re.findall(r"``(\w+)``", named[shelf.name].__doc__ or "")) == shelf.key
        records = {each.record.__name__: each.record for each in SHELVES.values()}
        (record,) = get_type_hints(named[shelf.name].fget, localns=records)["return"].__args__
        assert record is shelf.record


def test_nothing_that_a_transaction_has_not_is_made_up(store: Store) -> None:
    with store.read() as tx:
        for name in ("run", "experiments", "_shelf", "commit"):
            assert not hasattr(tx, name)


def test_a_page_knows_what_it_would_hold(store: Store) -> None:
    from jupyter_mlops.records.query import Query

    with store.read() as tx:
        for shelf in SHELVES.values():
            page = getattr(tx, shelf.name).find(Query())
            assert isinstance(page, Page)
            assert (page.kind, page.items, page.total, page.cursor) == (shelf.record.__name__, (), 0, None)


def test_the_comparison_of_calls_sees_what_differs() -> None:
    class Nearly:
        def read(self, owner: str, *, after: int = 1, limit: int = 1000) -> None: ...

        def append(self, items: object) -> None: ...

    with pytest.raises(AssertionError, match="Nearly.read"):
        assert_is(Nearly(), Series)
