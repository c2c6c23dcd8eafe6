"""Where a model version comes from."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import lineage
from jupyter_mlops.records.lineage import Resolved


class TestRecords(RecordContract):
    module = lineage
    required = {
        "Resolved": "model version",
        "LineageCell": "sequence cell digest",
        "LineageReview": "review alias status",
        "Lineage": "model version digest",
    }


def test_what_was_reached_by_an_alias_is_referred_to_by_its_version() -> None:
    """The alias may have moved by the time somebody reads it."""
    assert Resolved(model="pm25", version=7, alias="champion").reference == "pm25:7"
