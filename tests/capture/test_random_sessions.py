"""Random sessions: cells drawn from a grammar of aliases, containers, functions, classes, frames and arrays.

Whatever is drawn, the slice of the last cell, run alone in a fresh namespace, must give what the session gave.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import random
import warnings

import numpy as np
import pandas as pd
import pytest

from tests.capture.random_cells import CELLS
from tests.capture.random_start import FUNCTIONS, HELPERS, IMPORTS, START
from tests.capture.sessions import Session, execute


class Tangled(Exception):
    """The value has grown beyond what is worth comparing."""


def drawn(rng: random.Random) -> str:
    """Return one cell."""
    text = rng.choice(CELLS if rng.random() < 0.85 else FUNCTIONS)
    for place, values in (("{t}", "abcdef"), ("{n}", "abcdef"), ("{k}", "0123456789"), ("{f}", "gh")):
        while place in text:
            text = text.replace(place, rng.choice(values), 1)
    return text


def shown(value: object) -> str:  # noqa: C901
    """Return what *value* holds, without addresses."""
    steps = itertools.count()

    def show(item: object, inside: tuple[int, ...]) -> str:  # noqa: PLR0911 - one kind a line
        if next(steps) > 2000:
            raise Tangled
        if id(item) in inside or len(inside) > 6:
            return "..."
        inside = (*inside, id(item))
        if isinstance(item, (int, float, str, bool, type(None), np.generic)):
            return repr(item)
        if isinstance(item, dict):
            return type(item).__name__ + str([(k, show(v, inside)) for k, v in item.items()])
        if isinstance(item, pd.DataFrame):
            return "frame" + show({k: item[k].tolist() for k in item}, inside)
        if isinstance(item, (list, tuple, pd.Series)):
            return type(item).__name__ + str([show(x, inside) for x in item])
        if isinstance(item, np.ndarray):
            return "array" + show(item.tolist(), inside)
        return type(item).__name__

    return show(value, ())


def play(seed: int) -> tuple[Session, str]:
    """Return a session of fourteen cells that succeeded, and what its last one came to."""
    rng, session = random.Random(seed), Session()
    for cell, source in (("imports", IMPORTS), ("helpers", HELPERS), ("start", START)):
        session.run(cell, source)
    succeeded = 0
    while succeeded < 14:
        succeeded += session.run(f"c{session.count}", drawn(rng)).status.value == "ok"
    there = [name for name in "abcdef" if name in session.namespace]  # a cell may have deleted one
    session.run("last", f"result = {rng.choice(there)}")
    return session, shown(session.namespace["result"])


@pytest.mark.parametrize("seed", range(24))
def test_the_slice_of_a_random_session_gives_what_the_session_gave(seed: int) -> None:
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            session, expected = play(seed)
        except (Tangled, RecursionError):
            return
        namespace: dict[str, object] = {"__name__": "__main__"}
        for cell in session.slice().cells:
            # A cell that failed in the session fails here, too, after the same first half.
            with contextlib.suppress(*(() if cell.status.value == "ok" else (Exception,))):
                execute(cell.source, namespace)
        assert shown(namespace["result"]) == expected
