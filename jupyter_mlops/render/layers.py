"""Where boxes stand that need each other: in layers from left to right, near what they need, with few lines that cross."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

__all__ = ["Layered", "layered"]

_ORDERING, _PLACING = 6, 6  # turns after which little changes any more

Needs = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Layered:
    """For each box its layer and the height of its middle; for each line the boxes it joins and its heights in between.

    A line that follows from others, as from the first of three in a row to the last, is left out.
    """

    layers: tuple[int, ...]
    heights: tuple[float, ...]
    lines: tuple[tuple[int, int, tuple[float, ...]], ...]

    @property
    def widest(self) -> int:
        """How many boxes stand above each other at most."""
        return max(map(self.layers.count, set(self.layers)), default=0)


def layered(needs: Needs, *, tall: float, gap: float) -> Layered:
    """Place boxes that are *tall* high, with a *gap* between any two; *needs* are the places of those that each needs."""
    layer = _layers(needs)
    plan = _Plan(layer)
    lines = [(before, box, plan.line(before, box)) for before, box in _needed_lines(needs, layer)]
    plan.order()
    heights = plan.heights(tall, gap)
    return Layered(
        tuple(layer),
        tuple(heights[: len(layer)]),
        tuple((before, box, tuple(heights[point] for point in points)) for before, box, points in lines),
    )


def _layers(needs: Needs) -> list[int]:
    """Return the layer of each box: right of all that it needs. Boxes in a circle share one."""
    found = [0] * len(needs)
    left = set(range(len(needs)))
    layer = 0
    while left:
        ready = {box for box in left if left.isdisjoint(needs[box])} or set(left)
        for box in ready:
            found[box] = layer
        left -= ready
        layer += 1
    return found


def _needed_lines(needs: Needs, layer: Sequence[int]) -> Iterator[tuple[int, int]]:
    earlier: list[set[int]] = [set() for _ in needs]  # all that a box needs, and what that needs
    for box in sorted(range(len(needs)), key=layer.__getitem__):
        own = sorted({before for before in needs[box] if layer[before] < layer[box]})
        implied = set[int]().union(*(earlier[before] for before in own))
        earlier[box] = implied.union(own)
        yield from ((before, box) for before in own if before not in implied)


class _Plan:
    """The layers with all that stands in them: boxes, and points where lines pass to boxes further on."""

    def __init__(self, layer: Sequence[int]) -> None:
        self._boxes = len(layer)
        self._rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
        for box, at in enumerate(layer):
            self._rows[at].append(box)
        self._layer = list(layer)
        self._before: dict[int, list[int]] = {box: [] for box in range(self._boxes)}
        self._after: dict[int, list[int]] = {box: [] for box in range(self._boxes)}

    def line(self, before: int, box: int) -> list[int]:
        """Join two boxes; return the points on the way."""
        points = []
        for at in range(self._layer[before] + 1, self._layer[box]):
            point = len(self._layer)
            self._layer.append(at)
            self._rows[at].append(point)
            self._before[point], self._after[point] = [], []
            points.append(point)
        for left, right in pairwise([before, *points, box]):
            self._after[left].append(right)
            self._before[right].append(left)
        return points

    def order(self) -> None:
        """Sort each layer by the middle of what its members are joined to, to the left and to the right in turn."""
        for turn in range(_ORDERING):
            back = turn % 2 == 1
            joined = self._after if back else self._before
            place = {item: at for row in self._rows for at, item in enumerate(row)}
            for row in reversed(self._rows) if back else self._rows:
                row.sort(key=lambda item: _mean([place[one] for one in joined[item]], place[item]))
                place.update((item, at) for at, item in enumerate(row))

    def heights(self, tall: float, gap: float) -> list[float]:
        """Return the height of the middle of each box and point: the least is half a box."""

        def apart(one: int, other: int) -> float:
            return gap + sum(tall / 2 for item in (one, other) if item < self._boxes)

        found = [0.0] * len(self._layer)
        for row in self._rows:
            stacked = accumulate((apart(*pair) for pair in pairwise(row)), initial=0.0)
            for item, height in zip(row, stacked, strict=True):
                found[item] = height
        for turn in range(_PLACING):
            back = turn % 2 == 1
            joined = self._after if back else self._before
            for row in reversed(self._rows) if back else self._rows:
                wanted = [_mean([found[one] for one in joined[item]], found[item]) for item in row]
                gaps = [apart(*pair) for pair in pairwise(row)]
                for item, height in zip(row, _kept_apart(wanted, gaps), strict=True):
                    found[item] = height
        least = min((found[box] for box in range(self._boxes)), default=0.0)
        top = min((found[box] for box in range(self._boxes, len(found))), default=least)
        rise = tall / 2 - min(least, top + tall / 2)
        return [height + rise for height in found]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _kept_apart(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return places in the order of *wanted*, as near to them as the *gaps* between neighbours let them be."""
    shifts = list(accumulate(gaps, initial=0.0))[: len(wanted)]
    pools: list[
        tuple[float, int]
    ] = []  # neighbours that touch: where the first of them is, and how many they are
    for place, shift in zip(wanted, shifts, strict=True):
        at, count = place - shift, 1
        while pools and pools[-1][0] > at:
            before, many = pools.pop()
            at, count = (before * many + at * count) / (many + count), many + count
        pools.append((at, count))
    starts = [at for at, count in pools for _ in range(count)]
    return [start + shift for start, shift in zip(starts, shifts, strict=True)]
