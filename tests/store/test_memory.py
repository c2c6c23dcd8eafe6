"""The memory store passes the suite."""

from __future__ import annotations

import pytest
from contracts.store import StoreContract

from jupyter_mlops.store import open_store
from jupyter_mlops.store.protocol import Store


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return open_store("memory://")


def test_each_opening_gives_an_empty_store_of_its_own() -> None:
    first, second = open_store("memory://"), open_store("memory://")
    from contracts.samples import run

    from jupyter_mlops.records.query import Query

    with first.write() as tx:
        tx.runs.add(run())
    with second.read() as tx:
        assert tx.runs.find(Query()).total == 0
