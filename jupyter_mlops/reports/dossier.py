"""The file on a version: what is known about it, each line with the place in the books that proves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.model import Model
from jupyter_mlops.records.query import equal, query
from jupyter_mlops.records.report import Report
from jupyter_mlops.records.review import CheckReport, Review
from jupyter_mlops.registry import version_of
from jupyter_mlops.reports.page import Section, as_html, as_markdown
from jupyter_mlops.review import check_version
from jupyter_mlops.review.sides import Subject, read_subject
from jupyter_mlops.review.wording import marks, number
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["dossier"]

_HEADS = ("statement", "evidence")
Line = tuple[str, str]
# What no book can know; a dossier that left them out would look complete.
_HUMAN = ("intended purpose", "owner", "known limits", "risks and how they are watched", "when it is retired")


def dossier(ws: Workspace, reference: str, alias: str = "champion") -> Report:
    """Write the dossier of a version, in Markdown and HTML: all that is known of it.

    Parameters
    ----------
    reference
        The version, such as ``pm25:2``.
    alias
        Whose holder its checks compare it with.

    Raises
    ------
    NotFound
        There is no such version.
    """
    checks = check_version(ws, reference, alias)
    with ws.store.read() as tx:
        version, _ = version_of(tx, reference)
        subject = read_subject(tx, ws.blobs, version.model, version.version)
        condition = equal(model=version.model, version=version.version)
        reviews = tx.reviews.find(query(order="opened", also=condition)).items
        events = tuple(tx.events.read(subject=version.reference))
        model = _model(tx, version.model)
        head = tx.events.head()
    sections = (
        _section("What it is", _identity(subject)),
        _section("To be filled in by a person", _human(model)),
        _section("How it was made", _making(subject)),
        _section("What it was made of", _data(subject)),
        _section("How good it is", _quality(subject, checks)),
        _section("Checks", _checks(checks)),
        _section("Who decided", _decisions(reviews)),
        _section("What happened to it", _events(events)),
    )
    title = f"Dossier of {version.reference}"
    where = f"{head.sequence}, {head.digest}" if head else "empty"
    end = Section(title="State of the books", sentences=[f"Ledger line {where}."])
    return Report(
        title=title,
        at=ws.now(),
        markdown=as_markdown(title, (*sections, end)),
        html=as_html(title, (*sections, end)),
    )


def _section(title: str, lines: Iterator[Line]) -> Section:
    rows = list(lines)
    return Section(title=title, heads=_HEADS, rows=rows, sentences=() if rows else ("Nothing is recorded.",))


def _model(tx: Transaction, name: str) -> Model | None:
    try:
        return tx.models.get(name)
    except NotFound:
        return None


def _identity(subject: Subject) -> Iterator[Line]:
    version = subject.version
    yield f"{version.kind}, stored as {version.format}, {version.size:,} bytes", f"blob {version.digest}"
    for file in subject.manifest.files if subject.manifest else ():
        yield f"file {file.path}, {file.size:,} bytes", f"blob {file.digest}"
    yield (
        f"registered {version.created:%Y-%m-%d %H:%M} UTC by {version.actor.name}",
        f"version {version.reference}",
    )


def _human(model: Model | None) -> Iterator[Line]:
    tags = model.tags if model else {}
    for name in _HUMAN:
        given = tags.get(name) or (model.description if model and name == "intended purpose" else "")
        yield f"{name}: {given or 'not said yet'}", f"tag {name!r} of the model" if given else "none"


def _making(subject: Subject) -> Iterator[Line]:
    run = subject.run
    if run is None:
        return
    evidence = f"run {run.id}"
    yield f"made by {run.actor.name} in {run.source.notebook or 'no notebook'}", evidence
    yield f"validity grade {run.grade}{f': {run.grade_reason}' if run.grade_reason else ''}", evidence
    yield f"commit {run.source.commit or 'unknown'}, {len(run.source.dirty)} changed files", evidence
    if subject.environment:
        told = f"Python {subject.environment.python}, {len(subject.environment.packages)} packages, {subject.environment.platform}"
        yield told, f"blob {run.source.environment}"
    for cell in subject.cells:
        yield f"cell {cell.cell or cell.sequence} ran as In [{cell.count}]", f"cell digest {cell.digest}"


def _data(subject: Subject) -> Iterator[Line]:
    for item in subject.inputs:
        rows = f", {item.rows:,} rows" if item.rows is not None else ""
        yield f"{item.role}: {item.name}{rows}", f"data {item.digest or item.note}"


def _quality(subject: Subject, checks: CheckReport) -> Iterator[Line]:
    evidence = f"run {subject.run.id}" if subject.run else "none"
    yield checks.headline, f"evidence {checks.evidence_digest}"
    for name, value in sorted(subject.metrics.items()):
        yield f"{name} {number(value)}", evidence


def _checks(checks: CheckReport) -> Iterator[Line]:
    for check in checks.checks:
        need = "required" if check.required else "not required"
        yield f"{check.name} {check.outcome} ({need}): {check.summary}", f"evidence {checks.evidence_digest}"


def _decisions(reviews: Sequence[Review]) -> Iterator[Line]:
    for review in reviews:
        reason = f": {review.reason}" if review.reason else ""
        yield f"review for {review.alias} {review.status}{reason}", f"review {review.id}"
        for decision in review.decisions:
            said = f": {decision.comment}" if decision.comment else ""
            yield (
                f"{decision.actor.name} {decision.verdict}{marks(decision)}{said}",
                f"evidence {decision.evidence_digest}",
            )


def _events(events: Sequence[Event]) -> Iterator[Line]:
    for event in events:
        yield (
            f"{event.at:%Y-%m-%d %H:%M} UTC {event.kind} by {event.actor.name}",
            f"ledger {event.sequence}, {event.digest}",
        )
