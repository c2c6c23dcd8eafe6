"""The card under a tracked cell: alive while it runs, in its own place whatever happens, readable for ever."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.magics.kernels import Kernel
from tests.magics.test_papermill import code_cells, execute
from tests.repositories import committed

pytestmark = pytest.mark.kernel

LOOP = (
    "import time\n"
    "for step in range(6):\n"
    "    run.log_metrics({'loss': 1 / (step + 1)}, step=step)\n"
    "    run.log_metric('seen', step)\n"
)
# Until the background has drawn: what is awaited, not a time.
UNTIL_DRAWN = (
    "from jupyter_mlops.magics import session_of\n"
    "card = session_of(get_ipython()).card\n"
    "deadline = time.monotonic() + 30\n"
    "while card._beat < 2 and time.monotonic() < deadline:\n    time.sleep(0.02)\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def cards(answer) -> list[dict]:
    return [
        content
        for _, _, content in answer.displays
        if content.get("transient", {}).get("display_id", "").startswith("mlops-")
    ]


def test_while_the_cell_runs_its_card_shows_elapsed_time_curves_and_latest_values_in_place(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        answer = kernel.execute(f"%%track live\n{LOOP}{UNTIL_DRAWN}", "c2")
    kinds = [kind for kind, _, _ in answer.displays]
    assert kinds[0] == "display_data"
    assert set(kinds[1:]) == {"update_display_data"}
    drawn = cards(answer)
    assert len({content["transient"]["display_id"] for content in drawn}) == 1
    assert len(drawn) >= 4  # begin, two beats, end
    middle = drawn[2]["data"]
    assert "so far" in middle["text/plain"]
    assert "running" in middle["text/plain"]
    assert "6 steps" in middle["text/plain"]
    assert "1 → 0.1667" in middle["text/plain"]
    assert "<svg" in middle["text/html"]
    assert 'aria-label="loss ↓, 1 → 0.1667"' in middle["text/html"]
    assert "<details" not in middle["text/html"]  # what a reader opens must not shut itself
    signs = {content["data"]["text/plain"][0] for content in drawn[1:3]}
    assert len(signs) == 2  # the dot pulses
    final = drawn[-1]["data"]
    assert "finished" in final["text/plain"]
    assert "1 → 0.1667" in final["text/plain"]
    assert "<script" not in final["text/html"]


def test_what_is_left_is_told_by_the_run_before_of_the_same_name(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("%%track timed\nimport time\ntime.sleep(8)", "c2")
        answer = kernel.execute(f"%%track timed\nimport time\n{UNTIL_DRAWN}", "c3")
    said = [content["data"]["text/plain"] for content in cards(answer)]
    assert re.search(r"so far, ~ \d\.\d s left", said[1])
    assert "left" not in said[-1]


def test_an_update_goes_to_its_own_cell_though_a_later_one_runs_and_though_the_cell_captures_all(project):
    late = (
        "%%capture held\n%%track late\n"
        "from jupyter_mlops.magics import session_of\n"
        "card = session_of(get_ipython()).card\n"
        "import time, threading\n"
        "run.log_metric('loss', 1.0); run.log_metric('loss', 0.5)\n"
        "deadline = time.monotonic() + 30\n"
        "while card._beat < 1 and time.monotonic() < deadline:\n    time.sleep(0.02)\n"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        first = kernel.execute(late, "c2")
        held = kernel.execute("len(held.outputs)", "c3")
        after = kernel.execute(
            "before = card._beat; card._complete()\n"
            "import threading\n"
            "t = threading.Thread(target=lambda: (card._complete(), card._watch()))\n"
            "t.start(); t.join()\n"
            "parent = get_ipython().display_pub.parent_header['msg_id']; card._request['msg_id'] == parent",
            "c4",
        )
    assert len(cards(first)) >= 2  # while it ran and captured everything, its card went past that
    assert held.text == "0"
    assert cards(after) == []  # sent while a later cell ran, and under the earlier one
    assert after.text == "False"


def test_the_difference_to_the_run_before_of_that_name_carries_sign_and_direction(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("%%track again\nrun.log_metrics(mae=41.2, r2=0.9, odd=1)", "c2")
        card = kernel.execute("%%track again\nrun.log_metrics(mae=40.2, r2=0.8, odd=3)", "c2").text
    assert "−1 ▲ better" in card
    assert "−0.1 ▼ worse" in card
    assert "(+2)" in card
    assert "compared with" in card


@pytest.mark.parametrize(
    "again", ["%%track --resume again", "%%track again --on-rerun continue"], ids=["resume", "continue"]
)
def test_a_run_that_goes_on_is_not_compared_with_itself_but_with_the_one_before_it(project, again):
    first = (
        "from jupyter_mlops.magics import session_of\nimport time\ncard = session_of(get_ipython()).card\n"
    )
    wait = f"{first}deadline = time.monotonic() + 30\nwhile card._before is None and time.monotonic() < deadline:\n    time.sleep(0.02)\n"
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("%%track again\nrun.log_metrics(mae=41.2)", "c2")
        alone = kernel.execute(f"{again}\nrun.log_metrics(mae=40.2)", "c2").text
        kernel.execute("%%track again --on-rerun fork\nrun.log_metrics(mae=39.2)", "c2")
        second = kernel.execute(f"{again}\nrun.log_metrics(mae=38.2)\n{wait}", "c2").text
    assert "compared with" not in alone
    assert "38.2  (−2 ▲ better)" in second


def test_the_run_before_is_found_in_the_store_by_a_later_session_and_completes_the_card(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("%%track again\nrun.log_metrics(mae=41.2)", "c2")
        kernel.client.shutdown()
        kernel.manager.provisioner.process.wait(timeout=60)
    wait = (
        "from jupyter_mlops.magics import session_of\nimport time\n"
        "card, deadline = session_of(get_ipython()).card, time.monotonic() + 30\n"
        "while card._before is None and time.monotonic() < deadline:\n    time.sleep(0.02)\n"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        card = kernel.execute(f"%%track again\nrun.log_metrics(mae=40.2)\n{wait}", "c2").text
    assert "−1 ▲ better" in card


def test_the_comparison_that_came_late_stays_when_a_digest_comes_later_still(project):
    later = (
        "from dataclasses import replace\n"
        "run_, beside = card._final\n"
        "card._before, card._final = None, (run_, replace(beside, previous={}, previous_name=''))\n"
        "card._look_back()\n"
        "from jupyter_mlops.records.run import RunInput\n"
        "card.digested(RunInput(name='late', role='train', digest='d' * 64))\n"
        "from jupyter_mlops.render.text import text_of\n"
        "from jupyter_mlops.render.card import run_blocks\n"
        "print(text_of(tuple(run_blocks(*card._final))))"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("%%track again\nrun.log_metrics(mae=41.2)", "c2")
        held = "from jupyter_mlops.magics import session_of\ncard = session_of(get_ipython()).card\n"
        kernel.execute(f"%%track again\n{held}run.log_metrics(mae=40.2)", "c3")
        said = kernel.execute(later, "c4").stdout
    assert "−1 ▲ better" in said


def test_of_two_that_change_the_end_at_once_neither_takes_away_what_the_other_said(project):
    both = (
        "import threading, time\n"
        "from jupyter_mlops.magics import card as place\n"
        "from jupyter_mlops.records.run import Grade, RunInput\n"
        "draw = place._bundle\n"
        "place._bundle = lambda run, beside: (draw(run, beside), time.sleep(0.3 * (not run.inputs)))[0]\n"
        "one = threading.Thread(target=card.graded, args=(Grade.STALE, 'as the page says'))\n"
        "one.start(); time.sleep(0.1)\n"
        "sent, send = [], card._send\n"
        "card._send = lambda kind, bundle: (sent.append(bundle['text/plain']), send(kind, bundle))[1]\n"
        "card._amend(lambda run: place.replace(run, notes=('said meanwhile',), inputs=(RunInput(name='d', role='train', digest='d' * 64),)))\n"
        "one.join(); place._bundle = draw\n"
        "print('as the page says' in sent[-1], 'said meanwhile' in sent[-1])"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        held = "from jupyter_mlops.magics import session_of\ncard = session_of(get_ipython()).card\n"
        kernel.execute(f"%%track again\n{held}run.log_metrics(mae=40.2)", "c2")
        assert kernel.execute(both, "c3").stdout == "True True\n"


def test_the_card_goes_past_the_publisher_which_would_wait_for_what_was_printed(project):
    spy = (
        "publish, seen = get_ipython().display_pub.publish, []\n"
        "get_ipython().display_pub.publish = lambda *a, **k: (seen.append(k.get('transient')), publish(*a, **k))[1]"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute(spy, "c2")
        answer = kernel.execute("%%track past\nprint('said')", "c3")
        asked = kernel.execute("print(seen)", "c4").stdout
    assert len(cards(answer)) >= 2
    assert asked == "[]\n"


def test_a_failed_cell_shows_the_last_line_of_its_exception_and_the_line_that_failed(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        answer = kernel.execute("%%track broken\nparts = []\nparts[3]  # too far", "c2")
    card = cards(answer)[-1]["data"]["text/plain"]
    assert "IndexError: list index out of range" in card
    assert "line 3 of the cell: parts[3]  # too far" in card


def test_the_card_names_its_cells_by_the_number_before_them_and_its_model_and_outputs(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.report(order=["c1", "c2", "c3", "c4"])
        kernel.execute("import numpy as np\nX = np.arange(40.0).reshape(20, 2); y = X.sum(axis=1)", "c2")
        kernel.execute("nothing = 'to do with it'", "c3")
        card = kernel.execute(
            "%%track fitted\nfrom sklearn.linear_model import Ridge\nprint('hello')\nmodel = Ridge().fit(X, y)",
            "c4",
        ).text
    assert "In [2], [4] (2 of 4 executions)" in card
    assert "skops" in card
    assert "stdout.txt" in card


def test_files_read_and_written_are_on_the_card_and_in_the_run_large_ones_too(project):
    (project / "air.csv").write_text("a,b\n1,2\n")
    (project / "large.bin").write_bytes(bytes(3 << 20))
    code = (
        "%%track files\nimport pandas as pd, polars as pl\n"
        "frame = pd.read_csv('air.csv')\npl.read_csv('air.csv')\nlarge = open('large.bin', 'rb').read()\n"
        "frame.to_parquet('out.parquet')\nrun.log_metric('mae', 1.0)"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        card = kernel.execute(code, "c2").text
        wait = (
            "import time, jupyter_mlops as mlops\ndeadline = time.monotonic() + 30\n"
            "def kept():\n    return mlops.find_runs(mlops.workspace())[0]\n"
            "while not all(i.digest for i in kept().inputs) and time.monotonic() < deadline:\n    time.sleep(0.02)\n"
            "[(i.name, i.role, bool(i.digest), i.note) for i in (*kept().inputs, *kept().written)]"
        )
        kept = kernel.execute(wait, "c3").text
    assert "air.csv 8 B sha " in card
    assert "large.bin 3.1 MB" in card
    assert "files written" in card
    assert "('air.csv', 'read', True, '')" in kept
    assert "('large.bin', 'read', True, '')" in kept
    assert "('out.parquet', 'write', True, '')" in kept
    assert kept.count("'read'") == 2


def test_under_papermill_the_saved_notebook_holds_the_final_card_with_its_curves(tmp_path):
    executed = execute(
        tmp_path,
        "%load_ext jupyter_mlops",
        f"%%track live\n{LOOP}{UNTIL_DRAWN}",
        "print('after')",
    )
    tracked, after = code_cells(executed)[1:]
    shown = [output for output in tracked.outputs if output.output_type == "display_data"]
    assert len(shown) == 1
    assert "finished" in shown[0].data["text/plain"]
    assert "1 → 0.1667" in shown[0].data["text/plain"]
    assert [output.output_type for output in after.outputs] == ["stream"]


def test_the_card_counts_what_autolog_has_left_with_the_run(project):
    fit = "from sklearn.linear_model import LogisticRegression\nLogisticRegression().fit([[0.0], [1.0], [2.0]], [0, 1, 1])"
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        shown = [text for _, text, _ in kernel.execute(f"%%track fit\n{fit}", "c2").displays]
    assert any("4 evaluation files" in text and "estimator.html" in text for text in shown), shown


def test_the_commit_that_came_after_the_end_is_said_on_the_card(project):
    commit = committed(project)
    waited = (
        "import time\n"
        "from jupyter_mlops.render.card import run_blocks\n"
        "from jupyter_mlops.render.text import text_of\n"
        "deadline = time.monotonic() + 30\n"
        "while not card._final[0].source.commit and time.monotonic() < deadline:\n    time.sleep(0.02)\n"
        "print(text_of(tuple(run_blocks(*card._final))))"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        held = "from jupyter_mlops.magics import session_of\ncard = session_of(get_ipython()).card"
        kernel.execute(f"%%track short\n{held}", "c2")
        said = kernel.execute(waited, "c3").stdout
    assert f"git {commit[:7]}" in said


def test_a_traceback_that_is_kept_names_no_file_of_the_kernel(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        card = kernel.execute("%%track fails\n1 / 0", "c2").text
        inside = "import jupyter_mlops as mlops\nwith mlops.track('block'):\n    1 / 0"
        kernel.execute(inside, "c3")
        shown = "run = mlops.find_runs(mlops.workspace(), \"name = 'block'\")[0]\nprint(run.error.traceback)"
        block = kernel.execute(shown, "c4").stdout
    for said in (card, block):
        assert 'File "<cell>", line' in said
        assert "ipykernel_" not in said
