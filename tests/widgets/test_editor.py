"""As VS Code starts a kernel: no page that could tell the document, the notebook's path in a variable, outputs apart."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from review.books import add_version

from jupyter_mlops import tracking
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.review import ReviewStatus
from jupyter_mlops.review import get_review, open_review
from jupyter_mlops.workspace import open_workspace
from widgets.test_kernel import answered, sent

pytestmark = pytest.mark.kernel
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Any]:
    """A kernel in the folder of a saved notebook, told its path as the editor tells it."""
    notebook = tmp_path / "work.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), notebook)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER_MLOPS_", "JPY_"))}
    env |= {name: str(tmp_path / name) for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    manager, client = start_new_kernel(kernel_name="python3", env=env, cwd=str(tmp_path))
    answered(client, client.execute(f"__vsc_ipynb_file__ = {str(notebook)!r}"))
    answered(client, client.execute("%load_ext jupyter_mlops"))
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_tracked_cell_knows_its_notebook_and_a_run_comes_as_card_and_as_text(
    editor: Any, tmp_path: Path
) -> None:
    answered(editor, editor.execute("%%track trial\nrun.log_metrics(score=4)"))
    said = answered(editor, editor.execute("run.record if hasattr(run, 'record') else run"))

    ws = open_workspace(tmp_path, start=tmp_path, environ={})
    [kept] = tracking.find_runs(ws)
    ws.store.close()
    assert (kept.source.notebook, kept.metrics["score"]) == ("work.ipynb", 4)
    bundles = [m["content"]["data"] for m in said if m["msg_type"] in {"display_data", "execute_result"}]
    assert {"text/html", "text/plain"} <= set(bundles[-1])
    assert "trial" in bundles[-1]["text/plain"]


def test_a_review_is_shown_and_decided_and_runs_are_compared(editor: Any, tmp_path: Path) -> None:
    ws = open_workspace(tmp_path, start=tmp_path, environ={})
    add_version(ws.acting_as(Actor(name="ana", via=Door.NOTEBOOK)))
    review = open_review(ws, "pm25:1")
    said = answered(editor, editor.execute("%mlops review show pm25:1"))
    [shown] = [m["content"]["data"] for m in said if m["msg_type"] == "display_data"]
    assert {VIEW, "text/html", "text/plain"} == set(shown)
    model = next(
        m["content"]["comm_id"]
        for m in said
        if m["msg_type"] == "comm_open" and "twin" in m["content"]["data"]["state"]
    )

    sent(editor, model, {"action": "decide", "verdict": "approve", "comment": "good in winter"})

    decided = get_review(ws, review.id)
    assert (decided.status, decided.decisions[0].comment) == (ReviewStatus.APPROVED, "good in winter")
    for name in ("one", "two"):
        answered(editor, editor.execute(f"%%track {name}\nrun.log_metrics(score=4)"))
    deadline = time.monotonic() + 30
    while len(pair := [run.id for run in tracking.find_runs(ws, "experiment = 'default'")]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ws.store.close()
    said = answered(editor, editor.execute(f"%mlops compare {pair[0]} {pair[1]}"))
    [shown] = [m["content"]["data"] for m in said if m["msg_type"] == "display_data"]
    assert {VIEW, "text/html", "text/plain"} == set(shown)


def test_a_table_of_runs_is_sent_as_a_widget_because_no_twin_could_come_alive(editor: Any) -> None:
    for name in ("one", "two"):
        answered(editor, editor.execute(f"%%track {name}\nrun.log_metrics(score=4)"))
    said = answered(editor, editor.execute("%mlops runs"))

    [shown] = [m["content"]["data"] for m in said if m["msg_type"] == "display_data"]
    assert set(shown) == {VIEW, "text/html", "text/plain"}
    opened = [m["content"]["comm_id"] for m in said if m["msg_type"] == "comm_open"]
    assert shown[VIEW]["model_id"] in opened
