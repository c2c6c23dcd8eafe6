"""The table of numbers that the live views are checked against too: a still card says what the live one says."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.render.words import duration, number, signed, size, value

_TABLE = Path(__file__).parents[2] / "labextension" / "src" / "__tests__" / "words.json"
_FIGURES = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}  # as the wire spells them
_SAYS = {"number": number, "signed": signed, "duration": duration, "size": size, "value": value}


def _examples() -> list[tuple[str, Any, str]]:
    table = json.loads(_TABLE.read_text(encoding="utf-8"))
    assert table.keys() == _SAYS.keys()
    return [(kind, given, text) for kind, rows in table.items() for given, text in rows]


@pytest.mark.parametrize(("kind", "given", "text"), _examples())
def test_it_is_written_as_in_the_table_that_the_live_views_share(kind: str, given: Any, text: str) -> None:
    known = kind in {"number", "signed"} and isinstance(given, str)
    assert _SAYS[kind](_FIGURES[given] if known else given) == text
