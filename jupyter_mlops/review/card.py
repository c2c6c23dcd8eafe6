"""A model card in Markdown: what it is, what it was made of, how it did, who let it through."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.records.model import Signature
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.records.query import query as read_query
from jupyter_mlops.records.review import Review
from jupyter_mlops.registry import version_of
from jupyter_mlops.review.markdown import code, escaped, table
from jupyter_mlops.review.sides import Subject, read_subject
from jupyter_mlops.review.wording import marks, number
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["model_card"]

_MOST = 60  # rows of a table


def model_card(ws: Workspace, reference: str) -> str:
    """Write the model card of a version, in Markdown.

    Raises
    ------
    NotFound
        There is no such version.
    """
    with ws.store.read() as tx:
        version, _ = version_of(tx, reference)
        subject = read_subject(tx, ws.blobs, version.model, version.version)
        aliases = [
            a.name
            for a in tx.aliases.find(read_query(also=where(model=version.model)))
            if a.version == version.version
        ]
        reviews = _reviews(tx, version.model, version.version)
    parts = (
        _head(subject, aliases),
        _made(subject),
        _metrics(subject),
        _data(subject),
        _signature(version.signature),
        _params(subject),
        _decided(reviews),
    )
    return "\n".join(line for part in parts for line in part)


def _reviews(tx: Transaction, model: str, version: int) -> tuple[Review, ...]:
    return tx.reviews.find(read_query(order="opened", also=where(model=model, version=version))).items


def _head(subject: Subject, aliases: list[str]) -> Iterator[str]:
    version = subject.version
    yield f"# {escaped(version.reference)}"
    yield ""
    held = f", held by {', '.join(map(escaped, aliases))}" if aliases else ""
    yield f"{code(version.kind)}, stored as {escaped(version.format)}, {version.size:,} bytes{held}."
    yield ""
    yield f"Digest `{version.digest}`."
    yield ""


def _made(subject: Subject) -> Iterator[str]:
    run = subject.run
    yield "## How it was made"
    yield ""
    yield f"- by {escaped(', '.join(subject.authors))}, registered {subject.version.created:%Y-%m-%d %H:%M} UTC"
    if run is None:
        yield "- the run that made it is not in the books"
    else:
        yield f"- run `{run.id}` ({escaped(run.name)}) in experiment {escaped(run.experiment)}"
        reason = f": {escaped(run.grade_reason)}" if run.grade_reason else ""
        yield f"- validity grade **{run.grade}**{reason}; the document is {run.document}"
        yield f"- rests on {len(subject.cells)} cells of {escaped(run.source.notebook or 'no notebook')}"
        yield f"- commit {escaped(run.source.commit or 'unknown')}, Python {escaped(run.source.python or 'unknown')}"
    yield ""


def _metrics(subject: Subject) -> Iterator[str]:
    if not subject.metrics:
        return
    yield "## Metrics"
    yield ""
    baseline = subject.baseline
    rows = [
        (name, number(value), number(baseline[name]) if name in baseline else "")
        for name, value in sorted(subject.metrics.items())[:_MOST]
    ]
    yield from table(("metric", "value", "simple baseline"), rows)
    yield ""


def _data(subject: Subject) -> Iterator[str]:
    if not subject.inputs:
        return
    yield "## Data"
    yield ""
    rows = [
        (i.name, i.role, "" if i.rows is None else f"{i.rows:,}", i.digest[:12])
        for i in subject.inputs[:_MOST]
    ]
    yield from table(("name", "role", "rows", "digest"), rows)
    yield ""


def _signature(signature: Signature) -> Iterator[str]:
    if not signature.inputs:
        return
    yield "## What it takes and gives"
    yield ""
    rows = [("in", c.name, c.dtype, "yes" if c.nullable else "no") for c in signature.inputs[:_MOST]]
    rows += [("out", c.name, c.dtype, "yes" if c.nullable else "no") for c in signature.outputs[:_MOST]]
    yield from table(("", "column", "type", "may be missing"), rows)
    yield ""


def _params(subject: Subject) -> Iterator[str]:
    if not subject.params:
        return
    yield "## Parameters"
    yield ""
    yield from table(
        ("parameter", "value"), [(k, v[:200]) for k, v in sorted(subject.params.items())[:_MOST]]
    )
    yield ""


def _decided(reviews: tuple[Review, ...]) -> Iterator[str]:
    yield "## Reviews"
    yield ""
    if not reviews:
        yield "None yet."
    for review in reviews:
        reason = f" ({escaped(review.reason)})" if review.reason else ""
        yield f"- **{review.status}** for {escaped(review.alias)}{reason}, evidence `{review.evidence_digest[:12]}`"
        yield f"  - {escaped(review.evidence.headline)}"
        for decision in review.decisions:
            note = escaped(marks(decision))
            said = f": {escaped(decision.comment)}" if decision.comment else ""
            yield f"  - {escaped(decision.actor.name)} {decision.verdict} {note}, {decision.at:%Y-%m-%d %H:%M} UTC{said}"
    yield ""
