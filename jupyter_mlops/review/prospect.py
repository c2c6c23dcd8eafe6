"""What a decision by whoever asks comes to: weighed in one place, for the screen that asks first and for ``decide``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_mlops.errors import Forbidden
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.review import Outcome, Prospect, Review, ReviewStatus, Verdict
from jupyter_mlops.registry import policy_of
from jupyter_mlops.review.sides import authors_of, same_person
from jupyter_mlops.review.wording import a_few, counted
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["Weight", "weigh", "weighed"]

_NAMED = 4  # reviewers in a sentence
_WAYS = {
    Door.SERVER: "in the MLOps panel of JupyterLab, which goes through the server",
    Door.SHELL: "in a terminal: jupyter mlops review decide {review} approve",
    Door.NOTEBOOK: "in a notebook: %mlops review decide {review} approve",
    Door.PYTHON: "in Python: jupyter_mlops.decide(ws, '{review}', 'approve')",
}


@dataclass(frozen=True, slots=True)
class _Discount:
    """Why the policy leaves somebody's decisions out of the count: as it stands now, as an entry has it, what to do."""

    now: str
    then: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Weight:
    """How much the policy lets a decision by one person, through one door, weigh."""

    refusal: Forbidden | None  # of an approval
    discount: _Discount | None  # of any decision
    own: bool  # they made the version
    quorum: int  # the policy's, never the review's own record of it
    server: bool  # it would count through the server's door

    def note(self, verdict: Verdict) -> str:
        """Return what an entry is marked with: why it does not count, and the label of one's own approval."""
        labels = [f"not counted: {self.discount.then}"] if self.discount else []
        if verdict is Verdict.APPROVE and self.own:
            labels.append("self-approved")
        return ", ".join(labels)


def weigh(tx: Transaction, ws: Workspace, review: Review) -> Weight:
    """Return what a decision on *review* by the workspace's actor weighs under the policy as it stands."""
    policy = policy_of(tx, review.model)
    authors = authors_of(tx, review.model, review.version)
    own = any(same_person(ws.actor.name, author) for author in authors)
    doors = policy.doors if policy else ()
    return Weight(
        refusal=_refusal(review, policy, ws.actor.name, authors if own else ()),
        discount=_discount(policy, ws.actor, review) if policy else None,
        own=own,
        quorum=policy.quorum if policy else 1,
        server=Door.SERVER in doors and ws.actor.via not in doors,
    )


def weighed(tx: Transaction, ws: Workspace, review: Review) -> Review:
    """Return *review* with what a decision by the workspace's actor would come to, while there is one to make."""
    if review.status is not ReviewStatus.OPEN:
        return review
    weight, name = weigh(tx, ws, review), ws.actor.name
    refused = weight.refusal.message if weight.refusal else ""
    uncounted = weight.discount.now if weight.discount else ""
    if refused:
        says = refused + (f"; nothing else {name} enters counts: {uncounted}" if uncounted else "")
    elif uncounted:
        says = f"a decision is recorded here and does not count: {uncounted}"
    else:
        says = _effect(review, weight, name)
    remedies = (
        weight.refusal.remedy if weight.refusal else "",
        weight.discount.remedy if weight.discount else "",
    )
    prospect = Prospect(
        name=name,
        says=says,
        remedy=next(filter(None, remedies), ""),
        refused=refused,
        uncounted=uncounted,
        own=weight.own,
        server=weight.server,
    )
    return replace(review, prospect=prospect)


def _refusal(review: Review, policy: Policy | None, name: str, own: Sequence[str]) -> Forbidden | None:
    """Return why an approval is refused outright: first what bars everybody, then what bars this person."""
    required = [c for c in review.evidence.checks if c.required and c.outcome is not Outcome.PASSED]
    if required:
        more = f" (and {counted(len(required) - 1, 'other required check')})" if len(required) > 1 else ""
        return Forbidden(
            f"{review.reference} cannot be approved: {required[0].summary.rstrip('.')}{more}",
            remedy="Train and register a better version, or reject this one.",
            data={"review": review.id, "checks": [check.name for check in required]},
        )
    if own and policy and not policy.author_may_approve:
        return Forbidden(
            f"{name} made {review.reference}, and the policy of {review.model} lets nobody approve their own",
            remedy="Ask somebody else to look; rejecting and abstaining are open to you.",
            data={"review": review.id, "barred": list(own)},
        )
    return None


def _discount(policy: Policy, actor: Actor, review: Review) -> _Discount | None:
    if policy.reviewers and not any(same_person(actor.name, name) for name in policy.reviewers):
        why = f"{actor.name} is not among the reviewers"
        names = _either(a_few(policy.reviewers, limit=_NAMED, rest="reviewers"))
        return _Discount(why, why, f"Ask {names} to decide.")
    doors = policy.doors
    if doors and actor.via not in doors:
        said = f"the policy counts {' and '.join(doors)}"
        ways = _either([way.format(review=review.short) for door, way in _WAYS.items() if door in doors])
        return _Discount(
            f"it comes through the {actor.via}, and {said}",
            f"came through the {actor.via}, {said}",
            f"Decide {ways}." if ways else "Ask whoever keeps the policy which way decisions are to come.",
        )
    # A policy that names the server wants people a server knows, not whoever holds its token.
    if doors and actor.via is Door.SERVER and not actor.authenticated:
        return _Discount(
            "the server does not know who it is",
            "the server did not know who it was",
            "Sign in to the server under a name of your own; its token is the same for everybody.",
        )
    return None


def _either(choices: Sequence[str]) -> str:
    *others, last = choices or [""]
    return f"{', '.join(others)} or {last}" if others else last


def _effect(review: Review, weight: Weight, name: str) -> str:
    """Return what approving would do, in words, before anybody does it."""
    approvers = [d.actor.name for d in review.decisions if d.counts and d.verdict is Verdict.APPROVE]
    again = any(same_person(name, approver) for approver in approvers)
    missing = weight.quorum - len(approvers) - (0 if again else 1)
    label = "; it is your own version, and is labelled self-approved" if weight.own else ""
    if missing > 0:
        already = f"{name} has approved already" if again else "approving counts"
        more = "one more approval" if missing == 1 else f"{missing} more approvals"
        return f"{already}; {more} then {_moves(review, plural=missing > 1)}{label}"
    return f"approving {_will_move(review)}{label}"


def _will_move(review: Review) -> str:
    champion, alias, version = review.evidence.champion, review.alias, review.version
    if champion is None:
        return f"will set {alias} to {version}; there is none yet"
    if champion.version == version:
        return f"confirms {alias} at {version}, where it points already"
    return f"will move {alias} from {champion.version} to {version}"


def _moves(review: Review, *, plural: bool) -> str:
    champion, s = review.evidence.champion, "" if plural else "s"
    if champion is None:
        return f"set{s} {review.alias} to {review.version}"
    if champion.version == review.version:
        return f"confirm{s} {review.alias} at {review.version}"
    return f"move{s} {review.alias} to {review.version}"
