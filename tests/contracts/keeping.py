"""What the suites do to a store before they ask it something."""

from __future__ import annotations

from typing import Any

from contracts.samples import (
    point,
)
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.query import Page, query
from jupyter_mlops.records.run import Run
from jupyter_mlops.store.protocol import Store


def same(first: Any, second: Any) -> bool:
    """Equality in which what is not a number equals itself."""
    return repr(encode(first)) == repr(encode(second))


def keep(store: Store, *runs: Run) -> None:
    with store.write() as tx:
        for one in runs:
            tx.runs.add(one)


def log(store: Store, **values: float) -> None:
    """Log one value of ``mae`` for each run named."""
    with store.write() as tx:
        tx.metrics.append([point(owner, 1, value) for owner, value in values.items()])


def ids(page: Page[Any]) -> list[str]:
    return [one.id for one in page]


def found(store: Store, where: str = "", order: str = "id") -> list[str]:
    with store.read() as tx:
        return ids(tx.runs.find(query(where, order=order)))
