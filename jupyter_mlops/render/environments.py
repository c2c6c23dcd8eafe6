"""What a run ran with: one line of interpreter and machine, and behind it every package with its version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_mlops.records.source import Environment
from jupyter_mlops.render.blocks import Fold
from jupyter_mlops.render.words import TIMES, counted, value

__all__ = ["environment_fold", "environment_line"]

_WIDTH = 100  # characters that the columns share
_LONGEST = 60


def environment_line(found: Environment) -> str:
    """Return an environment in one line."""
    cpus = counted(found.cpus, "CPU") if found.cpus else ""
    parts = (
        f"Python {found.python}",
        found.platform,
        ", ".join(filter(None, (found.processor, cpus))),
        _gpus(found.gpus),
        counted(len(found.packages), "package"),
    )
    return " · ".join(value(part, _LONGEST) for part in parts if part)


def _gpus(names: Sequence[str]) -> str:
    """Several of a kind are counted, as a machine has them."""
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    return ", ".join(f"{count} {TIMES} {name}" if count > 1 else name for name, count in counts.items())


def environment_fold(found: Environment) -> Fold:
    """Return the line with the packages behind it; a terminal is told the line, and ``artifact`` gives it the rest."""
    packages = [
        f"{value(name, _LONGEST)} {value(version, _LONGEST)}" for name, version in found.packages.items()
    ]
    return Fold(f"Environment: {environment_line(found)}", "\n".join(_in_columns(packages)), brief=True)


def _in_columns(texts: Sequence[str]) -> Iterator[str]:
    """Yield lines that are read down the columns, as a folder is listed."""
    width = max(map(len, texts), default=0) + 2
    rows = -(-len(texts) // max(1, _WIDTH // width))
    for row in range(rows):
        yield "".join(text.ljust(width) for text in texts[row::rows]).rstrip()
