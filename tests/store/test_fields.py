"""The fields that can be asked for: what is offered is there, and who misses is told what is near."""

from __future__ import annotations

from dataclasses import fields

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.condition import Comparison, Field, Operator, Order, Part, Scope
from jupyter_mlops.records.query import Query
from jupyter_mlops.records.run import Grade
from jupyter_mlops.store.fields import Kind, attribute, kind_of, known_names, resolve
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.workspace import Workspace

RUNS, JOBS = SHELVES["runs"], SHELVES["jobs"]


def named(name: str) -> Field:
    return Field(Scope.ATTRIBUTE, name)


@pytest.mark.parametrize("shelf", SHELVES)
def test_whatever_name_is_offered_can_be_asked_for_and_sorted_by(ws: Workspace, shelf: str) -> None:
    names = known_names(SHELVES[shelf].record)
    assert set(SHELVES[shelf].key) <= set(names)
    with ws.store.read() as tx:
        for name in names:
            target = attribute(SHELVES[shelf], name)
            assert target.kind is not Kind.OPAQUE, name
            order = () if target.many else (Order(named(name)),)
            asked = Query(where=Comparison(named(name), Operator.NULL, None), order=order)
            assert getattr(tx, shelf).find(asked).total == 0, name


def test_what_a_verb_fills_and_no_store_keeps_is_neither_offered_nor_found() -> None:
    derived = [
        (shelf, each.name)
        for shelf in SHELVES.values()
        for each in fields(shelf.record)
        if each.metadata.get("derived")
    ]
    assert derived
    for shelf, name in derived:
        assert name not in known_names(shelf.record)
        assert kind_of(shelf.record, (name,)) is None
        with pytest.raises(Invalid, match=f"no attribute '{name}'"):
            attribute(shelf, name)


@pytest.mark.parametrize(
    ("shelf", "name", "kind", "many"),
    [
        ("runs", "name", Kind.TEXT, False),
        ("runs", "parent", Kind.TEXT, False),  # a text or nothing
        ("runs", "archived", Kind.FLAG, False),  # and no number, although Python's bool is one
        ("runs", "ended", Kind.TIME, False),
        ("runs", "lease.process_started", Kind.NUMBER, False),
        ("runs", "lease", Kind.OPAQUE, False),
        ("runs", "params", Kind.OPAQUE, False),
        ("runs", "inputs", Kind.OPAQUE, False),
        ("runs", "inputs.digest", Kind.TEXT, True),
        ("runs", "inputs.sampled", Kind.FLAG, True),
        ("runs", "notes", Kind.OPAQUE, False),  # several texts are no record to look into
        ("definitions", "when", Kind.OPAQUE, False),  # one of several records
        ("versions", "version", Kind.NUMBER, False),
    ],
)
def test_a_field_is_what_its_type_says(shelf: str, name: str, kind: Kind, many: bool) -> None:
    target = attribute(SHELVES[shelf], name)
    assert (target.kind, target.many, target.name) == (kind, many, name)


def test_an_enums_values_are_its_choices() -> None:
    assert attribute(RUNS, "grade").choices == tuple(grade.value for grade in Grade)
    assert (
        attribute(SHELVES["reviews"], "evidence.candidate.grade").choices == attribute(RUNS, "grade").choices
    )


@pytest.mark.parametrize(
    "name", ["inputs.columns.a", "inputs.digest.x", "name.x", "notes.x", "when.x", "", "."]
)
def test_nothing_lies_deeper_than_a_record_does(name: str) -> None:
    with pytest.raises(Invalid, match="no attribute"):
        attribute(RUNS, name)


def test_of_several_records_only_their_own_values_can_be_asked_for() -> None:
    """The databases look into the items of an array, and no further."""
    reviews = SHELVES["reviews"]
    assert attribute(reviews, "decisions.verdict").many
    with pytest.raises(Invalid, match="no attribute 'decisions.actor.name'"):
        attribute(reviews, "decisions.actor.name")
    assert not [name for name in known_names(reviews.record) if name.startswith("decisions.actor")]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("statsu", "Did you mean status?"),
        ("source.notebok", "Did you mean source.notebook?"),
        ("metric.mae", "Did you mean metrics.mae?"),
        ("param.alpha", "Did you mean params.alpha?"),
        ("tag.team", "Did you mean tags.team?"),
    ],
)
def test_who_misspells_is_told_what_was_meant(name: str, advice: str) -> None:
    with pytest.raises(Invalid) as refusal:
        attribute(RUNS, name)
    assert refusal.value.remedy.startswith(advice)
    assert refusal.value.data == {"field": name, "known": list(known_names(RUNS.record))}


def test_advice_names_every_field_once_and_prefixes_only_where_there_are_any() -> None:
    with pytest.raises(Invalid) as of_runs:
        attribute(RUNS, "zzz")
    assert "metrics.mae, params.alpha, tags.team" in of_runs.value.remedy
    assert of_runs.value.remedy.count("source.") == 1
    assert "Did you mean" not in of_runs.value.remedy
    with pytest.raises(Invalid) as of_jobs:
        attribute(JOBS, "zzz")
    assert "metrics" not in of_jobs.value.remedy


@pytest.mark.parametrize("scope", [Scope.METRICS, Scope.PARAMS, Scope.TAGS])
def test_a_record_without_such_values_says_what_it_has(scope: Scope) -> None:
    with pytest.raises(
        Invalid, match=f"jobs have no {scope.value}, so '{scope.value}.x' is not known"
    ) as refusal:
        resolve(JOBS, Field(scope, "x"))
    assert "spec.notebook" in refusal.value.remedy


def test_the_values_of_a_scope_have_its_kind_whatever_they_are_called() -> None:
    for scope, kind in ((Scope.METRICS, Kind.NUMBER), (Scope.PARAMS, Kind.PARAM), (Scope.TAGS, Kind.TEXT)):
        target = resolve(RUNS, Field(scope, "a.b c"))
        assert (target.kind, target.path, target.name) == (kind, ("a.b c",), "a.b c")


@pytest.mark.parametrize(
    ("name", "part", "settled"),
    [
        ("mae", Part.BEST, Part.MINIMUM),
        ("accuracy", Part.BEST, Part.MAXIMUM),
        ("mae", Part.MEAN, Part.MEAN),
        ("oddity", Part.LAST, Part.LAST),
    ],
)
def test_the_best_of_a_metric_is_settled_by_its_name(name: str, part: Part, settled: Part) -> None:
    assert resolve(RUNS, Field(Scope.METRICS, name, part)).part is settled


def test_a_metric_whose_direction_nobody_knows_is_asked_for_by_an_end() -> None:
    with pytest.raises(Invalid, match="'oddity' does not say which way is better") as refusal:
        resolve(RUNS, Field(Scope.METRICS, "oddity", Part.BEST))
    assert "metrics.oddity.min or metrics.oddity.max" in refusal.value.remedy
