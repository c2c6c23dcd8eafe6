"""Verbs made for the tests of the binding: one of each kind of parameter, in a package of their own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import ModuleType

from jupyter_mlops.operations.table import Operation
from jupyter_mlops.workspace import Workspace


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Something with a size."""

    label: str
    height: int = 1
    tags: Mapping[str, bool] | None = None


def find(
    ws: Workspace,
    query: str = "",
    *,
    limit: int = 10,
    order: str = "",
    all: bool = False,  # noqa: A002
) -> tuple[str, ...]:
    """Find *things* that ``query`` describes.

    Parameters
    ----------
    query
        A filter, up to 100 % of it.
    limit, order
        How many, and
        in which order.

    Raises
    ------
    Invalid
        The query is wrong.
    """
    return (query, str(limit), order, str(all))


def paint(ws: Workspace, thing: str, *, colour: Colour, share: float = 1.0, dry: bool = True) -> str:
    """Paint a thing."""
    return f"{thing} {colour} {share} {dry}"


def join(ws: Workspace, parts: list[str], *, weights: list[float] | None = None) -> str:
    """Join parts."""
    return "".join(parts)


def mark(ws: Workspace, thing: str, *, values: Mapping[str, object], when: datetime | None = None) -> str:
    """Mark a thing."""
    return thing


def pack(ws: Workspace, box: Box, *, fast: bool = False) -> str:
    """Pack a box."""
    return box.label


def put(ws: Workspace, *, shelf: str, thing: str, size: int | str = 0) -> str:
    """Put a thing on a shelf."""
    return shelf


ROOM = ModuleType("jupyter_mlops.samples")
for _verb in (find, paint, join, mark, pack, put):
    setattr(ROOM, _verb.__name__, _verb)
sys.modules["jupyter_mlops.samples"] = ROOM

ROWS = (
    Operation("run.find", "find [{query}]", "samples.find", 0, "GET", "things"),
    Operation("run.paint", "thing paint", "samples.paint", 0, "POST", "things/{thing}/paint"),
    Operation("run.join", "join {parts}", "samples.join", 0, "POST", "parts"),
    Operation("run.mark", "mark", "samples.mark", 0, "POST", "things/{thing}/marks"),
    Operation("run.pack", "pack", "samples.pack", 0, "POST", "boxes"),
    Operation("run.put", "put {thing} --on {shelf} -s {size}", "samples.put", 0, "POST", "shelves/{shelf}"),
)
