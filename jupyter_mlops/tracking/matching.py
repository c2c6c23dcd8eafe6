"""Inputs of runs beside each other: by name and role, and of several by one name each on its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from jupyter_mlops.records.run import RunInput

__all__ = ["MatchedInput", "input_mark", "matched_inputs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedInput:
    """What each run has under one name and role; ``number`` counts from 1 where one of them has several."""

    name: str
    role: str
    number: int | None
    items: tuple[RunInput | None, ...]  # one a run, in their order

    @property
    def same(self) -> bool:
        """Whether all runs are known to have the same data here; nothing is known of data without a digest."""
        digests = {None if item is None else item.digest for item in self.items}
        return len(digests) == 1 and digests.isdisjoint({None, ""})

    @property
    def numbered(self) -> str:
        """The name, with the number where there are several."""
        return self.name if self.number is None else f"{self.name} #{self.number}"


def input_mark(item: RunInput) -> str:
    """Return what tells an input from another of its name: its digest; without one, what else is known."""
    if item.digest:
        return item.digest
    known = [f"{item.size} bytes"] if item.size is not None else []
    known += [f"{item.rows} rows"] if item.rows is not None else []
    return ", ".join(["not digested", *known])


def matched_inputs(runs: Sequence[Sequence[RunInput]]) -> Iterator[MatchedInput]:
    """Match the inputs of *runs*, by name and role in the order of the names.

    Of several by one name, what all runs have is matched first, whatever its place; what is left by its order. The
    same data read again is no second input.
    """
    columns = [_by_name(inputs) for inputs in runs]
    for name, role in sorted({key for column in columns for key in column}):
        each = [column.get((name, role), {}) for column in columns]
        shared = [mark for mark in each[0] if all(mark in one for one in each)]
        rows: list[tuple[RunInput | None, ...]] = [tuple(one[mark] for one in each) for mark in shared]
        rows += zip_longest(*([item for mark, item in one.items() if mark not in shared] for one in each))
        for number, items in enumerate(rows, 1):
            yield MatchedInput(name=name, role=role, number=number if len(rows) > 1 else None, items=items)


def _by_name(inputs: Sequence[RunInput]) -> dict[tuple[str, str], dict[str, RunInput]]:
    found: dict[tuple[str, str], dict[str, RunInput]] = {}
    for item in inputs:
        found.setdefault((item.name, item.role), {}).setdefault(input_mark(item), item)
    return found
