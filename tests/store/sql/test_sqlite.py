"""SQLite passes the suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts.store import StoreContract

from jupyter_mlops.store import open_store
from jupyter_mlops.store.protocol import Store


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
        yield store
        store.close()
