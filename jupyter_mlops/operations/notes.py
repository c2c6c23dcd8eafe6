"""What the fields of a record mean: read off the comment behind each, the one place where it is said."""

from __future__ import annotations

import ast
import inspect
import io
import textwrap
import tokenize
from collections.abc import Mapping
from functools import cache

__all__ = ["notes_of"]


@cache
def notes_of(record: type) -> Mapping[str, str]:
    """Return each field's comment; a field without one is not there."""
    text = textwrap.dedent(inspect.getsource(record))
    said = {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    (body,) = ast.parse(text).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            # A default that fills its line stands in brackets, and the comment inside them.
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            note = " ".join(said[line] for line in lines if line in said)
            if note:
                found[node.target.id] = note
    return found
