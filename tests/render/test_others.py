"""Jobs, models, aliases, events, drift; and whatever has no drawing of its own: what it is, and never a program's words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.drift import ColumnDrift, DriftReport
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.job import Attempt, CellProgress, Job, JobError, JobSpec, JobStatus
from jupyter_mlops.records.model import Alias, Model, ModelVersion, Signature, SignatureColumn
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.records.report import Report
from jupyter_mlops.records.retry import FailureClass
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.records.slice import RunSlice
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render.blocks import Fold, Line, Table, Title
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.others import drift_blocks, job_blocks, report_blocks, rows_blocks, slice_blocks
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import ANA, AT, EVIL

ID = "01m7xwy4ft6vjr09ecnrx4ah70"


def a_job(
    status: JobStatus = JobStatus.RUNNING, /, spec: dict[str, object] | None = None, **changes: object
) -> Job:
    wanted = JobSpec(**({"notebook": "work/train.ipynb", "content": "0" * 64} | (spec or {})))
    return Job(**({"id": ID, "spec": wanted, "status": status, "queued": AT, "actor": ANA} | changes))


def a_report(*columns: ColumnDrift, **changes: object) -> DriftReport:
    given = {
        "id": "d",
        "deployment": "e",
        "model": "pm25",
        "version": 7,
        "started": AT,
        "ended": AT,
        "rows": 1,
        "columns": columns,
    }
    return DriftReport(**(given | changes))


def said(record: object) -> dict[str, str]:
    """The lines of two parts, by their first."""
    pairs = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in as_text(record).splitlines()]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def test_a_job_that_was_tried_before_says_how_that_went_and_what_it_may_use() -> None:
    error = JobError(
        kind="out_of_memory", message="held <too> much\nin all", failure=FailureClass.OUT_OF_MEMORY
    )
    past = Attempt(number=1, status=JobStatus.FAILED, queued=AT, run="r" * 26, error=error)
    job = a_job(
        JobStatus.QUEUED,
        {"memory": 2 * 10**9, "cpus": 1.0},
        attempt=2,
        attempts=(past,),
        not_before=AT + timedelta(minutes=5),
    )
    text = as_text(job)
    assert "out_of_memory: held <too> much" in text
    assert "It is tried again, not before" in text
    assert "in all" not in text
    facts = said(job)
    assert (facts["attempt"], facts["processors"]) == ("2", "1")
    assert facts["memory limit"].startswith("2")
    assert "held &lt;too&gt; much" in as_html(job)


@pytest.mark.parametrize("status", JobStatus)
def test_a_job_says_first_what_it_is_called_and_where_it_stands(status: JobStatus) -> None:
    sign, tone = state_face(status)

    for called, spec in (("work/train.ipynb", {}), ("nightly", {"name": "nightly"})):
        title = next(job_blocks(a_job(status, spec)))
        assert isinstance(title, Title)
        assert (title.text, title.sign, title.tone, title.state) == (called, sign, tone, status)
        assert "x4ah70" in title.aside


def test_a_job_shows_the_cell_it_is_at_only_while_it_is_at_one() -> None:
    at = CellProgress(index=2, total=9, source="model.fit(X, y)")

    assert "cell 3 of 9: model.fit(X, y)" in as_text(a_job(progress=at))
    for status in JobStatus:
        assert ("cell 3 of 9" in as_text(a_job(status, progress=at))) is not status.ended


def test_what_went_wrong_stands_above_the_facts_and_the_traceback_is_folded() -> None:
    error = JobError(
        kind="MemoryError", message="no room\nat all", traceback="Traceback\n  fit()", remedy="Give it more."
    )
    failed = a_job(JobStatus.FAILED, error=error, started=AT + timedelta(seconds=10), ended=AT + timedelta(seconds=100),
                   progress=CellProgress(index=2, total=9))  # fmt: skip
    title, first, second, *rest = job_blocks(failed)

    assert "1 min 30 s" in title.aside  # from its start, not from when it was queued
    assert first == Line("MemoryError: no room", *state_face("failed"), strong=True)
    assert second == Line("Give it more.")
    assert rest[-1] == Fold("Traceback", "Traceback\n  fit()")
    assert "cell 3 of 9" not in as_text(failed)


def test_a_warning_stands_on_a_job_that_succeeded() -> None:
    job = a_job(JobStatus.SUCCEEDED, warnings=("1 output was withheld",))

    assert Line("1 output was withheld", *state_face("stale")) in tuple(job_blocks(job))


def test_a_job_that_ran_names_its_run_and_the_notebook_it_left_by_their_tails_and_heads() -> None:
    told = said(
        a_job(
            JobStatus.SUCCEEDED, {"parameters": {"alpha": 0.1, "note": None}}, run=ID, notebook="34da91" * 10
        )
    )

    assert (told["run"], told["executed notebook"], told["parameters"]) == (
        "x4ah70",
        "34da91",
        "alpha 0.1  (+1)",
    )
    assert set(said(a_job())) == {"◌ work/train.ipynb", "notebook"}


STALE = RunTrust(grade=Grade.STALE, grade_reason=f"cell 4 {EVIL}", document=DocumentState.ORPHANED)


def test_a_job_and_a_version_say_how_far_the_run_behind_them_can_be_trusted_in_a_sentence() -> None:
    version = ModelVersion(
        model="pm25", version=7, digest="ab" * 32, format="skops", kind="sklearn.Ridge", size=1, created=AT, actor=ANA
    )  # fmt: skip
    for record in (a_job(JobStatus.SUCCEEDED, run=ID), version):
        told = replace(record, trust=STALE)
        assert "  ⚠ its run is stale: cell 4 " in as_text(told)
        assert "· orphaned" in as_text(told)
        assert "<script" not in as_html(told)
        assert "  ✓ its run is clean" in as_text(replace(record, trust=RunTrust(grade=Grade.CLEAN)))
        assert "its run is" not in as_text(record)


def test_a_job_that_never_started_took_the_time_it_waited() -> None:
    title = next(job_blocks(a_job(JobStatus.CANCELLED, ended=AT + timedelta(seconds=5))))

    assert "5.0 s" in title.aside


def test_a_version_counts_the_columns_it_does_not_name() -> None:
    def version(columns: int, **changes: object) -> ModelVersion:
        inputs = tuple(SignatureColumn(name=f"c{n}", dtype="float64") for n in range(columns))
        given = {"model": "pm25", "version": 7, "digest": "ab" * 32, "format": "skops", "kind": "sklearn.Ridge", "size": 1_500_000,
                 "created": AT, "actor": ANA, "signature": Signature(inputs=inputs)}  # fmt: skip
        return ModelVersion(**(given | changes))

    assert said(version(8))["takes"].endswith(", c7")
    assert said(version(9))["takes"] == "9 columns: c0, c1, c2, c3, c4, c5, c6, c7, …"
    assert said(version(1))["takes"] == "1 column: c0"
    told = said(version(0))
    assert (told["takes"], told["gives"], told["trained on"], told["run"]) == ("–", "–", "–", "–")
    assert (told["stored as"], told["digest"]) == ("skops, 1.5 MB", "ab" * 32)
    assert said(version(0, profile=Profile(rows=29_220)))["trained on"] == "29,220 rows"


def test_a_model_shows_where_its_aliases_point_and_nothing_that_is_not_there() -> None:
    bare = Model(name="pm25", created=AT, actor=ANA)
    full = Model(
        name="pm25", created=AT, actor=ANA, description="fine dust", newest=7, aliases={"champion": 3, "challenger": 7}, open_reviews=2,
        tags={"team": "air"},
    )  # fmt: skip

    assert as_text(bare).splitlines() == ["pm25   ana · 2026-01-05 09:00 UTC"]
    told = said(full)
    assert "fine dust" in as_text(full)
    assert (told["newest version"], told["open reviews"], told["team"]) == ("7", "2", "air")
    assert [line.split() for line in as_text(full).splitlines() if "pm25:" in line] == [
        ["challenger", "pm25:7"],
        ["champion", "pm25:3"],
    ]
    graded = said(replace(full, newest_trust=RunTrust(grade=Grade.CLEAN), alias_trust={"champion": STALE}))
    assert re.split(" {2,}", graded["newest version"]) == ["7", "✓ clean"]
    assert re.split(" {2,}", graded["champion"]) == ["pm25:3", "⚠ stale, orphaned"]
    assert graded["challenger"] == "pm25:7"


def test_an_alias_says_whether_a_review_moved_it() -> None:
    def alias(**changes: object) -> str:
        return as_text(Alias(model="pm25", name="champion", version=7, moved=AT, actor=ANA, **changes))

    assert "review x4ah70" in alias(review=ID, reason="better in winter")
    assert "unreviewed" not in alias(review=ID)
    assert "unreviewed" in alias()
    assert "better in winter" in alias(reason="better in winter")
    assert alias().splitlines()[0].startswith("pm25@champion is pm25:7")


def test_an_event_shows_all_it_holds_below_what_it_says() -> None:
    event = Event(at=AT, actor=ANA, kind="alias.moved", subject="pm25@champion", sequence=12,
                  data={"was": 1, "version": 2, "reason": "colder", "deep": {"x": 1.5, "parts": ["a", "b"]}, "none": None})  # fmt: skip
    lines = as_text(event).splitlines()

    assert lines[0].split()[:3] == ["12", "alias.moved", "pm25@champion"]
    assert lines[1].strip() == "1 → 2: colder"
    assert said(event)["deep"] == "x 1.5 · parts a · b"
    assert len(as_text(Event(at=AT, actor=ANA, kind="run.finished", subject="s")).splitlines()) == 1


def test_columns_that_moved_stand_on_top_the_largest_shift_first() -> None:
    columns = [
        ColumnDrift(name=name, statistic="chi_square", effect=effect, moved=moved, p_value=p)
        for name, effect, moved, p in (("calm", 0.9, False, 0.2), ("small", 0.2, True, 1e-9), ("still", 0.1, False, None), ("large", 0.8, True, 0.001))
    ]  # fmt: skip
    title, summary, table = drift_blocks(a_report(*columns, verdict=Outcome.FAILED, summary="Two moved."))

    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["large", "small", "calm", "still"]
    assert [row[1][0] for row in table.rows] == ["⚠", "⚠", "✓", "✓"]
    assert [row[4] for row in table.rows] == ["0.001", "1.00e−09", "0.2", "–"]
    assert (title.sign, title.tone) == state_face("failed")
    assert summary == Line("Two moved.", strong=True)
    assert len(list(drift_blocks(a_report(rows=0)))) == 2  # without a row there is no table


def test_a_report_and_a_slice_bring_their_own_text_open() -> None:
    report = Report(title="Weekly", at=AT, markdown="# Weekly\n\nfine")
    found = RunSlice(
        run=ID,
        grade=Grade.STALE,
        reason="cell 3 ran again",
        document=DocumentState.UNSAVED,
        cells=(),
        text="x = 1\n  y",
    )

    assert list(report_blocks(report))[-1] == Fold("Report", "# Weekly\n\nfine", open=True)
    title, reason, fold = slice_blocks(found)
    assert (title.sign, title.tone, title.state) == (*state_face("stale"), "stale, unsaved")
    assert reason == Line("cell 3 ran again")
    assert fold == Fold("0 cells", "x = 1\n  y", open=True)


@dataclass(frozen=True)
class Odd:
    """A record of nobody's: something of each type that a field may have."""

    name: str = ""
    run: str | None = None
    file_digest: str = ""
    score: float | None = None
    actor: Actor = ANA
    tags: dict[str, str] = field(default_factory=dict)


def test_a_table_of_any_records_leaves_out_columns_in_which_nothing_stands() -> None:
    items = [Odd(name="a", score=1.23456789), Odd(name="b", score=1000.0, run=ID)]
    title, table = rows_blocks(items, 2, "odd thing")

    assert title == Title("2 odd things")
    assert [(column.name, column.numeric) for column in table.columns] == [
        ("name", False), ("run", False), ("score", True), ("actor", False),
    ]  # fmt: skip
    assert table.rows == (("a", "", "1.235", "ana"), ("b", "x4ah70", "1,000", "ana"))


def test_a_long_table_of_any_records_says_what_it_left_out() -> None:
    title, table = rows_blocks([Odd(name=f"n{n}") for n in range(1300)], 2000, "odd thing")

    assert title == Title("1,300 of 2,000 odd things")
    assert len(table.rows) == 200
    assert table.note == "1,100 more rows are not shown"


def test_a_digest_and_an_id_are_short_in_a_table_and_whole_in_a_card() -> None:
    odd = Odd(name="a", file_digest="34da91" * 10, run=ID)

    assert as_text((odd,)).splitlines()[-1].split() == ["a", "x4ah70", "34da91", "ana"]
    assert said(odd)["file_digest"] == "34da91" * 10


def test_anything_nested_is_told_by_names_and_a_long_list_is_counted() -> None:
    told = said(
        {
            "actor": ANA,
            "list": list(range(23)),
            "deep": {"a": {"b": [Odd(name="inner")]}},
            "empty": {},
            "none": None,
        }
    )

    assert told["actor"] == "ana"
    assert told["list"].endswith("18 · 19  (+3)")
    assert said({"list": list(range(20))})["list"].endswith("18 · 19")
    assert told["deep"] == "a b inner"
    assert (told["empty"], told["none"]) == ("–", "None")


def test_texts_of_people_and_programs_stay_text() -> None:
    error = JobError(kind=EVIL, message=EVIL, traceback=EVIL, remedy=EVIL)
    records = (
        a_job(JobStatus.FAILED, {"notebook": EVIL, "parameters": {EVIL: EVIL}}, error=error),
        a_job(progress=CellProgress(index=0, total=1, source=EVIL)),
        Model(name="m", created=AT, actor=Actor(name=EVIL), description=EVIL, tags={EVIL: EVIL}),
        Alias(model="m", name=EVIL, version=1, moved=AT, actor=ANA, reason=EVIL),
        Event(at=AT, actor=ANA, kind="a.b", subject=EVIL, data={EVIL: {EVIL: [EVIL]}, "reason": EVIL}),
        a_report(ColumnDrift(name=EVIL, statistic=EVIL, effect=1.0, summary=EVIL), summary=EVIL),
        Report(title=EVIL, at=AT, markdown=EVIL),
        RunSlice(run=ID, grade=Grade.STALE, reason=EVIL, cells=(), text=EVIL),
        {EVIL: {EVIL: EVIL}},
        EVIL,
    )
    for record in records:
        for shown in (record, (record,)):
            assert not re.search(r"<(script|img)", as_html(shown))
            assert "\x1b" not in as_html(shown) + as_text(shown)
