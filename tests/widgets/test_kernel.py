"""The whole way in a real kernel: shown, decided by a message, saved, exported."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from review.books import add_version

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.review import get_review, open_review
from jupyter_mlops.workspace import Workspace

pytestmark = pytest.mark.kernel

SHOW = """
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.review import show_review
from jupyter_mlops.widgets import show
from jupyter_mlops.workspace import open_workspace
ws = open_workspace({folder!r}, environ={{}}).acting_as(Actor(name="bo", via=Door.NOTEBOOK))
widget = show(show_review(ws, "pm25:1"), ws)
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER_MLOPS_")}
    env |= {name: str(tmp_path / name) for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    manager, client = start_new_kernel(kernel_name="python3", env=env)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def answered(client: Any, message: str, *, seconds: float = 120) -> list[dict[str, Any]]:
    """Everything the kernel said in answer to the request with the id *message*."""
    seen: list[dict[str, Any]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = client.get_iopub_msg(timeout=seconds)
        if said["parent_header"].get("msg_id") != message:
            continue  # an answer to what the client asked while it started
        if said["msg_type"] == "error":
            raise AssertionError("\n".join(said["content"]["traceback"]))
        seen.append(said)
        if said["content"].get("execution_state") == "idle":
            return seen
    raise AssertionError(f"no answer within {seconds} s")


def shown(client: Any, ws: Workspace) -> tuple[dict[str, Any], str]:
    said = answered(client, client.execute(SHOW.format(folder=str(ws.settings.root))))
    (display,) = (m["content"] for m in said if m["msg_type"] == "display_data")
    model = next(
        m["content"]["comm_id"]
        for m in said
        if m["msg_type"] == "comm_open" and "twin" in m["content"]["data"]["state"]
    )
    return display, model


def sent(client: Any, model: str, content: dict[str, str]) -> list[dict[str, Any]]:
    """Send a widget's message as the front end does; return what the kernel said to it."""
    message = client.session.msg(
        "comm_msg", {"comm_id": model, "data": {"method": "custom", "content": content}}
    )
    client.shell_channel.send(message)
    return answered(client, message["header"]["msg_id"])


def exported(bundle: dict[str, str]) -> str:
    """Plain nbconvert, nothing configured."""
    from nbconvert import HTMLExporter

    output = nbformat.v4.new_output("display_data", data=bundle)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("%mlops review show pm25:1", outputs=[output])]
    )
    return str(HTMLExporter().from_notebook_node(notebook)[0])


def test_a_review_is_decided_by_a_message_and_the_saved_output_tells_it(
    sql_ws: Workspace, client: Any
) -> None:
    ana = sql_ws.acting_as(Actor(name="ana", via=Door.NOTEBOOK))
    add_version(ana)
    review = open_review(ana, "pm25:1")
    display, model = shown(client, sql_ws)

    assert set(display["data"]) == {"text/html", "text/plain"}, "no widget in what is saved"
    assert review.evidence.headline in exported(display["data"])

    said = sent(client, model, {"action": "decide", "verdict": "approve", "comment": "good in winter"})

    (update,) = (m["content"] for m in said if m["msg_type"] == "update_display_data")
    assert update["transient"]["display_id"] == display["transient"]["display_id"]
    assert set(update["data"]) == {"text/html", "text/plain"}
    for body in (update["data"]["text/html"], update["data"]["text/plain"], exported(update["data"])):
        assert "approved" in body.lower()
        assert "good in winter" in body
    states = [m["content"]["data"]["state"] for m in said if m["msg_type"] == "comm_msg"]
    assert any(state.get("frozen") is True for state in states)
    decided = get_review(sql_ws, review.id)
    assert (decided.decisions[0].actor.name, decided.decisions[0].actor.via) == ("bo", Door.NOTEBOOK)


def test_in_a_job_nobody_watches_so_no_widget_is_made(sql_ws: Workspace, client: Any) -> None:
    add_version(sql_ws)
    open_review(sql_ws, "pm25:1")
    said = answered(
        client,
        client.execute(
            "import os; os.environ['JUPYTER_MLOPS_JOB'] = 'job'\n"
            + SHOW.format(folder=str(sql_ws.settings.root))
        ),
    )

    assert [set(m["content"]["data"]) for m in said if m["msg_type"] == "display_data"] == [
        {"text/html", "text/plain"}
    ]
    assert not [m for m in said if m["msg_type"] == "comm_open"]


def test_a_failed_decision_reaches_the_front_end_as_an_error(sql_ws: Workspace, client: Any) -> None:
    add_version(sql_ws)
    open_review(sql_ws, "pm25:1")
    _, model = shown(client, sql_ws)

    said = sent(client, model, {"action": "decide", "verdict": "reject", "comment": ""})

    states = [m["content"]["data"]["state"] for m in said if m["msg_type"] == "comm_msg"]
    assert any("needs a comment" in state.get("error", "") for state in states)
    assert states[-1].get("busy") is False
    assert not [m for m in said if m["msg_type"] == "update_display_data"]
    assert json.dumps(states)
