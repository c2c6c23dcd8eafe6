"""Whether values may have been made of a prediction: equal to it, or a threshold, order, choice or part of it."""

from __future__ import annotations

from typing import Any

__all__ = ["is_derived", "same_values"]

_MOST_VALUES = 5_000_000
_SAMPLE = 1000  # rows looked at before all are
_MATRIX = 2


def same_values(values: Any, result: Any) -> bool:
    """Compare by value with a prediction or one of its columns: copies and conversions lose their identity."""
    import numpy as np

    pair = _arrays(values, result)
    if pair is None or pair[0].shape[0] != pair[1].shape[0]:
        return False
    given, made = pair
    return any(
        given.shape == column.shape and bool(np.array_equal(given, column))
        for column in (made, *_columns(made))
    )


def is_derived(values: Any, result: Any, classes: Any) -> bool:
    """Tell whether *values* may have been computed from the prediction *result* alone.

    A choice of the largest (as a number, or as one of *classes*), anything that keeps the order of a column (a
    threshold, rounding, ``exp``, ``1 - p``), or a part of its rows, in whatever order.
    """
    pair = _arrays(values, result)
    if pair is None:
        return False
    given, made = pair
    if given.ndim == _MATRIX and 1 in given.shape:
        given = given.ravel()
    if given.ndim != 1:
        return False
    if given.shape[0] > made.shape[0]:
        return False
    kept = [_is_part]
    if given.shape[0] == made.shape[0]:
        if _is_choice(given, made, classes):
            return True
        kept.insert(0, _keeps_order)
    return any(test(given, column) for test in kept for column in _columns(made))


def _arrays(values: Any, result: Any) -> tuple[Any, Any] | None:
    import numpy as np

    if result is None:
        return None
    try:
        given, made = np.asarray(values), np.asarray(result)
    except Exception:  # noqa: BLE001 - a user's object may refuse to become an array
        return None
    if given.ndim == 0 or made.ndim == 0 or not given.size or given.size > _MOST_VALUES:
        return None
    return given, made


def _columns(made: Any) -> list[Any]:
    if made.ndim == 1:
        return [made]
    return [made[:, place] for place in range(made.shape[1])] if made.ndim == _MATRIX else []


def _is_choice(given: Any, made: Any, classes: Any) -> bool:
    import numpy as np

    if made.ndim != _MATRIX or made.shape[1] < _MATRIX or made.dtype.kind != "f":
        return False
    chosen = made.argmax(axis=1)
    if np.array_equal(given, chosen):
        return True
    named = isinstance(classes, np.ndarray) and classes.shape == made.shape[1:]
    return named and bool(np.array_equal(given, classes[chosen]))


def _keeps_order(given: Any, column: Any) -> bool:
    """Tell whether *given* rises or falls with *column*, and says something: two values at least."""
    ranks = _ranks(given)
    if ranks is None or column.dtype.kind not in "fiub" or ranks.min() == ranks.max():
        return False
    step = max(1, ranks.shape[0] // _SAMPLE)
    return _rises_or_falls(ranks[::step], column[::step]) and (step == 1 or _rises_or_falls(ranks, column))


def _ranks(given: Any) -> Any:
    """Return numbers as they are, and of other things with two values 0 and 1."""
    import numpy as np

    if given.dtype.kind in "fiu":
        return given
    if given.dtype.kind == "b":
        return given.astype(np.int8)
    values = list(dict.fromkeys(given[:_SAMPLE].tolist()))
    if len(values) != _MATRIX or not np.isin(given, np.array(values, dtype=given.dtype)).all():
        return None
    return (given == values[1]).astype(np.int8)


def _rises_or_falls(given: Any, column: Any) -> bool:
    import numpy as np

    order = np.argsort(column, kind="stable")
    steps, grows = np.diff(given[order].astype(float)), np.diff(column[order]) > 0
    if np.any(steps[~grows] != 0):
        return False  # one value of the prediction became two
    return bool(np.all(steps >= 0) or np.all(steps <= 0))


def _is_part(given: Any, column: Any) -> bool:
    import numpy as np

    if given.dtype.kind != column.dtype.kind or given.dtype.kind not in "fiubU":
        return False
    return bool(np.isin(given, column).all())
