"""Records at the end of a cell show themselves: all of them, both ways, at no cost before, and nothing stays behind."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import subprocess
import sys
import typing

import pytest

from jupyter_mlops.magics import display
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.run import Run
from jupyter_mlops.render.text import as_text
from jupyter_mlops.render.views import _ONE
from jupyter_mlops.tracking import compare_runs, find_runs, get_run, track
from jupyter_mlops.tracking.handle import MutedRun
from jupyter_mlops.widgets import RunWidget
from tests.contracts import samples
from tests.magics.shells import a_shell
from tests.registry.books import fitted


@pytest.fixture
def shell(tmp_path):
    with a_shell(tmp_path) as shell:
        yield shell


@pytest.fixture
def formatters(shell):
    """What the shell writes each kind with, by what is known of a class and what waits for its import."""
    known = shell.display_formatter.formatters
    return [known["text/html"], known["text/plain"]]


def contents(formatters) -> list[tuple[dict, dict]]:
    return [(dict(each.type_printers), dict(each.deferred_printers)) for each in formatters]


def last(shell, thing: object) -> dict[str, str]:
    """What a cell shows that ends in *thing*."""
    shown, _ = shell.display_formatter.format(thing)
    return shown


@pytest.mark.parametrize(("module", "name"), display._names())
def test_every_name_that_is_promised_is_a_class_of_its_module(module: str, name: str) -> None:
    kind = getattr(importlib.import_module(module), name)
    assert inspect.isclass(kind)
    assert kind.__module__ == module  # formatters go by the module that a class says it is of


def test_every_record_that_has_a_drawing_of_its_own_shows_itself():
    named = set(display._names())
    assert [kind for kind in _ONE if (kind.__module__, kind.__name__) not in named] == []


def _records_in(kind: object) -> set[tuple[str, str]]:
    """The records of ours that an annotation speaks of."""
    found = {name for part in typing.get_args(kind) for name in _records_in(part)}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        found.add((kind.__module__, kind.__name__))
    return found


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_whatever_an_operation_gives_back_shows_itself(row):
    given_back = _records_in(typing.get_type_hints(row.verb)["return"])
    assert given_back <= set(display._names())


def test_registering_imports_none_of_the_records():
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "from traitlets.config import Config\n"
        "shell = InteractiveShell(config=Config({'HistoryManager': {'enabled': False}}))\n"
        "from jupyter_mlops.magics import display\n"
        "before = set(sys.modules)\n"
        "display.register(shell)\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_records_show_themselves_as_html_and_as_text(shell, memory_ws):
    display.register(shell)
    with track("baseline", experiment="air", workspace=memory_ws) as one:
        one.log_metrics(mae=41.2)
    with track("smaller", experiment="air", workspace=memory_ws) as two:
        two.log_metrics(mae=40.1)
    for thing, said in (
        (one.record, "baseline"),
        (find_runs(memory_ws), "smaller"),
        (compare_runs(memory_ws, [one.id, two.id]), "is better by"),
    ):
        shown = last(shell, thing)
        assert said in shown["text/html"]
        assert said in shown["text/plain"]
        assert "<script" not in shown["text/html"]


def test_a_handle_shows_the_run_as_it_stands_and_one_that_records_nothing_says_so(shell, memory_ws):
    display.register(shell)
    with track("live", workspace=memory_ws) as run:
        run.log_metrics(mae=41.25)
        shown = last(shell, run)
        assert ("41.25" in shown["text/plain"], "running" in shown["text/plain"]) == (True, True)
    muted = last(shell, MutedRun("quiet"))
    for body in muted.values():
        assert ("quiet" in body, "recording is switched off" in body) == (True, True)


def ended(ws, mae: float):
    with track("again", experiment="air", workspace=ws) as run:
        run.log_metrics(mae=mae)
        for step in range(3):
            run.log_metric("loss", 3.0 - step)
        run.log_artifact(b"x", "figures/a.png")
        run.log_model(fitted(), "pm25")
    return run


def test_a_handle_whose_run_has_ended_shows_what_the_runs_widget_shows(shell, ws, clock):
    display.register(shell)
    first = ended(ws, 42.0)
    clock.advance(1)
    second = ended(ws, 41.2)
    shown = last(shell, second)
    widget = RunWidget(get_run(ws, second.id), ws)
    assert shown["text/plain"] == widget.still()["text/plain"]
    assert shown["text/html"] in widget.still()["text/html"]
    for said in ("better", f"the run before, {first.id[-6:]}", "1 figure", "skops", "█"):
        assert said in shown["text/plain"]


def test_a_handle_shows_the_record_alone_where_what_stands_beside_it_cannot_be_had(shell, ws, monkeypatch):
    display.register(shell)
    run = ended(ws, 42.0)

    def broken(*given: object, **more: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("jupyter_mlops.widgets.run.run_beside", broken)
    assert last(shell, run)["text/plain"] == as_text(get_run(ws, run.id))


def test_a_record_inside_a_list_is_text_and_one_that_holds_itself_does_not_run_for_ever(shell):
    display.register(shell)
    shown = last(shell, [samples.full_run(), samples.full_run()])
    assert shown["text/plain"].startswith("[")
    assert shown["text/plain"].count(samples.full_run().name) >= 2
    record = samples.full_run()
    things: list[object] = [record]
    things.append(things)
    assert "..." in last(shell, things)["text/plain"]


def test_unregistering_leaves_no_trace_whether_a_record_was_shown_or_not(shell, formatters):
    before = contents(formatters)
    display.register(shell)
    display.register(shell)
    last(shell, samples.full_run())  # which moves its kind from those that wait to those that are known
    display.unregister(shell)
    assert contents(formatters) == before
    display.unregister(shell)
    assert contents(formatters) == before
    assert "text/html" not in last(shell, samples.full_run())


def test_what_somebody_else_put_there_meanwhile_stays(shell, formatters):
    display.register(shell)
    html, plain = formatters
    html.for_type(Run, lambda run: "<b>mine</b>")
    plain.for_type_by_name(
        "jupyter_mlops.records.job", "Job", lambda job, printer, cycle: printer.text("mine")
    )
    display.unregister(shell)
    assert last(shell, samples.full_run())["text/html"] == "<b>mine</b>"
    assert ("jupyter_mlops.records.job", "Job") in {*plain.deferred_printers} | {
        (kind.__module__, kind.__name__) for kind in plain.type_printers
    }
