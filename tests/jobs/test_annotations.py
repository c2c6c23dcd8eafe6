"""Annotations are read as syntax, never evaluated."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from jupyter_mlops.jobs.annotations import Declared, longest_matched, read_annotation
from jupyter_mlops.records.parameter import ParameterType

INT, TEXT, FLOAT = (ParameterType(kind=kind) for kind in ("int", "str", "float"))


def read(text: str) -> Declared:
    return read_annotation(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("int", "int"),
        ("builtins.int", "int"),
        ("'int'", "int"),
        ("int | str", "int | str"),
        ("Union[int, str, None]", "int | str | None"),
        ("Optional[Union[int, str]]", "int | str | None"),
        ("int | (str | int)", "int | str"),
        ("int | Any", "any"),
        ("list[dict[str, int]]", "list[dict[str, int]]"),
        ("Sequence[datetime.date]", "list[date]"),
        ("tuple[int, str]", "tuple[int, str]"),
        ("tuple[float, ...]", "tuple[float, ...]"),
        ("tuple[int, list[Path] | None]", "tuple[int, list[path] | None]"),
        ("dict[int, str]", "dict[int, str]"),
        ("typing.Dict[str, 'list[int]']", "dict[str, list[int]]"),
        ("set[int]", "set[int]"),
        ("frozenset[str]", "frozenset[str]"),
        ("Final[float]", "float"),
        ("time", "time"),
        ("timedelta", "timedelta"),
        ("decimal.Decimal", "decimal"),
        ("Secret", "secret"),
        ("pydantic.SecretStr", "secret"),
        ("numpy.ndarray", "any"),
        ("deque[int]", "any"),
        ("__import__('os').system('true')", "any"),
    ],
)
def test_a_type_is_read_as_a_tree(text: str, spelled: str) -> None:
    assert read(text).type.spelled == spelled


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("Annotated[int, Ge(1)]", {"minimum": 1}),
        (
            "Annotated[float, annotated_types.Gt(0), annotated_types.Le(1)]",
            {"exclusive_minimum": 0, "maximum": 1},
        ),
        ("Annotated[float, Interval(gt=0, lt=1)]", {"exclusive_minimum": 0, "exclusive_maximum": 1}),
        ("Annotated[int, Range(0, 10)]", {"minimum": 0, "maximum": 10}),
        ("Annotated[int, Range(min=-1)]", {"minimum": -1}),
        ("Annotated[int, range(10)]", {"minimum": 0, "exclusive_maximum": 10}),
        ("Annotated[int, 1:10]", {"minimum": 1, "exclusive_maximum": 10}),
        ("Annotated[int, 1:]", {"minimum": 1}),
        ("Annotated[int, MultipleOf(5)]", {"multiple_of": 5}),
        ("Annotated[int, Field(ge=0, le=5, multiple_of=1)]", {"minimum": 0, "maximum": 5, "multiple_of": 1}),
        ("Annotated[str, Field(min_length=2, pattern='^a')]", {"min_length": 2, "pattern": "^a"}),
        ("Annotated[list[int], Len(1, 3)]", {"min_length": 1, "max_length": 3}),
        ("Annotated[list[int], 1:4]", {"min_length": 1, "max_length": 3}),
        ("Annotated[date, Ge(date(2020, 1, 1))]", {"minimum": "2020-01-01"}),
        ("Annotated[timedelta, Lt(timedelta(hours=1))]", {"exclusive_maximum": "PT3600S"}),
        ("Annotated[Decimal, Ge(Decimal('0.10'))]", {"minimum": "0.10"}),
        ("Annotated[Annotated[int, Ge(1)], Le(3)]", {"minimum": 1, "maximum": 3}),
        ("Annotated[int, Unit('m'), Ge(LOWEST), Ge('a'), MinLen(2)]", {}),
        ("Annotated[str, Field(pattern='(')]", {}),
        ("Annotated[bool, Ge(0)]", {}),
    ],
)
def test_annotated_limits_its_type(text: str, limits: dict[str, Any]) -> None:
    found = read(text).type

    fields = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of",
              "min_length", "max_length", "pattern")  # fmt: skip
    assert {f: getattr(found, f) for f in fields if getattr(found, f) is not None} == limits


def test_a_limit_of_a_union_is_one_of_the_options_that_can_have_it() -> None:
    found = read("Annotated[int | str | None, Ge(1)]").type

    assert found.nullable
    assert found.options == (ParameterType(kind="int", minimum=1), TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "Annotated[int, 'how many']",
        "Annotated[int, Doc('how many')]",
        "Annotated[int, Field(description='how many')]",
    ],
)
def test_words_in_annotated_are_help(text: str) -> None:
    assert read(text) == Declared(INT, "how many")


def test_choices_of_several_literals_are_those_of_one() -> None:
    found = read("Literal['a'] | Literal['b', None]").type

    assert found == ParameterType(kind="str", choices=("a", "b"), nullable=True)
    assert read("Literal['auto'] | float").type.options == (
        ParameterType(kind="str", choices=("auto",)),
        FLOAT,
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a*)*", "(a|a)*$", "(a|ab)*c", "(?:a?){50}a{50}", "a?" * 30 + "a" * 30, "(a{1,30}){1,30}$",
        "(?=(a+)+)b", "((a+)b?)+", "(?:(?:){9999}){9999}", "((x(a+)?)*)", "(?i:(kb|KB)*)", "(?>(a+)+)", "(", r"(\w+\s?)+$",
        "(,?[0-9]+)+", "(?i)(?:k[K\u212a]+)*", "(?:[^\u00e9]+\u00e9)*x", "(-a+|-b+-?)*$", ".*.*.*.*.*.*=",
    ],
)  # fmt: skip
def test_a_pattern_that_could_take_forever_is_looked_for_in_nothing(pattern: str) -> None:
    assert longest_matched(pattern) == 0


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [
        ("^a", 10_000),
        (r"^[A-Z]{2}\d{2} ?\d{4} ?\d{4}$", 10_000),
        ("(foo|bar)+", 10_000),
        (r"^((25[0-5]|2[0-4]\d|[01]?\d?\d)\.){3}\d+$", 10_000),
        (r"^\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2})?)?)?)?$", 10_000),
        (r"^[\w.]+@[\w.]+\.\w+$", 1_000),
        (r"^\d+(\.\d+)*$", 1_000),
        (r"^\w+(,\s*\w+)*$", 1_000),
        (r"^([^,]+,)*$", 10_000),
        (r"(?:\d-?)+", 10_000),
        (r"(?:,\d+){1,3}\d*x", 1_000),
        ("^a*a*x", 10_000),
        ("(?m)^a*a*x", 1_000),
        (".*.*.*=", 300),
    ],
)
def test_a_usual_pattern_has_a_longest_text(pattern: str, longest: int) -> None:
    assert longest_matched(pattern) == longest
