"""The parameters cell is read, never run."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import fitting
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.records.parameter import Parameter, ParameterType


def one(source: str) -> Parameter:
    (found,) = read_parameters(source)
    return found


@pytest.mark.parametrize(
    ("source", "kind", "default"),
    [
        ("x = 3", "int", 3),
        ("x = -3", "int", -3),
        ("x = 1e-3", "float", 0.001),
        ("x = -0.5", "float", -0.5),
        ("x = True", "bool", True),
        ("x = 'a = b'", "str", "a = b"),
        ("x = [1, 2]", "list", [1, 2]),
        ("x = (1, 'a')", "tuple", [1, "a"]),
        ("x = {'a': [1]}", "dict", {"a": [1]}),
        ("x: float = 1", "float", 1),
        ("x: 'int' = 4", "int", 4),
        ("x: 'list[int]' = [4]", "list", [4]),
        ("x: datetime.date = date(2026, 1, 31)", "date", "2026-01-31"),
        ("x = date.fromisoformat('2026-01-31')", "date", "2026-01-31"),
        ("x = dt.datetime(2026, 1, 31, 12)", "datetime", "2026-01-31T12:00:00"),
        ("x = datetime.datetime.fromisoformat('2026-01-31T12:00')", "datetime", "2026-01-31T12:00:00"),
        ("x = Path('data', 'air.csv')", "path", "data/air.csv"),
        ("x: pathlib.Path = Path('data')", "path", "data"),
        ("x: Annotated[int, 'more'] = 1", "int", 1),
        ("x: int | float = 1", "union", 1),
        ("x: str | date = date(2026, 1, 31)", "union", {"type": "date", "value": "2026-01-31"}),
        ("x: date | None = date(2026, 1, 31)", "date", "2026-01-31"),
        ("x = {1: 'a'}", "dict", {"1": "a"}),
        ("x: dict[int, list[date]] = {1: [date(2026, 1, 31)]}", "dict", {"1": ["2026-01-31"]}),
        ("x = {1: 'a', 'b': 2}", "dict", None),
        ("x = {3, 1}", "set", [1, 3]),
        ("x: frozenset[str] = frozenset({'b', 'a'})", "frozenset", ["a", "b"]),
        ("x: float = float('inf')", "float", "inf"),
        ("x = time(12, 30)", "time", "12:30:00"),
        ("x = timedelta(days=1, hours=2)", "timedelta", "P1DT7200S"),
        ("x = Decimal('0.10')", "decimal", "0.10"),
        ("x = datetime(2026, 1, 31, tzinfo=UTC)", "datetime", "2026-01-31T00:00:00+00:00"),
        (
            "x = datetime(2026, 1, 31, tzinfo=ZoneInfo('Europe/Vienna'))",
            "datetime",
            "2026-01-31T00:00:00+01:00[Europe/Vienna]",
        ),
        ("x = 3  # type: float", "float", 3),
        ("x = []  # type: List[int] the numbers", "list", []),
        ("x: int = 'not one'", "int", "not one"),
        ("x: Secret = 'env:TOKEN'", "secret", "env:TOKEN"),
        ("x: Secret = 'hunter2hunter2'", "secret", None),
        ("x = len('abc')", "any", None),
        ("x = b'bytes'", "any", None),
    ],
)
def test_a_default_gives_type_and_value(source: str, kind: str, default: object) -> None:
    found = one(source)

    assert (found.type.kind, found.default, found.required) == (kind, default, False)


@pytest.mark.parametrize("source", ["x: int", "x: int = ...", "x = ..."])
def test_a_name_without_a_value_must_be_given(source: str) -> None:
    assert one(source).required


@pytest.mark.parametrize(
    "source",
    ["x: Optional[int] = None", "x: int | None = None", "x: Union[int, None] = 3", "x: None | int = 3"],
)
def test_an_optional_may_be_none(source: str) -> None:
    found = one(source)

    assert found.type == ParameterType(kind="int", nullable=True)


def test_none_as_a_default_allows_anything() -> None:
    assert one("x = None") == Parameter(name="x", type=ParameterType(kind="any", nullable=True))


@pytest.mark.parametrize(
    ("source", "kind", "choices"),
    [
        ("x: Literal['low', 'high'] = 'low'", "str", ("low", "high")),
        ("x: typing.Literal[1, 2, -3] = 1", "int", (1, 2, -3)),
        ("x: Literal['auto', 1] = 1", "any", ("auto", 1)),
    ],
)
def test_a_literal_lists_its_choices(source: str, kind: str, choices: tuple[object, ...]) -> None:
    found = one(source).type

    assert (found.kind, found.choices) == (kind, choices)


def test_a_trailing_comment_is_the_help() -> None:
    first, second, third = read_parameters(
        "alpha = 0.5  # strength, from 0 to 1\ntext = 'no # comment'\nitems = [\n    1,\n]  #: which ones\n"
    )

    assert (first.help, second.help, third.help) == ("strength, from 0 to 1", "", "which ones")


def test_a_comment_right_above_is_the_help_where_none_is_behind() -> None:
    found = read_parameters(
        "# Parameters\n# how strong\n# the penalty is\nalpha = 0.5\nbeta = 1\n\n# far away\n\ngamma = 2\n"
        "# above\ndelta = 3  # behind\n# old = 3\nepsilon = 4\n# --- more ---\nzeta = 5"
    )

    assert [p.help for p in found] == ["how strong the penalty is", "", "", "behind", "", ""]


@pytest.mark.parametrize(
    ("comment", "spelled", "told"),
    [
        ("type: int", "int", ""),
        ("type: int  # how many", "int", "how many"),
        ("type: int how many", "int", "how many"),
        ("type: Dict[str, int] by name", "dict[str, int]", "by name"),
        ("type: int | None  # or nothing", "int | None", "or nothing"),
        ("type: of the penalty, in words", "any", "type: of the penalty, in words"),
    ],
)
def test_a_comment_may_tell_the_type(comment: str, spelled: str, told: str) -> None:
    found = one(f"x = len('abc')  # {comment}")

    assert (found.type.spelled, found.help) == (spelled, told)


def test_what_annotated_says_is_help_where_no_comment_is() -> None:
    first, second = read_parameters(
        "x: Annotated[int, 'how many'] = 1\ny: Annotated[int, 'how many'] = 1  # so many"
    )

    assert (first.help, second.help) == ("how many", "so many")


def test_a_magic_that_is_no_python_does_not_hide_the_type_of_a_default() -> None:
    assert one("%time\nx = (1, 'a')").type == ParameterType(kind="tuple")


def test_several_names_in_one_statement_are_several_parameters() -> None:
    found = read_parameters("a, (b, c) = 1, (2.0, 'x')\nd = e = True")

    assert [(p.name, p.type.kind, p.default) for p in found] == [
        ("a", "int", 1),
        ("b", "float", 2.0),
        ("c", "str", "x"),
        ("d", "bool", True),
        ("e", "bool", True),
    ]


def test_only_the_top_level_declares_and_the_last_assignment_counts() -> None:
    found = read_parameters(
        "x = 1\nif True:\n    y = 2\nfor z in []: pass\nobj.attr = 3\nd['k'] = 4\nx = 2.5"
    )

    assert [(p.name, p.default) for p in found] == [("x", 2.5)]


def test_magics_in_the_cell_are_passed_over() -> None:
    found = read_parameters("%matplotlib inline\nimport os\n!ls\nx = 1  # kept\n")

    assert [p.name for p in found] == ["x"]


def test_nothing_in_the_cell_is_executed(tmp_path) -> None:
    mark = tmp_path / "mark"

    read_parameters(f"x = open({str(mark)!r}, 'w').write('ran')\nimport antigravity")

    assert not mark.exists()


def test_a_cell_that_is_not_python_is_refused_with_its_line() -> None:
    with pytest.raises(Invalid, match="line 2") as refused:
        read_parameters("x = 1\ny = = 2")

    assert refused.value.data["line"] == 2


def test_a_cell_nested_without_end_is_refused_not_crashed_on() -> None:
    with pytest.raises(Invalid):
        read_parameters("x = " + "(" * 100_000)


@pytest.mark.parametrize(
    "spelled",
    [
        "list[Secret]", "dict[str, Secret]", "dict[Secret, int]", "tuple[int, SecretStr]", "tuple[Secret, ...]",
        "list[dict[str, list[Secret | None]]] | None", "Any | list[Secret]", "deque[Secret]", "'set[Secret]'",
    ],
)  # fmt: skip
def test_a_secret_within_another_value_is_refused_and_not_quoted(spelled: str) -> None:
    for source in (f"x: {spelled} = ['hunter2pw']", f"x: {spelled}"):
        with pytest.raises(Invalid, match="secret within another value") as refused:
            read_parameters(source)

        assert "hunter2pw" not in f"{refused.value} {refused.value.data}"
        assert "parameter of its own" in refused.value.remedy


@pytest.mark.parametrize("default", ["'hunter2pw'", "f'hunter2{pw}'"])
def test_a_plain_default_of_a_secret_that_may_be_nothing_is_not_taken_for_nothing(default: str) -> None:
    found = one(f"x: Secret | None = {default}")

    assert (found.default, found.type.nullable) == (None, False)
    assert one("x: Secret | None = None").type.nullable


@pytest.mark.parametrize("spelled", ["{}", "list[{}]", "{} | int"])
def test_a_pattern_that_could_take_forever_is_refused_where_it_is_declared(spelled: str) -> None:
    text = spelled.format("Annotated[str, Field(pattern='(a+)+$')]")

    with pytest.raises(Invalid, match="could take forever") as refused:
        read_parameters(f"x: {text} = {'a' * 60 + 'b'!r}")

    assert refused.value.data == {"name": "x", "rule": "pattern"}


def test_a_default_is_not_matched_with_its_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_match", lambda *_: pytest.fail("an expression of the notebook was run"))
    text = "Annotated[str, Field(pattern='^a')]"

    assert one(f"x: {text} = 'b'").default == "b"
    assert one(f"x: dict[str, tuple[{text} | int, list[{text}]]] = {{'a': ('b', ['b'])}}").default == {
        "a": ["b", ["b"]]
    }
    assert one(f"x: {text}").type.pattern == "^a"
