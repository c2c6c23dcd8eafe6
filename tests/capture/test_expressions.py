"""Expressions: what each stands for, so that a change through it is seen."""

from __future__ import annotations

import pytest

from tests.capture.reads import rests

ALIASES = [
    "xs", "[xs][0]", "{'k': xs}['k']", "(xs, 1)[0]", "xs if input() else None", "xs or []", "(y := xs)", "[*[xs]][0]",
    "{**{'k': xs}}['k']", "[x for x in [xs]][0]", "next(x for x in [xs])", "(lambda: xs)()", "(lambda q: q)(xs)", "max([xs])",
    "dict(k=xs)['k']", "list([xs])[0]", "{'k': xs}.get('k')", "[xs].pop()", "next(iter([xs]))", "list(zip([xs], [1]))[0][0]",
    "dict([('k', xs)])['k']", "sorted([xs])[0]", "list(map(lambda q: q, [xs]))[0]", "getattr(xs, '__iadd__')", "[[xs]][0][0]", "list({'k': xs}.items())[0][1]", "list(enumerate([xs]))[0][1]", "{'k': xs}.popitem()[1]",
    "next(zip([xs]))[0]", "dict({'k': xs}.items())['k']", "__import__('collections').OrderedDict([('k', xs)])['k']",
    "__import__('itertools').product([xs], [1]).__next__()[0]", "[p for p in zip([xs], [1])][0][0]", "{**{'j': 1}, **{'k': xs}}['k']",
    "[k for k in {'k': [xs]}.items()][0][1][0]", "__import__('copy').copy([[xs]])[0][0]", "tuple(zip([[xs]]))[0][0][0]",
    "next(__import__('itertools').repeat(xs))", "__import__('operator').add([xs], [])[0]",
]  # fmt: skip
COPIES = [
    "list(xs)",
    "xs + []",
    "[x for x in xs]",
    "sorted(xs)",
    "str(xs)",
    "len(xs)",
    "xs == []",
    "not xs",
    "f'{xs}'",
]


@pytest.mark.parametrize("expression", ALIASES)
def test_a_change_through_what_it_may_be_is_seen(expression: str) -> None:
    assert {1, 3} <= rests("xs = []", f"ys = {expression}", "ys.append(1)", "xs")


@pytest.mark.parametrize("expression", COPIES)
def test_a_change_of_a_copy_is_none(expression: str) -> None:
    assert rests("xs = []", f"ys = {expression}", "ys.append(1)", "xs") == {1}


def test_names_of_a_comprehension_stay_inside() -> None:
    assert rests("i = 1", "[i for i in 'ab']", "i") == {1}


def test_a_generator_runs_when_it_is_taken_from() -> None:
    assert {1, 3} <= rests("xs = []", "s = (xs.append(i) for i in 'ab')", "next(s)", "xs")
