from __future__ import annotations

import pytest

from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.lineage import Lineage
from jupyter_mlops.registry import lineage
from jupyter_mlops.workspace import Workspace
from tests.registry.books import approved, registered

pytestmark = pytest.mark.usefixtures("no_round_trip")


def test_the_chain_goes_from_the_data_to_the_alias(ws: Workspace) -> None:
    version = registered(ws)
    review = approved(ws, version)
    told = lineage(ws, "pm25@champion")
    assert dict(told.data) == {"X": "d" * 64}
    assert [(c.sequence, c.first_line) for c in told.cells] == [(1, "x1 = 1"), (2, "x2 = 2")]
    assert (told.run, told.run_name, told.notebook) == (version.run, "baseline", "train.ipynb")
    assert [(r.review, r.alias, r.status) for r in told.reviews] == [(review.id, "champion", "approved")]
    assert told.aliases == ("champion",)
    assert decode(Lineage, encode(told)) == told


def test_a_version_nobody_promoted_has_a_shorter_chain(ws: Workspace) -> None:
    registered(ws)
    told = lineage(ws, "pm25:1")
    assert told.reviews == ()
    assert told.aliases == ()
