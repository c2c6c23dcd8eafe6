"""A model's rules, read strictly from YAML text or set one by one, and kept with their history in the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.run import Grade
from jupyter_mlops.registry import policy_of
from jupyter_mlops.registry.names import checked_alias, checked_name
from jupyter_mlops.review.checks import KNOWN_CHECKS
from jupyter_mlops.review.policy_text import parse_policy
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["get_policy", "set_policy"]

_MOST_REVIEWERS = 1_000


def set_policy(
    ws: Workspace,
    model: str,
    *,
    text: str = "",
    quorum: int | None = None,
    author_may_approve: bool | None = None,
    minimum_grade: Grade | None = None,
) -> Policy:
    """Set what an approval of a model takes: all of it as text, or some of its rules.

    Open reviews of the model lapse when they are next decided, and approvals given under the old policy no
    longer stand: what was approved was approved under other rules.

    Parameters
    ----------
    model
        The model's name; it need not be registered yet.
    text
        All rules in YAML, in place of any before: quorum, author_may_approve, protected, doors, reviewers,
        minimum_grade, reproduction, kpis, checks, as docs/files.md tells them. Without it the rules not named here stay as they are; where there was no policy, they
        are those of a new one: the author's own approval does not count, and only a review moves champion.
    quorum
        How many approvals it takes.
    author_may_approve
        Whether the approval of whoever made the version counts.
    minimum_grade
        The least grade that its run must have.

    Raises
    ------
    Invalid
        Nothing is set, the text is not strict YAML, a name is unknown or a value is out of range; the message
        names the line and the field.
    """
    checked_name(model)
    told = {"quorum": quorum, "author_may_approve": author_may_approve, "minimum_grade": minimum_grade}
    named: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    if not text.strip() and not named:
        raise Invalid(
            f"no rule for {model!r} is given",
            remedy=f"Say one, such as jupyter mlops policy set {model} --quorum 2, or all of them with --text.",
        )
    whole = parse_policy(text, model=model) if text.strip() else None
    with ws.store.write() as tx:
        base = whole or policy_of(tx, model) or Policy(model=model)
        return _keep(tx, ws, replace(base, **named))


def _keep(tx: Transaction, ws: Workspace, wanted: Policy) -> Policy:
    _check(wanted)
    before = policy_of(tx, wanted.model)
    if before == wanted:
        return wanted
    tx.policies.replace(wanted)
    told = {key: value for key, value in encode(wanted).items() if key != "model"}
    tx.events.append([ws.event("policy.set", wanted.model, policy=told, first=before is None)])
    return wanted


def get_policy(ws: Workspace, model: str) -> Policy:
    """Show the policy of a model: what an approval takes.

    Raises
    ------
    NotFound
        It has none: then one approval is enough, and the author's own is allowed and labelled.
    """
    with ws.store.read() as tx:
        found = policy_of(tx, model)
    if found is None:
        raise NotFound(
            f"{model} has no policy: one approval is enough, and the author's own is labelled self-approved",
            remedy=f"Set one, such as jupyter mlops policy set {model} --quorum 2.",
        )
    return found


def _check(policy: Policy) -> None:
    """What a text and single rules have to obey alike."""
    most = len(policy.reviewers) or _MOST_REVIEWERS
    if not 1 <= policy.quorum <= most:
        listed = f" of the {most} reviewers named" if policy.reviewers else ""
        raise Invalid(
            f"quorum is {policy.quorum}; it must lie between 1 and {most}{listed}",
            remedy=f"Give a quorum from 1 to {most}.",
        )
    for alias in policy.protected:
        checked_alias(alias)
    metrics = [kpi.metric for kpi in policy.kpis]
    for kpi in policy.kpis:
        if kpi.margin < 0:
            raise Invalid(
                f"kpis: the margin of {kpi.metric} is {kpi.margin}; it says how much worse is accepted, 0 or more",
                remedy="Give 0 or more, in the unit of the metric; direction says which way is better.",
            )
        if metrics.count(kpi.metric) > 1 or kpi.metric in KNOWN_CHECKS:
            raise Invalid(
                f"kpis: {kpi.metric!r} is named twice, or is the name of a check",
                remedy="Name each metric once, and none like a check.",
            )
    unknown = [name for name in policy.checks if name not in KNOWN_CHECKS]
    if unknown:
        raise Invalid(f"checks: unknown {', '.join(unknown)}", remedy=f"Known: {', '.join(KNOWN_CHECKS)}.")
