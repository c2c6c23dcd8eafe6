"""What a model's shelf holds, told with the model."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.registry import find_models, get_model, move_alias
from jupyter_mlops.review import open_review
from jupyter_mlops.workspace import Workspace
from registry.books import registered


def test_models_are_told_with_their_newest_version_their_aliases_and_what_waits(ws: Workspace) -> None:
    registered(ws)
    registered(ws, "wine")
    move_alias(ws, model="wine", alias="challenger", version=1, reason="to see")
    open_review(ws, reference="pm25:1")

    page = find_models(ws)

    assert [(m.name, m.newest, dict(m.aliases), m.open_reviews) for m in page] == [
        ("pm25", 1, {}, 1),
        ("wine", 1, {"challenger": 1}, 0),
    ]
    assert get_model(ws, "wine") == page[1]


def test_a_page_of_models_says_what_it_holds_and_whether_it_was_asked_for_less(ws: Workspace) -> None:
    assert (find_models(ws).kind, find_models(ws).narrowed) == ("Model", False)
    assert find_models(ws, "name = 'x'").narrowed


def test_what_is_read_off_other_books_cannot_be_asked_for(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="no attribute 'open_reviews'"):
        find_models(ws, "open_reviews > 0")
