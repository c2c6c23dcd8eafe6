"""Stores are opened by address."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.store import open_store


@pytest.mark.parametrize(
    "url", ["", "store.db", "mysql://ana:secret@host/x", "sqlite://", "sqlite:/x", "SQLITE:///x"]
)
def test_an_unknown_address_is_refused_with_those_that_are_known(url: str) -> None:
    with pytest.raises(Invalid, match="sqlite:///file, postgresql://host/database, memory://") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)
