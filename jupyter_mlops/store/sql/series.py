"""Series over the tables: cells, predictions, and the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Table, insert, select

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.records.event import Event, chained
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.store.series import in_execution_order
from jupyter_mlops.store.sql.mapping import from_text, to_text
from jupyter_mlops.store.sql.session import Session
from jupyter_mlops.store.sql.tables import CELLS, EVENTS, PREDICTIONS

__all__ = ["SqlCells", "SqlEvents", "SqlPredictions"]

_OWNER = attrgetter("owner")


def _rows(session: Session, table: Table, owner: str, after: int, limit: int) -> Iterable[Any]:
    found = select(table).where(table.c.owner == owner, table.c.sequence > after)
    return session.connection.execute(found.order_by(table.c.sequence).limit(limit))


@dataclass(frozen=True, slots=True)
class SqlPredictions:
    """What deployments answered."""

    _session: Session

    def append(self, items: Sequence[Prediction]) -> None:
        """Keep *items*; one whose owner and sequence are already there is passed over."""
        connection = self._session.writing()
        for owner, some in groupby(sorted(items, key=_OWNER), key=_OWNER):
            first = {item.sequence: item for item in reversed(list(some))}
            kept = select(PREDICTIONS.c.sequence).where(
                PREDICTIONS.c.owner == owner, PREDICTIONS.c.sequence.between(min(first), max(first))
            )
            for sequence in connection.execute(kept).scalars():
                first.pop(sequence, None)
            rows = [
                {"owner": owner, "sequence": at, "body": to_text(encode(item))} for at, item in first.items()
            ]
            if rows:
                connection.execute(insert(PREDICTIONS), rows)

    def read(self, owner: str, *, after: int = 0, limit: int = 1000) -> Sequence[Prediction]:
        """Return items of *owner* with a sequence greater than *after*, in order."""
        rows = _rows(self._session, PREDICTIONS, owner, after, limit)
        return tuple(from_text(Prediction, row.body) for row in rows)


@dataclass(frozen=True, slots=True)
class SqlCells:
    """The executed cells that runs rest on."""

    _session: Session

    def append(self, owner: str, items: Sequence[CellExecution]) -> None:
        """Keep the cells of a run's slice; one already there is passed over."""
        connection = self._session.writing()
        found = select(CELLS.c.session, CELLS.c.sequence).where(CELLS.c.owner == owner)
        kept = {(row.session, row.sequence) for row in connection.execute(found)}
        rows = []
        for item in items:
            if (item.session, item.sequence) not in kept:
                kept.add((item.session, item.sequence))
                body = to_text(encode(item))
                rows.append(
                    {"owner": owner, "session": item.session, "sequence": item.sequence, "body": body}
                )
        if rows:
            connection.execute(insert(CELLS), rows)

    def read(self, owner: str) -> Sequence[CellExecution]:
        """Return the slice in the order of execution."""
        bodies = self._session.connection.execute(
            select(CELLS.c.body).where(CELLS.c.owner == owner)
        ).scalars()
        return in_execution_order([from_text(CellExecution, body) for body in bodies])


class SqlEvents:
    """The ledger."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.decided = False  # something was appended that must survive a power cut

    def append(self, items: Sequence[Event]) -> Sequence[Event]:
        """Number, link, digest and keep *items*; return them as kept."""
        connection = self._session.writing()
        last, kept, rows = self.head(), [], []
        for event in items:
            last = chained(event, last)
            kept.append(last)
            self.decided = self.decided or last.kind.startswith(_DECISIONS)
            rows.append(
                {
                    "sequence": last.sequence,
                    "kind": last.kind,
                    "subject": last.subject,
                    "digest": last.digest,
                    "body": to_text(encode(last)),
                }
            )
        if rows:
            connection.execute(insert(EVENTS), rows)
        return tuple(kept)

    def read(
        self, *, after: int = 0, limit: int = 1000, subject: str = "", kind: str = ""
    ) -> Sequence[Event]:
        """Return events with a sequence greater than *after*, in order."""
        found = select(EVENTS).where(EVENTS.c.sequence > after)
        if subject:
            found = found.where(EVENTS.c.subject == subject)
        if kind.endswith("."):
            found = found.where(EVENTS.c.kind >= kind, EVENTS.c.kind < kind[:-1] + "/")  # "/" follows "."
        elif kind:
            found = found.where(EVENTS.c.kind == kind)
        rows = self._session.connection.execute(found.order_by(EVENTS.c.sequence).limit(limit))
        return tuple(_agreeing(row) for row in rows)

    def head(self) -> Event | None:
        """Return the last event."""
        body = self._session.connection.execute(_LAST).scalar_one_or_none()
        return None if body is None else from_text(Event, body)


# Made once: every write asks for it, and to put the words together takes longer than to answer.
_LAST = select(EVENTS.c.body).order_by(EVENTS.c.sequence.desc()).limit(1)


def _agreeing(row: Row[Any]) -> Event:
    """Return the event in *row*; the columns that find a line must say what the line says, or it could be hidden."""
    event = from_text(Event, row.body)
    if (event.sequence, event.kind, event.subject, event.digest) != (
        row.sequence,
        row.kind,
        row.subject,
        row.digest,
    ):
        raise Invalid(
            f"the columns of ledger line {row.sequence} do not say what the line itself says",
            remedy="Somebody changed the store: restore it from a copy made before that.",
        )
    return event


# Kinds whose loss to a power cut nobody could make good: promotions, decisions, rules, versions.
_DECISIONS = ("alias.", "review.", "policy.", "version.", "model.")
