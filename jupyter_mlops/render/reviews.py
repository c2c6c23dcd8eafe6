"""Reviews: the answer, who decided on which evidence, the evidence itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.review import (
    Check,
    CheckReport,
    Decision,
    Evidence,
    MetricComparison,
    Prospect,
    Review,
    ReviewStatus,
    Side,
    Verdict,
    Verification,
)
from jupyter_mlops.render.blocks import Block, Bullets, Column, Facts, Fold, Item, Line, Table, Title, Tone
from jupyter_mlops.render.parameters import listed
from jupyter_mlops.render.states import outcome_face, state_face
from jupyter_mlops.render.words import DASH, counted, moment, number, short, signed, size, value

__all__ = ["check_report_blocks", "review_blocks", "reviews_blocks", "verification_blocks"]

_UNCOUNTED = ("⚠", Tone.WARN)  # whatever was said: it must not be taken for one that counts
_SAID = {Verdict.APPROVE: "approved", Verdict.REJECT: "rejected", Verdict.ABSTAIN: "abstained"}


def review_blocks(review: Review) -> Iterator[Block]:
    """The screen this product is judged by, standing still."""
    evidence = review.evidence
    sign, tone = state_face(review.status)
    yield Title(
        f"{review.reference} → {review.alias}",
        sign=sign,
        tone=tone,
        state=str(review.status),
        aside=f"asked by {review.actor.name}, {moment(review.opened)} · "
        f"{review.approvals} of {counted(review.required, 'approval')} · evidence {short(review.evidence_digest)}",
    )
    yield from _fate(review)
    yield Line(evidence.headline or "There is nothing to compare with.", strong=True)
    yield from _decisions(review)
    yield from _evidence(review.model, evidence)
    yield from _folded(review)
    if review.prospect is not None:
        yield _prospect(review.prospect)
    if review.rules:
        yield Line(f"Rules: {review.rules}", faint=True)


def _prospect(prospect: Prospect) -> Line:
    """What a decision by whoever asked would come to, before anybody makes it."""
    said = f"Deciding as {prospect.name}: {prospect.says}. {prospect.remedy}".strip()
    return Line(said, *_UNCOUNTED) if prospect.refused or prospect.uncounted else Line(said)


def _evidence(model: str, evidence: Evidence) -> Iterator[Block]:
    if evidence.attention:
        yield Bullets("Needs attention", tuple(Item(text, "▲", Tone.WARN) for text in evidence.attention))
    if evidence.metrics:
        yield _metrics(model, evidence)
    if evidence.checks:
        yield _gates(evidence.checks)
    if evidence.changes:
        yield Bullets("What changed", tuple(Item(phrase) for phrase in evidence.changes))
    yield _sides(model, evidence)


def _folded(review: Review) -> Iterator[Fold]:
    for change in review.evidence.code:
        name = change.label or change.cell or "cell"
        if change.diff and review.evidence.champion is None:
            yield Fold(f"Code: {name}", _source(change.diff))  # nothing to differ from
        elif change.diff:
            yield Fold(f"Code: {name} {change.kind}", change.diff, diff=True)
    if review.evidence.parts:
        parts = "\n".join(f"{name:<12} {digest}" for name, digest in sorted(review.evidence.parts.items()))
        yield Fold("Evidence digests", f"{'evidence':<12} {review.evidence_digest}\n{parts}")


def _source(diff: str) -> str:
    """Return the text that a diff against nothing adds."""
    return "\n".join(line[1:] for line in diff.splitlines() if line[:1] == "+" and line[:3] != "+++")


def _fate(review: Review) -> Iterator[Line]:
    reason = f" {review.reason}" if review.reason else ""
    sign, tone = state_face(review.status)
    if review.status is ReviewStatus.LAPSED:
        parts = f" ({', '.join(review.changed)})" if review.changed else ""
        why = f" {review.reason[:1].upper()}{review.reason[1:]}"
        yield Line(
            f"The evidence changed{parts}, and the approvals have lapsed.{why.rstrip()}",
            sign,
            tone,
            strong=True,
        )
        alias = "" if review.alias == "champion" else f" --alias {review.alias}"
        yield Line(f"To decide on the present evidence: jupyter mlops review open {review.reference}{alias}")
    elif review.status is not ReviewStatus.OPEN:
        by_whom = [d.actor.name for d in review.decisions if d.counts and _SAID[d.verdict] == review.status]
        by = f" by {', '.join(dict.fromkeys(by_whom))}" if by_whom else ""
        moved = f"; {_moved(review)}" if review.status is ReviewStatus.APPROVED else ""
        yield Line(
            f"{str(review.status).capitalize()}{by} on {moment(review.closed)}{moved}.{reason}",
            sign,
            tone,
            strong=True,
        )


def _moved(review: Review) -> str:
    champion = review.evidence.champion
    if champion is not None and champion.version == review.version:
        return f"{review.alias} stays at {review.reference}, where it pointed already"
    return f"{review.alias} moved to {review.reference}"


def _decisions(review: Review) -> Iterator[Bullets]:
    if review.decisions:
        yield Bullets("Decisions", tuple(_decision(review, decision) for decision in review.decisions))


def _decision(review: Review, decision: Decision) -> Item:
    sign, tone = state_face(decision.verdict) if decision.counts else _UNCOUNTED
    evidence = f"on evidence {short(decision.evidence_digest)}"
    if decision.evidence_digest != review.evidence_digest:
        evidence += " (no longer current)"
    first = "" if decision.counts else f"{decision.note or 'not counted'} · "
    note = f" [{decision.note}]" if decision.counts and decision.note else ""
    known = "" if decision.actor.authenticated else f", unauthenticated, by {decision.actor.via}"
    comment = f": “{decision.comment}”" if decision.comment else ""
    text = f"{first}{decision.actor.name} {_SAID[decision.verdict]} {evidence}, {moment(decision.at)}{known}{note}{comment}"
    return Item(text, sign, tone)


def _metrics(model: str, evidence: Evidence) -> Table:
    other = _other(model, evidence)
    columns = [Column("metric"), Column(f"{model}:{evidence.candidate.version}", numeric=True)]
    if other:
        columns += [Column(other, numeric=True), Column("difference", numeric=True)]
    rows = tuple(_metric(row, evidence, bool(other)) for row in evidence.metrics)
    return Table(tuple(columns), rows, title="Metrics")


def _other(model: str, evidence: Evidence) -> str:
    if evidence.champion is not None:
        return f"{model}:{evidence.champion.version}"
    return "simple baseline" if evidence.against == "baseline" else ""


def _metric(row: MetricComparison, evidence: Evidence, beside: bool) -> tuple[str, ...]:
    told = {Direction.LOWER: " ↓ lower is better", Direction.HIGHER: " ↑ higher is better"}
    name = row.name + (told[row.direction] if row.direction else "") + (", required" if row.required else "")
    cells = [name, number(row.candidate, row.unit)]
    if beside:
        theirs = row.champion if evidence.champion is not None else row.baseline
        cells += [number(theirs, row.unit), _difference(row)]
    return tuple(cells)


def _difference(row: MetricComparison) -> str:
    if row.difference is None:
        return DASH
    if row.better is None:
        return f"{signed(row.difference)}{' equal' if row.difference == 0 else ''}"
    return f"{signed(row.difference)} {'▲ better' if row.better else '▼ worse'}"


def _gates(checks: Sequence[Check]) -> Bullets:
    items = []
    for check in checks:
        sign, tone = outcome_face(check.outcome, required=check.required)
        required = " (required)" if check.required else ""
        items.append(
            Item(f"{check.name.replace('_', ' ')}{required}: {check.outcome}. {check.summary}", sign, tone)
        )
    return Bullets("Gates", tuple(items))


def _sides(model: str, evidence: Evidence) -> Table:
    sides = [evidence.candidate, *([evidence.champion] if evidence.champion else [])]
    facts = [_side(side) for side in sides]
    rows = tuple(
        (name, *(column[name] for column in facts))
        for name in facts[0]
        if any(column[name] for column in facts)
    )
    columns = (Column("what"), *(Column(f"{model}:{side.version}") for side in sides))
    return Table(columns, rows, title="What it rests on")


def _side(side: Side) -> dict[str, str]:
    sign, _ = state_face(side.grade)
    reason = f": {side.grade_reason}" if side.grade_reason and side.grade != "clean" else ""
    return {
        "run": f"{side.run_name} {(side.run or '')[-6:]}".strip(),
        "grade": f"{sign} {side.grade}{reason}",
        "model": " · ".join(
            filter(None, [side.kind.rpartition(".")[2], side.format, size(side.size), short(side.digest)])
        ),
        "parameters": listed(side.params, 8),
        "data": " · ".join(f"{k} {short(v)}" for k, v in list(side.data.items())[:8]),
        "seeds": " · ".join(side.seeds[:8]),
        "imported files": " · ".join(f"{k} {short(v)}" for k, v in list(side.modules.items())[:8]),
        "commit": (side.commit or "")[:7],
        "author": side.author,
        "made": moment(side.created),
    }


def reviews_blocks(reviews: Sequence[Review], total: int) -> Iterator[Block]:
    """The table of reviews."""
    yield Title(counted(total, "review"))
    columns = (
        Column("review"),
        Column("asks for"),
        Column("state"),
        Column("asked by"),
        Column("opened"),
        Column("answer"),
    )
    rows = tuple(
        (
            review.short,
            f"{review.reference} → {review.alias}",
            f"{state_face(review.status)[0]} {review.status}",
            review.actor.name,
            moment(review.opened),
            value(review.evidence.headline, 80),
        )
        for review in reviews
    )
    yield Table(columns, rows)


def check_report_blocks(report: CheckReport) -> Iterator[Block]:
    """The gates of a version, without a review."""
    sign, tone = state_face("passed" if report.passed else "failed")
    verdict = "passes the gates" if report.passed else "does not pass the gates"
    yield Title(
        f"{report.reference} → {report.alias}", sign=sign, tone=tone, state=verdict, aside=moment(report.at)
    )
    yield Line(report.headline, strong=True)
    if report.attention:
        yield Bullets("Needs attention", tuple(Item(text, "▲", Tone.WARN) for text in report.attention))
    if report.checks:
        yield _gates(report.checks)


def verification_blocks(found: Verification) -> Iterator[Block]:
    """Whether the books are whole."""
    sign, tone = state_face("passed" if found.ok else "failed")
    yield Title("The books are whole" if found.ok else "The books are not whole", sign=sign, tone=tone)
    yield Facts(
        (
            ("events", f"{found.events:,}"),
            ("head", found.head),
            ("approvals checked", str(found.reviews)),
        )
    )
    if found.problem:
        yield Line(found.problem, *state_face("failed"))
    if found.lapsed:
        items = [
            Item(
                f"{lapse.model}:{lapse.version} → {lapse.alias}: {', '.join(lapse.parts)} changed"
                + ("; the alias still points there" if lapse.held else ""),
                *state_face("lapsed"),
            )
            for lapse in found.lapsed
        ]
        yield Bullets("Approvals that no longer stand", tuple(items))
