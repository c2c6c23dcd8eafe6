"""Values of no declared type."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from jupyter_mlops.jobs.plain import checked, code
from jupyter_mlops.jobs.scalars import Misfit


def test_what_json_can_hold_is_let_through_with_its_types() -> None:
    found = checked({"a": [1, 2.5, None, True, ("x", np.int64(3))]})

    assert found == {"a": [1, 2.5, None, True, ["x", 3]]}
    assert type(found["a"][4][1]) is int
    assert ast.literal_eval(code(found)) == found


@pytest.mark.parametrize(
    "value", [float("nan"), {1: 2}, object(), b"x", {1}, "\ud800", 10**5000],
    ids=["nan", "keys", "object", "bytes", "set", "surrogate", "huge"],
)  # fmt: skip
def test_what_it_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(Misfit):
        checked([value])


def test_code_is_written_for_exact_types_only() -> None:
    class Sly(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "__import__('os').system('true')"

    with pytest.raises(Misfit):
        code([Sly("x")])
