"""Words to a call: what the shell and ``%mlops`` share. How one command is spelled is told in ``grammar``."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.binding import arguments_of, summary_of
from jupyter_mlops.operations.grammar import command_of, described, parse, parser_of, usage_of
from jupyter_mlops.operations.kinds import without_none
from jupyter_mlops.operations.table import Row

__all__ = [
    "HelpWanted",
    "Options",
    "Request",
    "complete",
    "help_of",
    "overview",
    "read_words",
    "usage_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What every command takes, anywhere on its line."""

    json: bool = False
    debug: bool = False
    workspace: str | None = None
    help: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A line understood: which row, with which arguments."""

    row: Row
    arguments: dict[str, Any]
    options: Options = field(default_factory=Options)


class HelpWanted(Exception):
    """The line asks what can be said: the text is the answer for people, ``told`` the one for programs."""

    def __init__(self, text: str, told: Mapping[str, object]) -> None:
        super().__init__(text)
        self.told = told


_FLAGS = {"--json": "json", "--debug": "debug", "--help": "help", "-h": "help"}


def _split_options(words: Sequence[str]) -> tuple[list[str], Options]:
    """Take out what every command takes, so that it may stand anywhere; nothing behind ``--`` is touched."""
    found: dict[str, Any] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *queue]
            break
        if word in _FLAGS:
            found[_FLAGS[word]] = True
        elif name == "--workspace":
            if not equals and not queue:
                raise Invalid(
                    "--workspace: expected a folder or a store's URL", remedy="Say --workspace FOLDER."
                )
            found["workspace"] = value if equals else queue.pop(0)
        else:
            rest.append(word)
    return rest, Options(**found)


def _find(words: Sequence[str], rows: Iterable[Row]) -> tuple[Row | None, int]:
    """Return the row with the longest command that *words* begin with, and how long it is."""
    best: tuple[Row | None, int] = (None, 0)
    for row in rows:
        command = command_of(row)
        if len(command) > best[1] and tuple(words[: len(command)]) == command:
            best = (row, len(command))
    return best


def read_words(words: Sequence[str], rows: Sequence[Row], *, program: str = "jupyter mlops") -> Request:
    """Understand one line.

    Raises
    ------
    Invalid
        There is no such command, or an argument is unknown, missing or of another type.
    HelpWanted
        The line asks for help, or names a group of commands only.
    """
    rest, options = _split_options(words)
    row, length = _find(rest, rows)
    if row is None:
        raise _lost(rest, rows, program, asked=options.help)
    if options.help:
        raise HelpWanted(help_of(row, program=program), described(row, program))
    return Request(row, parse(row, program, rest[length:]), options)


def _lost(words: Sequence[str], rows: Sequence[Row], program: str, *, asked: bool) -> Exception:
    inside = [row for row in rows if words and command_of(row)[: len(words)] == tuple(words)]
    if inside or not words:
        return _listing(inside or rows, program)
    if asked:
        return _listing(rows, program)
    group = [row for row in rows if command_of(row)[0] == words[0]]
    names = sorted({" ".join(command_of(row)) for row in group or rows})
    near = names if group else difflib.get_close_matches(words[0], names, n=3)
    said = " ".join(words[:2]) if group else words[0]
    return Invalid(
        f"there is no command {said!r:.60}",
        remedy=(f"Did you mean {' or '.join(near)}? " if near else "") + f"{program} --help lists them all.",
    )


def _listing(rows: Sequence[Row], program: str) -> HelpWanted:
    commands = [{"command": " ".join(command_of(row)), "summary": summary_of(row.verb)} for row in rows]
    return HelpWanted(
        overview(rows, program=program), {"usage": f"{program} COMMAND …", "commands": commands}
    )


# --- help -----------------------------------------------------------------------------------------------------

_EVERYWHERE = """
everywhere on the line:
  --json                one JSON document on standard output, nothing else there
  --workspace PLACE     a project folder, a .mlops folder or a store's URL
  --debug               show the traceback of an error
"""


def help_of(row: Row, *, program: str = "jupyter mlops") -> str:
    """Return the whole help of one command."""
    return parser_of(row, program).format_help().rstrip() + "\n" + _EVERYWHERE


def overview(rows: Sequence[Row], *, program: str = "jupyter mlops") -> str:
    """Return the list of commands, each with the first line of its verb's docstring."""
    lines = [f"usage: {program} COMMAND …", ""]
    lines += [f"  {' '.join(command_of(row)):18} {summary_of(row.verb)}" for row in rows]
    return "\n".join(lines) + "\n" + _EVERYWHERE + f"\n{program} COMMAND --help says more about one."


def _no_names(_row: Row) -> Iterable[str]:
    return ()


def complete(
    words: Sequence[str],
    last: str,
    rows: Sequence[Row],
    names: Callable[[Row], Iterable[str]] = _no_names,
) -> list[str]:
    """Return what may stand in place of *last* behind the *words* already written; *names* are those of a query."""
    row, _ = _find(words, rows)
    following = {
        command_of(r)[len(words)]
        for r in rows
        if len(command_of(r)) > len(words) and command_of(r)[: len(words)] == tuple(words)
    }
    offers = set(following)
    if row is not None:
        offers |= {flag for action in parser_of(row, "mlops")._actions for flag in action.option_strings}  # noqa: SLF001
        offers |= {"--json", "--workspace", "--help", *names(row)}
        for argument in arguments_of(row.verb):
            bare = without_none(argument.kind)
            if isinstance(bare, type) and issubclass(bare, Enum):
                offers |= {str(member.value) for member in bare}
    return sorted(offer for offer in offers if offer.startswith(last))
