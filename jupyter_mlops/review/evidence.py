"""Candidate beside champion: what a reviewer sees and signs, and the digest it is signed by."""

from __future__ import annotations

from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.review import Evidence, Review, ReviewStatus
from jupyter_mlops.registry import changed_parts, evidence_parts, policy_of
from jupyter_mlops.registry.finding import held_alias
from jupyter_mlops.review.changes import changes_of
from jupyter_mlops.review.checks import attention, run_checks
from jupyter_mlops.review.code import code_changes
from jupyter_mlops.review.comparison import against, compare_metrics, headline
from jupyter_mlops.review.sides import Subject, read_subject, side_of
from jupyter_mlops.review.told import decisions_are_told, evidence_is_told
from jupyter_mlops.store.protocol import Blobs, Transaction

__all__ = ["barred_from", "gather", "rules_of", "stale_parts"]


def gather(tx: Transaction, blobs: Blobs, *, model: str, version: int, alias: str) -> Evidence:
    """Return the evidence for moving *alias* of *model* to *version*, as the books stand now.

    Raises
    ------
    NotFound
        There is no such version.
    """
    policy = policy_of(tx, model)
    held = held_alias(tx, model, alias)
    candidate = read_subject(tx, blobs, model, version)
    champion = read_subject(tx, blobs, model, held.version) if held else None
    metrics = compare_metrics(candidate, champion, policy)
    checks = run_checks(candidate, champion, policy, metrics, blobs)
    code = code_changes(candidate.cells, champion.cells if champion else ())
    return Evidence(
        candidate=side_of(candidate),
        champion=side_of(champion) if champion else None,
        headline=headline(candidate, champion, alias, metrics),
        attention=attention(checks, metrics),
        metrics=metrics,
        checks=checks,
        changes=changes_of(candidate, champion, code),
        code=code,
        against=against(champion, metrics),
        parts=evidence_parts(tx, blobs, model=model, version=version, alias=alias),
    )


def stale_parts(tx: Transaction, blobs: Blobs, review: Review) -> tuple[str, ...]:
    """Return the names of the parts of *review*'s evidence that no longer agree with the books.

    Everything is read and hashed again. While a review is open its champion must also still be the one it was
    compared with; once approved, the alias points at the candidate itself. ``evidence`` is what reviewers read and
    ``decisions`` what they entered: both must be what the ledger says.
    """
    changed = changed_parts(tx, blobs, review)
    if review.status is ReviewStatus.OPEN and "champion" not in changed:
        held, then = held_alias(tx, review.model, review.alias), review.evidence.champion
        if (held.version if held else None) != (then.version if then else None):
            changed = (*changed, "champion")
    if "evidence" not in changed and not evidence_is_told(tx, review):
        changed = (*changed, "evidence")
    return changed if decisions_are_told(tx, review) else (*changed, "decisions")


def rules_of(policy: Policy | None) -> str:
    """Return what an approval takes, in one sentence."""
    if policy is None:
        return "No policy: one approval is enough, and the author's own is labelled self-approved."
    who = f" by {', '.join(policy.reviewers)}" if policy.reviewers else ""
    how = f", through {' or '.join(policy.doors)}" if policy.doors else ""
    count = "One approval" if policy.quorum == 1 else f"{policy.quorum} approvals"
    own = "the author's own may count" if policy.author_may_approve else "the author may not approve"
    return f"{count}{who}{how}; {own}."


def barred_from(candidate: Subject, policy: Policy | None) -> tuple[str, ...]:
    """Return whose approval is refused: the authors, unless the policy lets them."""
    return () if policy is None or policy.author_may_approve else candidate.authors
