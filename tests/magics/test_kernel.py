"""``%%track`` in a real kernel: what is kept, and what the recorder can and cannot vouch for."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from jupyter_mlops.records.run import DocumentState, Grade, RunStatus
from jupyter_mlops.tracking import find_artifacts, find_runs, metric_history, run_cells
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.magics.kernels import Kernel

pytestmark = pytest.mark.kernel


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def opened(project: Path) -> Workspace:
    return open_workspace(project, environ={})


def last(project: Path, name: str, *, surroundings: bool = False):
    """Return the run called *name*, as another process sees it: the kernel brings it home soon after its end.

    With *surroundings*, once its environment is there too: on a busy machine that comes later.
    """
    ws = opened(project)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            page = find_runs(ws, f"name = '{name}'")
            ended = page.items and (page[0].status is not RunStatus.RUNNING or page[0].lease is None)
            if ended and (page[0].source.environment is not None or not surroundings):
                return page[0]
            time.sleep(0.02)
        raise AssertionError(f"no ended run {name}: {[(r.name, r.status) for r in find_runs(ws)]}")
    finally:
        ws.store.close()


def test_a_cell_run_top_to_bottom_is_clean_and_everything_about_it_is_kept(project):  # noqa: PLR0915
    cells = {
        "c1": "%load_ext jupyter_mlops\nfrom sklearn.datasets import load_diabetes",
        "c2": "alpha = 0.5\nunused = 'x'\nX, y = load_diabetes(return_X_y=True, as_frame=True)",
        "c3": "print('nothing to do with it')",
        "c4": "%%track baseline -e air --tag team=risk\n"
        "from sklearn.linear_model import Ridge\n"
        "import matplotlib.pyplot as plt\n"
        "rows = 300\n"
        "model = Ridge(alpha=alpha).fit(X[:rows], y[:rows])\n"
        "print('fitted', rows)\n"
        "run.log_metrics(mae=1.5, r2=0.5)\n"
        "_ = plt.plot([1, 2]); plt.show()\n"
        "X.head(2)",
    }
    with Kernel(project) as kernel:
        for cell, code in cells.items():
            answer = kernel.execute(code, cell)
            assert answer.status == "ok", answer
            if cell == "c1":
                kernel.report(order=list(cells), path="air.ipynb")
    kinds = [kind for kind, _, _ in answer.displays]
    assert kinds[0] == "display_data"  # the card, before anything else
    assert kinds[-1] == "update_display_data"
    first, final = answer.displays[0][2], answer.displays[-1][2]
    assert first["transient"]["display_id"] == final["transient"]["display_id"]
    assert "running" in answer.displays[0][1]
    assert "clean" in answer.text
    assert "<script" not in final["data"]["text/html"]
    run = last(project, "baseline", surroundings=True)
    assert (run.experiment, run.status, run.tags) == ("air", RunStatus.FINISHED, {"team": "risk"})
    assert run.grade is Grade.CLEAN, run.grade_reason
    assert {"alpha": 0.5, "rows": 300, "model": "Ridge", "fit_intercept": True}.items() <= run.params.items()
    assert "unused" not in run.params
    assert run.metrics["mae"] == 1.5
    assert "train_r2" in run.metrics
    assert {item.rows for item in run.inputs if item.role == "train"} == {300}
    assert run.last_cell == "c4"
    assert run.source.environment is not None
    ws = opened(project)
    assert [cell.cell for cell in run_cells(ws, run=run.id)] == ["c1", "c2", "c4"]
    names = {artifact.name for artifact in find_artifacts(ws, run=run.id)}
    assert {
        "figures/figure-1.png",
        "stdout.txt",
        "models/model/manifest.json",
        "models/model/model.skops",
    } <= names
    assert any(name.startswith("outputs/") for name in names)
    assert ws.blobs.has(run.source.environment)
    ws.store.close()


def test_a_cell_that_rests_on_one_further_down_is_reordered(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.report(order=["c1", "c2", "c3"])
        kernel.execute("x = 1", "c3")
        kernel.execute("%%track back\nz = x + 1", "c2")
    assert last(project, "back").grade is Grade.REORDERED


def test_a_cell_that_rests_on_one_that_has_changed_since_is_stale(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.report(order=["c1", "c2", "c3", "c4"])
        kernel.execute("x = 1", "c2")
        kernel.execute("y = x * 2", "c3")
        kernel.execute("x = 5", "c2")
        kernel.execute("%%track old\nz = y + 1", "c4")
    run = last(project, "old")
    assert run.grade is Grade.STALE, run.grade_reason


def test_what_cannot_be_known_is_unknown_and_never_clean(project):
    with Kernel(project) as kernel:
        kernel.execute("secret_state = 41", "c0")
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.report(order=["c0", "c1", "c2", "c3"])
        kernel.execute("%%track blind\nz = secret_state + 1", "c2")
        kernel.execute("%%track here\nq = 1", "c3")
    assert last(project, "blind").grade is Grade.UNKNOWN


def test_failures_interrupts_and_syntax_errors_leave_their_run_behind(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("%%track broken\na = 1\nb = a / 0", "c2")
        answer = kernel.execute("%%track syntax\nif:", "c3")
        assert answer.errors[0]["ename"] == "SyntaxError"
        code = "%%track long\nimport os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time; time.sleep(60)"
        assert kernel.execute(code, "c4").errors[0]["ename"] == "KeyboardInterrupt"
        assert kernel.execute("%%track after\n1", "c5").status == "ok"
    broken = last(project, "broken")
    assert (broken.status, broken.error.kind, broken.error.line, broken.error.cell) == (
        RunStatus.FAILED,
        "ZeroDivisionError",
        3,
        "c2",
    )
    assert "b = a / 0" in broken.error.traceback
    assert "interactiveshell" not in broken.error.traceback
    assert last(project, "syntax").status is RunStatus.FAILED
    assert last(project, "long").status is RunStatus.CANCELLED
    assert last(project, "after").status is RunStatus.FINISHED


def test_a_killed_kernel_leaves_a_lost_run_with_every_accepted_point(project):
    code = (
        "%%track doomed\n"
        "import os, signal\n"
        "for step in range(20_000):\n"
        "    run.log_metric('loss', step * 0.5)\n"
        "run.log_params(alpha=3)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        message = kernel.client.session.msg(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
            },
            metadata={"cellId": "c2"},
        )
        process = kernel.manager.provisioner.process
        kernel.client.shell_channel.send(message)
        assert process.wait(timeout=60) == -signal.SIGKILL
        run = last(project, "doomed")
    assert run.status is RunStatus.LOST
    assert run.last_cell == "c2"
    assert run.params == {"alpha": 3}
    assert run.metrics == {"loss": 19_999 * 0.5}
    assert not list((project / ".mlops" / "journal").iterdir())


def test_a_kernel_killed_from_outside_in_the_middle_of_its_loop_has_lost_no_accepted_point(project):
    steps = project / "steps"
    code = (
        "%%track loop\n"
        "import os, itertools\n"
        f"seen = os.open({str(steps)!r}, os.O_CREAT | os.O_WRONLY)\n"
        "for step in itertools.count():\n"
        "    run.log_metric('loss', step * 0.5, step=step)\n"
        "    os.pwrite(seen, b'%9d' % step, 0)\n"  # only now it counts as accepted
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        message = kernel.client.session.msg(
            "execute_request", {**content, "allow_stdin": False}, metadata={"cellId": "c2"}
        )
        process = kernel.manager.provisioner.process
        kernel.client.shell_channel.send(message)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not steps.exists() or int(steps.read_bytes() or 0) < 5_000):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL
        accepted = int(steps.read_bytes())
        run = last(project, "loop")
    assert accepted >= 5_000
    assert (run.status, run.last_cell) == (RunStatus.LOST, "c2")
    ws = opened(project)
    points = metric_history(ws, run=run.id, key="loss", limit=10**7)
    ws.store.close()
    # The kernel may have been killed between logging a point and saying so.
    assert len(points) in {accepted + 1, accepted + 2}
    assert [(point.step, point.value) for point in points] == [(n, n * 0.5) for n in range(len(points))]


def test_a_wrong_line_is_a_usage_error_and_the_body_does_not_run(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        answer = kernel.execute("%%track base --nope\nran = True", "c2")
        assert answer.status == "error"
        (error,) = answer.errors
        assert error["ename"] == "UsageError"
        assert "--nope" in error["evalue"]
        assert "Usage: %%track NAME" in "".join(error["traceback"])
        assert len(error["traceback"]) == 1
        assert kernel.execute("'ran' in dir()", "c3").text == "False"
        assert (
            "no"
            in kernel.execute("from pathlib import Path; 'no' if not Path('.mlops').exists() else 'yes'").text
        )


def test_other_cell_magics_work_above_and_below(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        above = kernel.execute("%%time\n%%track above\na = 1", "c2")
        below = kernel.execute("%%track below\n%%capture shown\nprint('hidden')\nb = 2", "c3")
        assert "Wall time" in above.stdout
        assert below.stdout == ""
        assert kernel.execute("a, b, shown.stdout", "c4").text == "(1, 2, 'hidden\\n')"
    assert last(project, "above").status is RunStatus.FINISHED
    assert last(project, "below").status is RunStatus.FINISHED


def test_loading_imports_nothing_heavy_and_makes_no_folder(project):
    heavy = "('sqlalchemy', 'pandas', 'sklearn', 'papermill', 'nbformat', 'numpy', 'alembic')"
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        answer = kernel.execute(f"import sys; [m for m in {heavy} if m in sys.modules]", "c2")
    assert answer.text == "[]"
    assert not (project / ".mlops").exists()


def test_silent_and_history_less_executions_are_no_cells(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("%%track viewer\n1", silent=True)
        kernel.execute("%%track viewer\n1", store_history=False)
        chain = "from jupyter_mlops.magics import session_of; len(session_of(get_ipython()).recorder.chain)"
        assert kernel.execute(chain, "c2").text == "1"


def test_disabled_records_nothing_says_so_once_and_runs_the_cell(project):
    with Kernel(project, JUPYTER_MLOPS_DISABLED="1") as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        first = kernel.execute("%%track one\nrun.log_metric('a', 1)\nx = 1", "c2")
        second = kernel.execute("%%track two\nrun.log_params(a=1)\nx += 1\nx", "c3")
    assert "JUPYTER_MLOPS_DISABLED" in first.stderr
    assert (first.status, second.status, second.stderr) == ("ok", "ok", "")
    assert second.text == "2"
    assert not (project / ".mlops").exists()


def test_a_store_that_cannot_be_had_costs_one_warning_and_not_the_cell(project):
    (project / ".mlops").mkdir(mode=0o700)
    broken = project / ".mlops" / "store.db"
    broken.write_text("this is no database, and long enough to be read as one\n" * 100)
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        said = ""
        for number in range(50):  # at the latest once the store has been tried
            answer = kernel.execute(f"%%track run{number}\nx = 41\nrun.log_metric('a', 1.0)", "c2")
            assert answer.status == "ok"
            said += answer.stderr
            if "cannot be reached" in said:
                break
        said += kernel.execute("%%track later\nx", "c3").stderr
        assert said.count("jupyter_mlops:") == 1, said
        assert kernel.execute("x", "c4").text == "41"
        kernel.client.shutdown()
        kernel.manager.provisioner.process.wait(timeout=60)
    broken.unlink()
    assert last(project, "later").status is RunStatus.FINISHED  # it had waited in the journal
    assert last(project, "run0").metrics == {"a": 1.0}


def test_the_first_save_after_a_run_settles_whether_the_notebook_says_what_ran(project):
    import nbformat

    path = project / "work.ipynb"

    def save(**sources: str) -> None:
        cells = [nbformat.v4.new_code_cell(source, id=cell) for cell, source in sources.items()]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)

    save(c1="%load_ext jupyter_mlops", c2="old text")
    with Kernel(project, JPY_SESSION_NAME=str(path)) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        card = kernel.execute("%%track kept\nx = 1", "c2").text
        assert "saved" not in card
        assert last(project, "kept").document is DocumentState.UNKNOWN
        save(c1="%load_ext jupyter_mlops", c2="%%track kept\nx = 1")
        kernel.execute("%%track changed\nx = 2", "c2")
        save(c1="%load_ext jupyter_mlops", c2="%%track changed\nx = 3")
        kernel.execute("%%track gone\nx = 4", "c9")
        save(c1="%load_ext jupyter_mlops", c2="%%track changed\nx = 3")
        kernel.execute("%%track never\nx = 5", "c2")
        kernel.client.shutdown()
        kernel.manager.provisioner.process.wait(timeout=60)
    found = {name: last(project, name) for name in ("kept", "changed", "gone", "never")}
    assert {name: run.document for name, run in found.items()} == {
        "kept": DocumentState.SAVED,
        "changed": DocumentState.UNSAVED,
        "gone": DocumentState.ORPHANED,
        "never": DocumentState.UNSAVED,
    }
    assert found["kept"].source.notebook == "work.ipynb"
    ws = opened(project)
    with ws.store.read() as tx:
        (event,) = tx.events.read(subject=found["kept"].id, kind="run.document_settled")
    assert event.data["document"] == "saved"
    ws.store.close()


def test_what_a_cell_has_tracked_can_be_used_by_the_very_next_line_of_code(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops\nimport jupyter_mlops as mlops", "c1")
        kernel.execute(
            "%%track quick\nimport numpy as np\nfrom sklearn.linear_model import Ridge\n"
            "X = np.arange(40.0).reshape(20, 2); y = X.sum(axis=1); model = Ridge().fit(X, y)",
            "c2",
        )
        answer = kernel.execute(
            "mlops.register_version(mlops.workspace(), model='quick', run=run.id).reference", "c3"
        )
        assert answer.status == "ok", answer.errors
        assert answer.text == "'quick:1'"


def test_unloading_in_a_kernel_takes_everything_away_and_reloading_brings_it_back_once(project):
    look = (
        "(len(get_ipython().events.callbacks['pre_run_cell']), 'write' in vars(type(__import__('sys').stdout)), "
        "len(get_ipython().input_transformers_cleanup))"
    )
    with Kernel(project) as kernel:
        before = kernel.execute(look, "c0").text
        kernel.execute("%load_ext jupyter_mlops", "c1")
        loaded = kernel.execute(look, "c2").text
        kernel.execute("%reload_ext jupyter_mlops", "c3")
        kernel.execute("%reload_ext jupyter_mlops", "c4")
        assert kernel.execute(look, "c5").text == loaded != before
        assert kernel.execute("%%track still\n1", "c6").status == "ok"
        kernel.execute("%unload_ext jupyter_mlops", "c7")
        assert kernel.execute(look, "c8").text == before
    assert last(project, "still").status is RunStatus.FINISHED


def test_long_cells_bring_their_points_home_while_they_run(project):
    code = (
        "%%track live\nimport time, jupyter_mlops as mlops\n"
        "from jupyter_mlops.workspace import open_workspace\n"
        "other = open_workspace('.')\n"
        "run.log_metric('loss', 1.0)\n"
        "deadline = time.monotonic() + 30\n"
        "import sqlite3\n"
        "def kept():\n"
        "    try:\n"
        "        with sqlite3.connect('.mlops/store.db') as db:\n"
        "            return [row[0] for row in db.execute('select status from runs')]\n"
        "    except sqlite3.Error:\n"
        "        return []\n"
        "while kept() != ['running'] and time.monotonic() < deadline:\n    time.sleep(0.02)\n"
        "kept()"
    )
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        answer = kernel.execute(code, "c2")
    results = [text for kind, text, _ in answer.displays if kind == "execute_result"]
    assert results == ["['running']"]
