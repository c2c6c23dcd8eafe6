"""A request to promote, the evidence it rests on, and what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.brief import brief
from jupyter_mlops.records.frozen import freeze_mappings
from jupyter_mlops.records.model import DERIVED
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.run import Grade

__all__ = [
    "REVIEW_STEPS",
    "Check",
    "CheckReport",
    "CodeChange",
    "Decision",
    "Evidence",
    "Lapse",
    "MetricComparison",
    "Outcome",
    "Prospect",
    "Review",
    "ReviewStatus",
    "Side",
    "Verdict",
    "Verification",
]


class Verdict(StrEnum):
    """One person's entry."""

    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"


class Outcome(StrEnum):
    """A computed answer: yes, no, or not to be known from what is there."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ReviewStatus(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    LAPSED = "lapsed"


REVIEW_STEPS: Mapping[ReviewStatus, frozenset[ReviewStatus]] = {
    ReviewStatus.OPEN: frozenset(
        {
            ReviewStatus.APPROVED,
            ReviewStatus.REJECTED,
            ReviewStatus.WITHDRAWN,
            ReviewStatus.EXPIRED,
            ReviewStatus.LAPSED,
        }
    ),
    ReviewStatus.APPROVED: frozenset({ReviewStatus.LAPSED}),
    ReviewStatus.REJECTED: frozenset(),
    ReviewStatus.WITHDRAWN: frozenset(),
    ReviewStatus.EXPIRED: frozenset(),
    ReviewStatus.LAPSED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A computed yes, no or unknown, with the sentence that says why."""

    name: str
    outcome: Outcome
    summary: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricComparison:
    """One metric, candidate beside champion (or beside nothing)."""

    name: str
    candidate: float | None
    champion: float | None = None
    direction: Direction | None = None  # None: nobody said which way is better
    difference: float | None = None  # candidate minus champion
    better: bool | None = None  # None: equal, or not to be said
    required: bool = False
    unit: str = ""
    baseline: float | None = (
        None  # of a simple model, logged as baseline_<name>; compared with where there is no champion
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two that are compared: a version and what it rests on."""

    version: int
    digest: str
    run: str | None
    run_name: str = ""
    grade: Grade = Grade.UNKNOWN
    grade_reason: str = ""
    kind: str = ""
    format: str = ""
    size: int = 0
    author: str = ""
    created: datetime
    params: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)  # input name to digest
    commit: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)  # imported files of the project to their digests
    seeds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze_mappings(self, "params", "data", "packages", "modules")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """One cell that ran, champion's text against candidate's, as a unified diff."""

    cell: str
    kind: str  # added, removed, edited, moved, same
    diff: str = ""
    label: str = ""  # for people: "In [12]", the number before the cell, else "execution 12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a reviewer sees and signs.

    ``parts`` maps the name of each part (``model``, ``cells``, ``data``, ``metrics``, ``grade``,
    ``environment``, ``champion``, ``policy``) to the digest recomputed from the books. The evidence digest
    is that of ``parts``, so a change names the part it happened in.
    """

    candidate: Side
    champion: Side | None = None
    headline: str = ""  # one sentence that answers the question
    attention: tuple[str, ...] = ()  # sentences, the worst first
    metrics: tuple[MetricComparison, ...] = ()
    checks: tuple[Check, ...] = ()
    changes: tuple[str, ...] = ()  # what differs beside the metrics, one phrase each
    code: tuple[CodeChange, ...] = ()
    against: str = ""  # what the metrics were compared with: champion, baseline, or nothing (empty)
    parts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze_mappings(self, "parts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One person's entry, bound to the evidence it was made on."""

    actor: Actor
    verdict: Verdict
    comment: str = ""
    evidence_digest: str
    at: datetime
    counts: bool = True  # toward the quorum
    note: str = ""  # why it does not count, or a label such as self-approved


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a decision would come to if whoever asks entered it now, through the door they ask by."""

    name: str  # in whose name it would be entered
    says: str  # one sentence: what approving would do; where it would not, why
    remedy: str = ""  # what to do where an approval would be refused or would not count
    refused: str = ""  # why an approval would be refused; empty: it would be entered
    uncounted: str = ""  # why nothing they enter would count; empty: it would
    own: bool = False  # they made the version: an approval that is allowed carries the label self-approved
    server: bool = False  # it would count through the server's door, and not through this one


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A request to move an alias to a version, and its fate."""

    id: str
    model: str
    version: int
    alias: str
    evidence: Evidence
    evidence_digest: str
    required: int  # approvals that must count
    decisions: tuple[Decision, ...] = ()
    status: ReviewStatus = ReviewStatus.OPEN
    reason: str = ""  # why it lapsed, was withdrawn or expired
    opened: datetime
    closed: datetime | None = None
    actor: Actor  # who asked
    rules: str = ""  # the policy in one sentence, as it stood when the review was opened
    barred: tuple[str, ...] = ()  # whose approval is refused: the authors, where the policy says so
    changed: tuple[str, ...] = ()  # the parts of the evidence that no longer agree; named when it lapsed
    # Of an open review, for whoever asks: no part of what two readings of it have in common, and kept in no store.
    prospect: Prospect | None = field(default=None, compare=False, metadata=DERIVED)

    @property
    def short(self) -> str:
        """Six characters that tell this review from its neighbours."""
        return self.id[-6:]

    @property
    def approvals(self) -> int:
        """How many approvals count so far."""
        return sum(1 for d in self.decisions if d.counts and d.verdict is Verdict.APPROVE)

    @property
    def reference(self) -> str:
        """The version under review, ``name:7``."""
        return f"{self.model}:{self.version}"


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The gates of a version, computed without opening a review."""

    model: str
    version: int
    alias: str
    passed: bool  # no required check failed or stayed unknown
    headline: str = ""
    attention: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    metrics: tuple[MetricComparison, ...] = ()
    evidence_digest: str = ""
    at: datetime

    @property
    def reference(self) -> str:
        """The version that was checked, ``name:7``."""
        return f"{self.model}:{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """An approval that no longer stands: the parts of its evidence that changed, and whether an alias rests on it."""

    review: str
    model: str
    version: int
    alias: str
    parts: tuple[str, ...]
    held: bool  # the alias still points at the version


@brief
@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The ledger's chain and every approval, recomputed from the books."""

    ok: bool  # the chain is whole and every approval stands
    events: int
    head: str  # digest of the last event; keep a copy elsewhere to see a cut tail
    problem: str = ""  # the first bad line of the ledger, in words
    sequence: int | None = None  # of that line
    reviews: int = 0  # approvals that were recomputed
    lapsed: tuple[Lapse, ...] = ()
