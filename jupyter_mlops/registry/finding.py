"""From a reference to the version it names, inside a transaction; and what to say when there is none."""

from __future__ import annotations

from difflib import get_close_matches

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.model import Alias, Model, ModelVersion
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.records.query import Page, query
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.records.run import Run
from jupyter_mlops.registry.names import read_reference
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.short_ids import by_id

__all__ = ["held_alias", "known_model", "last_versions", "policy_of", "refuse_twin", "run_of", "version_of"]

_SHOWN = 10


def known_model(tx: Transaction, name: str) -> Model:
    """Return the model called *name*; ``NotFound`` lists names like it."""
    try:
        return tx.models.get(name)
    except NotFound:
        names = [model.name for model in tx.models.find(query(limit=1000))]
        near = get_close_matches(name, names, n=3) or names[:_SHOWN]
        known = (
            f"Known: {', '.join(near)}."
            if near
            else "No model is registered yet: jupyter mlops register RUN --as NAME."
        )
        raise NotFound(f"there is no model {name!r}", remedy=known, data={"models": near}) from None


def last_versions(tx: Transaction, model: str, limit: int = _SHOWN) -> Page[ModelVersion]:
    """Return the newest versions of *model*, the highest number first."""
    return tx.versions.find(query(order="version desc", limit=limit, also=where(model=model)))


def version_of(tx: Transaction, reference: str) -> tuple[ModelVersion, Alias | None]:
    """Return the version *reference* names, and the alias it was reached by.

    Raises
    ------
    NotFound
        There is no such model, version or alias; the remedy lists what there is.
    Invalid
        It is no reference, or the bare name of a model with several versions.
    """
    asked = read_reference(reference)
    known_model(tx, asked.model)
    if asked.alias is not None:
        alias = _alias(tx, asked.model, asked.alias)
        return tx.versions.get(alias.model, alias.version), alias
    if asked.version is None:
        return _only_version(tx, asked.model), None
    try:
        return tx.versions.get(asked.model, asked.version), None
    except NotFound:
        have = [f"{asked.model}:{v.version}" for v in last_versions(tx, asked.model)]
        raise NotFound(f"there is no version {reference}", remedy=f"There is {', '.join(have)}.") from None


def _alias(tx: Transaction, model: str, name: str) -> Alias:
    try:
        return tx.aliases.get(model, name)
    except NotFound:
        choices = _choices(tx, model)
        raise NotFound(
            f"no alias {name!r} points into {model!r}",
            remedy=f"There is {', '.join(choices)}. An approved review or `jupyter mlops alias move {model} {name} VERSION --reason TEXT` sets it.",
            data={"choices": choices},
        ) from None


def _only_version(tx: Transaction, model: str) -> ModelVersion:
    page = last_versions(tx, model, 1)
    if page.total == 1:
        return page[0]
    choices = _choices(tx, model)
    raise Invalid(
        f"{model!r} alone does not say which of its {page.total} versions",
        remedy=f"Say {' or '.join(choices)}.",
        data={"choices": choices},
    )


def _choices(tx: Transaction, model: str) -> list[str]:
    aliases = [alias.reference for alias in tx.aliases.find(query(limit=_SHOWN, also=where(model=model)))]
    return aliases + [version.reference for version in last_versions(tx, model)]


def held_alias(tx: Transaction, model: str, alias: str) -> Alias | None:
    """Return the alias, or None where nobody has set it yet."""
    try:
        return tx.aliases.get(model, alias)
    except NotFound:
        return None


def refuse_twin(tx: Transaction, name: str) -> None:
    """Refuse a name that differs from a registered one in capitals only: people would take one for the other."""
    for model in tx.models.find(query(limit=10_000)):
        if model.name != name and model.name.casefold() == name.casefold():
            raise Conflict(
                f"{name!r} differs from the registered model {model.name!r} in capitals only",
                remedy=f"Write {model.name}, or choose another name.",
            )


def policy_of(tx: Transaction, model: str) -> Policy | None:
    """Return the model's policy, or None where it has none."""
    try:
        return tx.policies.get(model)
    except NotFound:
        return None


def run_of(tx: Transaction, run: str) -> Run:
    """Return the run with this id, or with this unique tail of at least four characters."""
    return by_id(tx.runs, "run", run)
