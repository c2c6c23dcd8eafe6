"""From the data to the alias: what a version rests on and where it went."""

from __future__ import annotations

from jupyter_mlops.records.lineage import Lineage, LineageCell, LineageReview
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.records.query import query
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.records.run import Run
from jupyter_mlops.registry.finding import version_of
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["lineage"]


def lineage(ws: Workspace, reference: str) -> Lineage:
    """Show where a version came from and where it went: data, cells, run, reviews, aliases."""
    with ws.store.read() as tx:
        version, _ = version_of(tx, reference)
        run = tx.runs.get(version.run) if version.run else None
        named = where(model=version.model, version=version.version)
        reviews = tx.reviews.find(query(limit=1000, also=named))
        aliases = tx.aliases.find(query(limit=1000, also=named))
        return Lineage(
            model=version.model,
            version=version.version,
            digest=version.digest,
            run=version.run,
            run_name=run.name if run else "",
            notebook=run.source.notebook if run else None,
            commit=run.source.commit if run else None,
            job=run.job if run else None,
            data={given.name: given.digest for given in run.inputs} if run else {},
            datasets=_registered(tx, run) if run else {},
            cells=_cells(tx, run) if run else (),
            reviews=tuple(
                LineageReview(
                    review=review.id,
                    alias=review.alias,
                    status=review.status.value,
                    approvals=tuple(
                        d.actor.name for d in review.decisions if d.counts and d.verdict is Verdict.APPROVE
                    ),
                    closed=review.closed,
                )
                for review in reviews
            ),
            aliases=tuple(sorted(alias.name for alias in aliases)),
        )


def _registered(tx: Transaction, run: Run) -> dict[str, str]:
    found = {}
    for given in run.inputs:
        if not given.digest:
            continue
        # A frame is known by its content, a file that was read by its bytes.
        also = where(file=given.digest) if given.kind == "file" else where(digest=given.digest)
        page = tx.datasets.find(query(limit=1, also=also))
        if page.total:
            found[given.name] = f"{page[0].name}:{page[0].version}"
    return found


def _cells(tx: Transaction, run: Run) -> tuple[LineageCell, ...]:
    return tuple(
        LineageCell(
            sequence=cell.sequence,
            cell=cell.cell,
            digest=cell.source_digest,
            first_line=next((line.strip() for line in cell.source.splitlines() if line.strip()), "")[:200],
        )
        for cell in tx.cells.read(run.id)
    )
