"""One installed environment for all journeys."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.installed import install


@pytest.fixture(scope="session")
def bin_(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment in which the package is installed."""
    return install(tmp_path_factory.mktemp("installed") / "environment")
