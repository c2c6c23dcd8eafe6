"""What every store must do. An adapter's own tests subclass this and give it an empty store."""

from __future__ import annotations

from contracts.keeping import same
from contracts.store_questions import QuestionsContract
from contracts.store_records import RecordsContract
from contracts.store_series import SeriesContract

__all__ = ["StoreContract", "same"]


class StoreContract(RecordsContract, QuestionsContract, SeriesContract):
    """Subclass with a fixture ``store``: empty, and the test's own."""
