from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.ledger import history, state_at
from jupyter_mlops.records.model import Model
from jupyter_mlops.workspace import Workspace
from tests.contracts.samples import run


def tell(ws: Workspace, *lines: tuple[str, str, dict[str, object]]) -> None:
    with ws.store.write() as tx:
        tx.events.append([ws.event(kind, subject, **data) for kind, subject, data in lines])


def moved(alias: str, version: int, review: str | None = None) -> tuple[str, str, dict[str, object]]:
    return "alias.moved", f"pm25@{alias}", {"version": version, "review": review}


def test_lines_come_in_order_and_go_on_from_a_cursor(ws: Workspace) -> None:
    tell(ws, *(("run.finished", f"r{n}", {}) for n in range(5)))
    first = history(ws, limit=2)
    assert [e.subject for e in first] == ["r0", "r1"]
    assert [e.subject for e in history(ws, after=first[-1].sequence)] == ["r2", "r3", "r4"]
    assert [e.subject for e in history(ws, limit=2, newest=True)] == ["r3", "r4"]


def test_lines_are_found_by_subject_and_by_kind_or_its_beginning(ws: Workspace) -> None:
    tell(ws, moved("champion", 1), ("run.started", "r", {}), ("run.finished", "r", {}))
    assert [e.kind for e in history(ws, "r")] == ["run.started", "run.finished"]
    assert [e.kind for e in history(ws, kind="run.finished")] == ["run.finished"]
    assert [e.kind for e in history(ws, kind="run.")] == ["run.started", "run.finished"]


def test_a_subject_nobody_wrote_about_is_told_so_and_a_tail_is_enough(ws: Workspace) -> None:
    known = run(f"01kb{'0' * 16}zzza3f")
    with ws.store.write() as tx:
        tx.runs.add(known)
        tx.models.add(Model(name="pm25", created=ws.now(), actor=ws.actor))
    tell(ws, ("run.started", known.id, {}))
    assert [event.subject for event in history(ws, "za3f")] == [known.id]
    assert history(ws, known.id, kind="alias.") == ()
    assert history(ws, known.id, after=99) == ()
    assert history(ws, "pm25") == ()
    assert history(ws, "pm25@champion") == ()
    for subject in ("nobody", "nobody@champion", "ffff"):
        with pytest.raises(NotFound, match="nothing was ever written down about") as refused:
            history(ws, subject)
        assert "jupyter mlops history" in refused.value.remedy


@pytest.mark.parametrize("given", [{"limit": 0}, {"limit": 10**9}, {"after": -1}])
def test_nonsense_is_refused(ws: Workspace, given: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        history(ws, **given)  # type: ignore[arg-type]


def test_what_pointed_where_is_told_for_any_moment(ws: Workspace, clock) -> None:  # type: ignore[no-untyped-def]
    start = clock.at
    tell(ws, moved("champion", 1, "review-1"))
    clock.advance(60)
    tell(ws, moved("champion", 2), moved("challenger", 1))
    clock.advance(60)
    tell(ws, moved("champion", 1))
    before = state_at(ws, start - timedelta(seconds=1))
    assert (dict(before.aliases), before.sequence) == ({}, 0)
    first = state_at(ws, start + timedelta(seconds=30))
    assert dict(first.aliases) == {"pm25@champion": 1}
    assert dict(first.reviews) == {"pm25@champion": "review-1"}
    second = state_at(ws, start + timedelta(seconds=60))
    assert dict(second.aliases) == {"pm25@champion": 2, "pm25@challenger": 1}
    assert dict(second.reviews) == {}
    assert dict(state_at(ws, start + timedelta(days=1)).aliases) == {"pm25@champion": 1, "pm25@challenger": 1}


def test_the_state_told_from_the_ledger_is_the_state_of_the_store(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_mlops.registry import find_aliases, move_alias
    from tests.registry.books import registered

    monkeypatch.setattr("jupyter_mlops.registry.versions.admit", lambda ws, manifest: "")
    for n in range(3):
        registered(ws, name=str(n))
    for alias, version in [
        ("champion", 1),
        ("challenger", 3),
        ("champion", 2),
        ("champion", 3),
        ("challenger", 2),
    ]:
        move_alias(ws, model="pm25", alias=alias, version=version, reason="because")
    assert dict(state_at(ws, ws.now()).aliases) == {a.reference: a.version for a in find_aliases(ws)}


def test_a_moment_without_a_time_zone_is_refused(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="no time zone"):
        state_at(ws, datetime(2026, 1, 1))  # noqa: DTZ001
    assert state_at(ws, datetime(2026, 1, 1, tzinfo=UTC)).sequence == 0


def test_a_models_name_stands_for_its_versions_and_aliases_too(ws: Workspace) -> None:
    with ws.store.write() as tx:
        tx.models.add(Model(name="pm25", created=ws.now(), actor=ws.actor))
    tell(
        ws,
        ("model.created", "pm25", {}),
        ("version.registered", "pm25:1", {}),
        ("version.registered", "pm250:1", {}),
        moved("champion", 1),
        ("run.finished", "r", {}),
    )
    assert [e.subject for e in history(ws, "pm25")] == ["pm25", "pm25:1", "pm25@champion"]
    assert [e.subject for e in history(ws, "pm25", limit=2)] == ["pm25", "pm25:1"]
    assert [e.subject for e in history(ws, "pm25", limit=2, newest=True)] == ["pm25:1", "pm25@champion"]
    assert [e.subject for e in history(ws, "pm25", kind="alias.")] == ["pm25@champion"]
    assert [e.subject for e in history(ws, "pm25", after=1)] == ["pm25:1", "pm25@champion"]
    assert [e.subject for e in history(ws, "pm25:1")] == ["pm25:1"]
