"""What contains a secret is withheld before it is written, and what cannot yet be told is held back."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from jupyter_mlops.jobs.secret_scan import Screen

VALUE = "hunter2/hunter2"
SENTENCE = "This output was withheld: it contained the value of the secret parameter 'token'."


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}, **more}


def notebook(*outputs: dict[str, Any], status: str = "completed") -> dict[str, Any]:
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {"papermill": {"status": status}},
        "outputs": list(outputs),
    }
    return {
        "cells": [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": ""}, cell],
        "metadata": {},
    }


def screened(*outputs: dict[str, Any], status: str = "completed") -> tuple[list[dict[str, Any]], Screen]:
    screen = Screen({"token": VALUE})
    made = screen(notebook(*outputs, status=status))
    return list(made["cells"][1]["outputs"]), screen


@pytest.mark.parametrize(
    "output",
    [
        shown({"text/plain": f"it is {VALUE}"}),
        shown({"text/plain": "x", "text/html": [f"<b>{VALUE[:5]}", f"{VALUE[5:]}</b>"]}),
        shown({"application/json": {"deep": [{"a": VALUE}]}}),
        shown({"application/json": {VALUE: 1}}),
        shown({"image/png": base64.b64encode(b"\x89PNG tEXt" + VALUE.encode() + b"more").decode()}),
        shown({"text/plain": "x"}, metadata={"from": VALUE}),
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "data": {"text/plain": repr(VALUE)},
            "metadata": {},
        },
    ],
    ids=["text", "lines", "json", "key", "picture", "metadata", "result"],
)
def test_a_display_that_contains_it_is_withheld_as_a_whole(output: dict[str, Any]) -> None:
    (made,), screen = screened(output)

    assert made["data"] == {"text/plain": SENTENCE}
    assert made["output_type"] == output["output_type"]
    assert screen.warnings == (
        "1 output of cell a contained the value of the secret parameter 'token' and was withheld",
    )


def test_an_error_that_contains_it_is_withheld_with_its_traceback_colours_or_not() -> None:
    lines = ["Traceback", f"\x1b[31mValueError\x1b[0m: {VALUE[:4]}\x1b[0m{VALUE[4:]}"]
    (made,), _ = screened(
        {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": lines}
    )

    assert made["evalue"] == SENTENCE
    assert VALUE not in json.dumps(made)
    assert made["traceback"] == [SENTENCE]


def test_a_stream_is_read_as_one_whatever_pieces_it_comes_in_and_others_stay() -> None:
    outputs, screen = screened(
        stream("before " + VALUE[:6]),
        stream("fine", "stderr"),
        shown({"text/plain": "7"}),
        stream(VALUE[6:] + " after"),
    )

    assert [o.get("text", o.get("data")) for o in outputs] == [
        f"{SENTENCE}\n",
        "fine",
        {"text/plain": "7"},
        "",
    ]
    assert len(screen.warnings) == 1


def test_what_comes_after_in_a_withheld_stream_is_withheld_too() -> None:
    screen, made = Screen({"token": VALUE}), notebook(stream(VALUE), status="running")
    screen(made)
    made["cells"][1]["outputs"].append(stream("the rest"))

    texts = [o["text"] for o in screen(made)["cells"][1]["outputs"]]

    assert texts == [f"{SENTENCE}\n", ""]
    assert len(screen.warnings) == 1


def test_while_a_cell_runs_the_beginning_of_a_secret_is_held_back_and_told_once_it_is_none() -> None:
    screen, made = Screen({"token": VALUE}), notebook(stream("say hun"), stream("ter2"), status="running")

    assert [o["text"] for o in screen(made)["cells"][1]["outputs"]] == ["say ", ""]

    made["cells"][1]["metadata"]["papermill"]["status"] = "completed"
    assert [o["text"] for o in screen(made)["cells"][1]["outputs"]] == ["say hun", "ter2"]
    assert screen.warnings == ()


@pytest.mark.parametrize(
    ("text", "kept"), [("hhhun", "hh"), ("x" + VALUE[:-1], "x"), ("hunter2 ", "hunter2 "), ("", ""), ("h", "")]
)  # fmt: skip
def test_no_more_is_held_back_than_may_be_the_beginning(text: str, kept: str) -> None:
    (made,), _ = screened(stream(text), status="running")

    assert made["text"] == kept


def test_states_of_widgets_that_contain_it_are_left_out() -> None:
    screen, made = Screen({"token": VALUE}), notebook()
    made["metadata"]["widgets"] = {"state": {"a": {"value": VALUE}}}

    assert "widgets" not in screen(made)["metadata"]
    assert screen.warnings


def test_what_contains_none_stays_as_it_is() -> None:
    outputs = [stream("hunter\n"), shown({"text/html": "<b>7</b>", "image/png": "aGVsbG8="})]
    made, screen = screened(*outputs)

    assert made == outputs
    assert screen.warnings == ()
