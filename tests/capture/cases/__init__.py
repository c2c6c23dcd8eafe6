"""The matrix: synthetic sessions with the slice and grade each must have."""

from __future__ import annotations

from tests.capture.cases import (
    branches,
    fields,
    functions,
    handed,
    history,
    libraries,
    models,
    names,
    objects,
    process,
    special,
    tables,
)
from tests.capture.cases.case import Case

CASES: list[Case] = [
    case
    for topic in (
        names,
        objects,
        functions,
        special,
        handed,
        process,
        branches,
        history,
        libraries,
        models,
        tables,
        fields,
    )
    for case in topic.CASES
]
