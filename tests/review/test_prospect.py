"""What a decision would come to is what it then comes to: the screen and ``decide`` weigh it in one place."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace

import pytest

from jupyter_mlops.errors import Forbidden
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.query import query
from jupyter_mlops.records.review import Prospect, Review, ReviewStatus, Verdict
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import decide, find_reviews, get_review, open_review, show_review, withdraw_review
from jupyter_mlops.workspace import Workspace
from review.books import add_version, held, keep_policy, person, set_alias

TOO_HIGH = (Kpi(metric="mae", direction=Direction.LOWER, bar=40.0),)
PEOPLE = [
    Actor(name="ana"),  # who made it
    Actor(name="bo"),
    Actor(name=" ＢＯ", via=Door.NOTEBOOK),
    Actor(name="eve", via=Door.SHELL),
    Actor(name="bo", via=Door.SERVER, authenticated=True),
    Actor(name="eve", via=Door.SERVER, authenticated=True),
    Actor(name="cleo", via=Door.SERVER),
]
CLEO = Actor(name="cleo", via=Door.SERVER, authenticated=True)
POLICIES: dict[str, dict[str, object] | None] = {
    "none": None,
    "strict": {},
    "own allowed": {"author_may_approve": True},
    "two": {"quorum": 2},
    "reviewers": {"reviewers": ("bo", "cleo")},
    "author among the reviewers": {"reviewers": ("ana", "bo")},
    "server only": {"doors": ("server",)},
    "shell and notebook": {"doors": ("shell", "notebook"), "quorum": 2},
    "all of it": {"quorum": 2, "reviewers": ("bo", "cleo"), "doors": ("server",)},
    "failed check": {"kpis": TOO_HIGH, "author_may_approve": True},
}


def asked(ws: Workspace, rules: dict[str, object] | None = None, champion: int | None = 1) -> Review:
    """A review of version 2, made by ana, beside version 1."""
    if rules is not None:
        keep_policy(ws, Policy(model="pm25", **rules))
    add_version(ws)
    if champion == 1:
        set_alias(ws, 1)
    add_version(ws, alpha=0.1)
    if champion == 2:
        set_alias(ws, 2)
    return open_review(ws, "pm25:2")


def prospect(ws: Workspace, review: Review, name: str, via: Door = Door.PYTHON) -> Prospect:
    found = get_review(person(ws, name, via), review.id).prospect
    assert found is not None
    return found


@pytest.mark.parametrize("earlier", ["nobody", "another", "the same"])
@pytest.mark.parametrize("rules", POLICIES.values(), ids=POLICIES)
def test_what_is_foreseen_is_what_then_happens(
    memory_ws: Workspace, rules: dict[str, object] | None, earlier: str
) -> None:
    ws, foreseen = memory_ws, 0
    asked(ws, rules)
    for actor, verdict in itertools.product(PEOPLE, (Verdict.APPROVE, Verdict.ABSTAIN)):
        review, me = anew(ws), ws.acting_as(actor)
        if earlier != "nobody":
            with contextlib.suppress(Forbidden):
                decide(me if earlier == "the same" else ws.acting_as(CLEO), review.id, Verdict.APPROVE)
        before = show_review(me, review.id)
        said = before.prospect
        if said is None:
            assert before.status is ReviewStatus.APPROVED
            continue
        foreseen += 1
        assert said.name == actor.name
        if verdict is Verdict.APPROVE and said.refused:
            with pytest.raises(Forbidden) as refused:
                decide(me, review.id, verdict)
            assert (refused.value.message, refused.value.remedy) == (said.refused, said.remedy)
            continue
        after = decide(me, review.id, verdict)
        entered = after.decisions[-1]
        assert entered.counts is not bool(said.uncounted)
        assert ("not counted" in entered.note) is bool(said.uncounted)
        assert ("self-approved" in entered.note) is (said.own and verdict is Verdict.APPROVE)
        moves = verdict is Verdict.APPROVE and said.says.startswith(
            "approving will move champion from 1 to 2"
        )
        assert (after.status is ReviewStatus.APPROVED, held(ws)) == (moves, 2 if moves else 1)
    assert foreseen or earlier != "nobody"


def anew(ws: Workspace) -> Review:
    """The review once more, as if nothing had been decided."""
    set_alias(ws, 1)
    for review in find_reviews(ws, "status = 'open'"):
        withdraw_review(ws, review.id)
    return open_review(ws, "pm25:2")


def test_what_approving_does_is_said_before_it_is_done(ws: Workspace) -> None:
    review = asked(ws)
    assert prospect(ws, review, "bo") == Prospect(name="bo", says="approving will move champion from 1 to 2")
    own = prospect(ws, review, "ANA")
    assert own.own
    assert own.says.endswith("it is your own version, and is labelled self-approved")


def test_without_a_champion_it_is_set_and_where_it_points_already_it_is_confirmed(ws: Workspace) -> None:
    first = asked(ws, champion=None)
    assert prospect(ws, first, "bo").says == "approving will set champion to 2; there is none yet"
    set_alias(ws, 2)
    confirming = open_review(ws, "pm25:2")
    assert prospect(ws, confirming, "bo").says == "approving confirms champion at 2, where it points already"


def test_who_has_approved_already_is_told_that_it_takes_somebody_else(ws: Workspace) -> None:
    review = asked(ws, {"quorum": 3})
    assert prospect(ws, review, "bo").says == "approving counts; 2 more approvals then move champion to 2"

    after = decide(person(ws, "bo"), review.id, Verdict.APPROVE)
    assert after.prospect is not None
    assert after.prospect.says == "bo has approved already; 2 more approvals then move champion to 2"
    assert prospect(ws, review, "cleo").says == "approving counts; one more approval then moves champion to 2"
    decide(person(ws, "cleo"), review.id, Verdict.APPROVE)
    assert (
        prospect(ws, review, "Bo").says
        == "Bo has approved already; one more approval then moves champion to 2"
    )
    assert prospect(ws, review, "dora").says == "approving will move champion from 1 to 2"
    assert held(ws) == 1


@pytest.mark.parametrize(
    ("rules", "actor", "why", "what_to_do"),
    [
        ({}, Actor(name="Ana"), "Ana made pm25:2", "Ask somebody else to look"),
        ({"kpis": TOO_HIGH}, Actor(name="bo"), "mae 41.2 misses the bar", "register a better version"),
        ({"kpis": TOO_HIGH}, Actor(name="ana"), "mae 41.2 misses the bar", "register a better version"),
        ({"reviewers": ("bo", "cleo")}, Actor(name="eve"), "eve is not among the reviewers", "Ask bo or cleo to decide."),
        ({"reviewers": tuple("abcdefg")}, Actor(name="eve"), "eve is not among", "Ask a, b, c or 4 more reviewers to decide."),
        ({"doors": ("server",)}, Actor(name="bo", via=Door.SHELL), "it comes through the shell, and the policy counts server",
         "in the MLOps panel of JupyterLab"),
        ({"doors": ("shell",)}, Actor(name="bo", via=Door.SERVER, authenticated=True), "it comes through the server",
         "in a terminal: jupyter mlops review decide {short} approve."),
        ({"doors": ("job",)}, Actor(name="bo"), "the policy counts job", "Ask whoever keeps the policy"),
        ({"doors": ("server",)}, Actor(name="bo", via=Door.SERVER), "the server does not know who it is", "under a name of your own"),
    ],
)  # fmt: skip
def test_whoever_is_refused_or_not_counted_is_told_why_and_what_to_do(
    ws: Workspace, rules: dict[str, object], actor: Actor, why: str, what_to_do: str
) -> None:
    review = asked(ws, rules)
    said = get_review(ws.acting_as(actor), review.id).prospect

    assert said is not None
    assert why in said.says
    assert what_to_do.format(short=review.short) in said.remedy
    assert bool(said.refused) is not bool(said.uncounted)


def test_of_two_reasons_both_are_said_and_every_check_that_bars_is_counted(ws: Workspace) -> None:
    more = (*TOO_HIGH, Kpi(metric="r2", direction=Direction.HIGHER, bar=0.99))
    said = prospect(ws, asked(ws, {"kpis": more, "reviewers": ("bo",)}), "ana")

    assert "(and 1 other required check)" in said.refused
    assert said.says == f"{said.refused}; nothing else ana enters counts: ana is not among the reviewers"


def test_only_where_the_server_is_the_door_that_counts_the_reader_is_sent_there(ws: Workspace) -> None:
    review = asked(ws, {"doors": ("server", "notebook")})
    assert [prospect(ws, review, "bo", door).server for door in (Door.SHELL, Door.NOTEBOOK, Door.SERVER)] == [
        True, False, False,
    ]  # fmt: skip


def test_a_review_that_takes_no_more_decisions_promises_nothing(ws: Workspace) -> None:
    review = asked(ws)
    assert withdraw_review(ws, review.id).prospect is None
    assert show_review(ws, review.id).prospect is None

    review = open_review(ws, "pm25:2")
    with ws.store.write() as tx:
        run = tx.runs.get(tx.versions.get("pm25", 2).run)
        tx.runs.replace(replace(run, grade=Grade.STALE))
    assert show_review(ws, review.id).status is ReviewStatus.LAPSED
    assert show_review(ws, review.id).prospect is None


def test_the_store_keeps_none_of_it_and_cannot_be_asked_for_it(ws: Workspace) -> None:
    review = asked(ws, {"quorum": 2})
    assert review.prospect is not None
    decide(person(ws, "bo"), review.id, Verdict.APPROVE)

    assert find_reviews(ws)[0].prospect is None
    with ws.store.read() as tx:
        assert encode(tx.reviews.get(review.id))["prospect"] is None
        assert tx.reviews.find(query("status = 'open'")).total == 1
    with pytest.raises(ValueError, match="prospect"):
        find_reviews(ws, "prospect = 'bo'")
    # Who asks is no part of what the review is, nor of what its digests cover.
    assert get_review(person(ws, "bo"), review.id) == get_review(person(ws, "cleo"), review.id)
    assert show_review(person(ws, "cleo"), review.id).status is ReviewStatus.OPEN
