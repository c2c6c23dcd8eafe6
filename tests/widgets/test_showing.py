"""From a record to what a cell shows: a widget where somebody may act on it, a still picture everywhere else."""

from __future__ import annotations

import pytest
from review.books import add_version

from jupyter_mlops.records.query import Page
from jupyter_mlops.review import open_review
from jupyter_mlops.tracking import compare_runs, find_artifacts, find_runs, get_run, log_metrics, start_run
from jupyter_mlops.widgets import (
    CompareWidget,
    ReviewWidget,
    RunsWidget,
    RunWidget,
    show,
    widget_for,
)
from tests.contracts import samples
from tests.magics.shells import a_shell, page


@pytest.fixture
def books(memory_ws):
    """Two runs, each with a version, and the review of one; and what each of them should be shown as."""
    first, second = (add_version(memory_ws, alpha=alpha) for alpha in (1.0, 0.5))
    return {
        ReviewWidget: open_review(memory_ws, "pm25:1"),
        RunWidget: get_run(memory_ws, first.run),
        CompareWidget: compare_runs(memory_ws, [first.run, second.run]),
        RunsWidget: find_runs(memory_ws),
    }


@pytest.fixture
def shell(tmp_path):
    with a_shell(tmp_path) as shell:
        yield shell


def test_what_can_be_acted_on_has_its_widget(memory_ws, books):
    for kind, record in books.items():
        widget = widget_for(record, memory_ws)
        assert [each for each in books if isinstance(widget, each)] == [kind]


@pytest.mark.parametrize(
    "record",
    [
        None, "text", 3, {"run": "r1"}, [samples.full_run()], Page(items=(), total=0), samples.full_run().source,
        Page(items=(samples.full_run(), "no run"), total=2),
    ],
)  # fmt: skip
def test_what_a_still_picture_says_as_well_has_none(memory_ws, record):
    assert widget_for(record, memory_ws) is None


def test_a_page_of_other_things_is_a_still_table(memory_ws, books, shell):
    files = find_artifacts(memory_ws, run=books[RunWidget].id)
    with page() as shown:
        assert show(files, memory_ws) is None
        assert show(find_runs(memory_ws, "name = 'nobody'"), memory_ws) is None
    assert [set(one["data"]) for one in shown] == [{"text/html", "text/plain"}] * 2
    assert all("display_id" not in one["transient"] for one in shown)


def test_a_widget_is_shown_once_under_its_own_id_and_handed_back(memory_ws, books, shell):
    for record in books.values():
        with page() as shown:
            widget = show(record, memory_ws)
        assert widget is not None
        ((data, transient),) = [(one["data"], one["transient"]) for one in shown]
        assert transient["display_id"] == widget.twin
        assert data == widget.still()


def test_in_a_job_everything_is_a_still_picture_that_no_widget_stands_behind(
    memory_ws, books, shell, monkeypatch
):
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "job1")
    for record in books.values():
        with page() as shown:
            assert show(record, memory_ws) is None
        (one,) = shown
        assert set(one["data"]) == {"text/html", "text/plain"}
        assert "data-jmlops-twin" not in one["data"]["text/html"]
        assert one["data"]["text/plain"]


def test_the_run_of_a_job_is_the_card_that_its_widget_draws(memory_ws, books, shell, monkeypatch):
    widget = RunWidget(books[RunWidget], memory_ws)
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "job1")
    with page() as shown:
        show(books[RunWidget], memory_ws)
    assert shown[0]["data"]["text/plain"] == widget.still()["text/plain"]
    assert "In [" in shown[0]["data"]["text/plain"]


def test_the_table_of_a_job_has_the_curves_of_its_runs(memory_ws, shell, monkeypatch):
    run = start_run(memory_ws, name="a")
    for step in range(3):
        log_metrics(memory_ws, run=run.id, metrics={"loss": 3.0 - step}, step=step)
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "job1")
    with page() as shown:
        show(find_runs(memory_ws), memory_ws)
    assert "█▅▁" in shown[0]["data"]["text/plain"]
    assert "<svg" in shown[0]["data"]["text/html"]
