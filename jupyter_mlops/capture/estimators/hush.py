"""What our own predictions say is not shown: the user did not make them."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["hush"]


class _Muffled:
    """A stream that takes no text of one thread; all others write through it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._muted: int | None = threading.get_ident()

    def open(self) -> None:
        """Let everything through from now on: where somebody has wrapped it meanwhile, it stays in the way."""
        self._muted = None

    def write(self, text: str) -> int:
        if threading.get_ident() == self._muted:
            return len(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def hush() -> Iterator[None]:
    """Keep to ourselves what this thread prints and warns of."""
    kept = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    ours = {name: _Muffled(stream) for name, stream in kept.items() if stream is not None}
    for name, stream in ours.items():
        setattr(sys, name, stream)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, stream in ours.items():
            stream.open()
            if getattr(sys, name) is stream:  # else somebody has put another one there
                setattr(sys, name, kept[name])
