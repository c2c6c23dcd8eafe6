"""What flows from cell to cell: which executions each execution rests on.

The executed cells are read in the order they ran, without running them. For each the names it takes from the
session, the objects it may change and the functions it may call are followed through aliases, containers and calls.
Where that cannot be known, it is assumed: an execution may rest on more than it really does, never on less.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mlops.capture.reading import Exhausted
from jupyter_mlops.capture.statements import Statements
from jupyter_mlops.capture.syntax import parse_cell
from jupyter_mlops.capture.world import World
from jupyter_mlops.records.source import CellExecution, CellStatus

__all__ = ["Flow", "Names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names one execution read from the session, and those it bound, deleted or may have changed.

    ``rests_on``: the sequences of the executions it rests on directly. ``unseen``: names it read that no recorded
    execution wrote; ``halves``: names that were only written under a condition. ``outside``: state beyond the
    namespace. ``opaque``: the names may be incomplete.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    opaque: bool = False
    rests_on: frozenset[int] = frozenset()
    unseen: frozenset[str] = frozenset()
    halves: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()


class Flow:
    """The executions of a session, read in the order they ran."""

    def __init__(self) -> None:
        self._world = World()
        self.seen: list[int] = []
        self.read: list[Names] = []
        self.failures: list[str] = []

    @staticmethod
    def over(chain: Sequence[CellExecution]) -> Sequence[Names]:
        """Return what each execution of *chain* rests on; a chain that was read as it grew is not read again."""
        known = _BY_TAIL.get(chain[-1].digest) if chain and chain[-1].digest else None
        count = len(chain)
        if known is not None and known.seen[:count] == [execution.sequence for execution in chain]:
            return known.read[:count]  # it grows: another cell may end meanwhile
        flow = Flow()
        for execution in chain:
            flow.step(execution)
        return flow.read

    def seal(self, digest: str) -> None:
        """Name the chain read so far by the digest of its last link, for ``over``."""
        _BY_TAIL[digest] = self

    def step(self, execution: CellExecution, *, source: str | None = None) -> Names:
        """Read the next execution; *source* is its text before masking. Never raises."""
        world, reader = self._world, Statements(self._world, execution.sequence, execution.count)
        before = set(self.seen)
        reader.rests.update(world.kept.values())
        parsed = parse_cell(execution.source if source is None else source)
        # Half of a cell that failed did not run, and nobody knows which.
        reader.doubt = int(execution.status is not CellStatus.OK or parsed.private)
        try:
            if parsed.tree is None:
                if execution.status is not CellStatus.ERROR:
                    reader.become_opaque()
            else:
                reader.read_cell(parsed.tree)
                reader.linger()
        except (Exhausted, RecursionError):
            reader.become_opaque()
        except Exception as failure:  # noqa: BLE001 - a gap in the reading must make the slice larger
            self.failures.append(f"reading {execution.sequence}: {type(failure).__name__}: {failure}")
            reader.become_opaque()
        if reader.everything:
            reader.rests |= before
        self.seen.append(execution.sequence)
        names = Names(
            reads=tuple(sorted(reader.reads)),
            writes=tuple(sorted(reader.writes | reader.all_changed(reader.reads))),
            opaque=reader.opaque,
            rests_on=frozenset(reader.rests - {execution.sequence}),
            unseen=frozenset(reader.unseen),
            halves=frozenset(reader.halves),
            outside=frozenset(reader.outside),
        )
        self.read.append(names)
        return names


# Only while a recorder holds the flow: nothing is kept alive by being known here.
_BY_TAIL: weakref.WeakValueDictionary[str, Flow] = weakref.WeakValueDictionary()
