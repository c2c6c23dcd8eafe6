from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_mlops as mlops
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.watching import watch_undone
from jupyter_mlops.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Where autolog watches everything."""
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    mlops.autolog()
    yield here()
    watch_undone()
    here().store.close()
