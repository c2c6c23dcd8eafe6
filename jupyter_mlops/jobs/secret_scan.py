"""No output that contains a secret is written anywhere: it is withheld, and a sentence says whose value it contained.

Looked through is the whole notebook before each time it is written, the live one too. What a stream says may come in
pieces, so its pieces are read as one, and while a cell runs an end that may be the beginning of a secret is held back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from jupyter_mlops.capture.known_secrets import forms_of

__all__ = ["Screen"]

_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class Screen:
    """Looks through the outputs of one job for the values of its secrets.

    Parameters
    ----------
    secrets
        The values by the names of their parameters.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {name: forms_of(value) for name, value in secrets.items()}
        self._withheld: dict[tuple[str, str], str] = {}  # cell and stream: the parameter, once it was in it
        self._found: dict[tuple[str, str], int] = {}  # cell and parameter: in how many outputs

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was withheld, in a sentence for each cell and parameter."""
        return tuple(
            f"{count} output{'' if count == 1 else 's'} of cell {cell} contained the value of the secret parameter "
            f"{name!r} and {'was' if count == 1 else 'were'} withheld"
            for (cell, name), count in self._found.items()
        )

    def __call__(self, notebook: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """Withhold what contains a secret, and return *notebook* as it may be written now."""
        cells = [self._screened(cell) for cell in notebook["cells"]]
        widgets = notebook["metadata"].get("widgets")
        if widgets is not None and (name := self._within(_texts(widgets))):
            self._note("widgets", name)
            del notebook["metadata"]["widgets"]
        return {**notebook, "cells": cells}

    def _screened(self, cell: MutableMapping[str, Any]) -> Mapping[str, Any]:
        outputs = cell.get("outputs")
        if not outputs:
            return cell
        for output in outputs:
            if output["output_type"] != "stream" and (name := self._within(_texts(output))):
                self._withhold(cell["id"], output, name)
        for stream in ("stdout", "stderr"):
            self._look_through(cell["id"], stream, _of_stream(outputs, stream))
        running = cell["metadata"].get("papermill", {}).get("status") == "running"
        return {**cell, "outputs": self._without_ends(outputs)} if running else cell

    def _within(self, texts: Iterable[str]) -> str | None:
        """Return the parameter whose value is in one of *texts*."""
        for text in texts:
            bare = _COLOURS.sub("", text) if "\x1b" in text else text
            for name, forms in self._forms.items():
                if any(form in bare or form in text for form in forms):
                    return name
        return None

    def _withhold(self, cell: str, output: MutableMapping[str, Any], name: str) -> None:
        self._note(cell, name)
        if output["output_type"] == "error":
            output.update(ename="Withheld", evalue=_sentence(name), traceback=[_sentence(name)])
        else:
            output.update(data={"text/plain": _sentence(name)}, metadata={})

    def _note(self, cell: str, name: str) -> None:
        self._found[cell, name] = self._found.get((cell, name), 0) + 1

    # --- streams ---

    def _look_through(self, cell: str, stream: str, pieces: Sequence[MutableMapping[str, Any]]) -> None:
        """Once a secret was in it, all of a cell's stream is withheld: what comes later may be the rest of another."""
        name = self._withheld.get((cell, stream))
        if name is None:
            name = self._within(["".join(_text(piece) for piece in pieces)])
            if name is None:
                return
            self._withheld[cell, stream] = name
            self._note(cell, name)
        for place, piece in enumerate(pieces):
            piece["text"] = "" if place else f"{_sentence(name)}\n"

    def _without_ends(self, outputs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Return the outputs of a running cell without an end of a stream that a secret may begin with."""
        shown = [dict(output) for output in outputs]
        for stream in ("stdout", "stderr"):
            pieces = _of_stream(shown, stream)
            held = self._begun("".join(_text(piece) for piece in pieces))
            for piece in reversed(pieces):
                text = _text(piece)
                piece["text"] = text[: max(0, len(text) - held)]
                held = max(0, held - len(text))
        return shown

    def _begun(self, text: str) -> int:
        """Return how many characters at the end of *text* may be the beginning of a secret."""
        every = (form for forms in self._forms.values() for form in forms)
        return max((_overlap(text, form) for form in every), default=0)


def _overlap(text: str, form: str) -> int:
    """Return how long the longest end of *text* is that *form* begins with, and does not end with."""
    tail = text[1 - len(form) :]
    at = tail.find(form[0])
    while at >= 0 and not form.startswith(tail[at:]):
        at = tail.find(form[0], at + 1)
    return len(tail) - at if at >= 0 else 0


def _sentence(name: str) -> str:
    return f"This output was withheld: it contained the value of the secret parameter {name!r}."


def _of_stream(outputs: Sequence[Any], stream: str) -> list[Any]:
    return [o for o in outputs if o["output_type"] == "stream" and o.get("name", "stdout") == stream]


def _text(output: Mapping[str, Any]) -> str:
    text = output["text"]
    return text if isinstance(text, str) else "".join(text)


def _texts(value: object) -> Iterator[str]:
    """Yield every text in *value*, keys too; lines that stand in a list also as one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from map(str, value)
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)  # a number may be one
