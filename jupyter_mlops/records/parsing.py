"""A filter and an order, read from text.

Grammar, in the field's usual spelling::

    filter     := any
    any        := all ( "or" all )*
    all        := one ( "and" one )*
    one        := "not" one | "(" any ")" | field op value | field ["not"] "in" "(" value, … ")"
                | field "is" ["not"] "null"
    field      := [ "metrics." | "params." | "tags." ] name [ "." part ]      without a prefix: an attribute
    part       := last | best | min | max | mean | count | at "(" whole number ")"     metrics.mae.best, metrics."val loss".min
    name       := letters, digits, _ - . /   or quoted with ` or "
    op         := < <= > >= = == != like
    value      := number | 'text' | "text" | true | false | null | span | day
    span       := [ - | + ] whole number, then s, m, h, d or w: -7d is seven days ago
    day        := 2026-01-31, also with a time: 2026-01-31T12:00, 2026-01-31T12:00:00+01:00

Words are read without regard to case. What they mean is the same in every store:

- Values compare within their type: a number with numbers, a text with texts, true and false with each other.
  A parameter has the type it was logged with, so ``params.k = 3`` does not find the text ``'3'``; asking an
  attribute, a metric or a tag for another type is refused.
- A field that is missing, null or not a number passes no comparison, ``!=`` included. ``not`` turns any answer
  round: ``tags.team != 'risk'`` finds who has another team, ``not tags.team = 'risk'`` also who has none.
- ``metrics.x`` is the value logged last, as is ``metrics.x.last``, and ``metrics.x.at(100)`` the one logged last at
  step 100, which is looked up in the points themselves and so takes longer; a metric that is called so itself is written in
  quotes: ``metrics."x.min"``. ``params.x != 3`` finds texts too.
- A time is an instant: ``2026-01-31``, in quotes or without, is its first, in UTC; without an offset UTC is meant. A span counts from
  the moment of asking: ``started > -7d``.
- Of several, one that passes is enough: ``inputs.digest = '…'``. They are null where none has a value.
- ``like`` takes ``%`` for any text and nothing else specially; the case of letters counts there and in ``=``.
- In an order, what is missing comes last whatever the direction; numbers come before texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.condition import (
    And,
    Comparison,
    Expression,
    Field,
    Literal,
    Not,
    Operator,
    Or,
    Order,
    Part,
    Scope,
    wrong_at,
)
from jupyter_mlops.records.examples import example_for

__all__ = ["parse_filter", "parse_order"]

_MAXIMUM_TEXT = 10_000
_MAXIMUM_DEPTH = 50
_MAXIMUM_DIGITS = 400
_MAXIMUM_COMPARISONS = 500  # more of them side by side are more than SQLite nests
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<span>[-+]?\d+[smhdwSMHDW](?![\w./-]))
    | (?P<day>\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[-+]\d\d:?\d\d)?)?(?![\w./:+-]))
    | (?P<number>[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w./-]))
    | (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<quoted>"(?:[^"\\]|\\.)*"|`[^`]*`)
    | (?P<op><=|>=|!=|==|<|>|=)
    | (?P<mark>[(),])
    | (?P<word>[A-Za-z_][\w./-]*(?:(?<=\.)(?:"(?:[^"\\]|\\.)*"|`[^`]*`)(?:\.[A-Za-z]+)?)?)
    )""",
    re.VERBOSE,
)
_SCOPES = {
    "metrics": Scope.METRICS, "metric": Scope.METRICS, "params": Scope.PARAMS, "param": Scope.PARAMS,
    "tags": Scope.TAGS, "tag": Scope.TAGS, "attributes": Scope.ATTRIBUTE, "attribute": Scope.ATTRIBUTE,
}  # fmt: skip


_PARTS = {part.value: part for part in Part if part is not Part.AT}
_AT = f".{Part.AT}"
_QUOTED = re.compile(r"""((?:[^"`]*\.)?)("(?:[^"\\]|\\.)*"|`[^`]*`)(?:\.([A-Za-z]+))?""")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int  # from 1


def _tokens(text: str, example: str) -> list[_Token]:
    if len(text) > _MAXIMUM_TEXT:
        raise Invalid(
            f"the query has {len(text)} characters; at most {_MAXIMUM_TEXT} are read",
            remedy="Shorten it, or ask in several steps.",
        )
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
            raise _wrong(text, example, column, "a name, a number, a 'text' or an operator")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match.group(kind), match.start(kind) + 1))
        at = match.end()
    return found


def _wrong(text: str, example: str, column: int, expected: str) -> Invalid:
    seen = f"'{text[column - 1 :][:12]}'" if column <= len(text) else "the end"
    return wrong_at(
        column,
        f"expected {expected}, found {seen}",
        remedy=f"For example: {example}",
        data={"expected": expected, "query": text},
    )


class _Parser:
    def __init__(self, text: str, example: str) -> None:
        self.text = text
        self.example = example  # for whoever has to be refused
        self.tokens = _tokens(text, example)
        self.at = 0
        self.depth = 0
        self.comparisons = 0

    def peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def fail(self, expected: str) -> Invalid:
        token = self.peek()
        return _wrong(self.text, self.example, token.column if token else len(self.text) + 1, expected)

    def take(self, *words: str) -> bool:
        token = self.peek()
        if token and token.kind in {"word", "mark"} and token.text.lower() in words:
            self.at += 1
            return True
        return False

    def any(self) -> Expression:
        terms = [self.all()]
        while self.take("or"):
            terms.append(self.all())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def all(self) -> Expression:
        terms = [self.one()]
        while self.take("and"):
            terms.append(self.one())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def one(self) -> Expression:
        self.depth += 1
        if self.depth > _MAXIMUM_DEPTH:
            raise self.fail(f"at most {_MAXIMUM_DEPTH} levels")
        try:
            if self.take("not"):
                return Not(self.one())
            if self.take("("):
                inner = self.any()
                if not self.take(")"):
                    raise self.fail("')'")
                return inner
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Expression:
        self.comparisons += 1
        if self.comparisons > _MAXIMUM_COMPARISONS:
            raise self.fail(f"at most {_MAXIMUM_COMPARISONS} comparisons (write one name as: name in (…, …))")
        field = self.field()
        if self.take("is"):
            negated = self.take("not")
            if not self.take("null"):
                raise self.fail("null")
            found: Expression = Comparison(field, Operator.NULL, None)
            return Not(found) if negated else found
        negated = self.take("not")
        if self.take("in"):
            found = Comparison(field, Operator.IN, *self.values())
            return Not(found) if negated else found
        if self.take("like"):
            found = Comparison(field, Operator.LIKE, *self.one_value())
            return Not(found) if negated else found
        token = self.peek()
        if negated or token is None or token.kind != "op":
            raise self.fail("in or like" if negated else "one of < <= > >= = != like in is")
        self.at += 1
        return Comparison(field, Operator("=" if token.text == "==" else token.text), *self.one_value())

    def field(self) -> Field:
        token = self.peek()
        if token is None or token.kind not in {"word", "quoted"}:
            raise self.fail("a name")
        quoted = _QUOTED.fullmatch(token.text)
        part = quoted[3] if quoted else None
        if part is not None and (not _is_metrics(token.text) or part.lower() not in {*_PARTS, Part.AT}):
            expected = f"behind the name of a metric one of {', '.join(_PARTS)} or at(100)"
            raise _wrong(self.text, self.example, token.column + len(token.text) - len(part), expected)
        self.at += 1
        found = self.at_step(token)
        if found is None and part is not None and part.lower() == Part.AT:
            raise self.fail("'('")
        return replace(found or _field(token.text), column=token.column)

    def at_step(self, token: _Token) -> Field | None:
        """Return ``metrics.x.at(100)``; None where no step is named."""
        if not _is_metrics(token.text) or not token.text.lower().endswith(_AT) or not self.take("("):
            return None
        field = _field(token.text[: -len(_AT)])
        step = self.peek()
        if step is None or step.kind != "number" or not re.fullmatch(r"[-+]?\d{1,18}", step.text):
            raise self.fail("a step, a whole number")
        self.at += 1
        if not self.take(")"):
            raise self.fail("')'")
        return Field(field.scope, field.name, Part.AT, int(step.text))

    def one_value(self) -> tuple[Literal, tuple[int, ...]]:
        """Return a value, and its column as that of the only one."""
        value, column = self.value()
        return value, (column,)

    def value(self) -> tuple[Literal, int]:
        """Return a value and its column."""
        token = self.peek()
        if token is None or token.kind in {"op", "mark"}:
            raise self.fail("a number or a 'text'")
        self.at += 1
        at, expected = token.column, "a number or a 'text' in quotes"
        return _literal(token, lambda: _wrong(self.text, self.example, at, expected)), at

    def values(self) -> tuple[tuple[Literal, ...], tuple[int, ...]]:
        """Return the values in brackets, and the column of each."""
        if not self.take("("):
            raise self.fail("'('")
        found = [self.value()]
        while self.take(","):
            found.append(self.value())
        if not self.take(")"):
            raise self.fail("',' or ')'")
        return tuple(value for value, _ in found), tuple(column for _, column in found)


def _field(text: str) -> Field:
    head, dot, tail = text.partition(".")
    scope = _SCOPES.get(head.lower()) if dot else None
    name = tail if scope else text
    quoted = _QUOTED.fullmatch(name)
    if quoted:
        part = _PARTS.get((quoted[3] or "").lower(), Part.LAST)
        return Field(scope or Scope.ATTRIBUTE, _unquoted(quoted[2]), part)
    head, dot, end = name.rpartition(".")
    if scope is Scope.METRICS and dot and end.lower() in _PARTS:
        return Field(scope, head, _PARTS[end.lower()])
    return Field(scope or Scope.ATTRIBUTE, name)


def _is_metrics(text: str) -> bool:
    return _SCOPES.get(text.partition(".")[0].lower()) is Scope.METRICS


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[0] != "`" else text[1:-1]


def _literal(token: _Token, wrong: Any) -> Literal:
    if token.kind == "number":
        # Python reads no integer of thousands of digits; as a float it is beyond all others.
        whole = not re.search(r"[.eE]", token.text) and len(token.text) < _MAXIMUM_DIGITS
        return int(token.text) if whole else float(token.text)
    if token.kind in {"text", "quoted"}:
        return _unquoted(token.text)
    if token.kind in {"span", "day"}:
        return token.text  # which moment it is, is settled where it is compared
    words: dict[str, Literal] = {"true": True, "false": False, "null": None}
    if token.text.lower() in words:
        return words[token.text.lower()]
    raise wrong()


def parse_filter(text: str, *, kind: str = "") -> Expression | None:
    """Read a filter; None for empty text. *kind* is the class of the records it is about, for the example of a refusal.

    Raises
    ------
    Invalid
        With ``data`` holding the column (from 1) and what was expected there.
    """
    if not text.strip():
        return None
    parser = _Parser(text, example_for(kind).where)
    found = parser.any()
    if parser.peek() is not None:
        raise parser.fail("and, or, or the end")
    return found


def parse_order(text: str, *, kind: str = "") -> tuple[Order, ...]:
    """Read an order such as ``metrics.mae desc, started``; empty for empty text. *kind* is as for a filter.

    Raises
    ------
    Invalid
        With ``data`` holding the column (from 1) and what was expected there.
    """
    parser = _Parser(text, example_for(kind).order)
    orders: list[Order] = []
    while parser.peek() is not None or orders:
        field = parser.field()
        descending = parser.take("desc")
        if not descending:
            parser.take("asc")
        orders.append(Order(field, descending))
        if parser.peek() is None:
            break
        if not parser.take(","):
            raise parser.fail("asc, desc or ','")
    return tuple(orders)
