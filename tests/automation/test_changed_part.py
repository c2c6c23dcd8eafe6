"""The first difference to the last success, in one sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jupyter_mlops.automation.basis import Basis, Success
from jupyter_mlops.automation.changed_part import changed_part

BEFORE = Basis(
    cells=("a", "b", "c"),
    values={"alpha": 0.1, "city": "Ulm", "long": "x" * 100},
    inputs={"raw/a.csv": "1", "raw/b.csv": "2"},
    python="3.12.1",
    packages={"numpy": "1.26.4", "pandas": "2.2.0"},
    kernel=("ir", "R", "--slave"),
    needs={"raw": "1"},
)


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ({}, None),
        ({"cells": ("a", "x", "c")}, "code cell 2 has changed"),
        ({"cells": ("a", "b", "x", "c")}, "code cell 3 is new"),
        ({"cells": ("a", "c")}, "code cell 2 is gone"),
        ({"cells": ("c", "a", "b")}, "code cell 1 stood elsewhere"),
        ({"cells": ("b", "c", "a")}, "code cell 1 has moved"),
        ({"values": {**BEFORE.values, "alpha": 0.3}}, "parameter alpha went from 0.1 to 0.3"),
        ({"values": {**BEFORE.values, "city": "Bonn"}}, 'parameter city went from "Ulm" to "Bonn"'),
        ({"values": {**BEFORE.values, "long": "x" * 99 + "y"}}, "parameter long has changed"),
        ({"values": {**BEFORE.values, "n": True}}, "parameter n is true and was not given before"),
        ({"values": {"alpha": 0.1, "long": "x" * 100}}, 'parameter city was "Ulm" and is not given any more'),
        ({"inputs": {"raw/a.csv": "1", "raw/b.csv": "3"}}, "input raw/b.csv has changed"),
        ({"inputs": {**BEFORE.inputs, "raw/c.csv": "3"}}, "input raw/c.csv is new"),
        ({"inputs": {"raw/b.csv": "2"}}, "input raw/a.csv is gone"),
        ({"python": "3.13.0", "cells": ("x",)}, "Python went from 3.12.1 to 3.13.0"),
        ({"packages": {**BEFORE.packages, "numpy": "2.0.0"}}, "package numpy went from 1.26.4 to 2.0.0"),
        ({"packages": {**BEFORE.packages, "tqdm": "4"}}, "package tqdm 4 was installed"),
        ({"packages": {"pandas": "2.2.0"}}, "package numpy 1.26.4 was removed"),
        ({"kernel": ("python3",)}, "the kernel went from ir to python3"),
        ({"kernel": ("ir", "/opt/R", "--slave")}, "the kernel ir is started in another way"),
        ({"needs": {"raw": "2"}}, "step raw, which it needs, has changed"),
        ({"needs": {"raw": "1", "clean": "1"}}, "it needs step clean now"),
        ({"needs": {}}, "it does not need step raw any more"),
        ({"cells": ("a",), "values": {}, "needs": {}}, "code cell 2 is gone"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_the_first_difference_is_named_exactly(now: dict[str, Any], sentence: str | None) -> None:
    assert changed_part(Success("run", BEFORE), replace(BEFORE, **now)) == sentence


def test_a_number_that_became_a_truth_value_has_changed() -> None:
    before = Success("run", Basis(values={"n": 1}))
    assert changed_part(before, Basis(values={"n": True})) == "parameter n went from 1 to true"


def test_a_step_that_never_succeeded_and_one_of_which_nothing_is_known_run() -> None:
    assert changed_part(None, BEFORE) == "it has not succeeded before"
    assert (
        changed_part(Success("run", None), BEFORE)
        == "what it depended on when it last succeeded cannot be read"
    )
