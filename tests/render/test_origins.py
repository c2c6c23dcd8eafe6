"""Lineage, datasets, policies: each says what is known, and of what is not known that it is not."""

from __future__ import annotations

import math
import re

import pytest

from jupyter_mlops.records.dataset import Contract, Dataset
from jupyter_mlops.records.lineage import Lineage, LineageCell, LineageReview
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.profile import ColumnProfile, Profile
from jupyter_mlops.records.reproduced import ReproductionVerdict
from jupyter_mlops.records.review import ReviewStatus
from jupyter_mlops.records.run import Grade
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import ANA, AT, EVIL

ID = "01m7xwy4ft6vjr09ecnrx4ah70"


def a_dataset(**changes: object) -> Dataset:
    given = {"name": "air", "version": 2, "digest": "ab" * 32, "rows": 29_220, "created": AT, "actor": ANA}
    return Dataset(**(given | changes))


def profile_of(*columns: ColumnProfile) -> Profile:
    return Profile(rows=3, columns=columns)


def said(record: object) -> dict[str, str]:
    """The lines of two parts, by their first."""
    pairs = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in as_text(record).splitlines()]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def test_a_version_that_came_from_elsewhere_says_what_the_books_do_not_know() -> None:
    text = as_text(Lineage(model="pm25", version=7, digest="ab" * 32))

    assert text.splitlines()[0] == "pm25:7   no alias points at it · digest ababab"
    assert said(Lineage(model="pm25", version=7, digest="ab" * 32)) == {
        "pm25:7": "no alias points at it · digest ababab",
        "run": "not in the books",
    }


def test_lineage_names_each_link_by_what_people_know_it_by() -> None:
    lineage = Lineage(
        model="pm25", version=7, digest="ab" * 32, run=ID, run_name="", notebook="a/train.ipynb", commit="4e1b02c" + "0" * 33, job=ID,
        aliases=("challenger", "champion"), data={"X_train": "34da91" * 10, "unregistered": "99ffee" * 10}, datasets={"X_train": "air:2"},
    )  # fmt: skip
    told = said(lineage)

    assert "held by challenger, champion" in as_text(lineage)
    assert (told["run"], told["job"], told["commit"]) == ("x4ah70", "x4ah70", "4e1b02c000")
    assert told["X_train"].split() == ["34da91", "air:2"]
    assert told["unregistered"].split() == ["99ffee", "–"]
    assert told["notebook"] == "a/train.ipynb"


@pytest.mark.parametrize("status", ReviewStatus)
def test_each_review_in_a_lineage_has_the_sign_of_its_state(status: ReviewStatus) -> None:
    review = LineageReview(
        review=ID, alias="champion", status=status, approvals=("bo", "cy") if status == "approved" else ()
    )
    (line,) = [
        line
        for line in as_text(Lineage(model="m", version=1, digest="d", reviews=(review,))).splitlines()
        if "champion" in line
    ]

    assert line.strip().startswith(f"{state_face(status)[0]} champion: {status}")
    assert ("by bo, cy" in line) is (status == "approved")
    assert line.endswith("(x4ah70)")


@pytest.mark.parametrize(
    ("count", "note"),
    [(60, ""), (61, "1 more cells are not shown"), (1060, "1,000 more cells are not shown")],
)
def test_a_long_chain_of_cells_is_cut_and_says_by_how_much(count: int, note: str) -> None:
    cells = tuple(
        LineageCell(sequence=n, cell=f"c{n}", digest="cd" * 32, first_line="x = " + "y" * 200)
        for n in range(count)
    )
    lines = as_text(Lineage(model="m", version=1, digest="d", cells=cells)).splitlines()

    assert sum("cdcdcd" in line for line in lines) == 60
    assert lines[-1].strip() == note or not note
    assert max(map(len, lines)) < 110


def test_a_dataset_without_a_portrait_is_told_by_its_facts_alone() -> None:
    told = said(a_dataset())

    assert told["rows"] == "29,220"
    assert told["digest"] == "ab" * 32
    assert not {"source", "licence", "kept as", "run"} & set(told)
    assert "Columns" not in as_text(a_dataset())
    assert "Contract" not in as_text(a_dataset())


def test_a_dataset_whose_bytes_are_kept_says_as_what() -> None:
    told = said(
        a_dataset(file="ee" * 32, media_type="text/csv", licence="CC BY 4.0", source="air.csv", run=ID)
    )

    assert (told["kept as"], told["licence"], told["run"]) == ("text/csv, eeeeee", "CC BY 4.0", "x4ah70")


@pytest.mark.parametrize(
    ("contract", "promise"),
    [
        (Contract(), "nothing promised"),
        (Contract(minimum_rows=1), "at least 1 row"),
        (Contract(columns={"a": "float64", "b": "int64"}, not_null=("a", "b"), minimum_rows=1000),
         "a float64 · b int64 · never missing: a, b · at least 1,000 rows"),
    ],
)  # fmt: skip
def test_a_contract_says_what_others_may_rely_on(contract: Contract, promise: str) -> None:
    assert f"Contract: {promise}\n" in as_text(a_dataset(contract=contract)) + "\n"


def test_a_contract_of_very_many_columns_stays_readable() -> None:
    contract = Contract(columns={f"column_{n}": "float64" for n in range(500)})

    assert len(as_text(a_dataset(contract=contract)).splitlines()[-1]) < 330


def test_a_column_shows_what_is_known_of_it_and_a_dash_for_what_is_not() -> None:
    numeric = ColumnProfile(
        name="TEMP",
        dtype="float64",
        kind="numeric",
        nulls=1200,
        distinct=0,
        minimum=-4.0,
        mean=math.nan,
        maximum=math.inf,
    )
    words = ColumnProfile(
        name="cbwd", dtype="object", kind="category", top={"NW\nwind": 5, "x" * 40: 4, "SE": 2, "cv": 1}
    )
    told = said(a_dataset(profile=profile_of(numeric, words)))

    assert told["TEMP"].split() == ["float64", "1,200", "0", "−4", "NaN", "∞"]
    assert told["cbwd"].split()[:6] == ["object", "0", "–", "–", "–", "–"]
    assert told["cbwd"].endswith(f"NW wind, {'x' * 15}…, SE")


def test_a_wide_table_is_cut_and_says_by_how_much() -> None:
    columns = [ColumnProfile(name=f"c{n}", dtype="int64", kind="numeric") for n in range(75)]
    lines = as_text(a_dataset(profile=profile_of(*columns))).splitlines()

    assert lines[-1].strip() == "15 more columns are not shown"
    assert sum("int64" in line for line in lines) == 60


def test_a_policy_without_rules_of_its_own_says_what_that_means() -> None:
    told = said(Policy(model="pm25", protected=()))

    assert told == {
        "approvals needed": "1", "the author may approve": "no", "only a review moves": "nothing", "reviewers": "everybody",
        "doors that count": "all", "least grade": "any",
    }  # fmt: skip


def test_a_policy_says_what_must_come_of_running_it_again() -> None:
    told = said(Policy(model="pm25", reproduction=ReproductionVerdict.WITHIN_TOLERANCE))
    assert told["run again, at least"] == "within tolerance"


def test_a_policy_says_each_rule_in_its_unit_and_its_direction() -> None:
    policy = Policy(
        model="pm25", quorum=2, author_may_approve=True, protected=("champion", "live"), doors=("server",), reviewers=("bo", "cy"),
        minimum_grade=Grade.REORDERED, checks={"leakage": True, "latency": False},
        kpis=(
            Kpi(metric="mae", direction=Direction.LOWER, margin=0.5, bar=45, unit="µg"),
            Kpi(metric="r2", direction=Direction.HIGHER, bar=0.0),
            Kpi(metric="auc", direction=Direction.HIGHER),
        ),
    )  # fmt: skip
    told = said(policy)

    assert (told["approvals needed"], told["the author may approve"], told["least grade"]) == (
        "2",
        "yes",
        "reordered",
    )
    assert (told["only a review moves"], told["reviewers"], told["doors that count"]) == (
        "champion, live",
        "bo, cy",
        "server",
    )
    assert re.split(r" {2,}", told["mae"]) == ["lower is better", "0.5 µg", "at most 45 µg"]
    assert re.split(r" {2,}", told["r2"]) == [
        "higher is better",
        "0",
        "at least 0",
    ]  # a bar of nothing is a bar
    assert re.split(r" {2,}", told["auc"]) == ["higher is better", "0", "–"]
    assert "leakage: required" in as_text(policy)
    assert "latency: shown" in as_text(policy)


def test_names_from_files_and_people_stay_text() -> None:
    column = ColumnProfile(name=EVIL, dtype=EVIL, kind="other", top={EVIL: 1})
    records = (
        a_dataset(name=EVIL, source=EVIL, licence=EVIL, profile=profile_of(column), contract=Contract(columns={EVIL: EVIL})),
        Lineage(model=EVIL, version=1, digest="d", run=ID, run_name=EVIL, data={EVIL: "d"}, aliases=(EVIL,),
                cells=(LineageCell(sequence=1, cell=EVIL, digest="d", first_line=EVIL),),
                reviews=(LineageReview(review=ID, alias=EVIL, status=EVIL, approvals=(EVIL,)),)),
        Policy(model=EVIL, reviewers=(EVIL,), checks={EVIL: True}, kpis=(Kpi(metric=EVIL, direction=Direction.LOWER, unit=EVIL),)),
    )  # fmt: skip
    for record in records:
        assert not re.search(r"<(script|img)", as_html(record))
        assert "\x1b" not in as_html(record) + as_text(record)
