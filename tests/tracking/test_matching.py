"""Inputs of runs beside each other."""

from __future__ import annotations

from jupyter_mlops.records.run import RunInput
from jupyter_mlops.tracking.matching import input_mark, matched_inputs


def data(name: str, role: str = "train", digest: str = "a", **more: int) -> RunInput:
    return RunInput(name=name, role=role, digest=digest, **more)


def told(*runs: list[RunInput]) -> list[tuple[str, str, tuple[str | None, ...]]]:
    return [
        (found.numbered, found.role, tuple(None if item is None else item.digest for item in found.items))
        for found in matched_inputs(runs)
    ]


def test_inputs_are_matched_by_name_and_role() -> None:
    assert told([data("X"), data("X", "test", "b")], [data("X", "test", "c"), data("y")]) == [
        ("X", "test", ("b", "c")),
        ("X", "train", ("a", None)),
        ("y", "train", (None, "a")),
    ]


def test_several_of_one_name_are_matched_by_what_they_are_then_by_their_order() -> None:
    one, two = [data("X", digest=d) for d in "abc"], [data("X", digest=d) for d in "dac"]
    assert told(one, two) == [
        ("X #1", "train", ("a", "a")),
        ("X #2", "train", ("c", "c")),
        ("X #3", "train", ("b", "d")),
    ]
    assert told([data("X")], [data("X"), data("X", digest="b")]) == [
        ("X #1", "train", ("a", "a")),
        ("X #2", "train", (None, "b")),
    ]


def test_the_same_data_read_again_are_no_second_input() -> None:
    assert told([data("X"), data("X")], [data("X")]) == [("X", "train", ("a", "a"))]


def test_data_without_a_digest_are_never_known_to_be_the_same() -> None:
    unread = data("big", digest="", size=9, rows=3)
    (found,) = matched_inputs([[unread], [unread]])
    assert not found.same
    assert input_mark(unread) == "not digested, 9 bytes, 3 rows"
    assert input_mark(data("X")) == "a"
    (found,) = matched_inputs([[data("X")], [data("X")]])
    assert found.same
