"""One PostgreSQL server for the session, one database for a test that asks for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from store.sql.postgres import execute, server

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """An address in which ``{}`` stands for a database's name."""
    with server() as address:
        yield address


@pytest.fixture
def database(postgres: str) -> str:
    """The address of a new, empty database."""
    name = f"test{next(NUMBERS)}"
    # A database of another language must give the same order.
    execute(postgres.format("postgres"), f"CREATE DATABASE {name}")
    return postgres.format(name)
