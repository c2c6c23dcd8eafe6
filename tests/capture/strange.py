"""A library that the analysis knows nothing of: what it is asked, it may answer by changing."""

from __future__ import annotations


class Sampler:
    """Named like a generator and a table, and changed by each question."""

    def __init__(self) -> None:
        self.drawn = 0

    def sample(self) -> int:
        self.drawn += 1
        return self.drawn

    head = mean = items = copy = sample


def tell_not_to_copy(params: dict[str, object]) -> None:
    """Put a key into somebody's dictionary."""
    params["copy_X"] = False


def drop_last(functions: list[object]) -> None:
    """Take something out of somebody's list."""
    functions.pop()
