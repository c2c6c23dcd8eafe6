"""What the fields of a record mean is the comment behind each, and nothing else that stands near it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import ClassVar

from jupyter_mlops.operations.notes import notes_of
from jupyter_mlops.records.job import JobOptions
from jupyter_mlops.records.upgrade import Upgrade


@dataclass(frozen=True, kw_only=True)
class Jar:
    """A jar  # which is no comment of a field."""

    # How it is sealed: a heading over the next two, which is neither's own.
    lid: str = "cork"
    label: str = "  # 3"
    sign: str = "#"  # what # stands in front of its number
    made: tuple[str, ...] = field(
        default_factory=lambda: (
            "the potter at the end of the lane",
            "his daughter",
            "his daughter's husband",
        )
    )  # by whom
    origin: str | None = (
        None  # the place that its clay was dug at, as far as anybody can tell; None: nobody can tell any more
    )
    size: int  #    in litres
    kinds: ClassVar = ("wide", "narrow")  # known ones

    glaze = "salt"  # no field

    def full(self) -> bool:
        inside: bool = True  # a variable of a method
        return inside


def test_a_fields_note_is_the_comment_behind_it() -> None:
    assert dict(notes_of(Jar)) == {
        "sign": "what # stands in front of its number",
        "made": "by whom",
        "origin": "the place that its clay was dug at, as far as anybody can tell; None: nobody can tell any more",
        "size": "in litres",
        "kinds": "known ones",
    }


def test_a_default_in_brackets_of_its_own_does_not_lose_the_comment() -> None:
    """The formatter puts a long line so; the help would go silent about the field."""
    assert set(notes_of(Upgrade)) == {each.name for each in fields(Upgrade)} - {"after"}
    assert "copy" in notes_of(Upgrade)["backup"]


def test_a_record_inside_a_function_is_read_where_it_stands() -> None:
    @dataclass
    class Inner:
        depth: float  # in metres

    assert dict(notes_of(Inner)) == {"depth": "in metres"}


def test_each_option_of_a_job_is_explained_and_no_two_alike() -> None:
    notes = notes_of(JobOptions)

    assert set(notes) == {each.name for each in fields(JobOptions)}
    assert len(set(notes.values())) == len(notes)
