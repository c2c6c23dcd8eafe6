"""The names a query may hold, for completion: a key press never waits for a slow store, and leaves no trace."""

from __future__ import annotations

import re
import threading
import typing
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.binding import arguments_of, result_of
from jupyter_mlops.operations.table import Operation, Row
from jupyter_mlops.records.codec import fields_of
from jupyter_mlops.records.condition import Field, Scope
from jupyter_mlops.records.query import Page, parse_order
from jupyter_mlops.store.fields import known_names
from jupyter_mlops.workspace import Workspace

__all__ = ["BUDGET", "Namer", "names_in", "queried"]

BUDGET = 0.2  # seconds a key press may wait
_LATEST = 100  # runs whose names are offered
_SCOPES = tuple(scope for scope in Scope if scope is not Scope.ATTRIBUTE)
_WORDS = ("and", "or", "not", "in", "like", "is", "null")


def queried(row: Row) -> type | None:
    """Return the record a row's query is about; None for a row that takes none, or does not answer with a page of them."""
    if not isinstance(row, Operation) or not any(a.name == "query" for a in arguments_of(row.verb)):
        return None
    answer = result_of(row.verb)
    return typing.get_args(answer)[0] if typing.get_origin(answer) is Page else None


def names_in(ws: Workspace, row: Row) -> tuple[str, ...]:
    """Return what a query of *row* may name: attributes, and the metrics, parameters and tags of the latest records."""
    record = queried(row)
    if record is None:
        return ()
    names = {*known_names(record), *_WORDS}
    scopes = [scope for scope in _SCOPES if scope in fields_of(record)]
    if scopes:
        for item in row.verb(ws, limit=_LATEST):
            names |= {_spelled(scope, key) for scope in scopes for key in getattr(item, scope)}
    return tuple(sorted(names))


@cache
def _spelled(scope: Scope, key: str) -> str:
    """Return the name as the query language reads it: in quotes where it would be taken for something else."""
    plain = f"{scope}.{key}"
    with suppress(Invalid):
        if [step.field for step in parse_order(plain)] == [Field(scope, key)]:
            return plain
    if "`" not in key:
        return f"{scope}.`{key}`"  # which may itself stand in a quoted word of the line
    escaped = re.sub(r'(["\\])', r"\\\1", key)
    return f'{scope}."{escaped}"'


class Namer:
    """Reads names in a thread of its own and hands out what it has when the time is up.

    Parameters
    ----------
    read
        What reads the names for a row; whatever it raises comes to no names.
    """

    def __init__(self, read: Callable[[Row], Iterable[str]]) -> None:
        self._read = read
        self._found: dict[str, tuple[str, ...]] = {}
        self._under_way: dict[str, threading.Thread] = {}

    def names(self, row: Row, budget: float = BUDGET) -> tuple[str, ...]:
        """Return the names for *row*, those of the last reading where this one takes longer than *budget* seconds."""
        if queried(row) is None:
            return ()
        thread = self._under_way.get(row.name)
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=self._learn, args=(row,), name="mlops-names", daemon=True)
            self._under_way[row.name] = thread
            thread.start()
        thread.join(budget)
        return self._found.get(row.name, ())

    def _learn(self, row: Row) -> Any:
        try:
            self._found[row.name] = tuple(self._read(row))
        except Exception:  # noqa: BLE001  (completion offers nothing where nothing can be read)
            self._found.setdefault(row.name, ())
