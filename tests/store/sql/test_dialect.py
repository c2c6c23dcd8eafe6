"""What differs between the databases is asked for in the same way, and answered alike."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.dialects import postgresql

from jupyter_mlops.store.fields import Kind
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.migrate import require_current
from jupyter_mlops.store.sql.postgresql import PostgreSql
from jupyter_mlops.store.sql.sqlite import Sqlite
from jupyter_mlops.store.sql.tables import PARAMS, SHELF_TABLES, SUMMARIES

MODELS = SHELF_TABLES["models"]
ODD = ['quo"te', "it's", "a.b", "a[0]", "$", "%", "größe", "back\\slash", "zero\x00", "half\udc80", ""]


class Held:
    """An empty database, and what is asked of it."""

    def __init__(self, dialect: Dialect, connection: Connection) -> None:
        self.dialect, self.connection = dialect, connection

    def keep(self, *bodies: object) -> None:
        rows = [
            {"name": f"m{number}", "created": "", "body": json.dumps(body, ensure_ascii=False)}
            for number, body in enumerate(bodies)
        ]
        self.dialect.put(self.connection, MODELS, rows)

    def asked(self, held: ColumnElement[Any]) -> list[Any]:
        return list(
            self.connection.execute(select(held).select_from(MODELS).order_by(MODELS.c.name)).scalars()
        )

    def passing(self, condition: ColumnElement[bool]) -> list[str]:
        found = select(MODELS.c.name).where(condition).order_by(MODELS.c.name)
        return list(self.connection.execute(found).scalars())


@contextmanager
def opened(dialect: Dialect) -> Iterator[Held]:
    engine = dialect.engine()
    require_current(engine, dialect)
    with engine.connect().execution_options(mlops_write=True) as connection, connection.begin():
        yield Held(dialect, connection)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Held]:
    if request.param == "sqlite":
        dialect: Dialect = Sqlite(tmp_path / "store.db")
    else:
        dialect = PostgreSql(request.getfixturevalue("database"))
    with opened(dialect) as database:
        yield database


@pytest.mark.parametrize("dialect", [Sqlite, PostgreSql])
def test_each_database_is_called_as_the_protocol_says(dialect: type) -> None:
    for name, asked in vars(Dialect).items():
        if inspect.isfunction(asked) and not name.startswith("_"):
            assert inspect.signature(getattr(dialect, name)) == inspect.signature(asked), name
    assert isinstance(inspect.getattr_static(dialect, "place"), property)


def test_a_database_is_called_as_its_library_calls_it_and_its_place_names_no_password(held: Held) -> None:
    assert held.connection.dialect.name == held.dialect.name
    assert held.dialect.place
    assert "secret" not in PostgreSql("postgresql://ana:secret@host/x").place
    assert "secret" not in PostgreSql("postgresql://ana@host/x?password=secret&sslmode=require").place
    assert PostgreSql("postgresql://ana:secret@host/x").place.startswith("postgresql://ana:")


def test_a_row_that_is_put_again_replaces_every_column_and_no_other_row(held: Held) -> None:
    row: dict[str, Any] = {"run": "r1", "key": "a", "number": 1.5, "text": None, "flag": None}
    other = row | {"key": "b"}
    held.dialect.put(held.connection, PARAMS, [row, other])
    held.dialect.put(held.connection, PARAMS, [row | {"number": None, "text": "x"}, row | {"run": "r2"}])
    found = [dict(one) for one in held.connection.execute(select(PARAMS).order_by("run", "key")).mappings()]
    assert found == [row | {"number": None, "text": "x"}, other, row | {"run": "r2"}]


def test_a_column_called_like_a_function_is_replaced_too(held: Held) -> None:
    row: dict[str, Any] = {
        "run": "r1", "key": "mae", "last": 1.0, "sequence": 1, "step": 0, "minimum": 1.0, "maximum": 1.0, "total": 1.0,
        "numbers": 1, "count": 1,
    }  # fmt: skip
    held.dialect.put(held.connection, SUMMARIES, [row])
    held.dialect.put(held.connection, SUMMARIES, [{**row, "count": 7, "last": -math.inf, "total": None}])
    (kept,) = held.connection.execute(select(SUMMARIES)).mappings()
    assert (kept["count"], kept["last"], kept["total"], kept["minimum"]) == (7, -math.inf, None, 1.0)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (Kind.TEXT, ["x", "", "1", None], ["x", "", "1", None]),
        (Kind.TIME, ["2026-01-05T12:00:00+00:00"], ["2026-01-05T12:00:00+00:00"]),
        (Kind.NUMBER, [3, 0.5, "inf", "-inf", "nan", None], [3.0, 0.5, math.inf, -math.inf, None, None]),
        (Kind.FLAG, [True, False, None], [True, False, None]),
    ],
)
def test_what_lies_inside_a_body_is_given_as_its_kind(
    held: Held, kind: Kind, values: Sequence[Any], expected: Sequence[Any]
) -> None:
    held.keep(*({"a": {"b": value}} for value in values), {"a": {}}, {"a": None}, {})
    assert held.asked(held.dialect.inside(MODELS.c.body, ("a", "b"), kind)) == [*expected, None, None, None]


def test_text_inside_a_body_is_in_the_order_of_its_code_points(held: Held) -> None:
    names = ["b", "a", "ä", "B", "Z", "\U0001f600", "z", "日"]
    held.keep(*({"a": name} for name in names))
    inside = held.dialect.inside(MODELS.c.body, ("a",), Kind.TEXT)
    found = list(held.connection.execute(select(inside).select_from(MODELS).order_by(inside)).scalars())
    assert found == sorted(names)
    assert held.passing(inside < "a") == ["m3", "m4"]


def test_a_team_database_is_told_the_order_of_code_points_whatever_its_own_language() -> None:
    """The tests' own server is of no language, so that the order alone would not show it."""
    inside = PostgreSql("postgresql://host/x").inside(MODELS.c.body, ("a",), Kind.TEXT)
    assert 'COLLATE "C"' in str(inside.compile(dialect=postgresql.dialect()))


def test_the_items_of_an_array_are_each_a_body_of_their_own(held: Held) -> None:
    held.keep(
        {"inputs": [{"rows": 1}, {"rows": 20, "more": {"x": "y"}}]}, {"inputs": []}, {}, {"inputs": [{}]}
    )
    item = held.dialect.each(MODELS.c.body, "inputs")

    def some(condition: ColumnElement[bool]) -> list[str]:
        return held.passing(select(item).where(condition).exists())

    rows = held.dialect.inside(item, ("rows",), Kind.NUMBER)
    assert some(rows > 10) == ["m0"]
    assert some(rows > 20) == []
    assert some(rows.is_(None)) == ["m3"]
    assert some(held.dialect.inside(item, ("more", "x"), Kind.TEXT) == "y") == ["m0"]


@pytest.mark.parametrize("key", ODD, ids=ascii)
def test_any_key_of_a_mapping_finds_its_own_text(held: Held, key: str) -> None:
    from jupyter_mlops.store.sql.mapping import to_text

    for number, body in enumerate(
        ({"tags": {key: "mine", "other": "not"}}, {"tags": {"other": "x"}}, {"tags": {}})
    ):
        held.dialect.put(
            held.connection, MODELS, [{"name": f"m{number}", "created": "", "body": to_text(body)}]
        )
    assert held.asked(held.dialect.entry(MODELS.c.body, "tags", key)) == ["mine", None, None]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("base%", ["base", "base%", "base_x", "baseAx"]),
        ("base", ["base"]),
        ("%", ["base", "base%", "Base", "base_x", "baseAx", "", "*?[a]", "back\\slash"]),
        ("base_x", ["base_x"]),
        ("%*?[a]%", ["*?[a]"]),
        ("%]", ["*?[a]"]),
        ("back\\%", ["back\\slash"]),
        ("%\\", []),
        ("", [""]),
        ("B%", ["Base"]),
    ],
)
def test_like_knows_one_special_character_and_minds_case(
    held: Held, pattern: str, expected: list[str]
) -> None:
    names = ["base", "base%", "Base", "base_x", "baseAx", "", "*?[a]", "back\\slash"]
    held.keep(*({"a": name} for name in names))
    inside = held.dialect.inside(MODELS.c.body, ("a",), Kind.TEXT)
    assert [names[int(name[1:])] for name in held.passing(held.dialect.like(inside, pattern))] == expected


def test_what_is_walked_past_keeps_its_value(held: Held) -> None:
    held.keep({}, {})
    assert held.asked(held.dialect.walked(MODELS.c.name)) == ["m0", "m1"]
    assert held.passing(held.dialect.walked(MODELS.c.name) == "m1") == ["m1"]
