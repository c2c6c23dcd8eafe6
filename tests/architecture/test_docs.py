"""Every operation, setting, error and exit code is documented, and the document is what the code says."""

from dataclasses import fields
from pathlib import Path

import pytest

from jupyter_mlops import cli, errors
from jupyter_mlops.operations import reference as generator
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.server.handlers import STATUS
from jupyter_mlops.settings import Settings

HOUSE = Path(__file__).parents[2]
REFERENCE = HOUSE / "docs" / "reference.md"


def test_the_reference_is_what_the_code_says():
    assert REFERENCE.read_text(encoding="utf-8") == generator.reference(), (
        "say: python -m jupyter_mlops.operations.reference > docs/reference.md"
    )


@pytest.mark.parametrize("row", [*OPERATIONS, *PROCESSES], ids=lambda row: row.name)
def test_every_operation_has_a_section(row):
    assert f"\n### {row.name}\n" in REFERENCE.read_text(encoding="utf-8")


def test_every_setting_is_explained():
    meanings = {row[0].strip("`"): row[3] for row in generator._settings()}

    options = {f"autolog_options.{each.name}" for each in fields(AutologOptions)}
    assert set(meanings) == {each.name for each in fields(Settings)} | options
    assert [name for name, meaning in meanings.items() if not meaning] == []


def test_every_error_is_listed_with_the_codes_the_doors_give():
    kinds = {name: getattr(errors, name) for name in errors.__all__ if name != "MlopsError"}

    assert {name: cli.EXIT_CODES[kind] for name, kind in kinds.items()} == generator._EXITS
    assert {name: STATUS[kind] for name, kind in kinds.items()} == generator._STATUS


def test_every_exit_code_is_explained():
    explained = {int(row[0]) for row in generator._EXIT_CODES}

    assert set(cli.EXIT_CODES.values()) | {0, cli.UNEXPECTED} <= explained


def test_every_variable_that_is_read_is_explained():
    import re

    found = {
        name
        for path in (HOUSE / "jupyter_mlops").rglob("*.py")
        for name in re.findall(r"JUPYTER_MLOPS_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))
    }

    assert sorted(found - set(generator.ENVIRONMENT)) == []


def test_every_public_parameter_of_an_operation_is_explained():
    from jupyter_mlops.operations.binding import arguments_of

    unexplained = [
        f"{r.name}: {a.name}" for r in [*OPERATIONS, *PROCESSES] for a in arguments_of(r.verb) if not a.help
    ]

    assert unexplained == []


def test_every_field_of_a_record_that_an_operation_takes_is_explained():
    import dataclasses

    from jupyter_mlops.operations.binding import arguments_of
    from jupyter_mlops.operations.kinds import without_none
    from jupyter_mlops.operations.notes import notes_of

    taken = [
        (row.name, without_none(argument.kind))
        for row in [*OPERATIONS, *PROCESSES]
        for argument in arguments_of(row.verb)
        if dataclasses.is_dataclass(without_none(argument.kind))
    ]
    unexplained = [
        f"{name}: {kind.__name__}.{each.name}"
        for name, kind in taken
        for each in dataclasses.fields(kind)
        if not notes_of(kind).get(each.name)
    ]

    assert taken
    assert unexplained == []
