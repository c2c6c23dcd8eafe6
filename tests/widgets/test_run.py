"""A run's card: live while the run goes on, whole when it has ended, and there even where the books are not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.records.beside import RunBeside
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.tracking import finish_run, get_run, log_artifact, log_metrics, start_run
from jupyter_mlops.widgets import RunWidget
from tests.contracts.samples import full_run


@pytest.fixture
def run(ws) -> Run:
    return start_run(ws, name="baseline", experiment="air")


def refresh(widget: RunWidget) -> None:
    widget._handle_custom_msg({"action": "refresh"}, [])


def test_a_card_follows_its_run_to_the_end_and_freezes_there(ws, run):
    widget = RunWidget(run, ws)
    assert (widget.frozen, widget.curves, widget.artifacts) == (False, [], [])
    for step in range(3):
        log_metrics(ws, run=run.id, metrics={"loss": 3.0 - step}, step=step)
    log_artifact(ws, run=run.id, content=b"x", name="figures/a.png")
    refresh(widget)
    assert (widget.frozen, widget.error) == (False, "")
    assert [point["value"] for point in widget.curves[0]["points"]] == [3.0, 2.0, 1.0]
    assert [(file["name"], file["size"]) for file in widget.artifacts] == [("figures/a.png", 1)]
    assert "baseline" in widget.still()["text/plain"]
    finish_run(ws, run=run.id)
    refresh(widget)
    assert widget.frozen
    assert decode(Run, widget.record) == widget.shown == get_run(ws, run.id)


def test_the_still_twin_has_the_curves_of_the_card_also_of_a_loop_that_gave_no_step(ws, run):
    for value in (4.0, 3.0, 2.0, 1.0):
        log_metrics(ws, run=run.id, metrics={"loss": value})
    finish_run(ws, run=run.id)
    still = RunWidget(get_run(ws, run.id), ws).still()
    assert "loss ↓  █▆▃▁  4 → 1" in still["text/plain"]
    (path,) = re.findall(r'<path d="M([^"]+)"', still["text/html"])
    across = [float(pair.split()[0]) for pair in path.split("L")]
    assert across == sorted(set(across))


def test_the_card_and_its_still_twin_say_how_the_run_differs_and_what_it_left_behind(ws, clock):
    figures = {}
    for mae in (42.0, 41.2):
        run = start_run(ws, name="again", experiment="air")
        clock.advance(1)
        log_metrics(ws, run=run.id, metrics={"mae": mae})
        log_artifact(ws, run=run.id, content=b"x", name="figures/a.png")
        figures[mae] = finish_run(ws, run=run.id)
    widget = RunWidget(figures[41.2], ws)
    told = decode(RunBeside, widget.beside)
    assert (told.before, told.metrics[0].values) == (figures[42.0].id, (42.0, 41.2))
    text = widget.still()["text/plain"]
    assert "41.2  (−0.8 ▲ better)" in text
    assert f"the run before, {figures[42.0].short}" in text
    assert "1 figure" in text


@pytest.mark.parametrize("status", [s for s in RunStatus if s is not RunStatus.RUNNING])
def test_however_a_run_has_ended_nothing_is_left_to_do(memory_ws, status):
    assert RunWidget(replace(full_run(), status=status), memory_ws).frozen


def test_a_record_of_another_store_is_a_card_without_what_that_store_holds(ws):
    widget = RunWidget(full_run(), ws)
    assert (widget.curves, widget.artifacts, widget.beside, widget.error) == ([], [], {}, "")
    assert full_run().name in widget.still()["text/html"]


def test_a_store_that_is_away_leaves_the_card_as_it_was_and_says_so(ws, run):
    log_artifact(ws, run=run.id, content=b"x", name="a.txt")
    widget = RunWidget(get_run(ws, run.id), ws)

    class Away:
        def read(self):
            raise Unavailable("the store is away", remedy="Plug it in.")

        write = read

    widget._ws = replace(ws, store=Away())
    refresh(widget)
    assert (widget.error, widget.busy) == ("the store is away. Plug it in.", False)
    assert [file["name"] for file in widget.artifacts] == ["a.txt"]
    widget._ws = ws
    refresh(widget)
    assert widget.error == ""
    finish_run(ws, run=run.id)


def test_a_run_that_was_removed_meanwhile_stays_on_the_card(ws, run):
    ended = finish_run(ws, run=run.id)
    widget = RunWidget(ended, ws)
    with ws.store.write() as tx:
        tx.runs.remove(run.id)
    refresh(widget)
    assert "there is no run" in widget.error
    assert widget.shown == ended


def test_no_more_files_are_listed_than_a_card_has_room_for_and_the_others_are_counted(memory_ws):
    run = start_run(memory_ws, name="many")
    for number in range(203):
        log_artifact(memory_ws, run=run.id, content=b"x", name=f"f{number:03}.txt")
    finish_run(memory_ws, run=run.id)
    widget = RunWidget(get_run(memory_ws, run.id), memory_ws)
    assert [file["name"] for file in widget.artifacts] == [f"f{number:03}.txt" for number in range(200)]
    assert widget.beside["has_files"] == 203
    assert "f000.txt 1 B" in widget.still()["text/plain"]
    assert "(+194) and 3 files more" in widget.still()["text/plain"]


def test_a_file_of_the_run_is_said_to_whoever_looks_at_it_and_no_file_of_another_run(ws, run):
    log_artifact(ws, run=run.id, content=b"printed", name="outputs/stdout.txt")
    other = start_run(ws, name="other")
    log_artifact(ws, run=other.id, content=b"secret", name="other.txt")
    widget, heard = RunWidget(run, ws), []
    widget.send = heard.append
    for number, name in enumerate(("outputs/stdout.txt", "other.txt")):
        widget._handle_custom_msg({"action": "look", "run": other.id, "name": name, "number": number}, [])
    said, refused = heard
    assert (said["answer"], said["content"]["text"]) == (0, "printed")
    assert refused["answer"] == 1
    assert "no artifact" in refused["error"]
    assert (widget.busy, widget.error) == (False, "")
