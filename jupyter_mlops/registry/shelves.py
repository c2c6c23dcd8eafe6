"""What stands on a model's shelf now: its newest version, where its aliases point, how many reviews wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from jupyter_mlops.records.model import Model
from jupyter_mlops.records.query import And, Comparison, Expression, Field, Operator, Scope, equal, query
from jupyter_mlops.registry.finding import last_versions
from jupyter_mlops.store.protocol import Transaction

__all__ = ["with_shelves"]

_PAGE = 1000


def with_shelves(tx: Transaction, models: Sequence[Model]) -> tuple[Model, ...]:
    """Return *models* with what stands on each shelf, asked for all of them at once where that can be."""
    names = tuple(model.name for model in models)
    if not names:
        return ()
    ours = Comparison(Field(Scope.ATTRIBUTE, "model"), Operator.IN, names)
    aliases: dict[str, dict[str, int]] = {}
    for alias in _all(tx.aliases, ours):
        aliases.setdefault(alias.model, {})[alias.name] = alias.version
    waiting = Counter(review.model for review in _all(tx.reviews, And((ours, equal(status="open")))))
    return tuple(
        replace(
            model,
            newest=next((version.version for version in last_versions(tx, model.name, 1)), None),
            aliases=aliases.get(model.name, {}),
            open_reviews=waiting[model.name],
        )
        for model in models
    )


def _all(shelf: Any, where: Expression) -> Iterator[Any]:
    cursor: str | None = None
    while True:
        page = shelf.find(query(limit=_PAGE, also=where, cursor=cursor))
        yield from page
        cursor = page.cursor
        if cursor is None:
            return
