"""What a notebook's parameters cell declares. Its code is read as a syntax tree, never executed."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePosixPath

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.job import Parameter

__all__ = ["read_parameters"]

_NAMED_TYPES = {
    **{name: name for name in ("int", "float", "str", "bool", "list", "tuple", "dict", "date", "datetime")},
    **dict.fromkeys(("List", "Sequence", "MutableSequence"), "list"),
    **dict.fromkeys(("Dict", "Mapping", "MutableMapping"), "dict"),
    **dict.fromkeys(("Path", "PurePath", "PosixPath", "PurePosixPath"), "path"),
    "Tuple": "tuple",
}
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Declared:
    """What an annotation, or a default, says about a parameter."""

    type: str = "any"
    items: str = ""
    nullable: bool = False
    choices: tuple[str | int | float | bool, ...] = ()


def read_parameters(source: str) -> tuple[Parameter, ...]:
    """Read the parameters that a cell declares at its top level.

    A name with a value is a parameter with a default; a name with an annotation alone, or with ``...`` as its
    value, is one that must be given. The type is the annotation's, else the default's. A comment after the
    statement is its help. A name assigned twice counts as it stands last.

    Raises
    ------
    Invalid
        The cell is not Python.
    """
    tree = _parse(source)
    comments = _comments(source)
    found: dict[str, Parameter] = {}
    for statement in tree.body:
        text = comments.get(statement.end_lineno or statement.lineno, "")
        for parameter in _declared_by(statement):
            found[parameter.name] = replace(parameter, help=text)
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


def _comments(source: str) -> dict[int, str]:
    """Map a line to the comment that ends it."""
    found: dict[int, str] = {}
    # A magic makes the tokenizer give up; what it has seen before stays.
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
                found[token.start[0]] = token.string.lstrip("#:").strip()
    return found


def _declared_by(statement: ast.stmt) -> Iterator[Parameter]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield _annotated(statement.target.id, _from_annotation(statement.annotation), statement.value)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _assigned(target, statement.value)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[Parameter]:
    if isinstance(target, ast.Name):
        yield _annotated(target.id, None, value)
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        starred = any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
        if not starred and len(target.elts) == len(value.elts):
            for part, worth in zip(target.elts, value.elts, strict=True):
                yield from _assigned(part, worth)


def _annotated(name: str, declared: _Declared | None, value: ast.expr | None) -> Parameter:
    required = value is None or (isinstance(value, ast.Constant) and value.value is Ellipsis)
    seen, default = ("any", None) if value is None or required else _from_default(value)
    # An annotation decides by itself: where it allows several types, the default must not narrow it.
    declared = declared or _Declared(type=seen)
    no_value = isinstance(value, ast.Constant) and value.value is None
    return Parameter(
        name=name,
        type=declared.type,
        items=declared.items,
        default=default,
        required=required,
        nullable=declared.nullable or no_value,
        choices=declared.choices,
    )


# --- annotations ---------------------------------------------------------------------------------------


def _from_annotation(node: ast.expr) -> _Declared:
    if isinstance(node, ast.Constant):
        return _from_constant(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([_from_annotation(node.left), _from_annotation(node.right)])
    if isinstance(node, ast.Subscript):
        parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _from_generic(_last_name(node.value), parts)
    return _Declared(type=_NAMED_TYPES.get(_last_name(node), "any"))


def _from_constant(value: object) -> _Declared:
    if value is None:
        return _Declared(nullable=True)
    if isinstance(value, str):
        with suppress(SyntaxError, ValueError):
            return _from_annotation(ast.parse(value, mode="eval").body)
    return _Declared()


def _from_generic(name: str, parts: list[ast.expr]) -> _Declared:
    if name == "Literal":
        return _from_literal(parts)
    if name in {"Optional", "Union"}:
        optional = [_Declared(nullable=True)] if name == "Optional" else []
        return _union([*map(_from_annotation, parts), *optional])
    if name in {"Annotated", "Final", "ClassVar"}:
        return _from_annotation(parts[0])
    kind = _NAMED_TYPES.get(name, "any")
    if kind not in {"list", "tuple"}:
        return _Declared(type=kind)
    items = {
        _from_annotation(p).type for p in parts if not (isinstance(p, ast.Constant) and p.value is Ellipsis)
    }
    known = items.pop() if len(items) == 1 else "any"
    return _Declared(type=kind, items="" if known == "any" else known)


def _from_literal(parts: list[ast.expr]) -> _Declared:
    values = []
    for part in parts:
        with suppress(ValueError):
            values.append(ast.literal_eval(part))
    choices = tuple(v for v in values if isinstance(v, (str, int, float, bool)))
    kinds = {type(v).__name__ for v in choices}
    return _Declared(type=kinds.pop() if len(kinds) == 1 else "any", choices=choices, nullable=None in values)


def _union(members: list[_Declared]) -> _Declared:
    nullable = any(m.nullable for m in members)
    known = [m for m in members if m != _Declared(nullable=True)]
    if len(known) == 1:
        return replace(known[0], nullable=nullable)
    if {m.type for m in known} == {"int", "float"}:
        return _Declared(type="float", nullable=nullable)
    choices = tuple(choice for m in known for choice in m.choices)
    return _Declared(nullable=nullable, choices=choices if all(m.choices for m in known) else ())


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else (node.id if isinstance(node, ast.Name) else "")


# --- defaults ------------------------------------------------------------------------------------------


def _from_default(node: ast.expr) -> tuple[str, object]:
    """Return the type and the JSON-ready value of a default; ("any", None) where only running it would tell."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _from_call(node) if isinstance(node, ast.Call) else ("any", None)
    kind = type(value).__name__
    if isinstance(value, (bool, int, float, str)):
        return kind, value
    if isinstance(value, (list, tuple, dict)):
        ready, plain = _plain(value)
        return kind, ready if plain else None
    return "any", None


def _plain(value: object) -> tuple[object, bool]:
    """Return *value* with tuples as lists, and whether JSON can hold it."""
    if isinstance(value, (list, tuple)):
        parts = [_plain(item) for item in value]
        return [part for part, _ in parts], all(ok for _, ok in parts)
    if isinstance(value, dict):
        pairs = {key: _plain(item) for key, item in value.items()}
        return {key: part for key, (part, _) in pairs.items()}, all(
            isinstance(key, str) and ok for key, (_, ok) in pairs.items()
        )
    return value, value is None or isinstance(value, (str, int, float, bool))


def _from_call(node: ast.Call) -> tuple[str, object]:
    """Read the few calls that are as good as literals: dates and paths."""
    maker = _last_name(node.func)
    owner = _last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    try:
        args = [ast.literal_eval(arg) for arg in node.args]
        named = {str(k.arg): ast.literal_eval(k.value) for k in node.keywords}
        if maker == "fromisoformat" and owner in _READERS:
            return owner, _READERS[owner](*args)
        if maker in _MAKERS:
            return _MAKERS[maker](*args, **named)
    except (ValueError, TypeError, SyntaxError):
        pass
    return "any", None


_READERS: dict[str, Callable[[str], str]] = {
    "date": lambda text: date.fromisoformat(text).isoformat(),
    "datetime": lambda text: datetime.fromisoformat(text).isoformat(),
}
_MAKERS: dict[str, Callable[..., tuple[str, object]]] = {
    "date": lambda *a, **k: ("date", date(*a, **k).isoformat()),
    "datetime": lambda *a, **k: ("datetime", datetime(*a, **k).isoformat()),  # noqa: DTZ001  # the user's own
    "Path": lambda *a: ("path", str(PurePosixPath(*a))),
}
