"""Metric points over the tables: packed stretches of each curve, and what they come to.

A curve lies in chunks that do not overlap. Few points make a small chunk; the next ones are packed together with
it, as long as it is not much longer than they are, so that a curve written point by point is rewritten a logarithmic
number of times and lies in a logarithmic number of small chunks behind its full ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, tuple_, update

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.records.run import MetricPoint, MetricSummary
from jupyter_mlops.store.curves import Curve, curves_of, joined, no_points, thinned
from jupyter_mlops.store.packing import Damaged, pack, unpack
from jupyter_mlops.store.series import Tally, tally
from jupyter_mlops.store.sql.mapping import summary_row, tally_of
from jupyter_mlops.store.sql.session import Session
from jupyter_mlops.store.sql.tables import CHUNKS, OWNERS, SUMMARIES

__all__ = ["FULL", "SqlMetrics", "chunk_rows"]

FULL = 8192  # points in a chunk that is not added to any more
_NEAR = 24  # chunks at the end of a curve that are looked at first
_PAIRS = 400  # (run, metric) in one statement
_OWNER = attrgetter("owner")


def chunk_rows(number: int, curve: Curve) -> list[dict[str, Any]]:
    """Return the rows that hold *curve*, in order, under its owner's *number*."""
    parts = [curve.take(slice(start, start + FULL)) for start in range(0, len(curve), FULL)]
    return [
        {
            "owner": number,
            "key": part.key,
            "last": int(part.sequences[-1]),
            "first": int(part.sequences[0]),
            "count": len(part),
            "body": pack(part),
        }
        for part in parts
    ]


@dataclass(slots=True)
class _Change:
    """What is to be written for all curves of one call: a round trip for each run would cost more than the points."""

    gone: list[dict[str, Any]] = field(default_factory=list)  # chunks that are packed anew
    rows: list[dict[str, Any]] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)  # the highest sequence of an owner


_GONE = delete(CHUNKS).where(
    CHUNKS.c.owner == bindparam("of"), CHUNKS.c.key == bindparam("named"), CHUNKS.c.last == bindparam("at")
)
_ENDS = update(OWNERS).where(OWNERS.c.number == bindparam("of")).values(last=bindparam("at"))


@dataclass(frozen=True, slots=True)
class SqlMetrics:
    """Metric points, and what they come to."""

    _session: Session

    def append(self, items: Sequence[MetricPoint]) -> None:
        """Keep *items*; one whose owner and sequence are already there is passed over."""
        self._session.writing()
        self.extend(curves_of(items))

    def extend(self, curves: Sequence[Curve]) -> None:
        """Keep the points of *curves*, likewise."""
        self._session.writing()
        more: dict[tuple[str, str], Tally] = {}
        change = _Change()
        said = sorted((curve for curve in curves if len(curve)), key=_OWNER)
        numbers = self._numbers([curve.owner for curve in said])
        for owner, some in groupby(said, key=_OWNER):
            number, last = numbers[owner]
            new = self._unseen(owner, number, last, _once(list(some)))
            if new:
                self._pack(owner, number, new, change)
                more |= {(owner, curve.key): tally(curve) for curve in new}
                highest = max(int(curve.sequences[-1]) for curve in new)
                if highest > last:
                    change.ends.append({"of": number, "at": highest})
        self._write(change)
        self._add_up(more)

    def _execute(self, statement: Any, rows: Sequence[Any] = ()) -> Any:
        connection = self._session.connection
        return connection.execute(statement, rows) if rows else connection.execute(statement)

    def _numbers(self, owners: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return for each of *owners* the number under which its curves lie, and its highest sequence."""
        names = list(dict.fromkeys(owners))
        found: dict[str, tuple[int, int]] = {}
        for start in range(0, len(names), _PAIRS):
            some = names[start : start + _PAIRS]
            kept = select(OWNERS.c.run, OWNERS.c.number, OWNERS.c.last).where(OWNERS.c.run.in_(some))
            found |= {row.run: (int(row.number), int(row.last)) for row in self._execute(kept)}
        for name in names:
            if name not in found:
                made = self._execute(insert(OWNERS).values(run=name, last=0))
                found[name] = int(made.inserted_primary_key[0]), 0
        return found

    def _unseen(self, owner: str, number: int, last: int, curves: list[Curve]) -> list[Curve]:
        """Return what of *curves* is not kept yet; a journal replayed finds all of it there."""
        import numpy as np

        low = min(int(curve.sequences[0]) for curve in curves)
        if low > last:  # as it is with every journal that is read once
            return curves
        high = max(int(curve.sequences[-1]) for curve in curves)
        rows = self._execute(
            select(CHUNKS.c.key, CHUNKS.c.body).where(
                CHUNKS.c.owner == number, CHUNKS.c.last >= low, CHUNKS.c.first <= high
            )
        )
        kept = [_read(owner, row.key, row.body).sequences for row in rows]
        if not kept:
            return curves
        seen = np.concatenate(kept)
        left = [curve.take(~np.isin(curve.sequences, seen)) for curve in curves]
        return [curve for curve in left if len(curve)]

    def _pack(self, owner: str, number: int, curves: Sequence[Curve], change: _Change) -> None:
        for curve in curves:
            beside = self._beside(number, curve)
            if beside:
                curve = joined([*(_read(owner, row.key, row.body) for row in beside), curve])  # noqa: PLW2901
                change.gone += [{"of": number, "named": curve.key, "at": row.last} for row in beside]
            change.rows += chunk_rows(number, curve)

    def _write(self, change: _Change) -> None:
        if change.gone:
            self._execute(_GONE, change.gone)
        if change.rows:
            self._execute(insert(CHUNKS), change.rows)
        if change.ends:
            self._execute(_ENDS, change.ends)

    def _beside(self, number: int, curve: Curve) -> Sequence[Any]:
        """Return the chunks to be packed anew together with *curve*: those it reaches into, and small ones before."""
        mine = and_(CHUNKS.c.owner == number, CHUNKS.c.key == curve.key)
        places = (
            select(CHUNKS.c.last, CHUNKS.c.first, CHUNKS.c.count).where(mine).order_by(CHUNKS.c.last.desc())
        )
        low, high = int(curve.sequences[0]), int(curve.sequences[-1])
        near = self._execute(places.limit(_NEAR)).all()
        if len(near) == _NEAR and near[-1].last >= low:  # far back: points of another process came before
            near = self._execute(places).all()
        taken = [row for row in near if row.last >= low and row.first <= high]
        size = len(curve) + sum(row.count for row in taken)
        for row in near:
            if row.last < low:
                if row.count >= FULL or row.count > 2 * size:
                    break
                taken.append(row)
                size += row.count
        if not taken:
            return ()
        bodies = select(CHUNKS).where(mine, CHUNKS.c.last.in_([row.last for row in taken]))
        return self._execute(bodies.order_by(CHUNKS.c.last)).all()  # type: ignore[no-any-return]

    def _add_up(self, more: dict[tuple[str, str], Tally]) -> None:
        pairs = list(more)
        for start in range(0, len(pairs), _PAIRS):
            some = pairs[start : start + _PAIRS]
            kept = select(SUMMARIES).where(tuple_(SUMMARIES.c.run, SUMMARIES.c.key).in_(some))
            for row in self._execute(kept):
                more[row.run, row.key] = tally_of(row).plus(more[row.run, row.key])
        if more:
            rows = [summary_row(run, key, held) for (run, key), held in more.items()]
            self._session.dialect.put(self._session.connection, SUMMARIES, rows)

    def read(self, owner: str, *, after: int = 0, limit: int = 1000) -> Sequence[MetricPoint]:
        """Return items of *owner* with a sequence greater than *after*, in order."""
        import numpy as np

        found = select(CHUNKS.c.first, CHUNKS.c.key, CHUNKS.c.body).where(
            CHUNKS.c.owner == _number_of(owner), CHUNKS.c.last > after
        )
        curves: list[Curve] = []
        for row in self._execute(found.order_by(CHUNKS.c.first)):
            # What lies before the next chunk's first is complete.
            if sum(int(np.searchsorted(curve.sequences, row.first)) for curve in curves) >= limit:
                break
            curves.append(_after(_read(owner, row.key, row.body), after))
        if not curves or limit < 1:
            return ()
        sequences = np.sort(np.concatenate([curve.sequences for curve in curves]))
        end = sequences[min(limit, len(sequences)) - 1]
        points = [point for curve in curves for point in curve.take(curve.sequences <= end).points()]
        return tuple(sorted(points, key=attrgetter("sequence")))

    def history(
        self, owner: str, key: str, *, after: int = 0, limit: int = 10_000, most: int | None = None
    ) -> Sequence[MetricPoint]:
        """Return the points of one metric, in order of their sequence; with *most*, thinned out."""
        if most is not None:
            return tuple(thinned(self.curve(owner, key, after=after), most).points())
        found: list[MetricPoint] = []
        for part in self._parts(owner, key, after):
            found += part.take(slice(limit - len(found))).points()
            if len(found) >= limit:
                break
        return tuple(found)

    def curve(self, owner: str, key: str, *, after: int = 0) -> Curve:
        """Return one metric as columns, in order of the sequence."""
        parts = list(self._parts(owner, key, after))
        return joined(parts) if parts else no_points(owner, key)

    def _parts(self, owner: str, key: str, after: int) -> Iterator[Curve]:
        found = select(CHUNKS.c.body).where(
            CHUNKS.c.owner == _number_of(owner), CHUNKS.c.key == key, CHUNKS.c.last > after
        )
        for body in self._execute(found.order_by(CHUNKS.c.last)).scalars():
            yield _after(_read(owner, key, body), after)

    def at_step(self, key: str, step: int) -> dict[str, float]:
        """Return what each run logged last under *key* at *step*, by the run's id; every curve of that name is read."""
        import numpy as np

        found: dict[str, float] = {}
        asked = select(OWNERS.c.run, CHUNKS.c.body).join(OWNERS, OWNERS.c.number == CHUNKS.c.owner)
        for row in self._execute(asked.where(CHUNKS.c.key == key).order_by(CHUNKS.c.owner, CHUNKS.c.last)):
            part = _read(row.run, key, row.body)
            there = np.flatnonzero(part.steps == step)
            if len(there):
                found[row.run] = float(part.values[there[-1]])
        return {run: value for run, value in found.items() if value == value}  # noqa: PLR0124 - not a number

    def summaries(self, owner: str) -> dict[str, MetricSummary]:
        """Return one summary a metric."""
        found = select(SUMMARIES).where(SUMMARIES.c.run == owner).order_by(SUMMARIES.c.key)
        return {row.key: tally_of(row).summary() for row in self._execute(found)}


def _number_of(owner: str) -> Any:
    return select(OWNERS.c.number).where(OWNERS.c.run == owner).scalar_subquery()


def _once(curves: list[Curve]) -> list[Curve]:
    """Return *curves*, each in order, every sequence once: the first that says it has it."""
    import numpy as np

    everything = np.concatenate([curve.sequences for curve in curves])
    sequences, first = np.unique(everything, return_index=True)
    if len(sequences) < len(everything):
        kept = np.zeros(len(everything), bool)
        kept[first] = True
        ends = np.cumsum([len(curve) for curve in curves])
        curves = [
            curve.take(some)
            for curve, some in zip(curves, np.split(kept, ends[:-1]), strict=True)
            if some.any()
        ]
    keys: dict[str, list[Curve]] = {}
    for curve in curves:
        if len(curve):
            keys.setdefault(curve.key, []).append(curve)
    return [joined(some) for some in keys.values()]


def _after(curve: Curve, after: int) -> Curve:
    return curve if curve.sequences[0] > after else curve.take(curve.sequences > after)


def _read(owner: str, key: str, body: bytes) -> Curve:
    try:
        return unpack(owner, key, bytes(body))
    except Damaged:
        raise Unavailable(
            f"points of the metric {key} of run {owner[-6:]} are damaged in the store",
            remedy="Restore the store from a copy.",
        ) from None
