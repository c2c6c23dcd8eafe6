from __future__ import annotations

import pytest

from jupyter_mlops.errors import Conflict, Forbidden, Invalid, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.registry import alias_history, find_aliases, get_version, move_alias, resolve
from jupyter_mlops.workspace import Workspace
from tests.registry.books import registered

pytestmark = pytest.mark.usefixtures("no_round_trip")


@pytest.fixture
def two(ws: Workspace) -> Workspace:
    registered(ws)
    registered(ws, name="two")
    return ws


def test_an_alias_moved_by_hand_is_labelled_unreviewed(two: Workspace) -> None:
    moved = move_alias(two, model="pm25", alias="champion", version=1, reason="first")
    assert (moved.version, moved.reason, moved.review) == (1, "first", None)
    event = history(two, "pm25@champion")[-1]
    assert event.kind == "alias.moved"
    assert dict(event.data) == {
        "version": 1,
        "was": None,
        "reason": "first",
        "review": None,
        "label": "unreviewed",
    }
    assert get_version(two, "pm25@champion").version == 1
    assert resolve(two, "pm25@champion").alias == "champion"


def test_a_move_that_expects_another_version_loses(two: Workspace) -> None:
    move_alias(two, model="pm25", alias="champion", version=1, expected=0, reason="because")
    with pytest.raises(Conflict, match="points at 1, and not at 2"):
        move_alias(two, model="pm25", alias="champion", version=2, expected=2, reason="because")
    with pytest.raises(Conflict, match="points at 1"):
        move_alias(two, model="pm25", alias="champion", version=2, expected=0, reason="because")
    with pytest.raises(Conflict, match="does not exist, and not at 4"):
        move_alias(two, model="pm25", alias="other", version=2, expected=4, reason="because")
    assert (
        move_alias(two, model="pm25", alias="champion", version=2, expected=1, reason="because").version == 2
    )
    assert len(history(two, "pm25@champion")) == 2
    with pytest.raises(Conflict, match="points at 2 already, and not at 1"):
        move_alias(two, model="pm25", alias="champion", version=2, expected=1, reason="because")


def test_rolling_back_is_the_same_verb(two: Workspace) -> None:
    for version in (1, 2, 1):
        move_alias(two, model="pm25", alias="champion", version=version, reason="because")
    assert [(e.data["was"], e.data["version"]) for e in alias_history(two, "pm25")] == [
        (None, 1),
        (1, 2),
        (2, 1),
    ]


def test_a_protected_alias_is_moved_by_reviews_only(two: Workspace) -> None:
    with two.store.write() as tx:
        tx.policies.add(Policy(model="pm25"))
    with pytest.raises(Forbidden, match="only an approved review") as refusal:
        move_alias(two, model="pm25", alias="champion", version=1, reason="please")
    assert "review open pm25:1 --alias champion" in refusal.value.remedy
    assert move_alias(two, model="pm25", alias="challenger", version=1, reason="because").version == 1


def test_an_emergency_passes_the_policy_with_a_reason_and_is_recorded_as_one(two: Workspace) -> None:
    with two.store.write() as tx:
        tx.policies.add(Policy(model="pm25"))
    with pytest.raises(Invalid, match="needs a reason"):
        move_alias(two, model="pm25", alias="champion", version=1, reason=" ", emergency=True)
    move_alias(two, model="pm25", alias="champion", version=1, reason="prod is down", emergency=True)
    assert history(two, "pm25@champion")[-1].data["label"] == "emergency"


def test_a_move_needs_a_reason(two: Workspace) -> None:
    with pytest.raises(Invalid, match="needs a reason"):
        move_alias(two, model="pm25", alias="champion", version=1, reason="")
    assert find_aliases(two).total == 0


def test_a_move_to_where_it_points_already_changes_nothing(two: Workspace) -> None:
    held = move_alias(two, model="pm25", alias="champion", version=1, reason="first")
    assert move_alias(two, model="pm25", alias="champion", version=1, reason="again", expected=1) == held
    with pytest.raises(Conflict):
        move_alias(two, model="pm25", alias="champion", version=1, reason="again", expected=2)
    assert len(alias_history(two, "pm25", "champion")) == 1


@pytest.mark.parametrize(("model", "version"), [("pm25", 9), ("other", 1)])
def test_an_alias_points_only_at_what_exists(two: Workspace, model: str, version: int) -> None:
    with pytest.raises(NotFound):
        move_alias(two, model=model, alias="champion", version=version, reason="because")
    assert find_aliases(two).total == 0


@pytest.mark.parametrize("alias", ["1", "v2", "latest", "a b", ""])
def test_an_alias_that_reads_like_a_version_is_refused(two: Workspace, alias: str) -> None:
    with pytest.raises(Invalid):
        move_alias(two, model="pm25", alias=alias, version=1, reason="because")


def test_aliases_are_found_by_model(two: Workspace) -> None:
    registered(two, "churn")
    move_alias(two, model="pm25", alias="champion", version=1, reason="because")
    move_alias(two, model="churn", alias="champion", version=1, reason="because")
    assert find_aliases(two).total == 2
    assert [a.reference for a in find_aliases(two, "churn")] == ["churn@champion"]
    with pytest.raises(NotFound):
        find_aliases(two, "nothing")
