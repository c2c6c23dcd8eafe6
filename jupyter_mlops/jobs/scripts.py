"""Scripts of Python that run as jobs do: as a notebook, of one cell or of those that ``# %%`` marks."""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from jupyter_mlops.capture import script_lines
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.notebook import Notebook, code_cells, from_bytes

__all__ = ["SUFFIX", "from_script", "starting_code"]

SUFFIX = ".py"
_MARK = re.compile(r"# ?%%(?!%)(.*)")
_COMMENT = re.compile(r"^# ?", re.MULTILINE)
_LINE = "line"  # in the metadata of a cell: how many lines of the script stand before it


def from_script(content: bytes, name: str) -> Notebook:
    """Return the notebook that a script is run as.

    Where comments ``# %%`` stand at the beginning of lines, each begins a cell (``# %% [markdown]`` one of text); the one
    called ``parameters`` declares them. Without any the script is one cell, and has no parameters.

    Raises
    ------
    Invalid
        It is no text; *name* is how the message calls it.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except (SyntaxError, ValueError) as failure:
        raise Invalid(
            f"{name} is not a script of Python: {failure}", remedy="Save it as UTF-8, or name its encoding."
        ) from failure
    cells = [_cell(*part) for part in _parts(text) if part[2].strip()]
    made = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, 1)],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return from_bytes(json.dumps(made).encode(), name)


def _parts(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield of each cell what its mark says, how many lines stand before it, and its lines."""
    lines = text.split("\n")
    marks = [-1, *(place for place in _comments(text) if _MARK.match(lines[place])), len(lines)]
    for begin, end in pairwise(marks):
        found = _MARK.match(lines[begin]) if begin >= 0 else None
        yield found[1] if found else "", begin + 1, "\n".join(lines[begin + 1 : end])


def _comments(text: str) -> list[int]:
    """Return the lines, from 0, that begin with a comment; what looks like one may stand within a text."""
    try:
        tokens = tuple(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):  # it is run all the same, and fails where it cannot be read
        return [place for place, line in enumerate(text.split("\n")) if line.startswith("#")]
    places = (token.start for token in tokens if token.type == tokenize.COMMENT)
    return [line - 1 for line, column in places if column == 0]


def _cell(mark: str, before: int, text: str) -> dict[str, Any]:
    source = text.rstrip()
    while source.partition("\n")[0].strip() == "":
        before, source = before + 1, source.partition("\n")[2]
    if "[markdown]" in mark or "[md]" in mark:
        return {"cell_type": "markdown", "metadata": {}, "source": _COMMENT.sub("", source)}
    tags = {"tags": ["parameters"]} if re.search(r"\bparameters\b", mark) else {}
    metadata = {**tags, "mlops": {_LINE: before}}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def starting_code(notebook: Mapping[str, Any], path: str) -> str:
    """Return what the kernel executes before the cells of the script at *path*."""
    places = [
        (cell["source"], cell["metadata"]["mlops"][_LINE])
        for cell in code_cells(notebook)
        if _LINE in cell["metadata"].get("mlops", {})
    ]
    # An environment without this package runs the cells as those of any notebook.
    return (
        "try:\n"
        f"    __import__('importlib').import_module({script_lines.__name__!r}).as_script(get_ipython(), {path!r}, {places!r})\n"
        "except ImportError:\n"
        "    pass\n"
    )
