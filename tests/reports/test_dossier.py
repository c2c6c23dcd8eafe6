"""Each line of a dossier names what proves it."""

from __future__ import annotations

import pytest
from review.books import add_version, person

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.reports import dossier
from jupyter_mlops.review import decide, open_review
from jupyter_mlops.workspace import Workspace


def test_every_line_of_a_dossier_is_linked_to_its_evidence(ws: Workspace) -> None:
    version = add_version(ws)
    review = decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.APPROVE, "well done")
    text = dossier(ws, "pm25@champion").markdown

    rows = [
        line
        for line in text.splitlines()
        if line.startswith("| ") and "---" not in line and "statement" not in line
    ]
    assert len(rows) > 20
    assert all(row.split("|")[2].strip() for row in rows)
    for evidence in (
        f"blob {version.digest}",
        f"run {version.run}",
        f"review {review.id}",
        f"evidence {review.evidence_digest}",
    ):
        assert evidence in text
    assert "ledger 1, " in text


def test_what_only_people_can_say_is_left_open_and_not_left_out(ws: Workspace) -> None:
    add_version(ws)

    assert "intended purpose: not said yet" in dossier(ws, "pm25:1").markdown


def test_a_dossier_of_nothing_is_refused(ws: Workspace) -> None:
    add_version(ws)
    with pytest.raises(NotFound):
        dossier(ws, "pm25:7")
