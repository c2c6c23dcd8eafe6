"""The ground of every widget: a record in, messages out, and a still twin under one id."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import ClassVar

import pytest

from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.codec import encode
from jupyter_mlops.widgets import RecordWidget
from jupyter_mlops.widgets.front import VIEW
from tests.contracts.samples import full_run
from tests.magics.shells import a_shell, page


class Counter(RecordWidget):
    """A record that can be counted up to three, when nothing is left to do."""

    actions: ClassVar[Mapping[str, str]] = {**RecordWidget.actions, "count": "on_count", "fail": "on_fail"}

    def settled(self, record: object) -> bool:
        return isinstance(record, dict) and record["count"] >= 3

    def note(self, record: object) -> str:
        return "" if self.settled(record) else "Say <count> & wait."

    def on_count(self, asked: Mapping[str, object]) -> None:
        self.show_record({"count": self.shown["count"] + int(str(asked.get("by", 1)))})

    def on_fail(self, asked: Mapping[str, object]) -> None:
        raise Conflict("somebody was faster", remedy="Look again.")


@pytest.fixture
def shell(tmp_path):
    with a_shell(tmp_path) as shell:
        yield shell


def send(widget: RecordWidget, content: object) -> None:
    """As the comm does when the front end sends a custom message."""
    widget._handle_custom_msg(content, [])


def test_a_widget_begins_with_its_record_as_on_the_wire_and_frozen_where_nothing_is_left(memory_ws):
    record = full_run()
    widget = RecordWidget(record, memory_ws)
    assert (widget.record, widget.shown, widget.actor, widget.frozen) == (
        encode(record),
        record,
        "ana",
        False,
    )
    assert Counter({"count": 3}, memory_ws).frozen
    assert widget.twin != RecordWidget(record, memory_ws).twin


def test_one_output_is_shown_and_replaced_only_where_it_says_something_else(memory_ws, shell):
    widget = Counter({"count": 1}, memory_ws)
    widget.show_record({"count": 0})  # before it is shown, there is nothing to replace
    with page() as shown:
        widget._ipython_display_()
        widget.show_record({"count": 0})
        send(widget, {"action": "refresh"})
        send(widget, {"action": "count"})
    assert [(one["update"], one["transient"]["display_id"]) for one in shown] == [
        (False, widget.twin), (True, widget.twin),
    ]  # fmt: skip
    assert shown[1]["data"] == widget.still()
    assert widget.record == {"count": 1}


def test_where_outputs_are_drawn_apart_the_widget_is_sent_until_there_is_nothing_left_to_do(memory_ws, shell):
    shell.user_ns["__vsc_ipynb_file__"] = "/home/ana/work.ipynb"
    widget = Counter({"count": 1}, memory_ws)
    with page() as shown:
        widget.put()
        send(widget, {"action": "count"})
        send(widget, {"action": "count"})
    assert [VIEW in one["data"] for one in shown] == [True, True, False]
    assert shown[0]["data"][VIEW]["model_id"] == widget.model_id
    assert all(set(one["data"]) >= {"text/html", "text/plain"} for one in shown)


def test_the_twin_is_marked_and_its_note_is_text_wherever_it_stands(memory_ws):
    widget = Counter({"count": 1}, memory_ws)
    still = widget.still()
    assert still["text/html"].startswith(f'<div class="jmlops-twin" data-jmlops-twin="{widget.twin}">')
    assert "Say &lt;count&gt; &amp; wait." in still["text/html"]
    assert still["text/plain"].endswith("\nSay <count> & wait.")
    widget.show_record({"count": 3})
    assert "count&gt;" not in widget.still()["text/html"]
    hostile = RecordWidget({"name": "<script>alert(1)</script><img src=x onerror=alert(1)>"}, memory_ws)
    assert "<script" not in hostile.still()["text/html"]
    assert "<img" not in hostile.still()["text/html"]


def test_a_message_makes_it_busy_and_clears_the_error_of_the_one_before(memory_ws):
    widget = Counter({"count": 0}, memory_ws)
    seen: list[tuple[str, object]] = []
    widget.observe(lambda change: seen.append((change["name"], change["new"])), ["busy", "error", "record"])
    send(widget, {"action": "fail"})
    send(widget, {"action": "count", "by": 2})
    assert seen == [
        ("busy", True), ("error", "somebody was faster. Look again."), ("busy", False),
        ("busy", True), ("error", ""), ("record", {"count": 2}), ("busy", False),
    ]  # fmt: skip


def test_a_failure_nobody_foresaw_is_shown_in_short_and_logged_whole(memory_ws, caplog):
    widget = Counter({"count": 0}, memory_ws)
    with caplog.at_level(logging.ERROR):
        send(widget, {"action": "fail"})
        assert caplog.records == []  # a refusal is no accident
        send(widget, {"action": "count", "by": "many"})
    assert widget.error.startswith("ValueError: invalid literal")
    assert (widget.busy, widget.shown) == (False, {"count": 0})
    (logged,) = caplog.records
    assert logged.exc_info is not None


@pytest.mark.parametrize(
    "content", [None, "count", {}, {"action": "on_count"}, {"action": "put"}, {"action": ["count"]}]
)
def test_only_what_is_named_an_action_can_be_asked_for(memory_ws, content):
    widget = Counter({"count": 0}, memory_ws)
    send(widget, content)
    assert "does not know the message" in widget.error
    assert "Reload the page" in widget.error
    assert widget.shown == {"count": 0}


def test_a_bundle_asked_for_outright_holds_the_widget_and_both_its_twins(memory_ws):
    widget = Counter({"count": 3}, memory_ws)
    data, metadata = widget._repr_mimebundle_(include=None, exclude=None)
    assert (set(data), metadata) == ({VIEW, "text/html", "text/plain"}, {})
    assert set(widget._bundle()) == {"text/html", "text/plain"}
