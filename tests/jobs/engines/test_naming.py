"""An engine by its name."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.engines import open_engine


@pytest.mark.parametrize("name", ["", "ray", "local:8"])
def test_an_unknown_engine_is_refused_with_the_known_ones(name) -> None:
    with pytest.raises(Invalid, match="Known: local, dask"):
        open_engine(name, 1)


def test_at_least_one_must_work() -> None:
    with pytest.raises(Invalid):
        open_engine("local", 0)
