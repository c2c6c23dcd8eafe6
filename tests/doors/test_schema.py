"""The wire as JSON Schema: what a door answers fits it, what it takes is what the schema lets through."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

import fastjsonschema
import pytest

from jupyter_mlops.errors import Conflict, Invalid
from jupyter_mlops.operations import schema as module
from jupyter_mlops.operations.binding import arguments_of, from_json, result_of, summary_of
from jupyter_mlops.operations.kinds import item_of, without_none
from jupyter_mlops.operations.reading import error_json, to_json
from jupyter_mlops.operations.schema import wire
from jupyter_mlops.operations.table import BASE, OPERATIONS, Operation
from jupyter_mlops.records.codec import fields_of
from jupyter_mlops.records.query import Page
from jupyter_mlops.review import open_review
from jupyter_mlops.tracking import log_artifact, log_metrics, log_params, start_run
from tests.render.every_record import filled, record_kinds
from tests.review.books import add_version, set_alias

WIRE = wire()
SAID = {row["name"]: row for row in WIRE["operations"]}
ROWS = {row.name: row for row in OPERATIONS}


@cache
def check(schema: str) -> Callable[[Any], object]:
    """What refuses a value that does not fit *schema*, whose references are those of the wire."""
    return fastjsonschema.compile({**json.loads(schema), "$defs": WIRE["$defs"]}, use_default=False)


def fits(schema: dict[str, Any], value: object) -> bool:
    try:
        check(json.dumps(schema))(value)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


# --- the document ------------------------------------------------------------------------------------------------


def test_it_is_written_as_one_document_that_differs_only_where_the_records_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    module.main()

    out, _ = capsys.readouterr()
    assert out.endswith("}\n")
    assert json.loads(out) == WIRE
    assert list(WIRE["$defs"]) == sorted(WIRE["$defs"])  # not by who asked for a record first
    assert out == json.dumps(wire(), indent=2, ensure_ascii=False) + "\n"


def test_each_operation_and_each_record_is_described() -> None:
    assert WIRE["base"] == BASE
    assert [name for name, row in SAID.items() if row["description"] != summary_of(ROWS[name].verb)] == []
    assert [
        name for name, each in WIRE["$defs"].items() if "enum" not in each and not each["description"]
    ] == []


def references(node: object) -> set[str]:
    return set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(node)))


def test_no_record_is_told_that_no_operation_takes_or_answers_with() -> None:
    reached, new = set(), references(WIRE["operations"])
    while new:
        reached |= new
        new = {name for each in reached for name in references(WIRE["$defs"][each])} - reached

    assert reached == set(WIRE["$defs"])


# --- answers -----------------------------------------------------------------------------------------------------


ON_THE_WIRE = [kind for kind in record_kinds() if kind.__name__ in WIRE["$defs"]]


@pytest.mark.parametrize("kind", ON_THE_WIRE, ids=lambda kind: kind.__name__)
def test_a_record_as_it_is_written_fits_its_definition(kind: type) -> None:
    said = json.loads(to_json(filled(kind)))
    schema = {"$ref": f"#/$defs/{kind.__name__}"}

    assert fits(schema, said)
    for name in fields_of(kind):
        assert not fits(schema, {key: value for key, value in said.items() if key != name}), name


@pytest.fixture
def books(memory_ws):
    """A workspace with a run that goes on, and a version in review."""
    run = start_run(memory_ws, name="first", tags={"team": "risk"})
    log_params(memory_ws, run=run.id, params={"alpha": 0.3, "name": "a", "deep": True})
    for loss in (2.0, 1.0):
        log_metrics(memory_ws, run=run.id, metrics={"mae": 41.2, "loss": loss})
    log_artifact(memory_ws, run=run.id, content=b"x", name="a.txt")
    set_alias(memory_ws, add_version(memory_ws).version)
    add_version(memory_ws)
    open_review(memory_ws, "pm25:2")
    return memory_ws, run.id


ASKED: list[tuple[str, dict[str, object]]] = [
    ("workspace.show", {}),
    ("run.find", {"query": "metrics.mae > 0"}),
    ("run.find", {"query": "name = 'nobody'"}),
    ("run.get", {"run": "{run}"}),
    ("run.group", {}),
    ("run.cells", {"run": "{run}"}),
    ("run.curves", {"runs": ["{run}"]}),
    ("run.beside", {"run": "{run}"}),
    ("metric.history", {"run": "{run}", "key": "mae"}),
    ("artifact.find", {"run": "{run}"}),
    ("model.find", {}),
    ("version.find", {}),
    ("review.find", {}),
    ("review.show", {"reference": "pm25:2"}),
    ("dataset.find", {}),
    ("deployment.find", {}),
    ("ledger.history", {}),
    ("ledger.head", {}),
    ("ledger.verify", {}),
]


@pytest.mark.parametrize(("name", "arguments"), ASKED, ids=[f"{name} {len(given)}" for name, given in ASKED])
def test_what_an_operation_answers_fits_its_result(books, name: str, arguments: dict[str, object]) -> None:
    ws, run = books
    ids = {"{run}": run, "['{run}']": [run]}
    given = {key: ids.get(str(value), value) for key, value in arguments.items()}

    answer = ROWS[name].verb(ws, **from_json(ROWS[name].verb, given))

    assert fits(SAID[name]["result"], json.loads(to_json(answer)))
    assert fits(SAID[name]["parameters"], given)


def test_a_page_is_told_with_what_it_holds() -> None:
    pages = {
        name: result_of(row.verb)
        for name, row in ROWS.items()
        if typing.get_origin(result_of(row.verb)) is Page
    }

    assert pages
    for name, page in pages.items():
        (held,) = typing.get_args(page)
        told = WIRE["$defs"][SAID[name]["result"]["$ref"].rpartition("/")[2]]
        assert told["properties"]["items"]["items"] == {"$ref": f"#/$defs/{held.__name__}"}


def test_an_error_has_its_four_keys_and_none_may_be_missing() -> None:
    said = json.loads(error_json(Conflict("held", remedy="wait", data={"n": 1})))

    assert fits(WIRE["error"], said)
    for key in said:
        assert not fits(WIRE["error"], {name: value for name, value in said.items() if name != key})


# --- parameters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_a_default_is_a_value_that_the_schema_lets_through(row: Operation) -> None:
    for argument in arguments_of(row.verb):
        told = SAID[row.name]["parameters"]["properties"][argument.name]
        assert ("default" in told) is not argument.required
        assert argument.required or fits(
            {key: told[key] for key in told if key != "default"}, told["default"]
        )
        assert told.get("description", "") == argument.help


def sample(kind: Any) -> object:
    shape, item = item_of(kind)
    if shape != "one":
        return [sample(item)] if shape == "list" else {"key": sample(item)}
    bare = without_none(item)
    if dataclasses.is_dataclass(bare):
        return {name: sample(inner) for name, inner in fields_of(bare).items()}  # type: ignore[arg-type]
    if isinstance(bare, type) and issubclass(bare, Enum):
        return str(next(iter(bare)).value)
    known: dict[Any, object] = {int: 3, float: 0.5, bool: True, datetime: "2026-01-31T12:00:00+00:00"}
    return known.get(bare, "text")


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_the_schema_lets_through_what_is_read_and_nothing_that_is_refused(row: Operation) -> None:
    schema = SAID[row.name]["parameters"]
    whole = {argument.name: sample(argument.kind) for argument in arguments_of(row.verb)}

    assert set(from_json(row.verb, whole)) == set(whole)
    assert fits(schema, whole)
    wrong = [{**whole, "never-heard-of": 1}]
    wrong += [
        {**whole, argument.name: {"of": ["another", "kind"]}}
        for argument in arguments_of(row.verb)
        if plain(argument.kind)
    ]
    wrong += [
        {name: value for name, value in whole.items() if name != argument.name}
        for argument in arguments_of(row.verb)
        if argument.required
    ]
    for data in wrong:
        with pytest.raises(Invalid):
            from_json(row.verb, data)
        assert not fits(schema, data), data


def plain(kind: Any) -> bool:
    """Whether only a text, a number, a choice or the like will do."""
    return item_of(kind)[0] == "one" and without_none(kind) in (str, int, float, bool)
