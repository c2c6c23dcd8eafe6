"""A model card tells what the books know, and is Markdown whatever they hold."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.review import decide, model_card, open_review
from jupyter_mlops.workspace import Workspace
from review.books import CELLS, add_version, person


def test_the_card_names_what_it_was_made_of_and_who_let_it_through(ws: Workspace) -> None:
    version = add_version(ws, metrics={"mae": 41.2, "baseline_mae": 60.0})
    decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.APPROVE, "good in <winter> | too")
    card = model_card(ws, "pm25@champion")

    assert card.startswith("# pm25:1\n")
    assert "held by champion" in card
    assert version.digest in card
    assert "validity grade **clean**" in card
    assert "| mae | 41.2 | 60 |" in card
    assert "| X_test | test | 14,610 |" in card
    assert f"rests on {len(CELLS)} cells" in card
    assert "bo approve (unauthenticated)" in card
    assert "<winter>" not in card


def test_a_version_nobody_looked_at_says_so(ws: Workspace) -> None:
    add_version(ws)

    assert "None yet." in model_card(ws, "pm25:1")
    with pytest.raises(NotFound):
        model_card(ws, "pm25:2")
