"""``docs/reference.md``, read off the table, the settings and the errors.

``python -m jupyter_mlops.operations.reference`` writes it to standard output; a test holds the file to it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from jupyter_mlops import errors
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.operations.binding import Argument, arguments_of, summary_of
from jupyter_mlops.operations.kinds import item_of, members_of, without_none
from jupyter_mlops.operations.notes import notes_of
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import BASE, OPERATIONS, Operation, Row
from jupyter_mlops.operations.words import usage_of
from jupyter_mlops.records import parsing
from jupyter_mlops.records.codec import fields_of
from jupyter_mlops.settings import Settings

__all__ = ["main", "reference"]

# What each error means to a door. The doors hold the mapping; a test compares.
_EXITS = {
    "JobFailed": 1,
    "Invalid": 2,
    "Forbidden": 3,
    "Untrusted": 3,
    "NotFound": 4,
    "Conflict": 5,
    "Unavailable": 6,
}
_STATUS = {
    "JobFailed": 422, "Invalid": 400, "Forbidden": 403, "Untrusted": 403, "NotFound": 404, "Conflict": 409, "Unavailable": 503,
}  # fmt: skip
ENVIRONMENT = {
    "JUPYTER_MLOPS_WORKSPACE": "the workspace: a project folder, a `.mlops` folder or a store's URL",
    "JUPYTER_MLOPS_STORE": "where records rest: `sqlite:///…`, `postgresql://…`, `memory://`",
    "JUPYTER_MLOPS_BLOBS": "where bytes rest: `file://…`, `s3://bucket/prefix`, `memory://`",
    "JUPYTER_MLOPS_DISABLED": "`1`: nothing is recorded",
    "JUPYTER_MLOPS_ALLOWED_OWNERS": "accounts, separated by commas, whose workspace may be used when it is found upward",
    "JUPYTER_MLOPS_EXPERIMENT": "the experiment of runs that name none; set in a job's kernel",
    "JUPYTER_MLOPS_JOB": "set in a job's kernel: the job's id",
    "JUPYTER_MLOPS_RUN": "set in a job's kernel: the id of its run, the parent of tracked cells",
    "JUPYTER_MLOPS_DOCUMENT": "set in a job's kernel: the file that is executed",
    "JUPYTER_MLOPS_NOTEBOOK": "set in a job's kernel: the notebook's path for people, relative to the project",
}


def reference() -> str:
    """Return the whole document, in Markdown."""
    parts = [
        "# Reference",
        "*Written by `python -m jupyter_mlops.operations.reference`; do not edit.*",
        *_head(),
        "## Commands that are processes",
        "They take time or watch over a place; there is no REST route for them.",
        *(_section(row) for row in PROCESSES),
        "## Operations",
        f"Each stands at every door: `jupyter mlops …`, `%mlops …`, REST below `<base_url>/{BASE}`, and in Python.",
        _table(
            ["operation", "shell and magic", "REST", "Python"],
            [
                [
                    f"[{r.name}](#{_anchor(r.name)})",
                    f"`{_words(r)}`",
                    f"`{r.method} {r.path}`",
                    f"`{r.target}`",
                ]
                for r in OPERATIONS
            ],
        ),
        *(_section(row) for row in OPERATIONS),
        "## Queries",
        "What stands where a `query` or an `order` is asked for.",
        _language(),
        "## Settings",
        "Arguments win over the environment, the environment over `config.toml` in the workspace's folder.",
        _table(["name", "type", "default", "meaning"], list(_settings())),
        "## Environment",
        _table(["variable", "meaning"], [[f"`{name}`", meaning] for name, meaning in ENVIRONMENT.items()]),
        "## Errors",
        'Every error has these: with `--json`, and over REST, it is `{"code", "message", "remedy", "data"}`.',
        _table(["error", "code", "exit code", "HTTP status", "meaning"], list(_errors())),
        "## Exit codes",
        _table(["code", "meaning"], _EXIT_CODES),
    ]
    return "\n\n".join(parts) + "\n"


def _language() -> str:
    """Return what the language's own module says of it, which stands in one place."""
    told = inspect.getdoc(parsing) or ""
    _, _, said = told.partition("\n\n")
    grammar, _, rules = said.partition("::\n\n")[2].partition("\n\nWords are read")
    return f"```text\n{inspect.cleandoc(grammar)}\n```\n\nWords are read{rules.replace('``', '`')}"


def _head() -> Iterator[str]:
    yield "Every command takes these, anywhere on its line:"
    yield _table(
        ["option", "meaning"],
        [
            ["`--json`", "one JSON document on standard output, nothing else there"],
            ["`--workspace PLACE`", "a project folder, a `.mlops` folder or a store's URL"],
            ["`--debug`", "the traceback of an error"],
            ["`--help`", "what the command takes"],
        ],
    )
    yield (
        "`%mlops` takes the same words. IPython fills in `{name}` and `$name` from the notebook, as for every line "
        "magic; write `{{` for a brace of your own."
    )


def _words(row: Row) -> str:
    return usage_of(row, program="").strip()


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _section(row: Row) -> str:
    lines = [f"### {row.name}", f"    jupyter mlops {_words(row)}"]
    if isinstance(row, Operation):
        lines.append(f"`{row.method} {row.path}` · {row.action} · `{row.resource}`")
    lines.append(summary_of(row.verb))
    rows = [line for argument in arguments_of(row.verb) for line in _explained(argument)]
    if rows:
        lines.append(_table(["parameter", "type", "default", "meaning"], rows))
    return "\n\n".join(lines)


def _explained(argument: Argument) -> Iterator[list[str]]:
    default = "required" if argument.required else _shown(argument.default)
    yield [f"`{argument.name}`", _type(argument.kind), default, argument.help]
    kind = without_none(argument.kind)
    if is_dataclass(kind):
        yield from _fields_of(argument.name, kind)


def _fields_of(name: str, kind: Any) -> Iterator[list[str]]:
    for each in fields(kind):
        shown = "" if each.default is MISSING else _shown(each.default)
        yield [
            f"`{name}.{each.name}`",
            _type(fields_of(kind)[each.name]),
            shown,
            notes_of(kind).get(each.name, ""),
        ]


def _type(kind: Any) -> str:
    names = [_name(member) for member in members_of(kind)]
    return " or ".join(names)


def _name(kind: Any) -> str:
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false", object: "any value"}
    if kind is type(None):
        return "nothing"
    shape, item = item_of(kind)
    if shape == "list":
        return f"list of {_type(item)}"
    if shape == "mapping":
        return f"names with {_type(item)}"
    return plain.get(kind, getattr(kind, "__name__", str(kind)))


def _shown(value: object) -> str:
    return "" if value in (None, "", ()) else f"`{value}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    escaped = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(head), ["---"] * len(head), *escaped])


def _settings() -> Iterator[list[str]]:
    meanings = notes_of(Settings)
    for each in fields(Settings):
        kind = fields_of(Settings)[each.name]
        inner = is_dataclass(kind)
        default = "" if inner or repr(each.default).startswith("<dataclasses") else f"`{each.default}`"
        yield [f"`{each.name}`", _type(kind), default, meanings.get(each.name, "")]
        if inner:
            yield from _fields_of(each.name, kind)


def _errors() -> Iterator[list[str]]:
    for name in errors.__all__:
        kind: type[MlopsError] = getattr(errors, name)
        if kind is not MlopsError:
            meaning = (inspect.getdoc(kind) or "").partition("\n")[0].replace("``", "`")
            yield [f"`{name}`", f"`{kind.code}`", str(_EXITS[name]), str(_STATUS[name]), meaning]


_EXIT_CODES = [
    ["0", "done"],
    ["1", "the job, a gate or the doctor says no"],
    ["2", "the line is wrong"],
    ["3", "a policy or a boundary says no, or the file would execute code"],
    ["4", "there is nothing under that name"],
    ["5", "somebody was faster; or `verify` found the ledger or an approval broken"],
    ["6", "the store, the files or an optional library cannot be reached"],
    ["70", "a fault of jupyter-mlops: `--debug` shows the traceback"],
    ["130", "stopped at the keyboard"],
]


def main() -> None:
    """Write the document to standard output."""
    sys.stdout.write(reference())


if __name__ == "__main__":
    main()
