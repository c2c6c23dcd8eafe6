"""Schedules that are not kept yet: what an order leaves out, what a change keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import nbformat
import pytest

from jupyter_mlops.automation.drafting import (
    changed_spec,
    changed_when,
    checked_name,
    drafted,
    given,
    given_up,
    named,
    ordered,
    renewed,
    spec_of,
)
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.schedule import After, CatchUp, Cron, Ending, Overlap, Rules


@pytest.fixture
def train(tmp_path):
    notebook = nbformat.v4.new_notebook()
    code = "alpha = 0.5\nbeta = 1"
    notebook.cells = [nbformat.v4.new_code_cell(code, metadata={"tags": ["parameters"]})]
    nbformat.write(notebook, tmp_path / "train.ipynb")
    return str(tmp_path / "train.ipynb")


def test_an_order_of_the_fewest_words_has_the_usual_rules(ws, train) -> None:
    made = ordered(ws, {"daily": "d9"}, name=" daily ", notebook=train, cron="0 3 * * *")
    assert (made.id, made.name, made.rules, made.spec.experiment) == ("d9", "daily", Rules(), "default")
    assert drafted(ws, "daily", made.spec, {"cron": "0 3 * * *"}, Rules(), {}).id != "d9"


def test_where_times_stay_a_schedule_goes_on_and_else_it_counts_from_now(ws, train, clock) -> None:
    draft = ordered(ws, {}, name="a", notebook=train, every="1h")
    with ws.store.write() as tx:
        assert named(tx, "a") is None
        tx.definitions.add(draft)
        before = renewed(ws, tx, draft, replace(draft, when=Cron(expression="0 3 * * *")))
        clock.advance(60)
        same = renewed(
            ws, tx, before, replace(before, rules=Rules(catch_up=CatchUp.ALL, overlap=Overlap.SKIP))
        )
        other = renewed(ws, tx, before, replace(before, rules=Rules(jitter=9.0)))
        assert named(tx, "a") == draft
    assert (same.due, same.since, same.rules.overlap) == (before.due, before.since, Overlap.SKIP)
    assert other.since == before.since + timedelta(seconds=60)


def test_a_notebook_is_read_anew_only_where_that_matters(ws, train) -> None:
    spec = spec_of(ws, train, {"alpha": 0.1}, None, "air")
    assert changed_spec(ws, spec, None, None, None, "water") == replace(spec, experiment="water")
    assert changed_spec(ws, spec, None, {"beta": 2}, None, None).parameters == {"alpha": 0.1, "beta": 2}
    assert changed_spec(ws, spec, train, None, "pm25", None).parameters == {}


def test_a_reason_is_changed_by_another_or_in_its_part(ws, train) -> None:
    made = ordered(ws, {}, name="a", notebook=train, cron="0 3 * * *")
    berlin = Rules(timezone="Europe/Berlin")
    assert changed_when(ws, made, {}, berlin) == Cron(expression="0 3 * * *", timezone="Europe/Berlin")
    assert changed_when(ws, made, {"cron": "1 1 * * *"}, Rules()) == Cron(expression="1 1 * * *")
    after = replace(made, when=After(schedule="d1"))
    assert changed_when(ws, after, {"ending": Ending.ANY}, Rules()) == After(schedule="d1", ending=Ending.ANY)
    assert changed_when(ws, after, {}, Rules()) == after.when


def test_what_is_given_up_is_as_it_is_without() -> None:
    assert replace(Rules(jitter=1.0, maximum=3), **given_up(["jitter", "maximum"])) == Rules()
    assert given({"a": 0, "b": None, "c": ""}) == {"a": 0, "c": ""}
    with pytest.raises(Invalid, match="'overlap' is nothing that a schedule can be without"):
        given_up(["overlap"])


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused(name) -> None:
    with pytest.raises(Invalid, match="cannot name a schedule"):
        checked_name(name)
