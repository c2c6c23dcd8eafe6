"""Records as text and as HTML without scripts: the same truth, nothing in it acts."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.comparison import CodeDifference, MetricRow, RunComparison, ValueRow
from jupyter_mlops.records.drift import ColumnDrift, DriftReport
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobSpec, JobStatus
from jupyter_mlops.records.model import Alias, Model, ModelVersion, Signature, SignatureColumn
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.report import Report
from jupyter_mlops.records.review import CheckReport, CodeChange, Lapse, Outcome, ReviewStatus, Verification
from jupyter_mlops.records.run import DocumentState, Grade, RunStatus
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from jupyter_mlops.render.words import duration, number, signed, size
from tests.render.records_shown import ANA, AT, EVIL, a_review, a_run, approved, failed_run

RECORDS = {
    "run": a_run(),
    "failed run": failed_run(),
    "running run": a_run(status=RunStatus.RUNNING, ended=None, metrics={}, grade=Grade.UNKNOWN),
    "lost run": a_run(status=RunStatus.LOST),
    "page": Page(items=(a_run(), failed_run()), total=10_412),
    "no runs": Page(items=(), total=0),
    "comparison": RunComparison(
        runs=(a_run(), a_run(id="b" * 26, name="deeper")),
        headline="deeper is better by 1.1 mae; it differs in alpha.",
        metrics=(MetricRow(name="mae", values=(41.2, 40.1), direction=Direction.LOWER, best=1, difference=-1.1),),
        params=(ValueRow(name="alpha", values=(0.3, None)),),
        code=(CodeDifference(run="b" * 26, changes=(CodeChange(cell="c", kind="edited", diff="-a\n+b", label="cell 7"),)),),
    ),
    "review": a_review(),
    "approved": approved(),
    "lapsed": approved(status=ReviewStatus.LAPSED, changed=("model",), reason="The model bytes changed."),
    "reviews": Page(items=(a_review(),), total=1),
    "check": CheckReport(model="pm25", version=7, alias="champion", passed=False, headline="Worse.", at=AT),
    "verification": Verification(
        ok=False, events=12, head="ab" * 32, problem="line 7 was changed",
        lapsed=(Lapse(review="r", model="m", version=1, alias="champion", parts=("data",), held=True),),
    ),
    "job": Job(
        id="j" * 26, spec=JobSpec(notebook="train.ipynb", content="0" * 64, parameters={"alpha": 0.1}), status=JobStatus.RUNNING,
        queued=AT, started=AT, progress=CellProgress(index=2, total=9, source="fit()"), actor=ANA,
    ),
    "failed job": Job(
        id="j" * 26, spec=JobSpec(notebook="train.ipynb", content="0" * 64), status=JobStatus.FAILED, queued=AT, ended=AT,
        error=JobError(kind="MemoryError", message=EVIL, remedy="Give it more.", traceback=EVIL), actor=ANA,
    ),
    "version": ModelVersion(
        model="pm25", version=7, digest="a" * 64, format="skops", kind="sklearn.Ridge", size=1234, created=AT, actor=ANA,
        signature=Signature(inputs=(SignatureColumn(name="TEMP", dtype="float64"),)),
    ),
    "model": Model(name="pm25", created=AT, actor=ANA, description=EVIL, tags={"a": "b"}),
    "alias": Alias(model="pm25", name="champion", version=7, moved=AT, actor=ANA, reason=EVIL),
    "event": Event(at=AT, actor=ANA, kind="run.finished", subject="x", data={"a": EVIL}, sequence=3),
    "events": (Event(at=AT, actor=ANA, kind="run.finished", subject="x", sequence=3),),
    "drift": DriftReport(
        id="d", deployment="dep", model="pm25", version=7, started=AT, ended=AT, rows=100, verdict=Outcome.FAILED,
        summary="TEMP moved.", columns=(ColumnDrift(name="TEMP", statistic="kolmogorov_smirnov", effect=0.4, moved=True),),
    ),
    "report": Report(title="Weekly", at=AT, markdown="# Weekly\n\nfine"),
    "fallback": Artifact(run="r", name="a.txt", digest="0" * 64, size=3),
    "mapping": {"a": 1.5, "b": {"c": EVIL}},
    "text": f"line one\n{EVIL}",
    "number": 41,
    "nothing": None,
    "mixed": [1, "two", None],
}  # fmt: skip


class Checker(HTMLParser):
    """Every element closed, none that acts, no attribute that acts."""

    ALLOWED = {
        "div", "p", "strong", "span", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "details", "summary", "pre",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        assert tag in self.ALLOWED, tag
        assert {name for name, _ in attrs} <= {"style", "class", "scope", "open"}, attrs
        for name, value in attrs:
            if name == "style":
                assert "url(" not in value
                assert "expression" not in value
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("kind", RECORDS)
def test_html_is_well_formed_and_holds_nothing_that_acts(kind):
    html = as_html(RECORDS[kind])
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    assert "\x1b" not in html
    assert html.count("<div") - html.count("</div>") == 0


@pytest.mark.parametrize("kind", RECORDS)
def test_text_has_no_control_characters_and_no_trailing_space(kind):
    text = as_text(RECORDS[kind])
    assert text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    assert not any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    "kind", ["run", "failed run", "review", "approved", "comparison", "job", "version", "drift"]
)
def test_text_and_html_say_the_same_words(kind):
    checker = Checker()
    checker.feed(as_html(RECORDS[kind]))
    words = set(re.findall(r"[\w.]+", as_text(RECORDS[kind])))
    shown = set(re.findall(r"[\w.]+", re.sub(r"\s+", " ", checker.text)))
    glued = re.sub(r"\s+", "", checker.text)
    assert {word for word in words - shown if word not in glued} == set()


def test_the_review_says_first_what_was_decided_by_whom_on_which_evidence():
    lines = as_text(approved()).splitlines()
    assert lines[0].startswith("✓ pm25:7 → champion   approved")
    assert "evidence 9c41f0" in lines[0]
    assert "Approved by ben on 2026-01-05 10:00 UTC; champion moved to pm25:7." in lines[1]
    assert lines[2].strip() == "Better than champion pm25:5 on 2 of 2 required metrics."
    (decision,) = [line for line in lines if "ben approved" in line]
    for word in ("on evidence 9c41f0", "unauthenticated", "[self-approved]", "“looks right”"):
        assert word in decision


def test_a_difference_carries_sign_and_direction_and_the_check_its_sign():
    text = as_text(a_review())
    assert "−1.1 µg/m³ ▲ better" in text or "−1.1 ▲ better" in text
    assert "−0.01 ▼ worse" in text
    assert "0 equal" in text
    assert "✓ mae (required): passed" in text
    assert "? slice NE: unknown" in text
    assert "✕ latency (required): failed" in text


def test_lapsed_says_what_changed_before_anything_else():
    lines = as_text(RECORDS["lapsed"]).splitlines()
    assert "The evidence changed (model), and the approvals have lapsed. The model bytes changed." in lines[1]


def test_code_and_digests_are_folded_and_a_diff_keeps_its_signs():
    html = as_html(a_review())
    assert html.count("<details") == 2
    assert "-alpha = 0.3" in html
    assert "+alpha = 0.1" in html


def test_a_grade_that_is_not_clean_is_said_in_its_own_sentence():
    run = a_run(grade=Grade.STALE, grade_reason="cell 3 was run again", document=DocumentState.ORPHANED)
    assert "⚠ stale: cell 3 was run again · orphaned" in as_text(run)
    assert "✓ clean · saved · git 4e1b02c (+2 changed files)" in as_text(a_run())


def test_what_is_the_same_in_all_rows_folds_into_one_line():
    runs = tuple(a_run(id=str(n) * 26, params={"model": "Ridge", "alpha": n}) for n in range(3))
    text = as_text(Page(items=runs, total=3))
    assert f"the same in all: experiment {runs[0].experiment} · grade clean, saved · model Ridge" in text
    head = next(line for line in text.splitlines() if line.split()[0] == "run")
    assert "alpha" in head
    assert not {"model", "experiment", "grade"} & set(head.split())


def test_numbers_stand_at_the_right():
    runs = tuple(a_run(id=str(n) * 26, metrics={"mae": value}) for n, value in enumerate((1.5, 1000.25)))
    lines = as_text(Page(items=runs, total=2)).splitlines()
    ends = [line for line in lines if line.rstrip().endswith(("1.5", "1,000"))]
    assert len(ends) == 2
    assert len({len(line) for line in ends}) == 1


def test_a_long_page_says_what_it_left_out():
    runs = tuple(replace(a_run(), id=f"{n:026d}") for n in range(250))
    assert "150 more rows are not shown" in as_text(Page(items=runs, total=250))


def test_names_of_sixty_characters_and_two_hundred_parameters_stay_readable():
    run = a_run(name="n" * 60, params={f"parameter_{n}": n for n in range(200)})
    assert "(+194)" in as_text(run)
    assert max(len(line) for line in as_text(run).splitlines()) < 220


@pytest.mark.parametrize(
    ("figure", "text"),
    [(41.23456, "41.23"), (0.912345, "0.9123"), (41757, "41,757"), (1234.5678, "1,235"), (0.00001234, "1.23e−05"),
     (-1.5, "−1.5"), (0.0, "0"), (3.0, "3"), (math.nan, "NaN"), (math.inf, "∞"), (-math.inf, "−∞"), (None, "–"), (1e12, "1.00e+12")],
)  # fmt: skip
def test_numbers_have_four_digits_that_matter(figure, text):
    assert number(figure) == text


def test_spans_sizes_and_signs_are_in_units_people_use():
    assert [duration(s) for s in (0.0123, 12.34, 75, 3725, None)] == [
        "12 ms",
        "12.3 s",
        "1 min 15 s",
        "1 h 2 min",
        "–",
    ]
    assert [size(n) for n in (0, 999, 1500, 1_200_000, None)] == ["0 B", "999 B", "1.5 kB", "1.2 MB", "–"]
    assert [signed(f) for f in (1.5, -1.5, 0.0)] == ["+1.5", "−1.5", "0"]


def test_times_are_absolute_because_a_saved_notebook_is_read_much_later():
    text = as_text(a_run(started=AT + timedelta(hours=3)))
    assert "2026-01-05 12:00 UTC" in text
    assert "ago" not in text


def test_every_actor_is_a_name_in_a_table():
    text = as_text((Event(at=AT, actor=Actor(name="zoe"), kind="a.b", subject="s", sequence=1),))
    assert "zoe" in text
    assert "Actor(" not in text


def test_without_a_champion_the_code_is_shown_as_it_ran_and_not_as_a_difference():
    evidence = replace(
        a_review().evidence,
        champion=None,
        code=(
            CodeChange(
                cell="c", kind="added", diff="--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x = 1\n+  y", label="cell 3"
            ),
        ),
    )
    text = as_text(a_review(evidence=evidence))
    assert "  Code: cell 3\n    x = 1\n      y\n" in text
    assert "@@" not in text


def test_a_parameter_that_only_some_runs_have_is_no_difference():
    runs = (a_run(params={"alpha": 1, "model": "Ridge"}), a_run(id="b" * 26, params={"alpha": 2}))
    head = as_text(Page(items=runs, total=2)).splitlines()[2]
    assert "alpha" in head
    assert "model" not in head
