"""The shape of what a run logs, thinned out as it comes: what a card draws while a cell runs, and at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["Curves"]

_MOST: Final = 512  # points kept of what is logged together; twice as many as a card has room for


class _Track:
    """Points that are logged together: every n-th of them, n doubling as they grow many."""

    __slots__ = ("count", "last", "mask", "points")

    def __init__(self) -> None:
        self.count, self.mask = 0, 0
        self.last: tuple[int, Mapping[str, float]] = (0, {})
        self.points: list[tuple[int, Mapping[str, float]]] = []


class Curves:
    """Takes points on the user's thread, for a fraction of a microsecond each; read from any thread."""

    def __init__(self) -> None:
        self._tracks: dict[str, _Track] = {}
        self.steps = 0  # the highest step, counted from 1

    def add(self, values: Mapping[str, float], step: int) -> None:
        """Take the values of one step. What is logged together is told by its first name."""
        key = next(iter(values))
        track = self._tracks.get(key)
        if track is None:
            track = self._tracks[key] = _Track()
        if step >= self.steps:
            self.steps = step + 1
        count = track.count
        track.count = count + 1
        track.last = point = (step, values)
        if count & track.mask:
            return
        track.points.append(point)
        if len(track.points) >= _MOST:
            # In place and by one assignment: another thread may be reading or adding.
            track.points[:] = track.points[::2]
            track.mask = 2 * track.mask + 1

    def drawn(self) -> dict[str, list[tuple[int, float]]]:
        """Return the points of each metric that was logged more than once, as far as they were kept, the last one always."""
        found: dict[str, list[tuple[int, float]]] = {}
        for track in tuple(self._tracks.values()):
            points, last = list(track.points), track.last
            if points and points[-1] is not last:
                points.append(last)
            for step, values in points:
                for name, value in values.items():
                    found.setdefault(name, []).append((step, value))
        return {name: points for name, points in found.items() if len(points) > 1}
