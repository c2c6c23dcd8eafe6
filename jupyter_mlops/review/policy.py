"""A model's rules, read strictly from YAML text or taken as a record, and kept with their history in the ledger."""

from __future__ import annotations

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.registry import policy_of
from jupyter_mlops.registry.names import checked_alias, checked_name
from jupyter_mlops.review.checks import KNOWN_CHECKS
from jupyter_mlops.review.policy_text import parse_policy
from jupyter_mlops.workspace import Workspace

__all__ = ["get_policy", "set_policy"]

_MOST_REVIEWERS = 1_000


def set_policy(ws: Workspace, model: str, text: str = "", policy: Policy | None = None) -> Policy:
    """Set what an approval of *model* takes, in place of any policy before.

    Open reviews of the model lapse when they are next decided, and approvals given under the old policy no
    longer stand: what was approved was approved under other rules.

    Parameters
    ----------
    model
        The model's name; it need not be registered yet.
    text
        The rules in YAML: quorum, author_may_approve, protected, doors, reviewers, minimum_grade, kpis, checks.
    policy
        The rules as a record, in place of *text*; its ``model`` must be the same.

    Raises
    ------
    Invalid
        The text is not strict YAML, a name is unknown or a value is out of range; the message names the line
        and the field.
    """
    checked_name(model)
    if (policy is None) == (not text.strip()):
        raise Invalid(
            "a policy is set from text or from a record, from one of them", remedy="Give the YAML text."
        )
    wanted = policy if policy is not None else parse_policy(text, model=model)
    _check(wanted, model)
    with ws.store.write() as tx:
        before = policy_of(tx, model)
        if before == wanted:
            return wanted
        tx.policies.replace(wanted)
        told = {key: value for key, value in encode(wanted).items() if key != "model"}
        tx.events.append([ws.event("policy.set", model, policy=told, first=before is None)])
    return wanted


def get_policy(ws: Workspace, model: str) -> Policy:
    """Return the policy of *model*.

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
            remedy="Set one with `jupyter mlops policy set`.",
        )
    return found


def _check(policy: Policy, model: str) -> None:
    """What text and record have to obey alike."""
    if policy.model != model:
        raise Invalid(f"the policy is for {policy.model!r}, not for {model!r}", remedy="Name one model.")
    most = len(policy.reviewers) or _MOST_REVIEWERS
    if not 1 <= policy.quorum <= most:
        listed = f" of the {most} reviewers named" if policy.reviewers else ""
        raise Invalid(f"quorum is {policy.quorum}; it must lie between 1 and {most}{listed}")
    for alias in policy.protected:
        checked_alias(alias)
    metrics = [kpi.metric for kpi in policy.kpis]
    for kpi in policy.kpis:
        if kpi.margin < 0:
            raise Invalid(
                f"kpis: the margin of {kpi.metric} is {kpi.margin}; it says how much worse is accepted, 0 or more"
            )
        if metrics.count(kpi.metric) > 1 or kpi.metric in KNOWN_CHECKS:
            raise Invalid(f"kpis: {kpi.metric!r} is named twice, or is the name of a check")
    unknown = [name for name in policy.checks if name not in KNOWN_CHECKS]
    if unknown:
        raise Invalid(f"checks: unknown {', '.join(unknown)}", remedy=f"Known: {', '.join(KNOWN_CHECKS)}.")
