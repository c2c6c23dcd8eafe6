"""Where things come from and what they must meet: lineage, datasets, policies."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.records.dataset import Contract, Dataset
from jupyter_mlops.records.lineage import Lineage, LineageReview
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.profile import ColumnProfile
from jupyter_mlops.render.blocks import Block, Bullets, Column, Facts, Item, Line, Table, Title
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.words import DASH, counted, first_line, moment, number, short, value

__all__ = ["dataset_blocks", "lineage_blocks", "policy_blocks"]

_MOST = 60  # rows of a table


def lineage_blocks(lineage: Lineage) -> Iterator[Block]:
    """The chain of a version: data, cells, run, reviews, aliases."""
    held = f"held by {', '.join(lineage.aliases)}" if lineage.aliases else "no alias points at it"
    yield Title(f"{lineage.model}:{lineage.version}", aside=f"{held} · digest {short(lineage.digest)}")
    run = f"{lineage.run_name} {lineage.run[-6:]}".strip() if lineage.run else "not in the books"
    facts = (
        ("run", run),
        ("notebook", lineage.notebook or ""),
        ("commit", (lineage.commit or "")[:10]),
        ("job", (lineage.job or "")[-6:]),
    )
    yield Facts(tuple(pair for pair in facts if pair[1]))
    if lineage.data:
        rows = tuple(
            (name, short(digest), lineage.datasets.get(name, DASH)) for name, digest in lineage.data.items()
        )
        yield Table((Column("input"), Column("digest"), Column("dataset")), rows, title="Data")
    if lineage.cells:
        cells = tuple(
            (str(cell.sequence), value(cell.first_line, 80), short(cell.digest)) for cell in lineage.cells
        )
        columns = (Column("ran as", numeric=True), Column("begins with"), Column("digest"))
        left = len(cells) - _MOST
        note = f"{left:,} more cells are not shown" if left > 0 else ""
        yield Table(columns, cells[:_MOST], title="Cells", note=note)
    if lineage.reviews:
        yield Bullets("Reviews", tuple(_review(review) for review in lineage.reviews))


def _review(review: LineageReview) -> Item:
    sign, tone = state_face(review.status)
    by = f" by {', '.join(review.approvals)}" if review.approvals else ""
    on = f", {moment(review.closed)}" if review.closed else ""
    return Item(f"{review.alias}: {review.status}{by}{on} ({review.review[-6:]})", sign, tone)


def dataset_blocks(dataset: Dataset) -> Iterator[Block]:
    """One version of a dataset and the portrait of its columns."""
    yield Title(
        f"{dataset.name}:{dataset.version}", aside=f"{dataset.actor.name} · {moment(dataset.created)}"
    )
    facts = (
        ("rows", f"{dataset.rows:,}"),
        ("columns", f"{len(dataset.columns):,}"),
        ("source", dataset.source or ""),
        ("licence", dataset.licence or ""),
        ("kept as", f"{dataset.media_type}, {short(dataset.file)}" if dataset.file else ""),
        ("run", (dataset.run or "")[-6:]),
        ("digest", dataset.digest),
    )
    yield Facts(tuple(pair for pair in facts if pair[1]))
    if dataset.contract is not None:
        yield Line(f"Contract: {_contract(dataset.contract)}")
    columns = dataset.profile.columns if dataset.profile is not None else ()
    if columns:
        heads = (Column("column"), Column("type"), Column("missing", numeric=True), Column("distinct", numeric=True),
                 Column("least", numeric=True), Column("mean", numeric=True), Column("most", numeric=True), Column("often"))  # fmt: skip
        left = len(columns) - _MOST
        note = f"{left:,} more columns are not shown" if left > 0 else ""
        yield Table(heads, tuple(_profiled(column) for column in columns[:_MOST]), title="Columns", note=note)


def _contract(contract: Contract) -> str:
    said = [f"{name} {kind}" for name, kind in contract.columns.items()]
    said += [f"never missing: {', '.join(contract.not_null)}"] if contract.not_null else []
    said += [f"at least {counted(contract.minimum_rows, 'row')}"] if contract.minimum_rows else []
    return first_line(" · ".join(said) or "nothing promised", 300)


def _profiled(column: ColumnProfile) -> tuple[str, ...]:
    often = ", ".join(value(text, 16) for text in list(column.top)[:3])
    return (
        column.name,
        column.dtype,
        f"{column.nulls:,}",
        DASH if column.distinct is None else f"{column.distinct:,}",
        number(column.minimum),
        number(column.mean),
        number(column.maximum),
        often,
    )


def policy_blocks(policy: Policy) -> Iterator[Block]:
    """What a model's approval takes."""
    yield Title(f"Policy of {policy.model}")
    yield Facts(
        (
            ("approvals needed", str(policy.quorum)),
            ("the author may approve", "yes" if policy.author_may_approve else "no"),
            ("only a review moves", ", ".join(policy.protected) or "nothing"),
            ("reviewers", ", ".join(policy.reviewers) or "everybody"),
            ("doors that count", ", ".join(policy.doors) or "all"),
            ("least grade", str(policy.minimum_grade) if policy.minimum_grade is not None else "any"),
            *(
                [("run again, at least", policy.reproduction.replace("_", " "))]
                if policy.reproduction
                else []
            ),
        )
    )
    if policy.kpis:
        columns = (Column("metric"), Column("better"), Column("may be worse by"), Column("bar"))
        yield Table(columns, tuple(_kpi(kpi) for kpi in policy.kpis), title="Metrics that decide")
    if policy.checks:
        items = (Item(f"{name}: {'required' if must else 'shown'}") for name, must in policy.checks.items())
        yield Bullets("Checks", tuple(items))


def _kpi(kpi: Kpi) -> tuple[str, ...]:
    word = "at most" if kpi.direction is Direction.LOWER else "at least"
    bar = DASH if kpi.bar is None else f"{word} {number(kpi.bar, kpi.unit)}"
    return kpi.metric, f"{kpi.direction} is better", number(kpi.margin, kpi.unit), bar
