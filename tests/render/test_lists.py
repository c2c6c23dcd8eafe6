"""What each kind of record shows first, in its card and in its table; and that none shows a program's words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.records.dataset import Contract, Dataset
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobSpec, JobStatus
from jupyter_mlops.records.lineage import Lineage, LineageCell, LineageReview
from jupyter_mlops.records.model import Model, ModelVersion
from jupyter_mlops.records.parameter import Parameter, ParameterType
from jupyter_mlops.records.policy import Direction, Kpi, Policy
from jupyter_mlops.records.profile import ColumnProfile, Profile
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render import empty
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from tests.render.every_record import filled, record_kinds
from tests.render.records_shown import ANA, AT, a_review, a_run

KINDS = {kind.__name__: kind for kind in record_kinds() if kind.__module__.rpartition(".")[2] != "condition"}
LIBRARY = {
    "memory": None,
    "steps": "[('scale', StandardScaler()), ('ridge', Ridge(alpha=0.3))]",
    "transform_input": None,
    "scale": "StandardScaler()",
    "scale__copy": True,
    "ridge__alpha": 0.3,
}


STALE = RunTrust(grade=Grade.STALE, grade_reason="why", document=DocumentState.ORPHANED)


def a_job(**changes: object) -> Job:
    values = {
        "id": "j" * 26, "status": JobStatus.RUNNING, "queued": AT, "started": AT, "actor": ANA,
        "spec": JobSpec(notebook="work/train.ipynb", content="0" * 64, parameters={"alpha": 0.1, "note": None}),
        "progress": CellProgress(index=2, total=9, source="fit()"),
    }  # fmt: skip
    return Job(**(values | changes))


def table_of(record: object) -> tuple[str, list[str]]:
    """The head and the rows of the table that is drawn for *record*."""
    _, head, *rows = as_text(record).splitlines()
    return head, rows


@pytest.mark.parametrize("name", KINDS)
def test_no_record_is_shown_in_the_words_of_a_program(name):
    record = filled(KINDS[name])
    for shown in (record, (record,), {"a": record}, [record, 1], Page(items=(record,), total=1)):
        for text in (as_text(shown), as_html(shown)):
            assert not re.search(rf"\b({'|'.join(KINDS)})\(", text)
            assert "datetime.datetime(" not in text
            assert "mappingproxy(" not in text


def test_lineage_is_told_from_the_data_to_the_aliases():
    lineage = Lineage(
        model="pm25", version=7, digest="ab" * 32, run="r" * 20 + "abcdef", run_name="baseline", notebook="train.ipynb",
        data={"X_train": "34da91" * 10}, datasets={"X_train": "air:2"}, aliases=("champion",),
        cells=(LineageCell(sequence=2, cell="c2", digest="cd" * 32, first_line="model.fit(X, y)"),),
        reviews=(LineageReview(review="v" * 20 + "123456", alias="champion", status="approved", approvals=("bo",), closed=AT),),
    )  # fmt: skip
    text = as_text(lineage)
    for said in ("pm25:7", "held by champion", "baseline abcdef", "X_train  34da91  air:2", "model.fit(X, y)",
                 "✓ champion: approved by bo, 2026-01-05 09:00 UTC (123456)"):  # fmt: skip
        assert said in text


def test_a_dataset_shows_what_its_columns_hold_and_what_it_promises():
    column = ColumnProfile(
        name="TEMP", dtype="float64", kind="numeric", nulls=12, minimum=-4.0, maximum=31.5, mean=12.25
    )
    dataset = Dataset(
        name="air", version=2, digest="ab" * 32, rows=29220, columns={"TEMP": "x"}, created=AT, actor=ANA, source="air.csv",
        profile=Profile(rows=29220, columns=(column,)), contract=Contract(not_null=("TEMP",), minimum_rows=10),
    )  # fmt: skip
    text = as_text(dataset)
    for said in ("air:2", "29,220", "air.csv", "never missing: TEMP", "at least 10 rows"):
        assert said in text
    assert re.search(r"TEMP +float64 +12 +– +−4 +12.25 +31.5", text)
    assert "air:2" in table_of((dataset,))[1][0]


def test_a_policy_is_told_in_sentences_of_its_owner():
    policy = Policy(
        model="pm25", quorum=2, reviewers=("bo",), kpis=(Kpi(metric="mae", direction=Direction.LOWER, margin=0.5, bar=45, unit="µg"),),
        checks={"leakage": True},
    )  # fmt: skip
    text = as_text(policy)
    assert re.search(r"approvals needed +2", text)
    assert re.search(r"mae +lower is better +0.5 µg +at most 45 µg", text)
    assert "leakage: required" in text


def test_the_ledger_says_what_happened_and_leaves_the_chain_to_verify():
    moved = Event(at=AT, actor=ANA, kind="alias.moved", subject="pm25@champion", sequence=12, previous="ab" * 32, digest="cd" * 32,
                  data={"was": 1, "version": 2, "reason": "better in winter"})  # fmt: skip
    decided = replace(
        moved, sequence=13, kind="review.decided", data={"verdict": "reject", "comment": "leaks"}
    )
    lost = replace(
        moved, sequence=14, kind="job.lost", subject="j" * 26, data={"was": "running", "run": "r" * 26}
    )
    head, rows = table_of((moved, decided, lost))
    assert head.split() == ["#", "when", "event", "to", "what", "by"]
    assert rows[0].split()[0] == "12"
    assert "1 → 2: better in winter" in rows[0]
    assert "reject leaks" in rows[1]
    assert "ababab" not in "".join(rows)
    assert "1 → 2: better in winter" in as_text(moved)


def test_jobs_show_where_they_stand_and_what_went_wrong():
    failed = a_job(
        status=JobStatus.FAILED, ended=AT + timedelta(seconds=90), progress=None,
        error=JobError(kind="MemoryError", message="no room\nat all"),
    )  # fmt: skip
    head, rows = table_of((a_job(), failed))
    assert head.split() == ["status", "id", "notebook", "parameters", "took", "error", "by", "queued"]
    assert re.search(r"◌ running +jjjjjj +train.ipynb +alpha 0.1 \(\+1\) +cell 3 of 9 +ana", rows[0])
    assert re.search(r"✕ failed +jjjjjj +train.ipynb .*1 min 30 s +MemoryError: no room +ana", rows[1])
    head, rows = table_of((a_job(), replace(failed, trust=STALE)))
    assert head.split()[:3] == ["status", "grade", "id"]
    assert re.search(r"◌ running +jjjjjj", rows[0])
    assert re.search(r"✕ failed +⚠ stale, orphaned +jjjjjj", rows[1])


def test_versions_and_models_show_names_and_not_every_field():
    version = ModelVersion(model="pm25", version=7, digest="a" * 64, format="skops", kind="sklearn.linear_model.Ridge", size=1234,
                           run="r" * 20 + "abcdef", created=AT, actor=ANA)  # fmt: skip
    head, (row,) = table_of((version,))
    assert head.split() == ["version", "kind", "format", "size", "run", "created", "by"]
    assert row.split() == [
        "pm25:7",
        "Ridge",
        "skops",
        "1.2",
        "kB",
        "abcdef",
        "2026-01-05",
        "09:00",
        "UTC",
        "ana",
    ]
    head, (row,) = table_of((replace(version, trust=STALE),))
    assert head.split() == ["version", "kind", "format", "size", "run", "grade", "created", "by"]
    assert "abcdef  ⚠ stale, orphaned  2026" in row
    head, (row,) = table_of((Model(name="pm25", created=AT, actor=ANA),))
    assert head.split() == ["model", "created", "by"]


def test_parameters_tell_their_type_default_rule_and_what_they_are():
    share = ParameterType(kind="float", minimum=0, maximum=1)
    told = (
        Parameter(name="alpha", type=share, default=0.5, help="strength"),
        Parameter(name="day", type=ParameterType(kind="date", nullable=True)),
        Parameter(name="who", type=ParameterType(kind="str", choices=("a", "b")), required=True),
        Parameter(name="made", type=ParameterType(kind="any")),
    )
    head, rows = table_of(told)
    assert head.split() == ["parameter", "type", "default", "rule", "what", "it", "is"]
    assert [row.split() for row in rows] == [
        ["alpha", "float", "0.5", "at", "least", "0,", "at", "most", "1", "strength"],
        ["day", "date", "|", "None", "None"],
        ["who", "str", "required", "one", "of", "'a',", "'b'"],
        ["made", "any", "–"],
    ]


def test_what_somebody_set_comes_before_what_a_library_filled_in():
    params = LIBRARY | {"hidden_layer_sizes": "(100, 50)", "alpha": 0.3}
    (line,) = [
        line for line in as_text(a_run(params=params)).splitlines() if line.strip().startswith("params")
    ]
    assert line.split("params")[1].strip() == (
        "hidden_layer_sizes (100, 50) · alpha 0.3 · ridge__alpha 0.3 · scale__copy True  (+4)"
    )
    side = replace(a_review().evidence.candidate, params={name: str(item) for name, item in params.items()})
    text = as_text(a_review(evidence=replace(a_review().evidence, candidate=side)))
    assert "hidden_layer_sizes (100, 50) · alpha 0.3 · ridge__alpha 0.3" in text
    assert "StandardScaler" not in text


def test_the_table_of_runs_has_no_column_of_empty_values_and_object_texts():
    runs = tuple(
        a_run(id=str(n) * 26, params=LIBRARY | {"ridge__alpha": n, "steps": f"[('ridge', Ridge(alpha={n}))]", "alpha": n, "depth": n or None})
        for n in range(3)
    )  # fmt: skip
    text = as_text(Page(items=runs, total=3))
    for hidden in ("memory", "steps", "transform_input", "StandardScaler"):
        assert hidden not in text
    head = next(line for line in text.splitlines() if line.split()[0] == "run")
    assert head.index("alpha") < head.index("ridge__alpha")
    assert "depth" in head  # a None beside a number is a difference


def test_what_a_review_rests_on_stays_within_a_line():
    data = {f"a_rather_long_name_of_an_input_{n}": "34da91" * 10 for n in range(8)}
    side = replace(a_review().evidence.candidate, data=data)
    text = as_text(a_review(evidence=replace(a_review().evidence, candidate=side, champion=None)))
    below = text.partition("What it rests on")[2].partition("Code")[0]
    assert max(len(line) for line in below.splitlines()) < 120
    assert all(name in below for name in data)
    assert below.splitlines()[1].split() == ["what", "pm25:7"]


@pytest.mark.parametrize("empty", [Page(items=(), total=0), (), []])
def test_an_empty_page_names_a_command_that_fills_it(empty):
    assert "jupyter mlops run NOTEBOOK" in as_text(empty)


def test_a_comparison_lists_its_parameters_without_an_object_in_python_words():
    assert "Run(" not in as_text(RunComparison(runs=(a_run(), a_run(id="b" * 26)), headline="Equal."))


def test_a_list_of_models_shows_the_newest_the_champion_and_what_waits() -> None:
    model = Model(
        name="pm25", created=AT, actor=ANA, newest=7, aliases={"champion": 3, "challenger": 7}, open_reviews=2
    )
    head, row = as_text(Page(items=(model,), total=1)).splitlines()[1:]

    assert head.split()[:3] == ["model", "newest", "champion"]
    assert row.split()[:6] == ["pm25", "7", "3", "challenger", "7", "2"]
    graded = replace(
        model, newest_trust=RunTrust(grade=Grade.CLEAN), alias_trust={"champion": STALE, "challenger": STALE}
    )
    head, row = as_text(Page(items=(graded,), total=1)).splitlines()[1:]
    assert re.split(" {2,}", head.strip())[:5] == ["model", "newest", "its grade", "champion", "its grade"]
    assert re.split(" {2,}", row.strip())[:5] == ["pm25", "7", "✓ clean", "3", "⚠ stale, orphaned"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Model", "No models yet. Register one with: jupyter mlops register RUN --as NAME"),
        ("Review", "No reviews yet. Open one with: jupyter mlops review open MODEL:VERSION"),
        ("Dataset", "No datasets yet. Keep one with: jupyter mlops dataset register NAME PATH"),
    ],
)
def test_an_empty_page_says_what_it_is_empty_of_and_how_one_comes_to_be(kind: str, said: str) -> None:
    assert " ".join(as_text(Page(items=(), total=0, kind=kind)).split()) == said


def test_an_empty_page_under_a_filter_does_not_say_that_there_are_none() -> None:
    assert "No runs match." in as_text(Page(items=(), total=0, kind="Run", narrowed=True))


def test_every_command_an_empty_page_advises_is_one() -> None:
    commands = [
        " ".join(words)
        for _, advice in empty._FILLED.values()
        for words in [re.findall(r"jupyter mlops ((?:[a-z]+ ?)+)", advice)]
        if words
    ]
    known = {" ".join(command_of(row)) for row in (*PROCESSES, *OPERATIONS)}

    assert commands
    assert [command for command in commands if command.strip() not in known] == []


def test_a_job_that_waits_says_what_starts_it():
    said = as_text(a_job(status=JobStatus.QUEUED, started=None, progress=None))
    assert "jupyter mlops scheduler" in said
    assert "jupyter mlops scheduler" not in as_text(a_job())


def test_files_of_a_run_are_told_by_name_size_type_and_digest():
    files = [
        Artifact(run="r" * 26, name=name, digest=digest * 32, size=size, media_type=kind)
        for name, digest, size, kind in [("model/weights.bin", "ab", 12_345_678, "application/octet-stream"), ("a.html", "cd", 13, "text/html")]
    ]  # fmt: skip
    head, rows = table_of(Page(items=tuple(files), total=2))

    assert head.split() == ["artifact", "size", "type", "digest"]
    assert [row.split() for row in rows] == [
        ["model/weights.bin", "12.3", "MB", "application/octet-stream", "ababab"],
        ["a.html", "13", "B", "text/html", "cdcdcd"],
    ]
