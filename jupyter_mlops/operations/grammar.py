"""One row's grammar: its words and its verb's signature to an argparse parser, and what it found to arguments.

A row of the table is spelled ``register {run} --as {model}``: plain words name the command, ``{run}`` is
positional, ``[{query}]`` may be left out, ``--as {model}`` or ``-o {output}`` gives a parameter another option.
Everything else follows from the verb's signature: a required parameter is positional, any other is ``--its-name``, a
boolean is a flag, a list is repeated, a mapping is a repeated ``-p NAME VALUE``, a record's fields are options.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NoReturn

from jupyter_mlops.errors import Invalid
from jupyter_mlops.operations.binding import Argument, arguments_of, none_missing, summary_of
from jupyter_mlops.operations.kinds import item_of, without_none
from jupyter_mlops.operations.notes import notes_of
from jupyter_mlops.operations.reading import from_text
from jupyter_mlops.operations.table import Row
from jupyter_mlops.records.codec import decode, fields_of

__all__ = ["Parser", "command_of", "described", "parse", "parser_of", "usage_of"]


_NEGATIVE = re.compile(r"-(\.?\d|inf$)")  # what begins so is a value, and no option


@dataclass(frozen=True, slots=True)
class _Spelling:
    command: tuple[str, ...]
    positional: tuple[str, ...]
    optional: frozenset[str]
    options: dict[str, str]


def _spelling(words: str) -> _Spelling:
    command = tuple(re.split(r"\s*[\[{-]", words, maxsplit=1)[0].split())
    renamed = {name: option for option, name in re.findall(r"(--?[\w-]+) \{(\w+)\}", words)}
    bare = re.sub(r"--?[\w-]+ \{\w+\}", "", words)
    return _Spelling(
        command=command,
        positional=tuple(re.findall(r"\{(\w+)\}", bare)),
        optional=frozenset(re.findall(r"\[\{(\w+)\}\]", bare)),
        options=renamed,
    )


def command_of(row: Row) -> tuple[str, ...]:
    """Return the plain words that name a row's command."""
    return _spelling(row.words).command


class Parser(argparse.ArgumentParser):
    """argparse finds the words; what is missing or of the wrong type is said by ``binding``, as at every door."""

    def __init__(self, **settled: Any) -> None:
        super().__init__(**settled)
        # Its own takes -1e-5 and -1,0,1 for unknown options, and the value before them for one that has none.
        self._negative_number_matcher = _NEGATIVE

    def error(self, message: str) -> NoReturn:
        """Refuse, where argparse would end the process."""
        raise Invalid(
            message,
            remedy=f"{self.prog} --help lists what it takes.",
        )

    def usage_line(self) -> str:
        """What stands in the promise: the command, its positional words, then its options."""
        positional = [_usage_word(a) for a in self._actions if not a.option_strings]
        options = [_usage_word(a) for a in self._actions if a.option_strings]
        return " ".join([self.prog, *positional, *options])


def _usage_word(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar or ())
    if action.option_strings:
        name = action.option_strings[-1 if isinstance(action, argparse.BooleanOptionalAction) else 0]
        shown = f"{name} {metavar}".strip() if action.nargs != 0 else name
        return shown if _needed(action) else f"[{shown}]" + ("..." if isinstance(action, _APPEND) else "")
    shown = f"{metavar} [{metavar} ...]" if action.nargs == "*" else metavar
    return shown if _needed(action) else f"[{shown}]"


def _needed(action: argparse.Action) -> bool:
    return bool(getattr(action, "needed", False))


_APPEND = argparse._AppendAction  # noqa: SLF001  (argparse gives its actions no public name)


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where argparse leaves the texts of one parameter, or of one field of a record parameter."""

    argument: Argument
    dest: str
    record: str = ""  # the parameter whose field this is


def _slots(row: Row) -> list[_Slot]:
    found: list[_Slot] = []
    for argument in arguments_of(row.verb):
        bare = without_none(argument.kind)
        if not dataclasses.is_dataclass(bare):
            found.append(_Slot(argument, argument.name))
            continue
        for each in dataclasses.fields(bare):
            kind = fields_of(bare)[each.name]  # type: ignore[arg-type]
            needed = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
            note = notes_of(bare).get(each.name, "")  # type: ignore[arg-type]
            default = None if each.default is dataclasses.MISSING else each.default
            part = Argument(each.name, kind, argument.required and needed, default, note)
            found.append(_Slot(part, f"{argument.name}.{each.name}", argument.name))
    return found


def _build(row: Row, program: str) -> tuple[Parser, list[_Slot]]:
    spelling = _spelling(row.words)
    parser = Parser(prog=f"{program} {' '.join(spelling.command)}", add_help=False, allow_abbrev=False)
    parser.description = summary_of(row.verb)
    slots = _slots(row)
    rank = {name: place for place, name in enumerate(spelling.positional)}
    for slot in sorted(slots, key=lambda s: rank.get(s.argument.name, len(rank))):
        name = slot.argument.name
        settled = {"dest": slot.dest, "help": _help(slot.argument), "default": argparse.SUPPRESS}
        if name in rank or (slot.argument.required and not slot.record and name not in spelling.options):
            action = _add_positional(parser, slot, settled)
        else:
            action = _add_option(parser, slot, settled, spelling.options.get(name, ""))
        action.needed = slot.argument.required and name not in spelling.optional  # type: ignore[attr-defined]
    parser.usage = parser.usage_line().replace("%", "%%")
    return parser, slots


def _help(argument: Argument) -> str:
    default = argument.default
    silent = default is None or default is False or default in ("", ())
    shown = "" if silent else f" (default: {default})"
    return (argument.help + shown).replace("%", "%%")


# What is to be written in the place of a parameter: the word for it, and the parameters of that name everywhere.
_WORDS = {
    "ADDRESS": "email webhook",
    "ALIAS": "review_for",
    "COLUMN": "not_null",
    "DAYS": "days",
    "DEPLOYMENT": "on_drift",
    "FILE": "junit markdown output path",
    "FOLDER": "artifacts",
    "LABEL": "positive_label",
    "METRIC": "key",
    "MODEL": "register_as",
    "MODEL:VERSION": "reference",
    "N|all": "candidates",
    "NAME": "artifact experiment kernel on_dataset remove",
    "NAME:VERSION": "dataset",
    "PARAMETER": "over",
    "PATTERN": "on_file",
    "PLACE": "timezone",
    "PORT": "port",
    "RULE": "retry",
    "SECONDS": "cell_timeout interval jitter timeout",
    "SIZE": "memory",
    "TEXT": "comment licence reason text",
    "SPAN": "late_after",
    "VERSION": "expected version",
    "env:NAME": "secret",
}
_WORD_FOR = {name: word for word, names in _WORDS.items() for name in names.split()}
_TEXTS = {"after": "SCHEDULE|JOB"}  # of a name that elsewhere stands for a number
_NUMBERS = {int: "N", float: "NUMBER", datetime: "TIME"}


def _metavar(argument: Argument) -> str:
    """Return what to write in a parameter's place: a choice, its word, what its type is, or its own name for one of it."""
    shape, item = item_of(argument.kind)
    if isinstance(item, type) and issubclass(item, Enum):
        return "|".join(str(member.value) for member in item)
    own = argument.name.upper().replace("_", "-")
    return (
        (_TEXTS.get(argument.name) if item is str else None)
        or _WORD_FOR.get(argument.name)
        or _NUMBERS.get(item)
        or (own.removesuffix("S") if shape == "list" else own)
    )


def _add_positional(parser: Parser, slot: _Slot, settled: dict[str, Any]) -> argparse.Action:
    shape, _ = item_of(slot.argument.kind)
    if shape == "mapping":
        return _add_option(parser, slot, settled, "")
    many = "*" if shape == "list" else "?"  # what is missing is said by binding
    return parser.add_argument(metavar=_metavar(slot.argument), nargs=many, **settled)


def _add_option(parser: Parser, slot: _Slot, settled: dict[str, Any], spelled: str) -> argparse.Action:
    """*spelled* is the row's own option: ``--as`` stands in place of the parameter's name, ``-o`` beside it."""
    name = "--" + slot.argument.name.replace("_", "-")
    flags = [spelled] if spelled.startswith("--") else [*([spelled] if spelled else []), name]
    shape, item = item_of(slot.argument.kind)
    if shape == "mapping":
        return parser.add_argument(
            *(flags if spelled else [name[1:3], name]),
            nargs=2,
            action="append",
            metavar=("NAME", "VALUE"),
            **settled,
        )
    if item is bool and shape == "one":
        plain = slot.argument.default is False
        return parser.add_argument(
            *flags, action="store_true" if plain else argparse.BooleanOptionalAction, **settled
        )
    repeated: dict[str, Any] = {"action": "append"} if shape == "list" else {}
    return parser.add_argument(*flags, metavar=_metavar(slot.argument), **repeated, **settled)


def _sorted_out(row: Row, program: str, words: Sequence[str]) -> tuple[dict[str, Any], list[_Slot]]:
    """Find what belongs to which option; what is left are the positional words, wherever they stood."""
    parser, slots = _build(row, program)
    before, after = list(words), []
    if "--" in before:
        at = before.index("--")
        before, after = before[:at], before[at + 1 :]
    positional = [action for action in parser._actions if not action.option_strings]  # noqa: SLF001
    for action in positional:
        parser._remove_action(action)  # noqa: SLF001  (argparse mixes the two kinds up where options stand between)
    known, left = parser.parse_known_args(before)
    strange = [word for word in left if word.startswith("-") and word != "-" and not _NEGATIVE.match(word)]
    found, queue = vars(known), [*left, *after]
    for action in positional:
        taken = queue if action.nargs == "*" else queue[:1]
        queue = queue[len(taken) :]
        if taken:
            found[action.dest] = taken if action.nargs == "*" else taken[0]
    if strange or queue:
        parser.error(f"unknown: {' '.join(strange or queue)}")
    return found, slots


def _value(slot: _Slot, raw: Any) -> Any:
    shape, item = item_of(slot.argument.kind)
    at = slot.argument.name
    if isinstance(raw, bool):
        return raw
    if shape == "mapping":
        return {name: from_text(item, text, f"{at}[{name!r}]") for name, text in raw}
    if shape == "list":
        return [from_text(item, text, at) for text in raw]
    return from_text(slot.argument.kind, raw, at)


def _arguments(row: Row, slots: list[_Slot], found: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    records: dict[str, dict[str, Any]] = {}
    for slot in slots:
        if slot.dest in found:
            target = records.setdefault(slot.record, {}) if slot.record else values
            target[slot.argument.name] = _value(slot, found[slot.dest])
    kinds = {argument.name: argument.kind for argument in arguments_of(row.verb)}
    for name, parts in records.items():
        values[name] = decode(without_none(kinds[name]), parts, at=name)
    # The same line at every door: an error reads the same in the panel and in the shell.
    none_missing(row.verb, values, usage=usage_of(row))
    return values


def usage_of(row: Row, program: str = "jupyter mlops") -> str:
    """Return one line: the command with its arguments."""
    return parser_of(row, program).usage_line()


def parser_of(row: Row, program: str) -> Parser:
    """Return the parser of a row's command, for its help."""
    return _build(row, program)[0]


def described(row: Row, program: str) -> dict[str, Any]:
    """Return what a command's help says, for programs."""
    parser, slots = _build(row, program)
    actions = {action.dest: action for action in parser._actions}  # noqa: SLF001  (argparse has no public list)
    return {
        "command": " ".join(command_of(row)),
        "usage": parser.usage_line(),
        "summary": parser.description,
        "operation": row.name,
        "arguments": [_described(slot, actions[slot.dest]) for slot in slots],
    }


def _described(slot: _Slot, action: argparse.Action) -> dict[str, Any]:
    shape, item = item_of(slot.argument.kind)
    choices = (
        [str(member.value) for member in item] if isinstance(item, type) and issubclass(item, Enum) else []
    )
    return {
        "name": slot.argument.name,
        "options": list(action.option_strings),
        "required": _needed(action),
        "repeated": shape != "one",
        "type": "text" if choices else _SAID.get(item, "text"),
        "choices": choices,
        "default": slot.argument.default,
        "help": slot.argument.help,
    }


_SAID = {int: "whole number", float: "number", bool: "flag"}


def parse(row: Row, program: str, words: Sequence[str]) -> dict[str, Any]:
    """Return the keyword arguments that *words* say, behind the words of the command itself."""
    found, slots = _sorted_out(row, program, words)
    return _arguments(row, slots, found)
