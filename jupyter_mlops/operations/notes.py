"""What the fields of a record mean: read off the comment behind each, the one place where it is said."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache

__all__ = ["notes_of"]


@cache
def notes_of(record: type) -> Mapping[str, str]:
    """Return each field's comment; a field without one is not there."""
    text = textwrap.dedent(inspect.getsource(record))
    lines = text.splitlines()
    (body,) = ast.parse(text).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            note = lines[(node.end_lineno or node.lineno) - 1].partition("  # ")[2].strip()
            if note:
                found[node.target.id] = note
    return found
