"""``%%track NAME [-e EXPERIMENT] [--tag K=V]... [--as VARIABLE] [--on-rerun ...] [--resume RUN]``: read, and executed never."""

from __future__ import annotations

import argparse
import keyword
import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from jupyter_mlops.errors import Invalid
from jupyter_mlops.settings import OnRerun

__all__ = ["FLAGS", "USAGE", "TrackOptions", "options_of", "parse_track", "track_line", "without_track"]

USAGE = "%%track NAME [-e EXPERIMENT] [--tag K=V]... [--as VARIABLE] [--on-rerun continue|replace|fork] [--resume RUN]"
_TRACK = re.compile(r"%%track(?=\s|$)(?P<rest>.*)")
# Bodies that are no Python: a %%track in their second line is text of theirs.
_TEXTS = frozenset(
    {"writefile", "file", "html", "HTML", "markdown", "latex", "javascript", "js", "svg", "SVG"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackOptions:
    """What a ``%%track`` line asks for."""

    name: str
    experiment: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    variable: str | None = None
    on_rerun: OnRerun | None = None
    resume: str = ""  # an id, a tail of one, or a name


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Invalid(f"%%track: {message}", remedy=f"Usage: {USAGE}")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%%track", add_help=False, allow_abbrev=False)
    parser.add_argument("name", nargs="?")
    parser.add_argument("-e", "--experiment", default="")
    parser.add_argument("--tag", action="append", default=[], metavar="K=V")
    parser.add_argument("--as", dest="variable", default=None, metavar="VARIABLE")
    parser.add_argument("--resume", default="", metavar="RUN")
    parser.add_argument("--on-rerun", choices=[str(policy) for policy in OnRerun], default=None)
    return parser


FLAGS = tuple(flag for action in _parser()._actions for flag in action.option_strings)  # noqa: SLF001


@lru_cache(maxsize=64)
def parse_track(line: str) -> TrackOptions:
    """Read what stands behind ``%%track``.

    Raises
    ------
    Invalid
        An option is unknown, a name is missing, a quote is open, a tag has no ``=``, a variable is no name.
    """
    try:
        words = shlex.split(line)
    except ValueError as failure:
        raise Invalid(f"%%track: {str(failure).lower()}", remedy=f"Usage: {USAGE}") from None
    found = _parser().parse_args(words)
    if found.variable is not None and (
        not found.variable.isidentifier() or keyword.iskeyword(found.variable)
    ):
        raise Invalid(f"%%track: --as {found.variable!r} is not a variable name", remedy=f"Usage: {USAGE}")
    tags = tuple(_tag(text) for text in found.tag)
    policy = OnRerun(found.on_rerun) if found.on_rerun else None
    name = found.resume if found.name is None else found.name
    if not name.strip():
        missing = "the following arguments are required: name" if found.name is None else "the name is empty"
        raise Invalid(f"%%track: {missing}", remedy=f"Usage: {USAGE}")
    return TrackOptions(
        name=name,
        experiment=found.experiment,
        tags=tags,
        variable=found.variable,
        on_rerun=policy,
        resume=found.resume,
    )


def _tag(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise Invalid(f"%%track: the tag {text!r} is not K=V", remedy=f"Usage: {USAGE}")
    return key, value


def options_of(cell: str) -> TrackOptions | None:
    """Return what a cell's ``%%track`` line asks for; None without one, or where it is wrong."""
    lines = cell.splitlines(keepends=True)
    place = _place(lines)
    return None if place is None else _read(lines[place])


def without_track(lines: list[str]) -> list[str]:
    """Return the lines of a cell without a ``%%track`` line that can be read; arms nothing, changes nothing else.

    Pure, because IPython calls it more than once for a cell, and to ask whether a cell is complete. A line that
    cannot be read stays: then the magic itself is called, and it says what is wrong.
    """
    place = _place(lines)
    if place is None or _read(lines[place]) is None:
        return lines
    # An empty line keeps the line numbers of tracebacks; but another cell magic must come to stand first.
    before_magic = place + 1 < len(lines) and lines[place + 1].startswith("%%")
    return [*lines[:place], *([] if before_magic else ["\n"]), *lines[place + 1 :]]


def track_line(cell: str) -> int | None:
    """Return which line of *cell* is its ``%%track``, whether or not it can be read; None without one."""
    return _place(cell.splitlines(keepends=True))


def _read(line: str) -> TrackOptions | None:
    match = _TRACK.match(line.rstrip("\n"))
    try:
        return parse_track(match["rest"].strip()) if match else None
    except Invalid:
        return None


def _place(lines: list[str]) -> int | None:
    """Return which of the cell magics at the head of a cell is ``%%track``."""
    first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    for at in range(first, len(lines)):
        if _TRACK.match(lines[at]):
            return at
        if not lines[at].startswith("%%") or lines[at][2:].split(maxsplit=1)[0:1] == []:
            return None
        if lines[at][2:].split(maxsplit=1)[0] in _TEXTS:
            return None
    return None
