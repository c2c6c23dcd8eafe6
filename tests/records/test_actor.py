"""Who asks."""

from __future__ import annotations

from contracts.records import RecordContract

from jupyter_mlops.records import actor
from jupyter_mlops.records.actor import Actor, Door


class TestRecords(RecordContract):
    module = actor
    required = {"Actor": "name"}


def test_nobody_is_taken_for_authenticated_who_did_not_say_how() -> None:
    for door in Door:
        assert not Actor(name="root", via=door).authenticated


def test_the_doors_keep_the_names_that_policies_and_ledgers_hold() -> None:
    assert set(Door) == {"python", "notebook", "shell", "server", "job", "automation"}
