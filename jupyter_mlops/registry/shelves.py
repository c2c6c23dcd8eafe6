"""What stands on a model's shelf now: its newest version, where its aliases point, their grades, how many reviews wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.model import Model, ModelVersion
from jupyter_mlops.records.query import And, Comparison, Expression, Field, Operator, Scope, equal, query
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.registry.finding import last_versions
from jupyter_mlops.registry.graded import with_trust
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
    newest = {name: version for name in names for version in last_versions(tx, name, 1)}
    trusts = _trusts(tx, newest.values(), aliases)
    waiting = Counter(review.model for review in _all(tx.reviews, And((ours, equal(status="open")))))
    return tuple(
        _shelf(model, newest.get(model.name), aliases.get(model.name, {}), waiting[model.name], trusts)
        for model in models
    )


def _shelf(
    model: Model,
    newest: ModelVersion | None,
    aliases: Mapping[str, int],
    waiting: int,
    trusts: Mapping[str, RunTrust],
) -> Model:
    pointed = {alias: trusts.get(f"{model.name}:{version}") for alias, version in aliases.items()}
    return replace(
        model,
        newest=None if newest is None else newest.version,
        aliases=aliases,
        open_reviews=waiting,
        newest_trust=None if newest is None else trusts.get(newest.reference),
        alias_trust={alias: trust for alias, trust in pointed.items() if trust is not None},
    )


def _trusts(
    tx: Transaction, newest: Iterable[ModelVersion], aliases: Mapping[str, Mapping[str, int]]
) -> Mapping[str, RunTrust]:
    """Return by reference how far the runs can be trusted behind the versions that a shelf names."""
    found = {version.reference: version for version in newest}
    pointed = {(model, version) for model, names in aliases.items() for version in names.values()}
    for model, version in sorted(pointed):
        if f"{model}:{version}" not in found:
            with suppress(NotFound):  # somebody took it away past the books
                found[f"{model}:{version}"] = tx.versions.get(model, version)
    return {
        version.reference: version.trust
        for version in with_trust(tx, tuple(found.values()))
        if version.trust is not None
    }


def _all(shelf: Any, where: Expression) -> Iterator[Any]:
    cursor: str | None = None
    while True:
        page = shelf.find(query(limit=_PAGE, also=where, cursor=cursor))
        yield from page
        cursor = page.cursor
        if cursor is None:
            return
