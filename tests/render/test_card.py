"""A run's card: what it says, in which order, in HTML that needs no script, no style sheet and no trust."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.run import DocumentState, Grade, Lease, Run, RunError, RunInput, RunStatus
from jupyter_mlops.records.source import Source
from jupyter_mlops.render.beside import Beside, Curve
from jupyter_mlops.render.card import run_blocks
from jupyter_mlops.render.html import as_html, html_of
from jupyter_mlops.render.text import as_text, text_of

BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = Run(
    id="01hx0000000000000000a3f91c",
    experiment="air/pm25",
    name="baseline",
    status=RunStatus.FINISHED,
    grade=Grade.STALE,
    grade_reason="cell 4 ran again after this run had used it",
    document=DocumentState.SAVED,
    started=BEGUN,
    ended=BEGUN + timedelta(seconds=12.4),
    actor=Actor(name="ana", via=Door.NOTEBOOK),
    metrics={"train_mae": 30.0, "mae": 41.2, "r2": 0.9, "system/cpu_percent": 88.0},
    params={"alpha": 0.3},
    source=Source(commit="4e1b02c" + "0" * 33, dirty=("a.py", "b.py"), rests_on=(2, 4), executed=11),
    inputs=(
        RunInput(name="air.csv", role="read", digest="34da91" + "0" * 58, kind="file", size=2_500_000),
        RunInput(name="huge.csv", role="read", digest="", kind="file", size=9_000_000_000),
    ),
)


def text(run: Run = RUN, beside: Beside = Beside()) -> str:  # noqa: B008 - a frozen value
    return text_of(run_blocks(run, beside))


def test_the_sentence_that_explains_a_grade_stands_in_the_place_of_clean_beside_document_and_commit():
    card = text()
    assert (
        "stale: cell 4 ran again after this run had used it · saved · git 4e1b02c (+2 changed files)" in card
    )
    on = replace(RUN, source=replace(RUN.source, branch="feat/<b>\nx"))
    assert "git 4e1b02c on feat/<b> x (+2 changed files)" in text(on)
    assert "on feat/&lt;b&gt; x" in as_html(on)
    clean = text(replace(RUN, grade=Grade.CLEAN, grade_reason="the cells ran once"))
    assert "clean · saved" in clean


def test_what_the_machine_did_is_folded_away_and_no_headline():
    card = text()
    assert card.index("mae ↓") < card.index("System")
    assert "system/" not in card
    assert "cpu percent 88" in card
    assert "<details" in as_html(RUN)


def test_differences_carry_sign_and_direction_and_say_what_they_are_to():
    card = text(beside=Beside(previous={"mae": 42.0, "r2": 0.9}, previous_name="the run before, ffffff"))
    assert "41.2  (−0.8 ▲ better)" in card
    assert "0.9  (same)" in card
    close = text(beside=Beside(previous={"mae": 41.2000001}, previous_name="the run before"))
    assert "41.2  (about the same)" in close
    assert "compared with  the run before, ffffff" in card


def test_inputs_outputs_and_cells_are_named_as_a_reader_knows_them():
    files = [
        Artifact(run="r", name="figures/figure-1.png", digest="d", size=10),
        Artifact(run="r", name="figures/figure-2.png", digest="d", size=10),
        Artifact(run="r", name="evaluation/train.json", digest="d", size=10),
        Artifact(run="r", name="evaluation/train_roc_curve.svg", digest="d", size=10),
        Artifact(run="r", name="files/report.csv", digest="d", size=2_000),
        Artifact(run="r", name="source/uncommitted.patch", digest="d", size=1_200),
    ]
    card = text(beside=Beside(outputs=tuple(files), counts=(2, 4)))
    assert "air.csv 2.5 MB sha 34da91 · huge.csv 9.0 GB not digested" in card
    assert "2 figures · 2 evaluation files · files/report.csv 2.0 kB\n" in card
    assert re.search(r"^ *uncommitted +source/uncommitted\.patch 1\.2 kB$", card, re.MULTILINE)
    assert "In [2], [4] (2 of 11 executions)" in card


def test_files_that_are_not_listed_are_counted():
    figure = Artifact(run="r", name="figures/figure-1.png", digest="d", size=10)
    assert "1 figure and 1 file more\n" in text(beside=Beside(outputs=(figure,), has_files=2))
    assert "outputs" not in text(beside=Beside(outputs=(), has_files=0))


def test_what_no_commit_held_is_no_output():
    patch = Artifact(run="r", name="source/uncommitted.patch", digest="d", size=10)
    card = text(beside=Beside(outputs=(patch,)))
    assert "outputs" not in card
    assert "source/uncommitted.patch 10 B" in card


def test_a_table_of_data_says_its_rows_and_columns_whether_or_not_they_have_digests():
    inputs = (
        RunInput(name="X", role="train", digest="a" * 64, rows=20, columns={"0": "", "1": ""}, kind="array"),
        RunInput(name="images", role="train", digest="b" * 64, rows=1200, width=784, kind="array"),
        RunInput(name="y", role="train", digest="c" * 64, rows=20, kind="array"),
    )
    card = text(replace(RUN, inputs=inputs))
    assert "X 20 × 2 sha aaaaaa · images 1,200 × 784 sha bbbbbb · y 20 sha cccccc" in card


def test_a_failure_says_its_last_line_and_quotes_the_code():
    error = RunError(kind="ValueError", message="first\nlast line", line=3, code="fit(X)", traceback="…")
    card = text(replace(RUN, status=RunStatus.FAILED, error=error))
    assert "ValueError: last line" in card
    assert "line 3 of the cell: fit(X)" in card


@pytest.mark.parametrize(
    ("usual", "said"),
    [(None, ""), (185.0, ", ~ 2 min 0 s left"), (65.9, ""), (10.0, "")],
)
def test_what_is_left_is_said_where_the_run_before_tells_it(usual: float | None, said: str) -> None:
    live = replace(RUN, status=RunStatus.RUNNING, ended=None)
    card = text(live, Beside(elapsed=65.0, usual=usual))
    assert f"1 min 5 s so far{said} · " in card


def test_a_live_card_pulses_counts_and_draws_and_has_nothing_to_open():
    live = replace(RUN, status=RunStatus.RUNNING, ended=None, metrics={"loss": 0.1, "lr": 0.5})
    curve = Curve(name="loss", points=((0, 1.0), (1, 0.1)), last=0.1)
    beside = Beside(elapsed=65.0, beat=1, steps=1200, curves=(curve,))
    card = text(live, beside)
    assert "1 min 5 s so far" in card
    assert "1,200 steps" in card
    assert "lr  0.5" in card.replace("lr ↓", "lr")
    assert "loss ↓  █▁  1 → 0.1" in card
    assert card[0] != text(live, replace(beside, beat=2))[0]
    drawn = html_of(run_blocks(live, beside))
    assert "<details" not in drawn
    assert drawn.count("<svg") == 1


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_names_from_user_code_stay_text(name):
    curve = Curve(name=name, points=((0, 1.0), (1, 0.1)), last=0.1)
    drawn = html_of(run_blocks(replace(RUN, name=name), Beside(curves=(curve,))))
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert 'label="">' not in drawn


def test_a_bare_run_shows_the_same_card_without_what_only_its_cell_knew():
    assert as_text(RUN) == text()


def test_a_run_that_lists_leave_out_says_so_beside_its_state():
    for run in (RUN, replace(RUN, status=RunStatus.RUNNING, ended=None)):
        assert "archived" not in text(run)
        assert text(replace(run, archived=True)).splitlines()[0].endswith("· archived")
        assert text(replace(run, archived=True, deleted=BEGUN)).splitlines()[0].endswith("· deleted")


def test_a_lost_run_says_which_process_held_it():
    lost = replace(RUN, status=RunStatus.LOST, error=None)
    lease = Lease(
        host="box/pid:[4026531836]", pid=41, process_started=1.0, until=BEGUN, kernel="0a1b2c3d-4e5f"
    )
    assert "Its process is gone; what it had said" in text(lost)
    assert "gone (process 41 on box); what" in text(replace(lost, lease=replace(lease, kernel=None)))
    assert "gone (kernel 0a1b2c3d, process 41 on box); what" in text(replace(lost, lease=lease))


def test_a_deleted_run_says_how_to_bring_it_back():
    said = text(replace(RUN, deleted=BEGUN))
    assert "Deleted" in said
    assert f"jupyter mlops restore {RUN.short}" in said
