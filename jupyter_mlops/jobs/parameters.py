"""What a notebook's parameters cell declares. Its code is read as a syntax tree, never executed."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import plain
from jupyter_mlops.jobs.annotations import (
    Declared,
    holds_secret,
    longest_matched,
    parts_of,
    read_annotation,
)
from jupyter_mlops.jobs.constants import UNKNOWN, constant, last_name
from jupyter_mlops.jobs.fitting import as_ready, fit
from jupyter_mlops.jobs.scalars import Misfit
from jupyter_mlops.jobs.values import refused
from jupyter_mlops.records.parameter import Parameter, ParameterType

__all__ = ["read_parameters"]

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
_HEADING = re.compile(r"\W*(?:parameters?(?:\s+cell)?)?\W*", re.IGNORECASE)  # over all of them, not over one


def read_parameters(source: str) -> tuple[Parameter, ...]:
    """Read the parameters that a cell declares at its top level.

    A name with a value is a parameter with a default; a name with an annotation alone, or with ``...`` as its
    value, is one that must be given. The type is the annotation's, else that of a comment ``# type: int``, else the
    default's. The comment behind the statement is its help; where there is none, the comment right above it; where
    there is none either, the text that stands in ``Annotated``. A name assigned twice counts as it stands last.

    Raises
    ------
    Invalid
        The cell is not Python, hides a secret within another value, or has a pattern that could take forever.
    """
    tree = _parse(source)
    comments = _Comments(source)
    found: dict[str, Parameter] = {}
    for statement in tree.body:
        said, text = comments.of(statement)
        for parameter in _declared_by(statement, said):
            found[parameter.name] = replace(parameter, help=text or parameter.help)
    return tuple(found.values())


def _parse(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        pass
    try:
        # Magics are no Python; a line of them says nothing about parameters.
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError) as failure:
        line = getattr(failure, "lineno", None)
        where = f" (line {line})" if line else ""
        raise Invalid(
            f"the parameters cell is not valid Python{where}: {failure}",
            remedy="Keep the cell tagged 'parameters' to plain assignments.",
            data={"line": line},
        ) from failure


# --- comments ------------------------------------------------------------------------------------------


class _Comments:
    """The comments of a cell: those that end a line with code, and those that have a line of their own."""

    def __init__(self, source: str) -> None:
        self._behind: dict[int, str] = {}
        self._alone: dict[int, str] = {}
        # A magic makes the tokenizer give up; what it has seen before stays.
        with suppress(tokenize.TokenError, SyntaxError):
            for token in tokenize.generate_tokens(io.StringIO(source).readline):
                if token.type == tokenize.COMMENT:
                    place = self._behind if token.line[: token.start[1]].strip() else self._alone
                    place[token.start[0]] = token.string.lstrip("#:").strip()

    def of(self, statement: ast.stmt) -> tuple[ast.expr | None, str]:
        """Return the type that a comment gives to *statement*, and what the comments say of it."""
        kind, text = _type_in(self._behind.get(statement.end_lineno or statement.lineno, ""))
        return kind, text or self._above(statement.lineno)

    def _above(self, line: int) -> str:
        """Return the lines of comment that stand right above *line*, unless they are a heading or old code."""
        lines: list[str] = []
        while (line := line - 1) in self._alone:
            lines.insert(0, self._alone[line])
        while lines and _HEADING.fullmatch(lines[0]):
            del lines[0]
        text = " ".join(filter(None, lines))
        return "" if any(map(_is_code, lines)) or text[:3] in {"---", "==="} else text


def _is_code(line: str) -> bool:
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        return any(
            isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value for each in ast.parse(line).body
        )
    return False


def _type_in(comment: str) -> tuple[ast.expr | None, str]:
    """Split ``type: list[int]  # what it is`` into type and help; the help may also follow without a mark, as papermill has it."""
    if not comment.startswith("type:"):
        return None, comment
    text, marked, told = comment.removeprefix("type:").strip().partition("#")
    words = text.split()
    # The longest beginning that is an expression: a type may have spaces in it.
    for count in range(1 if not marked and _is_type(words[:1]) else len(words), 0, -1):
        if _is_type(words[:count]):
            node = ast.parse(" ".join(words[:count]), mode="eval").body
            return node, (told or " ".join(words[count:])).strip()
    return None, comment


def _is_type(words: list[str]) -> bool:
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        node = ast.parse(" ".join(words), mode="eval").body
        return last_name(node) == "Any" or read_annotation(node).type.kind != "any"
    return False


# --- statements ----------------------------------------------------------------------------------------


def _declared_by(statement: ast.stmt, said: ast.expr | None) -> Iterator[Parameter]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield _parameter(statement.target.id, read_annotation(statement.annotation), statement.value)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _assigned(target, statement.value, None if said is None else read_annotation(said))


def _assigned(target: ast.expr, value: ast.expr, declared: Declared | None) -> Iterator[Parameter]:
    if isinstance(target, ast.Name):
        yield _parameter(target.id, declared, value)
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        starred = any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
        if not starred and len(target.elts) == len(value.elts):
            for part, worth in zip(target.elts, value.elts, strict=True):
                yield from _assigned(part, worth, None)


def _parameter(name: str, declared: Declared | None, value: ast.expr | None) -> Parameter:
    required = value is None or (isinstance(value, ast.Constant) and value.value is Ellipsis)
    found = UNKNOWN if value is None or required else constant(value)
    # An annotation decides by itself: where it allows several types, the default must not narrow it.
    kind = _type_of(found) if declared is None else declared.type
    _check_type(name, kind)
    default = _default(kind, found)
    nullable = kind.nullable or found is None
    # None as a default says "none is known": of a secret it must not also say "nothing", or a plain one would pass.
    plain_secret = kind.kind == "secret" and not required and found is not None and default is None
    return Parameter(
        name=name,
        type=replace(kind, nullable=nullable and not plain_secret),
        default=default,
        required=required,
        help="" if declared is None else declared.help,
    )


def _check_type(name: str, kind: ParameterType) -> None:
    if kind.kind != "secret" and holds_secret(kind):
        raise refused(
            name,
            "secret",
            f"is declared as {kind.spelled}: a secret within another value cannot be kept out of what is written",
            "Declare each secret as a parameter of its own, as Secret or Secret | None.",
        )
    for part in parts_of(kind):
        if part.pattern is not None and not longest_matched(part.pattern):
            raise refused(
                name,
                "pattern",
                f"is declared with the pattern {part.pattern!r:.200}, which could take forever on some texts",
                "Write it without a repeat such as * or + of a group that itself holds repeats or alternatives.",
            )


# --- defaults ------------------------------------------------------------------------------------------

_KINDS: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    Decimal: "decimal",
    datetime: "datetime",
    date: "date",
    time: "time",
    timedelta: "timedelta",
    list: "list",
    tuple: "tuple",
    set: "set",
    frozenset: "frozenset",
}


def _type_of(value: Any) -> ParameterType:
    """Return the type that a default has by itself; what the collection holds is not taken for a rule."""
    if isinstance(value, PurePath):
        return ParameterType(kind="path")
    if isinstance(value, dict):
        kinds = {type(key) for key in value} - {str}
        one = (
            _KINDS.get(kinds.pop())
            if len(kinds) == 1 and not any(isinstance(k, str) for k in value)
            else None
        )
        return ParameterType(kind="dict", keys=ParameterType(kind=one) if one else None)
    return ParameterType(kind=_KINDS.get(type(value), "any"))


def _default(kind: ParameterType, value: Any) -> object:
    """Return a default JSON-ready; None where it cannot be told, or kept."""
    if value is UNKNOWN or value is None:
        return None
    with suppress(Misfit):
        unmatched = _without_patterns(kind)  # a mere look at a notebook runs no expression of it
        return as_ready(unmatched, fit(unmatched, value))
    if not holds_secret(kind):  # a default that breaks its own rule is still what the notebook runs with
        with suppress(Misfit):
            return plain.checked(value)
    return None


def _without_patterns(kind: ParameterType) -> ParameterType:
    def bare(part: ParameterType | None) -> ParameterType | None:
        return None if part is None else _without_patterns(part)

    return replace(
        kind,
        pattern=None,
        items=bare(kind.items),
        keys=bare(kind.keys),
        values=bare(kind.values),
        places=tuple(map(_without_patterns, kind.places)),
        options=tuple(map(_without_patterns, kind.options)),
    )
