"""The shelves: keys, times, columns and references that are really there, and advice that can be followed."""

from __future__ import annotations

import re

import pytest
from contracts.samples import everything

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.codec import fields_of
from jupyter_mlops.store.fields import Kind, kind_of
from jupyter_mlops.store.shelves import SHELVES, Shelf

ALL = pytest.mark.parametrize("shelf", SHELVES.values(), ids=list(SHELVES))


@ALL
def test_key_time_and_columns_are_fields_that_can_be_compared(shelf: Shelf) -> None:
    for name in (*shelf.key, *shelf.indexed):
        found = kind_of(shelf.record, tuple(name.split(".")))
        assert found is not None, name
        assert found[0] in {Kind.TEXT, Kind.NUMBER, Kind.FLAG, Kind.TIME}, name
    if shelf.time is not None:
        assert kind_of(shelf.record, (shelf.time,)) == (Kind.TIME, ())
        assert shelf.time in shelf.indexed  # what every list is sorted by
    assert shelf.key_of(everything()[shelf.name]) == tuple(
        getattr(everything()[shelf.name], name) for name in shelf.key
    )


@ALL
def test_a_reference_joins_fields_that_are_there_on_both_sides(shelf: Shelf) -> None:
    for reference in shelf.referred:
        assert len(reference.theirs) == len(reference.ours) > 0
        assert set(reference.ours) <= set(shelf.key)
        assert set(reference.theirs) <= set(fields_of(SHELVES[reference.shelf].record))


@pytest.mark.parametrize(
    ("held", "field"), [("runs", "run"), ("jobs", "job"), ("models", "model"), ("deployments", "deployment")]
)
def test_no_record_that_speaks_of_another_is_forgotten_where_that_is_removed(held: str, field: str) -> None:
    """A record added later, with a field called ``run``, must be among what keeps a run from being removed."""
    speaking = {shelf.name for shelf in SHELVES.values() if field in fields_of(shelf.record)}
    assert speaking
    assert speaking <= {reference.shelf for reference in SHELVES[held].referred}


def command(words: str) -> str:
    """The operation that a command line reaches, with its arguments as many as that takes."""
    given = words.split()
    for row in OPERATIONS:
        literal = [word for word in row.words.split() if not re.match(r"[\[{]", word)]
        needed = re.findall(r"(?<!\[)\{", row.words)
        allowed = re.findall(r"\{", row.words)
        rest = given[len(literal) :]
        if given[: len(literal)] == literal and len(needed) <= len(rest) <= len(allowed):
            return row.name
    raise AssertionError(f"no command reads {words!r}")


@ALL
def test_what_is_not_there_names_a_command_that_lists_what_is(shelf: Shelf) -> None:
    key = tuple(f"k{number}" for number in range(len(shelf.key)))
    error = shelf.absent(key)
    assert isinstance(error, NotFound)
    assert error.message == f"there is no {shelf.title(key)}"
    found = re.fullmatch(r"jupyter mlops (.+) lists (them|what happened)\.", error.remedy)
    assert found is not None, error.remedy
    assert command(found[1]).endswith(".find" if found[2] == "them" else ".history")


def test_advice_that_no_command_reads_would_be_found() -> None:
    with pytest.raises(AssertionError, match="no command reads 'runners'"):
        command("runners")
    with pytest.raises(AssertionError, match="artifacts"):
        command("artifacts")  # of which run?


@pytest.mark.parametrize(
    ("shelf", "key", "title"),
    [
        ("runs", ("r1",), "run r1"),
        ("versions", ("pm25", 3), "model version pm25:3"),
        ("datasets", ("air", 2), "dataset air:2"),
        ("aliases", ("pm25", "champion"), "alias pm25@champion"),
        ("artifacts", ("r1", "a/b.json"), "artifact r1/a/b.json"),
    ],
)
def test_a_record_is_called_as_its_reference_is_written(
    shelf: str, key: tuple[object, ...], title: str
) -> None:
    assert SHELVES[shelf].title(key) == title


def test_a_key_is_taken_as_given_or_its_parts_are_named() -> None:
    versions = SHELVES["versions"]
    assert versions.checked(("pm25", 3)) == ("pm25", 3)
    for key in ((), ("pm25",), ("pm25", 3, "more")):
        with pytest.raises(
            Invalid, match=f"found by model, version; {len(key)} values were given"
        ) as refusal:
            versions.checked(key)
        assert refusal.value.remedy == "Give model, version."


def test_a_name_with_braces_is_quoted_as_it_is() -> None:
    error = SHELVES["artifacts"].absent(("{0}", "{1}"))
    assert error.message == "there is no artifact {0}/{1}"
    assert error.remedy.startswith("jupyter mlops artifacts {0} ")
