"""The arguments of a call, as far as the source shows them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from jupyter_mlops.capture.world import Regions, Value

__all__ = ["Arguments"]


@dataclass(slots=True)
class Arguments:
    """The arguments of a call. ``spread``: some came by ``*`` or ``**``, so their places are not known."""

    values: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    nodes: dict[str, ast.expr] = field(default_factory=dict)  # keywords as written
    first: ast.expr | None = None
    spread: bool = False
    spread_keywords: bool = False

    def every(self) -> list[Value]:
        """Return all values."""
        return [*self.values, *self.keywords.values()]

    def regions(self) -> Regions:
        """Return all regions."""
        return frozenset[int]().union(*(value.regions for value in self.every()))

    def text(self) -> str | None:
        """Return the first argument where it is a text known from the source."""
        return self.values[0].const if self.values else None
