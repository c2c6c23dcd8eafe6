"""How long the extra work of observing may take: a share of the fit, and a little in hand for small ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

__all__ = ["Budget", "few_rows", "rows_of"]

_IN_HAND = 0.25  # seconds of extra work, however short the fits
_SHARE = 0.1  # of the time fits take, and of the time that passes between them
_PROBES = (50, 500, 5000)  # rows; a prediction's cost is a fixed part and one that grows with its rows
_KEPT_ROWS = 20


class Budget:
    """An account that fits and time fill, and predictions on the training data empty."""

    def __init__(self) -> None:
        self._left = _IN_HAND
        self._at = time.perf_counter()

    def earn(self, seconds: float) -> None:
        """Take note of a fit of *seconds*."""
        now = time.perf_counter()
        self._left = min(_IN_HAND, self._left + _SHARE * max(seconds, now - self._at))
        self._at = now

    def spend(self, seconds: float) -> None:
        """Take note of extra work."""
        self._left = max(0.0, self._left - seconds)

    def allows(self, seconds: float, fit: float) -> bool:
        """Tell whether extra work of *seconds* is affordable after a fit of *fit* seconds."""
        return seconds <= max(self._left, _SHARE * fit)

    def exceeded_by(self, predict: Callable[[Any], Any], features: Any, fit: float) -> float | None:
        """Return the expected seconds if predicting all of *features* is not affordable, else None.

        Judged by predicting a few rows, then some more: the slope between them is what each row costs.
        """
        rows = rows_of(features)
        if rows is None or rows <= _PROBES[1]:
            return None
        expected = before = 0.0
        if hasattr(features, "tocsr"):
            features = features.tocsr()  # not every sparse form can be taken apart by rows
        for size, smaller in zip(_PROBES, (0, *_PROBES), strict=False):
            if size >= rows:
                break
            begun = time.perf_counter()
            predict(features.iloc[:size] if hasattr(features, "iloc") else features[:size])
            took = time.perf_counter() - begun
            self.spend(took)
            expected = took + (rows - size) * max(0.0, took - before) / (size - smaller)
            before = took
            if not self.allows(took, fit):
                break
        return None if self.allows(expected, fit) else expected


def rows_of(data: Any) -> int | None:
    """Return how many rows *data* have; None where that cannot be told."""
    shape = getattr(data, "shape", None)
    if shape:
        return int(shape[0])
    return len(data) if hasattr(data, "__len__") else None


def few_rows(data: Any, number: int = _KEPT_ROWS) -> Any:
    """Return a copy of at most *number* rows spread over *data*, so that nothing keeps the whole alive."""
    import numpy as np

    rows = rows_of(data)
    if not rows:
        return data
    places = np.unique(np.linspace(0, rows - 1, min(number, rows)).astype(int))
    if hasattr(data, "iloc"):
        return data.iloc[places].copy()
    if hasattr(data, "tocsr"):
        return data.tocsr()[places]  # not every sparse form can be taken apart by rows
    if hasattr(data, "shape") or hasattr(data, "__array__"):
        return data[places.tolist()] if hasattr(data, "get_columns") else data[places]
    return [data[place] for place in places]
