"""A review in a notebook output: messages decide, errors are seen, and the still twin outlives the kernel."""

from __future__ import annotations

import pytest
from review.books import add_version, held, person, replace

from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.review import Review, ReviewStatus, Verdict
from jupyter_mlops.review import decide, find_reviews, get_review, open_review, set_policy
from jupyter_mlops.widgets import ReviewWidget, review_widget, widget_for
from jupyter_mlops.workspace import Workspace

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def widget(ws: Workspace) -> ReviewWidget:
    add_version(ws)
    return review_widget(ws, open_review(ws, "pm25:1"))


def send(widget: ReviewWidget, content: object) -> None:
    """As the comm does when the front end sends a custom message."""
    widget._handle_custom_msg(content, [])


def test_the_record_trait_is_the_record_as_on_the_wire(widget: ReviewWidget, ws: Workspace) -> None:
    review = decode(Review, widget.record)

    assert review == widget.shown == get_review(ws, review.id)
    assert (widget.actor, widget.frozen, widget.busy, widget.error) == ("ana", False, False, "")


def test_approving_in_the_widget_decides_as_the_workspaces_actor(widget: ReviewWidget, ws: Workspace) -> None:
    send(widget, {"action": "decide", "verdict": "approve", "comment": "good in winter"})

    (decision,) = decode(Review, widget.record).decisions
    assert (decision.actor.name, decision.verdict, decision.comment) == (
        "ana",
        Verdict.APPROVE,
        "good in winter",
    )
    assert (widget.frozen, widget.busy, widget.error) == (True, False, "")
    assert held(ws) == 1


def test_the_widget_knows_what_a_decision_here_would_come_to_whoever_handed_it_the_record(
    ws: Workspace,
) -> None:
    set_policy(ws, "pm25", quorum=2)
    add_version(ws)
    open_review(ws, "pm25:1")
    (listed,) = find_reviews(ws)
    assert listed.prospect is None

    said = decode(Review, review_widget(ws, listed).record).prospect
    assert (said.name, said.own) == ("ana", True)
    assert "lets nobody approve their own" in said.refused

    widget = review_widget(person(ws, "bo"), get_review(ws, listed.id))
    assert decode(Review, widget.record).prospect.name == "bo"
    send(widget, {"action": "decide", "verdict": "approve", "comment": ""})
    after = decode(Review, widget.record).prospect
    assert after.says == "bo has approved already; one more approval then sets champion to 1"
    assert "Deciding as bo: bo has approved already" in widget.still()["text/plain"]


@pytest.mark.parametrize(
    ("doors", "via", "door"),
    [
        ("[server]", Door.NOTEBOOK, "server"),
        ("[server, notebook]", Door.NOTEBOOK, ""),
        ("[shell]", Door.NOTEBOOK, ""),
        ("[]", Door.PYTHON, ""),
    ],
)
def test_the_reader_is_sent_to_the_server_only_where_the_policy_wants_that(
    ws: Workspace, doors: str, via: Door, door: str
) -> None:
    set_policy(ws, "pm25", text=f"doors: {doors}\n")
    add_version(ws)
    widget = review_widget(person(ws, "bo", via), open_review(ws, "pm25:1"))

    assert widget.door == door
    assert bool(decode(Review, widget.record).prospect.uncounted) is (
        via.value not in doors and doors != "[]"
    )


def test_a_decision_by_somebody_faster_is_shown_with_the_error(widget: ReviewWidget, ws: Workspace) -> None:
    decide(person(ws, "bo"), widget.shown.id, Verdict.REJECT, "leak")
    send(widget, {"action": "decide", "verdict": "approve", "comment": ""})

    assert "is rejected" in widget.error
    assert "jupyter mlops review open pm25:1" in widget.error
    assert widget.shown.status is ReviewStatus.REJECTED
    assert (widget.frozen, widget.busy) == (True, False)


def test_a_lapse_is_shown_as_lapsed_with_the_part_named(widget: ReviewWidget, ws: Workspace) -> None:
    with ws.store.read() as tx:
        ws.blobs.remove(tx.versions.get("pm25", 1).digest)
    send(widget, {"action": "decide", "verdict": "approve", "comment": ""})

    assert "model" in widget.error
    assert (widget.shown.status, widget.shown.changed) == (ReviewStatus.LAPSED, ("model",))
    assert held(ws) is None


def test_a_rejection_without_a_comment_says_what_is_missing_and_the_next_message_clears_it(
    widget: ReviewWidget,
) -> None:
    send(widget, {"action": "decide", "verdict": "reject", "comment": " "})
    assert "needs a comment" in widget.error
    assert not widget.frozen

    send(widget, {"action": "refresh"})
    assert widget.error == ""


@pytest.mark.parametrize(
    "content",
    [
        None, [], "approve", {}, {"action": "explode"}, {"action": "__init__"}, {"action": ["decide"]},
        {"action": "decide"}, {"action": "decide", "verdict": "maybe"}, {"action": "decide", "verdict": ["approve"]},
        {"action": "decide", "verdict": "approve", "comment": 3},
    ],
)  # fmt: skip
def test_a_message_that_makes_no_sense_is_answered_with_an_error(
    widget: ReviewWidget, content: object
) -> None:
    send(widget, content)

    assert widget.error
    assert not widget.busy
    assert widget.shown.decisions == ()


def test_an_unexpected_failure_is_shown_too(widget: ReviewWidget, ws: Workspace) -> None:
    class Broken:
        def write(self) -> None:
            raise OSError("the disk is full")

        read = write

    widget._ws = replace(ws, store=Broken())
    send(widget, {"action": "decide", "verdict": "approve", "comment": ""})

    assert widget.error == "OSError: the disk is full"
    assert not widget.busy


def test_refreshing_shows_what_others_decided(widget: ReviewWidget, ws: Workspace) -> None:
    decide(person(ws, "bo"), widget.shown.id, Verdict.ABSTAIN, "not my field")
    send(widget, {"action": "refresh"})

    assert widget.shown.decisions[0].actor.name == "bo"


def test_the_still_twin_is_marked_escaped_and_without_scripts(ws: Workspace) -> None:
    add_version(ws)
    review = decide(
        person(ws, "<bo>"), open_review(ws, "pm25:1").id, Verdict.REJECT, "<script>alert(1)</script>"
    )
    widget = review_widget(ws, review)
    still = widget.still()

    assert f'data-jmlops-twin="{widget.twin}"' in still["text/html"]
    assert "<script" not in still["text/html"].lower()
    assert "&lt;bo&gt;" in still["text/html"]
    assert "rejected" in still["text/plain"]


def test_an_open_review_tells_a_reader_without_a_kernel_how_to_decide(widget: ReviewWidget) -> None:
    command = f"jupyter mlops review decide {widget.shown.id} approve"
    assert all(command in body for body in widget.still().values())

    send(widget, {"action": "decide", "verdict": "approve", "comment": ""})
    assert not any("To decide" in body for body in widget.still().values())


def test_what_a_cell_keeps_is_never_a_widget_that_nobody_can_revive(widget: ReviewWidget) -> None:
    assert set(widget._bundle()) == {"text/html", "text/plain"}


def test_a_front_end_that_draws_outputs_apart_gets_the_widget_until_it_is_decided(
    widget: ReviewWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    import types

    editor = types.SimpleNamespace(user_ns={"__vsc_ipynb_file__": "/home/ana/review.ipynb"})
    monkeypatch.setattr("jupyter_mlops.widgets.front.get_ipython", lambda: editor)
    assert set(widget._bundle()) == {VIEW, "text/html", "text/plain"}

    send(widget, {"action": "decide", "verdict": "approve", "comment": ""})
    assert set(widget._bundle()) == {"text/html", "text/plain"}


def test_the_bundle_asked_for_outright_carries_the_widget_and_both_twins(widget: ReviewWidget) -> None:
    data, _ = widget._repr_mimebundle_()

    assert set(data) == {VIEW, "text/html", "text/plain"}
    assert data[VIEW]["model_id"] == widget.model_id


def test_a_record_without_a_widget_has_none(ws: Workspace) -> None:
    assert widget_for({"a": 1}, ws) is None


def test_two_widgets_of_one_review_are_told_apart(widget: ReviewWidget, ws: Workspace) -> None:
    assert review_widget(ws, widget.shown).twin != widget.twin


def test_a_widget_nests_in_a_layout(widget: ReviewWidget) -> None:
    import ipywidgets

    box = ipywidgets.VBox([widget])
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), "frozen")
    send(widget, {"action": "decide", "verdict": "approve", "comment": ""})

    assert box.children == (widget,)
    assert seen == [True]
