"""Runs and what belongs to them, found again: by the end of an id, by a query, page by page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import MetricPoint, RunStatus
from jupyter_mlops.tracking import (
    archive_run,
    find_artifacts,
    find_runs,
    finish_run,
    get_run,
    log_artifact,
    log_metrics,
    metric_history,
    run_cells,
    run_curves,
    start_run,
)
from jupyter_mlops.tracking.lease import take_lease
from tests.capture.sessions import Session


def ended(ws, clock, name: str, **more) -> str:
    run = start_run(ws, name=name, **more)
    clock.advance(1)
    return finish_run(ws, run=run.id).id


def names(page) -> list[str]:
    return [run.name for run in page]


def test_an_id_may_be_typed_in_capitals_and_with_blanks_around_it(ws, clock):
    run = ended(ws, clock, "one")
    for typed in (run, run.upper(), f"  {run}\n", run[-4:], f" {run[-9:].upper()} "):
        assert get_run(ws, typed).id == run


@pytest.mark.parametrize("typed", ["", "d000", "%%%%", "____", "1%00", "id*00", "x" * 26, "zzzz"])
def test_what_names_no_run_is_told_with_where_to_look(ws, clock, typed):
    ended(ws, clock, "one")
    with pytest.raises(NotFound) as missing:
        get_run(ws, typed)
    assert "jupyter mlops runs" in missing.value.remedy


def test_an_end_that_several_runs_share_names_some_and_counts_all(ws, clock):
    ids = iter([f"{letter * 22}0000" for letter in "abcdefg"])
    alike = replace(ws, new_id=ids.__next__)
    for number in range(7):
        ended(alike, clock, f"run {number}")
    with pytest.raises(Invalid, match="7 runs end in '0000'") as refused:
        get_run(ws, "0000")
    assert refused.value.message.count("(run ") == 5
    assert "gggggg0000 (run 6)" in refused.value.message
    assert get_run(ws, "g0000").name == "run 6"


def test_a_run_that_was_put_away_is_still_found_by_the_end_of_its_id(ws, clock):
    run = ended(ws, clock, "away")
    archive_run(ws, run=run)
    assert get_run(ws, run[-6:]).archived


def test_archived_runs_stay_out_whatever_the_query_joins_with_or(ws, clock):
    away = ended(ws, clock, "away")
    ended(ws, clock, "here")
    archive_run(ws, run=away)
    query = "name = 'here' or name = 'away'"
    assert names(find_runs(ws, query)) == ["here"]
    assert names(find_runs(ws, query, archived=True)) == ["here", "away"]


def test_pages_follow_one_another_without_a_gap_or_a_double_while_new_runs_come(ws, clock):
    for number in range(5):
        ended(ws, clock, f"r{number}")
    first = find_runs(ws, limit=2)
    ended(ws, clock, "later")
    second = find_runs(ws, limit=2, cursor=first.cursor)
    last = find_runs(ws, limit=2, cursor=second.cursor)
    assert [names(page) for page in (first, second, last)] == [["r4", "r3"], ["r2", "r1"], ["r0"]]
    assert last.cursor is None
    with pytest.raises(Invalid, match="does not belong to this query"):
        find_runs(ws, "name = 'r1'", limit=2, cursor=first.cursor)


def test_a_query_that_cannot_be_read_says_at_which_column_and_what_was_expected(ws):
    with pytest.raises(Invalid, match="column 14") as refused:
        find_runs(ws, "metrics.mae <")
    assert refused.value.data["column"] == 14
    assert "number" in refused.value.data["expected"]


@pytest.mark.parametrize("look", ["get_run", "find_runs"])
def test_whoever_looks_first_finds_a_run_lost_whose_process_is_gone(ws, clock, look):
    run = ended(ws, clock, "left")
    gone = replace(take_lease(clock(), 30), process_started=1.0)  # a number that another process has now
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run), status=RunStatus.RUNNING, ended=None, lease=gone))
    if look == "get_run":
        found = get_run(ws, run[-6:])
    else:
        (found,) = find_runs(ws, "status = 'lost'")
    assert (found.id, found.status) == (run, RunStatus.LOST)
    assert "its process is gone" in found.grade_reason


def test_a_curve_is_read_on_from_where_one_stopped(ws, clock):
    run = start_run(ws, name="curve").id
    for step in range(5):
        log_metrics(ws, run=run, metrics={"loss": float(step), "other": 0.0}, step=step)
    first = metric_history(ws, run=run, key="loss", limit=2)
    rest = metric_history(ws, run=run[-6:], key="loss", after=first[-1].sequence)
    assert [point.value for point in (*first, *rest)] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert metric_history(ws, run=run, key="never") == ()
    finish_run(ws, run=run)


def test_a_stretch_of_a_curve_is_looked_at_closely_and_thinned_out_only_where_it_is_long(ws, clock):
    run = ended(ws, clock, "long")
    points = [
        MetricPoint(owner=run, sequence=n + 1, key="loss", value=float(n * n % 101), step=n // 2, at=clock())
        for n in range(20_000)
    ]
    with ws.store.write() as tx:
        tx.metrics.append(points)

    def looked(**more):
        return list(metric_history(ws, run=run[-6:], key="loss", **more))

    assert looked(after=9_000, before=9_101, most=400) == points[9_000:9_100]
    assert looked(after=9_000, before=9_101, limit=7) == points[9_000:9_007]
    assert looked(before=3) == points[:2]
    assert looked(before=1) == looked(after=9_000, before=9_001) == looked(after=20_000, before=30_000) == []
    far = looked(after=1_000, before=9_001, most=50)
    assert len(far) <= 50
    assert (far[0], far[-1]) == (points[1_000], points[8_999])
    extremes = {point.value for point in points[1_000:9_000]}
    assert {min(extremes), max(extremes)} <= {point.value for point in far}


def test_the_curve_of_a_run_is_of_the_metric_that_says_most_and_runs_without_one_are_left_out(ws, clock):
    logged = {
        "held out": ("train_loss", "fit_seconds", "batches", "zeal", "val_loss", "system/cpu"),
        "fitted": ("train_loss", "fit_seconds"),
        "machine": ("system/cpu",),
        "once": (),
    }
    runs = {}
    for name, keys in logged.items():
        runs[name] = start_run(ws, name=name).id
        log_metrics(ws, run=runs[name], metrics={"mae": 1.0})
        for step in range(100):
            log_metrics(ws, run=runs[name], metrics=dict.fromkeys(keys, float(step)), step=step)
        finish_run(ws, run=runs[name])
    asked = [runs["once"], runs["fitted"][-6:], runs["machine"], runs["held out"], runs["fitted"]]

    curves = run_curves(ws, runs=asked, most=10)
    assert [(curve.run, curve.key, curve.count) for curve in curves] == [
        (runs["fitted"], "train_loss", 100), (runs["held out"], "val_loss", 100),
    ]  # fmt: skip
    for curve in curves:
        assert len(curve.steps) == len(curve.values) <= 10
        assert (curve.steps[0], curve.steps[-1], curve.values[0], curve.values[-1]) == (0, 99, 0.0, 99.0)
    assert run_curves(ws, runs=[]) == ()
    every = run_curves(ws, runs=[runs["held out"], runs["once"]], every=True)
    assert [curve.key for curve in every] == ["val_loss", "zeal", "train_loss", "fit_seconds", "batches"]
    with pytest.raises(NotFound):
        run_curves(ws, runs=[runs["fitted"], "nobody"])


def test_the_cells_a_run_rests_on_come_in_the_order_they_ran_in(ws):
    session = Session(["a", "b"])
    executed = [session.run("b", "x = 1"), session.run("a", "y = x"), session.run("b", "x = 2")]
    run = start_run(ws, name="cells")
    finish_run(ws, run=run.id, captured=Captured(cells=tuple(executed)))
    assert run_cells(ws, run=run.id[-6:]) == tuple(executed)
    other = start_run(ws, name="none")
    assert run_cells(ws, run=other.id) == ()
    finish_run(ws, run=other.id)


def test_a_folder_holds_what_stands_below_it_and_nothing_that_is_only_spelled_like_it(ws):
    run, other = start_run(ws, name="files").id, start_run(ws, name="other").id
    for name in (
        "my_figs/b.png",
        "my_figs/a/deep.png",
        "my-figs/c.png",
        "My_figs/d.png",
        "my_figs.txt",
        "x/my_figs/e",
    ):
        log_artifact(ws, run=run, content=b"x", name=name)
    log_artifact(ws, run=other, content=b"x", name="my_figs/other.png")
    for folder in ("my_figs", "my_figs/"):
        found = find_artifacts(ws, run=run, folder=folder)
        assert [file.name for file in found] == ["my_figs/a/deep.png", "my_figs/b.png"]
    assert [file.name for file in find_artifacts(ws, run=run, folder="my_figs/a")] == ["my_figs/a/deep.png"]
    some = find_artifacts(ws, run=run, limit=4)
    assert (len(some), some.total) == (4, 6)
    assert list(some) == sorted(some, key=lambda file: file.name)
    for each in (run, other):
        finish_run(ws, run=each)


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_that_no_page_has_is_refused_by_every_list(ws, clock, limit):
    run = ended(ws, clock, "one")
    with pytest.raises(Invalid, match=f"limit is {limit}"):
        find_artifacts(ws, run=run, limit=limit)
    if limit > 0:  # of points there may be millions
        assert metric_history(ws, run=run, key="loss", limit=limit) == ()
        return
    with pytest.raises(Invalid, match=f"limit is {limit}"):
        metric_history(ws, run=run, key="loss", limit=limit)


def test_a_page_says_what_it_was_asked_about(ws, clock):
    ended(ws, clock, "one")
    assert find_runs(ws, "metrics.mae < 2", order="params.a").asked == ("params.a", "metrics.mae")
