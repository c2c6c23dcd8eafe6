"""What an event says in words: from what to what and why, on one line, whatever a ledger holds."""

from __future__ import annotations

import pytest

from jupyter_mlops import ledger, tracking
from jupyter_mlops.records.event import Event
from jupyter_mlops.render.happened import _TELLERS, happened
from jupyter_mlops.workspace import Workspace
from tests.render.records_shown import ANA, AT

ID = "01m7xwy4ft6vjr09ecnrx4ah70"


def told(kind: str, /, longest: int = 100, **data: object) -> str:
    return happened(Event(at=AT, actor=ANA, kind=kind, subject="s", data=data), longest)


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("alias.moved", {"was": None, "version": 1, "reason": "first"}, "nothing → 1: first"),
        ("alias.moved", {"was": 1, "version": 2, "label": "rollback", "reason": "worse"}, "1 → 2 (rollback): worse"),
        ("alias.moved", {"was": 1, "version": 2, "reason": ""}, "1 → 2: no reason given"),
        ("deployment.swapped", {"was": 1, "version": 2}, "1 → 2"),
        ("run.renamed", {"was": "old", "name": "new"}, "old → new"),
        ("run.noted", {"text": "the sensor was dirty"}, "the sensor was dirty"),
        ("run.tagged", {"tags": {"team": "risk"}, "removed": ["draft"]}, "team risk · without draft"),
        ("run.tagged", {"tags": {}, "removed": []}, ""),
        ("review.decided", {"verdict": "approve", "note": "self-approved", "comment": "fine"}, "approve self-approved fine"),
        ("review.decided", {"verdict": "abstain", "note": "", "comment": ""}, "abstain"),
        ("review.refused", {"review": ID, "verdict": "approve", "why": "ana made it"}, "review x4ah70 · verdict approve · ana made it"),
        ("review.lapsed", {"parts": ["model", "data"]}, "changed: model, data"),
        ("policy.set", {"policy": {"quorum": 2}, "first": True}, "first quorum 2"),
        ("policy.set", {"policy": {"quorum": 1}, "first": False}, "changed quorum 1"),
        ("drift.checked", {"rows": 0, "verdict": "failed"}, "rows 0 · verdict failed"),
        ("job.retried", {"attempt": 2, "was": "failed"}, "attempt 2"),
        ("job.lost", {"was": "running", "run": ID}, "run x4ah70"),
        ("run.failed", {"grade": "stale", "error": "ValueError"}, "error ValueError"),
        ("run.finished", {"grade": "clean", "error": None}, ""),
        ("model.created", {}, ""),
    ],
)  # fmt: skip
def test_an_event_says_what_it_changed_and_why(kind: str, data: dict[str, object], said: str) -> None:
    assert told(kind, **data) == said


@pytest.mark.parametrize("kind", [*_TELLERS, "workspace.imported", "never.heard_of"])
@pytest.mark.parametrize(
    "odd", [None, "", 0, 3.5, True, "text", [], ["a", None], {}, {"quorum": None}, {"deep": [{"x": 1}]}]
)
def test_a_ledger_from_elsewhere_may_hold_anything(kind: str, odd: object) -> None:
    names = (
        "was",
        "version",
        "name",
        "parts",
        "policy",
        "tags",
        "removed",
        "reason",
        "verdict",
        "message",
        "run",
        "label",
    )
    said = told(kind, **dict.fromkeys(names, odd))

    assert "\n" not in said
    assert len(said) <= 100
    assert "mappingproxy(" not in said


@pytest.mark.parametrize("kind", ["alias.moved", "review.decided", "review.refused", "job.follow_up_failed"])
def test_however_long_a_reason_is_it_stays_on_its_line(kind: str) -> None:
    reason = "because\nof\tmany  things " * 100
    said = told(kind, 80, was=1, version=2, reason=reason, comment=reason, why=reason, message=reason)

    assert "because of many things because" in said
    assert said.endswith("…")
    assert len(said) == 80
    assert said.rstrip("…") in told(
        kind, 300, was=1, version=2, reason=reason, comment=reason, why=reason, message=reason
    )


def test_an_id_is_called_by_its_tail_and_a_name_in_full() -> None:
    assert (
        told("job.submitted", run=ID, review=ID, name="n" * 26)
        == f"name {'n' * 26} · run x4ah70 · review x4ah70"
    )


def test_what_happens_to_a_run_is_told_from_the_book_itself(memory_ws: Workspace) -> None:
    run = tracking.start_run(memory_ws, name="first", experiment="air")
    tracking.finish_run(memory_ws, run=run.id)
    tracking.rename_run(memory_ws, run=run.id, name="better")
    tracking.tag_run(memory_ws, run=run.id, tags={"team": "risk"})
    tracking.archive_run(memory_ws, run=run.id)

    assert [(event.kind, happened(event)) for event in ledger.history(memory_ws)] == [
        ("run.started", "name first · experiment air"),
        ("run.finished", ""),
        ("run.renamed", "first → better"),
        ("run.tagged", "team risk"),
        ("run.archived", ""),
    ]
