"""Values fit their parameters or are refused, and nothing but values gets into a notebook."""

from __future__ import annotations

import ast
import datetime as dt
import math
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.jobs.values import check_values, effective_values, values_as_code
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.parameter import Parameter, ParameterType
from tests.jobs.running import executed, run_of, text_of
from tests.jobs.running import run as run_job

DECLARED = read_parameters(
    """
n = 3
alpha: float = 0.5
flag = False
city = "Beijing"
items: list[int] = [1]
pair = (1, 2)
config = {"a": 1}
day: date = date(2026, 1, 1)
at: datetime = datetime(2026, 1, 1)
folder: Path = Path("data")
level: Literal["low", "high"] = "low"
maybe: int | None = None
anything = None
"""
)


def run(code: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(code, names)
    return {k: v for k, v in names.items() if not k.startswith("_")}


def given_to_kernel(**values: object) -> dict[str, object]:
    return run(values_as_code(DECLARED, check_values(DECLARED, values)))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n", "7", 7),
        ("n", "-7", -7),
        ("alpha", "0.1", 0.1),
        ("alpha", "1", 1.0),
        ("alpha", "1e-3", 0.001),
        ("alpha", "-inf", -math.inf),
        ("flag", "true", True),
        ("flag", "no", False),
        ("city", "5", "5"),
        ("city", "1.10", "1.10"),
        ("city", "None", "None"),
        ("items", "[1, 2]", [1, 2]),
        ("pair", "(3, 4)", (3, 4)),
        ("pair", "[3]", (3,)),
        ("config", "{'b': [1, None]}", {"b": [1, None]}),
        ("day", "2026-01-31", date(2026, 1, 31)),
        ("at", "2026-01-31T12:00:00", datetime(2026, 1, 31, 12)),  # noqa: DTZ001
        ("folder", "/data/{x}", Path("/data/{x}")),
        ("level", "high", "high"),
        ("maybe", "5", 5),
        ("maybe", "none", None),
        ("anything", "0.5", 0.5),
        ("anything", "word", "word"),
    ],
)
def test_text_from_the_command_line_arrives_in_the_declared_type(name: str, text: str, value: object) -> None:
    arrived = given_to_kernel(**{name: text})[name]

    assert arrived == value
    assert type(arrived) is type(value) or isinstance(arrived, Path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 10**30),
        ("alpha", 2.5),
        ("flag", True),
        ("city", "O'Neil \"quoted\"\n'''\\ \x00 \u2028 émile"),
        ("items", [1, 2]),
        ("pair", (1, 2)),
        ("config", {"a": {"b": [1, 2.5, None, True, "x"]}}),
        ("day", date(2026, 2, 3)),
        ("at", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("folder", Path("a b/c")),
        ("anything", [1, {"x": None}]),
    ],
)
def test_values_keep_their_type_into_the_kernel(name: str, value: object) -> None:
    arrived = given_to_kernel(**{name: value})[name]

    assert arrived == value
    assert type(arrived) is type(value)


def test_not_a_number_arrives_as_one() -> None:
    assert math.isnan(given_to_kernel(alpha=math.nan)["alpha"])


def test_numbers_of_numpy_are_numbers() -> None:
    arrived = given_to_kernel(n=np.int64(3), alpha=np.float32(0.5), anything=[np.float64(1.5)])

    assert arrived == {"n": 3, "alpha": 0.5, "anything": [1.5]}
    assert {type(v) for v in arrived.values()} == {int, float, list}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("n", "many", "whole number"),
        ("n", 2.5, "whole number"),
        ("n", "2.5", "whole number"),
        ("n", True, "whole number"),
        ("n", None, "None is not allowed"),
        ("alpha", "high", "number"),
        ("alpha", True, "number"),
        ("flag", 1, "true or false"),
        ("flag", "maybe", "true or false"),
        ("city", 5, "text"),
        ("items", "[1, 'a']", "whole number"),
        ("items", 3, "list"),
        ("config", {1: "a"}, "text"),
        ("config", "[1]", "dict"),
        ("day", "31.01.2026", "date"),
        ("day", datetime(2026, 1, 1), "date"),  # noqa: DTZ001
        ("at", "noon", "time"),
        ("folder", 3, "path"),
        ("level", "medium", "must be one of 'low', 'high'"),
        ("maybe", "x", "whole number"),
        ("anything", object(), "no parameter can be"),
        ("anything", {"a": {1, 2}}, "no parameter can be"),
        ("anything", b"bytes", "no parameter can be"),
        ("city", "\ud800", "surrogate"),
        ("alpha", 10**400, "too large"),
        pytest.param("n", 10**5000, "digits", id="n-huge"),
        pytest.param("city", 10**5000, "text", id="city-huge"),
        pytest.param("anything", [10**5000], "digits", id="anything-huge"),
    ],
)
def test_a_wrong_value_is_refused_with_name_value_and_rule(name: str, value: object, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        check_values(DECLARED, {name: value})

    assert refused.value.data["name"] == name
    assert repr(name) in refused.value.message


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("x=1\nimport os", "identifier"),
        ("n;import os", "identifier"),
        ("n = 1 #", "identifier"),
        ("", "identifier"),
        ("1n", "identifier"),
        ("n ", "identifier"),
        ("ｎ", "identifier"),  # full-width: Python would fold it into n
        ("ﬁ", "identifier"),
        ("class", "reserved"),
        ("None", "reserved"),
        ("__import__", "reserved"),
        ("__builtins__", "reserved"),
        ("gamma", "unknown"),
    ],
)
def test_a_name_that_is_no_declared_identifier_is_refused(name: str, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_values(DECLARED, {name: 1})

    assert refused.value.data["rule"] == rule


def test_an_unknown_name_is_told_what_is_declared() -> None:
    with pytest.raises(Invalid, match="Declared: n, alpha, flag"):
        check_values(DECLARED, {"gamma": 1})


def test_a_missing_required_value_is_refused_with_its_help() -> None:
    declared = read_parameters("path: str  # where the data lie")

    with pytest.raises(Invalid, match="where the data lie"):
        check_values(declared, {})


def test_a_value_that_is_to_come_may_be_missing_and_must_be_declared() -> None:
    declared = read_parameters("path: str\nn: int")

    assert check_values(declared, {"n": "3"}, ["path"]) == {"n": 3}
    with pytest.raises(Invalid, match="'file' is not declared"):
        check_values(declared, {"n": 3}, ["path", "file"])


class Sly(str):
    """Text that would write itself as something else."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "__import__('os').system('true')"

    __str__ = __repr__


@pytest.mark.parametrize("name", ["city", "folder", "anything"])
def test_a_subclass_cannot_bring_its_own_code(name: str) -> None:
    code = values_as_code(DECLARED, check_values(DECLARED, {name: Sly("harmless")}))

    assert "__import__" not in code.replace(repr("__import__('os').system('true')"), "")
    assert len(ast.parse(code).body) <= 2


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON.filter(lambda v: not isinstance(v, str)))
def test_any_json_value_round_trips_and_the_cell_holds_one_assignment(value: object) -> None:
    code = values_as_code(DECLARED, check_values(DECLARED, {"anything": value}))

    (statement,) = ast.parse(code).body
    assert isinstance(statement, ast.Assign)
    assert ast.literal_eval(statement.value) == value


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_round_trips(text: str) -> None:
    code = values_as_code(DECLARED, check_values(DECLARED, {"city": text}))

    assert ast.literal_eval(ast.parse(code).body[0].value) == text


def test_data_do_not_belong_into_parameters() -> None:
    with pytest.raises(Invalid, match="Write the data to a file"):
        values_as_code(DECLARED, check_values(DECLARED, {"city": "x" * 1_000_001}))


def test_nesting_without_end_is_refused() -> None:
    value: list[object] = []
    for _ in range(50):
        value = [value]

    with pytest.raises(Invalid, match="nested deeper"):
        check_values(DECLARED, {"anything": value})


def test_defaults_stand_under_what_was_given() -> None:
    assert effective_values(read_parameters("a = 1\nb = 2\nc = f()"), {"b": 5}) == {"a": 1, "b": 5}


def test_what_was_kept_under_other_rules_is_refused_and_not_crashed_on() -> None:
    declared = read_parameters("n: Annotated[int, Le(3)] = 1")

    with pytest.raises(Invalid, match="'n' = 5: it must be at most 3"):
        values_as_code(declared, {"n": 5})


def test_a_secret_is_no_code_but_nothing_is() -> None:
    declared = read_parameters("token: Secret | None = 'env:TOKEN'")

    assert values_as_code(declared, {"token": "env:OTHER"}) == "# token: 'env:OTHER'"
    assert values_as_code(declared, {"token": None}) == "token = None"


def test_a_value_for_what_holds_a_secret_is_not_quoted() -> None:
    hidden = ParameterType(kind="list", items=ParameterType(kind="secret"))

    with pytest.raises(Invalid) as refused:
        check_values([Parameter(name="tokens", type=hidden)], {"tokens": ["hunter2pw"]})

    assert "hunter2pw" not in f"{refused.value} {refused.value.data}"


VIENNA = ZoneInfo("Europe/Vienna")
KEPT = {
    "n": ("int = 1", 5, 5),
    "rate": ("Annotated[float, Ge(0)] = 1", math.inf, "inf"),
    "day": ("date = date(2026, 1, 1)", date(2026, 1, 31), "2026-01-31"),
    "at": ("datetime | None = None", datetime(2026, 7, 1, 12, tzinfo=UTC), "2026-07-01T12:00:00+00:00"),
    "there": (
        "datetime | None = None",
        datetime(2026, 7, 1, 12, tzinfo=VIENNA),
        "2026-07-01T12:00:00+02:00[Europe/Vienna]",
    ),
    "clock": ("time = time(0)", time(12, 30), "12:30:00"),
    "length": ("timedelta = timedelta(0)", timedelta(days=1, microseconds=5), "P1DT0.000005S"),
    "price": ("Decimal = Decimal(0)", Decimal("1.10"), "1.10"),
    "folder": ("Path = Path('.')", Path("a b"), "a b"),
    "pair": ("tuple[int, str] = (0, '')", (1, "a"), '[1, "a"]'),
    "names": ("dict[int, list[date]] = {}", {1: [date(2026, 1, 31)]}, '{"1": ["2026-01-31"]}'),
    "grid": ("dict[tuple[int, int], str] = {}", {(1, 2): "a"}, '[[[1, 2], "a"]]'),
    "some": ("set[str] = set()", {"b", "a"}, '["a", "b"]'),
    "either": ("str | date = ''", date(2026, 1, 31), "2026-01-31"),
}


@pytest.mark.kernel
def test_values_keep_their_type_into_a_real_kernel_and_the_run_tells_them(place, write) -> None:
    cell = "\n".join(
        [
            "from datetime import date, datetime, time, timedelta",
            "from decimal import Decimal",
            "from pathlib import Path",
            "from typing import Annotated",
            "Ge = float",
            *(f"{name}: {declared}" for name, (declared, _, _) in KEPT.items()),
        ]
    )
    told = ", ".join(KEPT)
    path = write(f"print(repr(({told})))", parameters=cell)

    job = run_job(place, path, parameters={name: value for name, (_, value, _) in KEPT.items()})

    assert (job.status, job.error) == (JobStatus.SUCCEEDED, None)
    arrived = eval(  # noqa: S307  # what our own notebook has printed
        text_of(executed(place, job)),
        {"datetime": dt, "Decimal": Decimal, "PosixPath": Path, "zoneinfo": zoneinfo, "inf": math.inf},
    )
    assert arrived == tuple(value for _, value, _ in KEPT.values())
    assert [type(value) for value in arrived] == [type(value) for _, value, _ in KEPT.values()]
    assert arrived[list(KEPT).index("there")].tzinfo == VIENNA
    params = dict(run_of(place, job).params)
    assert {name: params[name] for name in KEPT} == {name: param for name, (_, _, param) in KEPT.items()}
