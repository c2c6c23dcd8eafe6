"""What people ask of each kind of record."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.examples import EXAMPLES, example_for
from jupyter_mlops.records.parsing import parse_filter, parse_order
from jupyter_mlops.records.query import Query, query
from jupyter_mlops.records.review import Review
from jupyter_mlops.records.run import Run
from jupyter_mlops.store.asking import ask
from jupyter_mlops.store.shelves import SHELVES


@pytest.mark.parametrize(
    "shelf", [s for s in SHELVES.values() if s.record.__name__ in EXAMPLES], ids=lambda s: s.name
)
def test_every_example_names_fields_and_values_that_its_records_have(shelf) -> None:
    example = EXAMPLES[shelf.record.__name__]
    asked = ask(shelf, Query(where=parse_filter(example.where), order=parse_order(example.order)))
    assert asked.where is not None
    assert len(asked.order) >= len(parse_order(example.order)) > 0


def test_no_two_kinds_share_an_example_but_runs_and_what_is_made_of_them() -> None:
    made = ("RunGroup", "Experiment")
    assert len({example.where for example in EXAMPLES.values()}) == len(EXAMPLES) - len(made)
    assert all(EXAMPLES[kind] is EXAMPLES["Run"] for kind in made)


@pytest.mark.parametrize("kind", [Run, Review])
def test_who_asks_wrongly_gets_an_example_of_what_can_be_asked(kind: type) -> None:
    example = EXAMPLES[kind.__name__]
    with pytest.raises(Invalid) as refused:
        query("name =", of=kind)
    assert refused.value.remedy == f"For example: {example.where}"
    with pytest.raises(Invalid) as refused:
        query(order="name up", of=kind)
    assert refused.value.remedy == f"For example: {example.order}"


def test_where_nobody_says_what_is_asked_for_the_example_names_no_kind() -> None:
    with pytest.raises(Invalid) as refused:
        query("name =")
    assert refused.value.remedy == f"For example: {example_for('').where}"
    assert example_for("NoSuchRecord") not in EXAMPLES.values()
    assert parse_filter(example_for("").where)
    assert parse_order(example_for("").order)
