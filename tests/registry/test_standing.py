"""An approval is bound to its evidence: one changed byte in any part, and it no longer stands."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.errors import Conflict, Untrusted
from jupyter_mlops.ledger import history
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.review import ReviewStatus
from jupyter_mlops.records.run import Grade, MetricPoint
from jupyter_mlops.registry import (
    LapsedWarning,
    load_model,
    move_alias,
    move_alias_within,
)
from jupyter_mlops.store.packing import pack, unpack
from jupyter_mlops.workspace import Workspace
from tests.registry.books import approved, registered

pytestmark = pytest.mark.usefixtures("no_round_trip")


def _protect(ws: Workspace) -> None:
    with ws.store.write() as tx:
        tx.policies.replace(Policy(model="pm25"))


def _flip(ws: Workspace, digest: str) -> None:
    """Change one byte of a blob behind the store's back."""
    path = next(
        p
        for p in Path(ws.settings.blobs.removeprefix("file://")).rglob("*")
        if p.is_file() and digest[2:] in p.name
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def _change_run(ws: Workspace, change: Callable[[Any], Any]) -> None:
    with ws.store.write() as tx:
        (run,) = (tx.runs.get(str(tx.versions.get("pm25", 1).run)),)
        tx.runs.replace(change(run))


def _execute(ws: Workspace, statement: str) -> None:
    database = sqlite3.connect(ws.settings.store.removeprefix("sqlite:///"))
    with database:
        assert database.execute(statement).rowcount > 0
    database.close()


def _repack(ws: Workspace, value: float) -> None:
    """Change a stored point as somebody would who knows how points are packed."""
    database = sqlite3.connect(ws.settings.store.removeprefix("sqlite:///"))
    with database:
        ((owner, body),) = database.execute(
            "SELECT owner, body FROM metric_chunks WHERE key = 'mae'"
        ).fetchall()
        curve = unpack("", "mae", body)
        assert value not in curve.values
        curve.values[:] = value
        database.execute("UPDATE metric_chunks SET body = ? WHERE owner = ?", (pack(curve), owner))
    database.close()


def _new_point(ws: Workspace) -> None:
    run = str(_version(ws).run)
    with ws.store.write() as tx:
        tx.metrics.append([MetricPoint(owner=run, sequence=2, key="mae", value=41.25, at=ws.now())])


def _version(ws: Workspace) -> Any:
    with ws.store.read() as tx:
        return tx.versions.get("pm25", 1)


def _environment(ws: Workspace) -> str:
    with ws.store.read() as tx:
        return str(tx.runs.get(str(_version(ws).run)).source.environment)


# Each changes one part by one byte or one field, in the database or in the blob folder itself.
DAMAGE: dict[str, Callable[[Workspace], None]] = {
    "cells": lambda ws: _execute(ws, "UPDATE cells SET body = replace(body, 'x2 = 2', 'x2 = 3')"),
    "data": lambda ws: _change_run(
        ws, lambda r: replace(r, inputs=(replace(r.inputs[0], digest="e" + "d" * 63),))
    ),
    "metrics": _new_point,
    "metrics, a stored point": lambda ws: _repack(ws, 41.25),
    "metrics, bytes of points": lambda ws: _execute(
        ws, "UPDATE metric_chunks SET body = zeroblob(length(body))"
    ),
    "metrics, a stored summary": lambda ws: _execute(ws, "UPDATE metric_summaries SET minimum = 1"),
    "grade": lambda ws: _change_run(ws, lambda r: replace(r, grade=Grade.REORDERED)),
    "environment": lambda ws: _flip(ws, _environment(ws)),
    "policy": lambda ws: _set_policy(ws, quorum=2),
}


def _set_policy(ws: Workspace, **fields: Any) -> None:
    with ws.store.write() as tx:
        tx.policies.replace(Policy(model="pm25", **fields))


@pytest.mark.parametrize("part", DAMAGE)
def test_a_change_in_one_part_is_named_and_refuses_where_a_policy_protects(
    sql_ws: Workspace, part: str
) -> None:
    version = registered(sql_ws)
    _protect(sql_ws)
    review = approved(sql_ws, version)
    assert load_model(sql_ws, "pm25@champion") is not None
    DAMAGE[part](sql_ws)
    part = part.partition(",")[0]
    with pytest.raises(Conflict, match=rf"changed since: {part}\.") as refusal:
        load_model(sql_ws, "pm25@champion")
    assert refusal.value.data["parts"] == [part]
    with sql_ws.store.read() as tx:
        lapsed = tx.reviews.get(review.id)
    assert (lapsed.status, lapsed.changed) == (ReviewStatus.LAPSED, (part,))
    assert history(sql_ws, kind="review.lapsed")[0].data["parts"] == [part]


def test_changed_model_bytes_refuse_with_or_without_a_policy(sql_ws: Workspace) -> None:
    from jupyter_mlops.registry import get_manifest

    version = registered(sql_ws)
    approved(sql_ws, version)
    _flip(sql_ws, get_manifest(sql_ws, "pm25:1").files[0].digest)
    with pytest.raises(Untrusted, match="changed since: model"):
        load_model(sql_ws, "pm25@champion")


def test_without_a_policy_a_change_beside_the_bytes_warns_and_lapses_once(sql_ws: Workspace) -> None:
    approved(sql_ws, registered(sql_ws))
    DAMAGE["grade"](sql_ws)
    for _ in range(2):
        with pytest.warns(LapsedWarning, match="changed since: grade"):
            assert load_model(sql_ws, "pm25@champion") is not None
    assert len(history(sql_ws, kind="review.lapsed")) == 1
    with sql_ws.store.read() as tx:
        assert tx.aliases.get("pm25", "champion").version == 1


@pytest.mark.parametrize("reviewed", [True, False])
def test_an_alias_turned_to_another_version_behind_the_ledger_is_refused(
    ws: Workspace, reviewed: bool
) -> None:
    version = registered(ws)
    registered(ws, name="two")
    if reviewed:
        approved(ws, version)
    else:
        move_alias(ws, model="pm25", alias="champion", version=1, reason="because")
    with ws.store.write() as tx:
        tx.aliases.replace(replace(tx.aliases.get("pm25", "champion"), version=2))
    with pytest.raises(Untrusted, match="the ledger's last move of it says otherwise"):
        load_model(ws, "pm25@champion")


def test_an_approval_the_ledger_does_not_know_approves_nothing(ws: Workspace) -> None:
    review = approved(ws, registered(ws))
    forged = replace(review, id="forged", evidence_digest=review.evidence_digest)
    with ws.store.write() as tx:
        tx.reviews.add(forged)
        move_alias_within(tx, ws, model="pm25", alias="champion", version=1, review="forged")
    with pytest.raises(Untrusted, match="evidence"):
        load_model(ws, "pm25@champion")


def test_a_lapse_does_not_heal_when_the_evidence_is_put_back(ws: Workspace) -> None:
    review = approved(ws, registered(ws))
    _change_run(ws, lambda r: replace(r, grade=Grade.STALE))
    with pytest.warns(LapsedWarning, match="grade"):
        load_model(ws, "pm25@champion")
    _change_run(ws, lambda r: replace(r, grade=Grade.CLEAN))
    with pytest.warns(LapsedWarning, match="grade"):
        load_model(ws, "pm25@champion")
    _protect(ws)
    with pytest.raises(Conflict):
        load_model(ws, "pm25@champion")
    with ws.store.read() as tx:
        assert tx.reviews.get(review.id).status is ReviewStatus.LAPSED


def test_an_alias_moved_by_hand_has_no_approval_to_lose(ws: Workspace) -> None:
    registered(ws)
    move_alias(ws, model="pm25", alias="champion", version=1, reason="because")
    DAMAGE["grade"](ws)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_model(ws, "pm25@champion") is not None
