"""What differs beside the metrics, in phrases: parameters, data, environment, columns, code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jupyter_mlops.records.model import Signature
from jupyter_mlops.records.review import CodeChange
from jupyter_mlops.records.run import RunInput
from jupyter_mlops.records.source import Source
from jupyter_mlops.review.sides import Subject
from jupyter_mlops.review.wording import a_few
from jupyter_mlops.tracking.differing import (
    FACTS,
    MACHINE,
    differing,
    machine_facts,
    module_changes,
    seeds_by_call,
)
from jupyter_mlops.tracking.matching import matched_inputs

__all__ = ["changes_of", "signature_changes", "test_data"]

_SCORED, _PREDICTED = frozenset({"test", "score"}), frozenset({"predict"})
_SHORT = 6  # characters that tell digests apart
_PHRASES = 12  # of one kind; a tuned estimator has dozens of parameters


def changes_of(candidate: Subject, champion: Subject | None, code: tuple[CodeChange, ...]) -> tuple[str, ...]:
    """Return the phrases, in the order people ask: parameters, data, columns, environment, imported files, code."""
    if champion is None:
        return ()
    return (
        *a_few(list(_params(candidate.params, champion.params)), limit=_PHRASES, rest="parameters"),
        *_data(candidate, champion),
        *signature_changes(candidate.version.signature, champion.version.signature),
        *_environment(candidate, champion),
        *_surroundings(candidate, champion),
        *a_few(list(_modules(candidate, champion)), limit=_PHRASES, rest="modules"),
        *a_few([f"{change.label} {change.kind}" for change in code], limit=_PHRASES, rest="cells"),
        *_commit(candidate, champion),
    )


def _params(new: Mapping[str, str], old: Mapping[str, str]) -> Iterator[str]:
    changed = {
        name: (old.get(name), new.get(name))
        for name in sorted(new.keys() | old.keys())
        if old.get(name) != new.get(name)
    }
    for name, (before, after) in changed.items():
        _, nested, last = name.rpartition("__")
        if nested and changed.get(last) == (before, after):
            continue  # the notebook's own name for it is told: learning_rate, handed on to a step of a pipeline
        if before is None:
            yield f"parameter {name} is new: {after:.60}"
        elif after is None:
            yield f"parameter {name} is gone (was {before:.60})"
        else:
            yield f"parameter {name} {before:.60} → {after:.60}"


def test_data(inputs: tuple[RunInput, ...]) -> frozenset[str]:
    """Return the digests of what the metrics were measured on; of all inputs where no role says which.

    What was predicted on counts only where nothing was scored. None where something was not digested: of that
    nobody can say that it is the same.
    """
    kinds = ([item for item in inputs if item.role in roles] for roles in (_SCORED, _PREDICTED))
    found = frozenset(item.digest for item in next(filter(None, kinds), inputs))
    return frozenset() if "" in found else found


def _data(candidate: Subject, champion: Subject) -> Iterator[str]:
    matched = list(matched_inputs([champion.inputs, candidate.inputs]))
    if matched and all(found.same for found in matched):
        yield "data: same"
        return
    for found in matched:
        before, after = found.items
        what = f"data {found.numbered} ({found.role})"
        if before is None or after is None:
            yield f"{what} {'is new' if before is None else 'is gone'}"
        elif before.digest != after.digest:
            yield f"{what} changed{_rows(before, after)}{_columns(before, after)}"
        elif not before.digest:
            yield f"{what} was not digested"


def _rows(before: RunInput, after: RunInput) -> str:
    if before.rows is None or after.rows is None:
        return ""
    return f": {before.rows:,} → {after.rows:,} rows" if before.rows != after.rows else ": as many rows"


def _columns(before: RunInput, after: RunInput) -> str:
    names = sorted(
        name
        for name in before.columns.keys() & after.columns.keys()
        if before.columns[name] != after.columns[name]
    )
    return f", in {', '.join(a_few(names, limit=4, rest='columns'))}" if names else ""


def signature_changes(new: Signature, old: Signature) -> tuple[str, ...]:
    """Return one phrase for each input or output column that is new, gone, or of another type."""
    return (
        *_column_changes("input", new.inputs, old.inputs),
        *_column_changes("output", new.outputs, old.outputs),
    )


def _column_changes(what: str, new: tuple[object, ...], old: tuple[object, ...]) -> Iterator[str]:
    after = {getattr(column, "name", ""): getattr(column, "dtype", "") for column in new}
    before = {getattr(column, "name", ""): getattr(column, "dtype", "") for column in old}
    for name in sorted(after.keys() | before.keys()):
        if name not in before:
            yield f"{what} column {name} is new"
        elif name not in after:
            yield f"{what} column {name} is gone"
        elif before[name] != after[name]:
            yield f"{what} column {name} {before[name]} → {after[name]}"


def _environment(candidate: Subject, champion: Subject) -> Iterator[str]:
    new, old = candidate.environment, champion.environment
    if new and old and new.python != old.python:
        yield f"Python {old.python} → {new.python}"
    now, was = (machine_facts(taken) if taken else {} for taken in (new, old))
    for fact in MACHINE:
        if fact in now and fact in was and now[fact] != was[fact]:
            yield f"{FACTS[fact].removeprefix('the ')} {was[fact]} → {now[fact]}"
    after, before = candidate.packages, champion.packages
    phrases = [
        f"{name} {before.get(name, 'not installed')} → {after.get(name, 'not installed')}"
        for name in sorted(after.keys() | before.keys(), key=str.casefold)
        if before.get(name) != after.get(name)
    ]
    # Those the model file names come first: a change there is likelier to matter.
    needed = set(candidate.manifest.requirements) if candidate.manifest else set()
    phrases.sort(key=lambda phrase: phrase.split(" ", 1)[0] not in needed)
    yield from a_few(phrases, limit=_PHRASES, rest="packages")


def _surroundings(candidate: Subject, champion: Subject) -> Iterator[str]:
    new, old = _source(candidate), _source(champion)
    variables = [(f"variable {name}", *sides) for name, *sides in differing(old.variables, new.variables)]
    seeds = [(f"seed {call}", *sides) for call, *sides in differing(seeds_by_call(old), seeds_by_call(new))]
    for what, before, after in (*variables, *seeds):
        yield f"{what} {'not set' if before is None else before} → {'not set' if after is None else after}"


def _modules(candidate: Subject, champion: Subject) -> Iterator[str]:
    for change in module_changes(_source(champion), _source(candidate)):
        said = {
            "added": f"is new: {change.after[:_SHORT]}",
            "removed": "is not imported any more",
            "edited": f"{change.before[:_SHORT]} → {change.after[:_SHORT]}",
        }.get(change.kind, "may not be what ran")
        yield f"module {change.path} {said}{f' ({change.note})' if change.note else ''}"


def _source(subject: Subject) -> Source:
    return subject.run.source if subject.run else Source()


def _commit(candidate: Subject, champion: Subject) -> Iterator[str]:
    new = candidate.run.source.commit if candidate.run else None
    old = champion.run.source.commit if champion.run else None
    if new and old and new != old:
        yield f"commit {old[:7]} → {new[:7]}"
