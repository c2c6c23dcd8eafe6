"""From a reference to the version it names; and what to say when there is none."""

from __future__ import annotations

import pytest
from contracts.samples import alias, model, run, version

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.policy import Policy
from jupyter_mlops.registry.finding import (
    held_alias,
    known_model,
    last_versions,
    policy_of,
    run_of,
    version_of,
)
from jupyter_mlops.workspace import Workspace


@pytest.fixture
def books(ws: Workspace) -> Workspace:
    with ws.store.write() as tx:
        for name, count in (("pm25", 12), ("pm10", 1), ("churn-eu", 1)):
            tx.models.add(model(name))
            for number in range(1, count + 1):
                tx.versions.add(version(name, number))
        tx.aliases.add(alias("pm25", "champion", 2))
    return ws


@pytest.mark.parametrize(
    ("reference", "found", "by"),
    [("pm25:2", 2, None), ("pm25@champion", 2, "champion"), ("pm10", 1, None)],
)
def test_each_notation_names_one_version_and_says_by_which_alias(
    books: Workspace, reference: str, found: int, by: str | None
) -> None:
    with books.store.read() as tx:
        kept, through = version_of(tx, reference)
    assert kept.version == found
    assert (through.name if through else None) == by


def test_a_bare_name_of_many_versions_is_ambiguous_and_the_choices_are_told_the_alias_first(
    books: Workspace,
) -> None:
    with books.store.read() as tx, pytest.raises(Invalid, match="which of its 12 versions") as refusal:
        version_of(tx, "pm25")
    assert refusal.value.data["choices"][:3] == ["pm25@champion", "pm25:12", "pm25:11"]  # type: ignore[index]
    assert "pm25:12 or" in refusal.value.remedy


@pytest.mark.parametrize(
    ("reference", "says", "helps"),
    [
        ("pm24", "there is no model 'pm24'", "pm25"),
        ("chrun-eu:1", "there is no model 'chrun-eu'", "churn-eu"),
        ("nothing-like-it", "there is no model", "churn-eu"),
        ("pm10:2", "there is no version pm10:2", "pm10:1"),
        ("pm25:0", "there is no version", "pm25:12"),
        ("pm25@nobody", "no alias 'nobody' points into 'pm25'", "pm25@champion"),
        ("pm10@champion", "no alias 'champion' points into 'pm10'", "pm10:1"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    books: Workspace, reference: str, says: str, helps: str
) -> None:
    with books.store.read() as tx, pytest.raises((NotFound, Invalid)) as refusal:
        version_of(tx, reference)
    if isinstance(refusal.value, NotFound):
        assert says in refusal.value.message
        assert helps in refusal.value.remedy


def test_the_command_that_sets_an_alias_can_be_typed_as_it_stands(books: Workspace) -> None:
    with books.store.read() as tx, pytest.raises(NotFound) as refusal:
        version_of(tx, "pm25@nobody")
    assert "`jupyter mlops alias move pm25 nobody VERSION --reason TEXT`" in refusal.value.remedy


def test_in_empty_books_the_remedy_is_to_register(ws: Workspace) -> None:
    with ws.store.read() as tx, pytest.raises(NotFound) as refusal:
        known_model(tx, "pm25")
    assert "jupyter mlops register" in refusal.value.remedy
    assert refusal.value.data["models"] == []


def test_the_newest_versions_come_first_and_all_are_counted(books: Workspace) -> None:
    with books.store.read() as tx:
        page = last_versions(tx, "pm25", 3)
        assert last_versions(tx, "none").total == 0
    assert ([v.version for v in page], page.total) == ([12, 11, 10], 12)


def test_what_may_be_missing_is_none_and_no_error(books: Workspace) -> None:
    with books.store.write() as tx:
        tx.policies.add(Policy(model="pm25"))
        assert held_alias(tx, "pm25", "nobody") is None
        assert policy_of(tx, "pm10") is None
        assert policy_of(tx, "pm25") == Policy(model="pm25")


@pytest.fixture
def runs(ws: Workspace) -> Workspace:
    with ws.store.write() as tx:
        for key in ("01jqaaaaaaaaaaaaaaaaaaa111", "01jqaaaaaaaaaaaaaaaaaab222", "01jqaaaaaaaaaaaaaaaaaac222"):
            tx.runs.add(run(key))
    return ws


@pytest.mark.parametrize("asked", ["01jqaaaaaaaaaaaaaaaaaaa111", "a111", "aaaa111"])
def test_a_run_is_found_by_its_id_or_its_tail(runs: Workspace, asked: str) -> None:
    with runs.store.read() as tx:
        assert run_of(tx, asked).id == "01jqaaaaaaaaaaaaaaaaaaa111"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("111", NotFound), ("", NotFound), ("nowhere", NotFound), ("a%111", NotFound), ("a'111", NotFound), ("x" * 26, NotFound),
        ("____", NotFound), ("ａ111", NotFound),
    ],
)  # fmt: skip
def test_a_tail_too_short_or_of_nobody_finds_nothing(
    runs: Workspace, asked: str, error: type[Exception]
) -> None:
    with runs.store.read() as tx, pytest.raises(error):
        run_of(tx, asked)


def test_a_tail_of_several_is_refused_with_how_many(runs: Workspace) -> None:
    with runs.store.write() as tx:
        tx.runs.add(run("01jqaaaaaaaaaaaaaaaaaxb222"))
    with runs.store.read() as tx, pytest.raises(Invalid, match="2 runs end in 'b222'"):
        run_of(tx, "b222")
