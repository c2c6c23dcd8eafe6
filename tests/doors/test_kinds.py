"""What an annotation asks for is the same whether it is read here or where the values are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Optional, Union

import pytest

from jupyter_mlops.operations.binding import arguments_of
from jupyter_mlops.operations.kinds import item_of, members_of, without_none
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import Run


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (int, (int,)),
        (int | str, (int, str)),
        (Union[int, str], (int, str)),  # noqa: UP007  (both spellings are met)
        (int | None, (int, type(None))),
        (list[int], (list[int],)),
        (Any, (Any,)),
    ],
)
def test_a_union_has_its_alternatives_and_any_other_type_only_itself(
    kind: Any, members: tuple[Any, ...]
) -> None:
    assert members_of(kind) == members


@pytest.mark.parametrize(
    ("kind", "bare"),
    [
        (int, int),
        (int | None, int),
        (Optional[int], int),  # noqa: UP045
        (None | list[str], list[str]),
        (int | str, int | str),
        (int | str | None, int | str),
        (list[int | None], list[int | None]),
    ],
)
def test_what_may_be_left_out_is_taken_off_at_the_outside_only(kind: Any, bare: Any) -> None:
    assert without_none(kind) == bare


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (str, ("one", str)),  # a text is a sequence of letters, and one value
        (list[int], ("list", int)),
        (Sequence[str], ("list", str)),
        (tuple[float, ...], ("list", float)),
        (set[str], ("list", str)),
        (frozenset[str] | None, ("list", str)),
        (list[int | None], ("list", int | None)),
        (Mapping[str, int | str], ("mapping", int | str)),
        (dict[str, float] | None, ("mapping", float)),
        (list[str] | str, ("one", list[str] | str)),  # which of the two cannot be said beforehand
        (Literal["a", "b"], ("one", Literal["a", "b"])),
        (list, ("one", list)),
        (Page[Run], ("one", Page[Run])),
        (object, ("one", object)),
    ],
)
def test_a_type_holds_many_one_or_names_with_values(kind: Any, shape: tuple[str, Any]) -> None:
    assert item_of(kind) == shape


SAMPLES: dict[Any, object] = {str: "a", int: 3, float: 0.5, bool: True, object: "a"}


@pytest.mark.parametrize("row", [*PROCESSES, *OPERATIONS], ids=lambda row: row.name)
def test_what_is_said_to_hold_many_is_read_as_many(row: Any) -> None:
    """Each door gathers values by the shape that is told here; the codec must take them in it, and in no other."""
    for argument in arguments_of(row.verb):
        shape, item = item_of(argument.kind)
        value = SAMPLES.get(item)
        if shape == "list" and value is not None:
            assert list(decode(argument.kind, [value, value])) == [value, value]
        elif shape == "mapping" and value is not None:
            assert decode(argument.kind, {"k": value}) == {"k": value}
        elif value is not None:
            assert decode(argument.kind, value) == value
