"""What upgrading a store did."""

from __future__ import annotations

import pytest
from contracts.records import RecordContract

from jupyter_mlops.records import upgrade
from jupyter_mlops.records.upgrade import Upgrade


class TestRecords(RecordContract):
    module = upgrade
    required = {"Upgrade": "store before after"}


@pytest.mark.parametrize(("before", "changed"), [("0004", False), ("0003", True), (None, True)])
def test_a_store_has_changed_where_its_revision_has(before: str | None, changed: bool) -> None:
    assert Upgrade(store="sqlite:///x.db", before=before, after="0004").changed is changed
