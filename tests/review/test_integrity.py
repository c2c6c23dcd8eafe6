"""One byte flipped in any part of what was decided on, and the decision no longer stands."""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.errors import Conflict, MlopsError
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.review import Review, ReviewStatus, Verdict
from jupyter_mlops.registry import alias_history, load_model, move_alias
from jupyter_mlops.review import decide, get_review, open_review, show_review, verify
from jupyter_mlops.workspace import Workspace
from review.books import MODULE, add_version, held, keep_policy, person, put

POLICY = Policy(model="pm25", quorum=1, author_may_approve=False)


def database(ws: Workspace) -> Path:
    return Path(ws.settings.store.removeprefix("sqlite:///"))


def flip_in_blob(ws: Workspace, digest: str) -> None:
    """Change the last byte of a blob in the folder, past every guard of ours."""
    folder = Path(ws.settings.blobs.removeprefix("file://"))
    (path,) = (
        p
        for p in folder.rglob("*")
        if p.is_file() and "".join(p.relative_to(folder).parts).endswith(digest[4:])
    )
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))


def flip_in_row(ws: Workspace, old: str, new: str) -> None:
    """Change a text of equal length wherever it stands in the tables other than the ledger and the reviews."""
    assert len(old) == len(new)
    changed = 0
    with sqlite3.connect(database(ws)) as connection:
        tables = [
            name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
        ]
        for table in tables:
            if table in {"events", "reviews", "alembic_version"}:
                continue
            for column in [row[1] for row in connection.execute(f'pragma table_info("{table}")')]:
                done = connection.execute(
                    f'update "{table}" set "{column}" = replace("{column}", ?, ?) '
                    f'where typeof("{column}") = \'text\' and instr("{column}", ?)',
                    (old, new, old),
                )
                changed += done.rowcount
    assert changed, f"{old!r} was found in no table"


def flip_number(ws: Workspace, old: float, new: float) -> None:
    changed = 0
    with sqlite3.connect(database(ws)) as connection:
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            for column in [row[1] for row in connection.execute(f'pragma table_info("{table}")')]:
                done = connection.execute(
                    f'update "{table}" set "{column}" = ? where typeof("{column}") = \'real\' and "{column}" = ?',
                    (new, old),
                )
                changed += done.rowcount
    assert changed, f"{old} was found in no table"


def model_file(ws: Workspace) -> str:
    with ws.store.read() as tx:
        version = tx.versions.get("pm25", 1)
    with ws.blobs.open(version.digest) as content:
        return decode(Manifest, json.loads(content.read())).files[0].digest


def of_run(ws: Workspace) -> str:
    with ws.store.read() as tx:
        return str(tx.versions.get("pm25", 1).run)


def flip_policy(ws: Workspace) -> None:
    with ws.store.write() as tx:
        tx.policies.replace(replace(tx.policies.get("pm25"), quorum=7))


def manifest(ws: Workspace) -> str:
    with ws.store.read() as tx:
        return tx.versions.get("pm25", 1).digest


def environment(ws: Workspace) -> str:
    with ws.store.read() as tx:
        return str(tx.runs.get(of_run(ws)).source.environment)


FLIPS: dict[str, tuple[str, Callable[[Workspace], None]]] = {
    "model bytes": ("model", lambda ws: flip_in_blob(ws, model_file(ws))),
    "manifest": ("model", lambda ws: flip_in_blob(ws, manifest(ws))),
    "model file gone": ("model", lambda ws: ws.blobs.remove(model_file(ws))),
    "cells": ("cells", lambda ws: flip_in_row(ws, "read_csv('air.csv')", "read_csv('bir.csv')")),
    "imported module": ("cells", lambda ws: flip_in_row(ws, MODULE, "d" * 63 + "e")),
    "seed": ("environment", lambda ws: flip_in_row(ws, "seed(7)", "seed(8)")),
    "variable": ("environment", lambda ws: flip_in_row(ws, "TZ_OF_THE_TEST", "TZ_OF_THE_PEST")),
    "data": ("data", lambda ws: flip_in_row(ws, "b" * 64, "b" * 63 + "a")),
    "metrics": ("metrics", lambda ws: flip_number(ws, 41.2, 41.1)),
    "environment": ("environment", lambda ws: flip_in_blob(ws, environment(ws))),
    "grade": ("grade", lambda ws: flip_in_row(ws, "clean", "stale")),
    "policy": ("policy", flip_policy),
}


@pytest.fixture
def opened(sql_ws: Workspace) -> tuple[Workspace, Review]:
    keep_policy(sql_ws, POLICY)
    add_version(sql_ws)
    return sql_ws, open_review(sql_ws, "pm25:1")


@pytest.mark.parametrize("flip", FLIPS)
def test_a_flipped_byte_lapses_an_open_review_when_it_is_decided(
    opened: tuple[Workspace, Review], flip: str
) -> None:
    ws, review = opened
    part, change = FLIPS[flip]
    change(ws)

    with pytest.raises(Conflict) as failure:
        decide(person(ws, "bo"), review.id, Verdict.APPROVE, "fine")

    assert part in failure.value.data["parts"]
    assert part in str(failure.value)
    kept = get_review(ws, review.id)
    assert (kept.status, kept.decisions) == (ReviewStatus.LAPSED, ())
    assert part in kept.changed
    assert held(ws) is None


@pytest.mark.parametrize("flip", FLIPS)
def test_a_flipped_byte_voids_the_first_approval_when_the_second_would_promote(
    sql_ws: Workspace, flip: str
) -> None:
    keep_policy(sql_ws, replace(POLICY, quorum=2))
    add_version(sql_ws)
    review = open_review(sql_ws, "pm25:1")
    assert decide(person(sql_ws, "bo"), review.id, Verdict.APPROVE).approvals == 1
    part, change = FLIPS[flip]
    change(sql_ws)

    with pytest.raises(Conflict) as failure:
        decide(person(sql_ws, "cleo"), review.id, Verdict.APPROVE)

    assert part in failure.value.data["parts"]
    kept = get_review(sql_ws, review.id)
    assert (kept.status, len(kept.decisions)) == (ReviewStatus.LAPSED, 1)
    assert held(sql_ws) is None


@pytest.mark.parametrize("emergency", [False, True])
@pytest.mark.parametrize("flip", ["model bytes", "manifest", "model file gone"])
def test_a_flipped_byte_of_the_model_stops_a_move_by_hand(
    sql_ws: Workspace, flip: str, *, emergency: bool
) -> None:
    if emergency:
        keep_policy(sql_ws, POLICY)
    add_version(sql_ws)
    FLIPS[flip][1](sql_ws)

    with pytest.raises(MlopsError, match="pm25:1 (were changed|are gone)"):
        move_alias(
            sql_ws, model="pm25", alias="champion", version=1, reason="the night shift", emergency=emergency
        )

    assert held(sql_ws) is None
    assert alias_history(sql_ws, "pm25") == ()


@pytest.mark.parametrize("flip", FLIPS)
def test_a_flipped_byte_lapses_an_approval_when_the_books_are_verified(
    opened: tuple[Workspace, Review], flip: str
) -> None:
    ws, review = opened
    decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    assert verify(ws).ok
    part, change = FLIPS[flip]
    change(ws)
    assert part in show_review(ws, "pm25:1").changed

    found = verify(ws)

    assert not found.ok
    (lapse,) = found.lapsed
    assert part in lapse.parts
    assert (lapse.review, lapse.held) == (review.id, True)
    assert get_review(ws, review.id).status is ReviewStatus.LAPSED
    assert held(ws) == 1, "the alias stays and is flagged"
    assert not verify(ws).ok, "a lapse does not go away by looking again"


@pytest.mark.parametrize("flip", FLIPS)
def test_a_flipped_byte_lapses_an_approval_when_the_model_is_loaded(
    opened: tuple[Workspace, Review], flip: str
) -> None:
    ws, review = opened
    decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_model(ws, "pm25@champion")
    part, change = FLIPS[flip]
    change(ws)

    with pytest.raises(MlopsError, match=part):
        load_model(ws, "pm25@champion")

    kept = get_review(ws, review.id)
    assert kept.status is ReviewStatus.LAPSED
    assert part in kept.changed


def test_an_approval_written_into_the_store_by_hand_does_not_verify(opened: tuple[Workspace, Review]) -> None:
    ws, review = opened
    with ws.store.write() as tx:
        tx.reviews.replace(replace(review, status=ReviewStatus.APPROVED, required=0))

    assert verify(ws).lapsed[0].parts == ("evidence",)


def test_evidence_that_was_retouched_in_the_store_cannot_be_decided_on(ws: Workspace) -> None:
    add_version(ws)
    review = open_review(ws, "pm25:1")
    prettier = replace(review.evidence, headline="Better than everything on all metrics.")
    with ws.store.write() as tx:
        tx.reviews.replace(replace(review, evidence=prettier))

    with pytest.raises(Conflict, match="evidence"):
        decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    assert held(ws) is None
    again = open_review(ws, "pm25:1")
    assert again.evidence.headline == review.evidence.headline
    assert decide(person(ws, "bo"), again.id, Verdict.APPROVE).status is ReviewStatus.APPROVED


def test_an_approval_slipped_into_the_store_does_not_help_to_a_quorum(ws: Workspace) -> None:
    keep_policy(ws, replace(POLICY, quorum=2))
    add_version(ws)
    review = decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.APPROVE)
    forged = replace(review.decisions[0], actor=person(ws, "cleo").actor)
    with ws.store.write() as tx:
        tx.reviews.replace(replace(review, decisions=(*review.decisions, forged)))

    with pytest.raises(Conflict, match="decisions"):
        decide(person(ws, "dan"), review.id, Verdict.ABSTAIN)
    assert held(ws) is None
    assert get_review(ws, review.id).changed == ("decisions",)


def test_a_decision_made_to_count_in_the_store_does_not_count(ws: Workspace) -> None:
    keep_policy(ws, replace(POLICY, reviewers=("bo", "cleo")))
    add_version(ws)
    review = decide(person(ws, "eve"), open_review(ws, "pm25:1").id, Verdict.APPROVE)
    with ws.store.write() as tx:
        tx.reviews.replace(replace(review, decisions=(replace(review.decisions[0], counts=True),)))

    with pytest.raises(Conflict, match="decisions"):
        decide(person(ws, "bo"), review.id, Verdict.ABSTAIN)
    assert held(ws) is None


def test_a_quorum_lowered_in_the_reviews_own_record_changes_nothing(ws: Workspace) -> None:
    keep_policy(ws, replace(POLICY, quorum=2))
    add_version(ws)
    review = open_review(ws, "pm25:1")
    with ws.store.write() as tx:
        tx.reviews.replace(replace(review, required=1, barred=()))

    assert decide(person(ws, "bo"), review.id, Verdict.APPROVE).status is ReviewStatus.OPEN
    assert held(ws) is None


def test_an_alias_moved_behind_the_ledgers_back_does_not_verify(ws: Workspace) -> None:
    add_version(ws)
    add_version(ws, alpha=0.1)
    decide(ws, open_review(ws, "pm25:2").id, Verdict.APPROVE)
    with ws.store.write() as tx:
        tx.aliases.replace(replace(tx.aliases.get("pm25", "champion"), version=1))

    found = verify(ws)

    assert not found.ok
    assert found.problem == "pm25@champion points at 1, but the ledger's last move of it says 2"


def test_a_digest_put_right_in_the_review_as_well_does_not_verify(opened: tuple[Workspace, Review]) -> None:
    ws, review = opened
    decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    flip_number(ws, 41.2, 41.1)
    from jupyter_mlops.registry import evidence_digest, evidence_parts

    with ws.store.write() as tx:
        kept = tx.reviews.get(review.id)
        parts = {**evidence_parts(tx, ws.blobs, model="pm25", version=1, alias="champion")}
        parts["champion"] = kept.evidence.parts["champion"]
        forged = replace(
            kept, evidence=replace(kept.evidence, parts=parts), evidence_digest=evidence_digest(parts)
        )
        tx.reviews.replace(forged)

    found = verify(ws)
    assert [lapse.parts for lapse in found.lapsed] == [("evidence",)]


def test_an_earlier_champion_is_verified_for_its_bytes_and_not_for_later_rules(ws: Workspace) -> None:
    add_version(ws)
    add_version(ws, alpha=0.1)
    first = decide(ws, open_review(ws, "pm25:1").id, Verdict.APPROVE)
    decide(ws, open_review(ws, "pm25:2").id, Verdict.APPROVE)
    keep_policy(ws, POLICY)

    lapsed = verify(ws).lapsed
    assert [(lapse.version, lapse.parts) for lapse in lapsed] == [(2, ("policy",))]
    assert get_review(ws, first.id).status is ReviewStatus.APPROVED


def test_a_sound_workspace_verifies_with_its_head(ws: Workspace) -> None:
    add_version(ws)
    decide(ws, open_review(ws, "pm25:1").id, Verdict.APPROVE)
    with ws.store.read() as tx:
        last = tx.events.head()

    found = verify(ws)
    assert (found.ok, found.events, found.head, found.reviews) == (True, last.sequence, last.digest, 1)


def test_the_bytes_that_were_put_back_do_not_heal_a_lapse_and_a_new_review_does(
    opened: tuple[Workspace, Review],
) -> None:
    ws, review = opened
    decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    digest = environment(ws)
    with ws.blobs.open(digest) as content:
        before = content.read()
    ws.blobs.remove(digest)
    assert verify(ws).lapsed[0].parts == ("environment",)
    put(ws, before)

    assert verify(ws).lapsed[0].parts == ("environment",)
    decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.APPROVE)
    assert verify(ws).ok
