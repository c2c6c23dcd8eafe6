"""JSON from strangers: read strictly, so that no two readers can understand it differently."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.pairs import each_once

__all__ = ["MAXIMUM_BYTES", "read_object"]

MAXIMUM_BYTES = 16 << 20


def read_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in *content*.

    Raises
    ------
    Invalid
        It is not JSON (NaN and Infinity are not), nested too deep, has a key twice, or is not an object.
    """
    try:
        found = json.loads(content, object_pairs_hook=each_once, parse_constant=_no_constant)
    except RecursionError:
        raise Invalid(
            "the body is nested too deep", remedy="Send rows of plain values, or tensors with flat data."
        ) from None
    except Invalid:
        raise
    except ValueError as failure:  # UnicodeDecodeError is one
        raise Invalid(
            f"the body is not JSON: {failure}", remedy="Mend it where the message points."
        ) from None
    if not isinstance(found, dict):
        raise Invalid(
            "the body is not a JSON object", remedy='Send an object: {"rows": [...]} or {"inputs": [...]}.'
        )
    return found


def _no_constant(name: str) -> NoReturn:
    raise Invalid(f"{name} is not JSON", remedy="Write null for a missing value.")
