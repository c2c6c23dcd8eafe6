"""What every store must do. An adapter's own tests subclass this and give it an empty store."""

from __future__ import annotations

import threading

from contracts.keeping import same
from contracts.store_questions import QuestionsContract
from contracts.store_records import RecordsContract
from contracts.store_series import SeriesContract
from jupyter_mlops.store.protocol import Store

__all__ = ["StoreContract", "same"]


class StoreContract(RecordsContract, QuestionsContract, SeriesContract):
    """Subclass with a fixture ``store``: empty, and the test's own."""

    def test_a_writer_who_waits_for_another_is_told_of(self, store: Store) -> None:
        got = threading.Event()

        def write() -> None:
            with store.write():
                got.set()

        with store.write():
            assert store.waited() == 0.0
            other = threading.Thread(target=write)
            other.start()
            while store.waited() == 0.0:
                assert not got.wait(0.001)
        other.join(60)
        assert got.is_set()
        assert store.waited() == 0.0
