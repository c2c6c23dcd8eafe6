"""What a decision is bound to: one digest for each part of the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.run import Grade, MetricPoint, RunInput
from jupyter_mlops.registry import (
    changed_parts,
    evidence_digest,
    evidence_parts,
    load_model,
    move_alias,
)
from jupyter_mlops.registry.parts import MISSING, _as_before
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace
from tests.registry.books import approved, registered

pytestmark = pytest.mark.usefixtures("no_round_trip")


def parts_of(ws: Workspace, **given: Any) -> dict[str, str]:
    with ws.store.read() as tx:
        return dict(evidence_parts(tx, ws.blobs, model="pm25", version=1, alias="champion", **given))


# Each changes one part by one byte or one field, in the database or in the blob folder itself.


def change_run(ws: Workspace, **changes: Any) -> None:
    with ws.store.write() as tx:
        kept = tx.runs.get(str(tx.versions.get("pm25", 1).run))
        tx.runs.replace(replace(kept, **changes))


def test_a_patch_that_comes_later_changes_no_part(ws: Workspace) -> None:
    registered(ws)
    parts = parts_of(ws)
    with ws.store.read() as tx:
        run = tx.runs.get(str(tx.versions.get("pm25", 1).run))
    change_run(ws, source=replace(run.source, patch="a" * 64))
    with ws.store.write() as tx:
        tx.artifacts.replace(Artifact(run=run.id, name="source/uncommitted.patch", digest="a" * 64, size=1))
    assert parts_of(ws) == parts


def test_the_parts_are_the_eight_that_a_reviewer_signs(ws: Workspace) -> None:
    registered(ws)
    parts = parts_of(ws)
    assert list(parts) == ["model", "cells", "data", "metrics", "grade", "environment", "champion", "policy"]
    assert all(len(digest) == 64 for digest in parts.values())
    assert parts == parts_of(ws)


@pytest.mark.parametrize(
    ("name", "later"),
    [
        ("cells", {"modules": {"evil.py": "e" * 64}}),
        ("cells", {"module_notes": {"evil.py": "edited after its import"}}),
        ("environment", {"seeds": ("numpy.random.seed(7)",)}),
        ("environment", {"variables": {"MODE": "evil"}}),
    ],
)
def test_to_what_was_approved_nothing_can_be_added_that_was_not_there(
    ws: Workspace, name: str, later: dict[str, Any]
) -> None:
    review = approved(ws, registered(ws))
    with ws.store.read() as tx:
        source = tx.runs.get(str(tx.versions.get("pm25", 1).run)).source
        assert changed_parts(tx, ws.blobs, review) == ()
    assert not getattr(source, next(iter(later)))
    change_run(ws, source=replace(source, **later))
    with ws.store.read() as tx:
        assert changed_parts(tx, ws.blobs, review) == (name,)


def test_a_review_from_before_these_were_signed_is_held_against_what_it_signed(ws: Workspace) -> None:
    review = approved(ws, registered(ws))
    with ws.store.read() as tx:
        parts = {**review.evidence.parts, **_as_before(tx, ws.blobs, review)}
    assert all(parts[name] != review.evidence.parts[name] for name in ("cells", "environment"))
    old = replace(
        review, evidence=replace(review.evidence, parts=parts), evidence_digest=evidence_digest(parts)
    )
    with ws.store.read() as tx:
        assert changed_parts(tx, ws.blobs, old) == ()
        source = tx.runs.get(str(tx.versions.get("pm25", 1).run)).source
    change_run(ws, source=replace(source, notebook="another.ipynb"))
    with ws.store.read() as tx:
        assert changed_parts(tx, ws.blobs, old) == ("cells",)


def test_the_champion_part_is_the_one_the_review_was_opened_against(ws: Workspace) -> None:
    first = registered(ws)
    approved(ws, first)
    second = registered(ws, name="two")
    review = approved(ws, second, champion=first)
    with ws.store.read() as tx:
        assert changed_parts(tx, ws.blobs, review) == ()
    assert load_model(ws, "pm25@champion") is not None


def test_the_champion_part_changes_with_the_alias(ws: Workspace) -> None:
    registered(ws)
    second = registered(ws, name="two")
    nobody = parts_of(ws)["champion"]
    move_alias(ws, model="pm25", alias="champion", version=second.version, reason="because")
    assert parts_of(ws)["champion"] != nobody
    assert parts_of(ws, champion=None)["champion"] == nobody
    assert parts_of(ws, champion=9)["champion"] == MISSING


def test_evidence_written_anew_does_not_fit_what_was_signed(ws: Workspace) -> None:
    version = registered(ws)
    review = approved(ws, version)
    change_run(ws, grade=Grade.UNKNOWN)
    with ws.store.write() as tx:
        parts = evidence_parts(tx, ws.blobs, model="pm25", version=1, alias="champion", champion=None)
        tx.reviews.replace(replace(review, evidence=replace(review.evidence, parts=parts)))
    with pytest.raises(Untrusted, match="evidence"):
        load_model(ws, "pm25@champion")


def test_a_lost_blob_is_a_missing_part_and_no_crash(ws: Workspace) -> None:
    version = registered(ws)
    with ws.store.read() as tx:
        environment = tx.runs.get(str(version.run)).source.environment
    ws.blobs.remove(str(environment))
    ws.blobs.remove(version.digest)
    parts = parts_of(ws)
    assert (parts["environment"], parts["model"]) == (MISSING, MISSING)


def test_a_lost_run_makes_its_parts_missing(ws: Workspace) -> None:
    registered(ws)

    class NoRuns:
        def __init__(self, tx: Transaction) -> None:
            self.tx = tx

        def __getattr__(self, name: str) -> Any:
            return getattr(self.tx, "models" if name == "runs" else name)

    with ws.store.read() as tx:
        parts = evidence_parts(NoRuns(tx), ws.blobs, model="pm25", version=1, alias="champion")  # type: ignore[arg-type]
    assert [name for name, digest in parts.items() if digest == MISSING] == [
        "cells", "data", "metrics", "grade", "environment",
    ]  # fmt: skip


def test_a_part_says_only_what_it_is_about(ws: Workspace) -> None:
    """Renaming, tagging and archiving a run, or writing a note, takes no approval away."""
    registered(ws)
    before = parts_of(ws)
    change_run(
        ws,
        name="other",
        tags={"team": "risk"},
        archived=True,
        notes=("seen",),
        params={"alpha": 3},
        last_cell="c9",
    )
    assert parts_of(ws) == before


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("grade", {"grade": Grade.STALE}),
        ("data", {"inputs": ()}),
        ("data", {"inputs": (RunInput(name="X", role="train", digest="e" * 64, rows=80),)}),
        ("data", {"inputs": (RunInput(name="X", role="test", digest="d" * 64, rows=80),)}),
        ("cells", {"source_rests_on": (2,)}),
        ("cells", {"source_notebook": "other.ipynb"}),
        ("environment", {"source_python": "3.12"}),
        ("environment", {"source_commit": "c0ffee"}),
        ("environment", {"source_dirty": ("x.py",)}),
    ],
)
def test_each_change_shows_in_its_part_and_in_no_other(
    ws: Workspace, part: str, changes: dict[str, Any]
) -> None:
    registered(ws)
    before = parts_of(ws)
    with ws.store.read() as tx:
        source = tx.runs.get(str(tx.versions.get("pm25", 1).run)).source
    inner = {
        name.removeprefix("source_"): value for name, value in changes.items() if name.startswith("source_")
    }
    change_run(ws, **({"source": replace(source, **inner)} if inner else changes))
    after = parts_of(ws)
    assert [name for name in before if before[name] != after[name]] == [part]


def test_a_further_point_of_a_metric_shows_although_the_last_value_is_the_same(ws: Workspace) -> None:
    registered(ws)
    before = parts_of(ws)
    with ws.store.write() as tx:
        owner = str(tx.versions.get("pm25", 1).run)
        tx.metrics.append([MetricPoint(owner=owner, sequence=2, key="mae", value=41.5, at=ws.now())])
    after = parts_of(ws)
    assert [name for name in before if before[name] != after[name]] == ["metrics"]


def test_the_parts_of_equal_books_are_equal_in_every_store(memory_ws: Workspace, sql_ws: Workspace) -> None:
    for books in (memory_ws, sql_ws):
        registered(books)
    assert parts_of(memory_ws) == parts_of(sql_ws)


def test_no_policy_and_a_policy_of_defaults_are_two_things(ws: Workspace) -> None:
    registered(ws)
    before = parts_of(ws)["policy"]
    with ws.store.write() as tx:
        tx.policies.add(Policy(model="pm25"))
    assert parts_of(ws)["policy"] != before


def test_what_is_signed_changes_with_any_part_and_not_with_their_order() -> None:
    parts = {"model": "a" * 64, "data": MISSING}
    assert evidence_digest(parts) == evidence_digest(dict(reversed(parts.items())))
    signed = {
        evidence_digest(parts),
        evidence_digest({**parts, "data": "b" * 64}),
        evidence_digest({"model": "a" * 64}),
    }
    assert len(signed) == 3
    assert all(len(digest) == 64 for digest in signed)


def test_a_version_that_is_gone_changes_every_part(ws: Workspace) -> None:
    review = approved(ws, registered(ws))
    gone = replace(review, version=9)
    with ws.store.read() as tx:
        assert changed_parts(tx, ws.blobs, gone) == tuple(review.evidence.parts)
