"""Loading, unloading, and what the hooks do when they themselves go wrong; in a shell of this process."""

from __future__ import annotations

import json
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_mlops.magics import load, session_of, unload
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import find_artifacts, find_runs
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.watching import autolog


@pytest.fixture
def shell(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    memory = Config({"HistoryManager": {"hist_file": ":memory:"}})
    shell = InteractiveShell.instance(config=memory)
    yield shell
    unload(shell)
    InteractiveShell.clear_instance()


def run(shell, code: str, **more):
    return shell.run_cell(code, store_history=True, **more)


def hooks(shell):
    return {name: list(found) for name, found in shell.events.callbacks.items()}


def state(shell):
    """Everything that loading may touch, by identity."""
    import sklearn.linear_model
    import sklearn.metrics

    return {
        "events": {name: [id(f) for f in found] for name, found in hooks(shell).items()},
        "transformers": [id(f) for f in shell.input_transformers_cleanup],
        "cell magics": {k: id(v) for k, v in shell.magics_manager.magics["cell"].items()},
        "line magics": {k: id(v) for k, v in shell.magics_manager.magics["line"].items()},
        "matchers": [id(m) for m in shell.Completer.custom_matchers],
        "html": set(shell.display_formatter.formatters["text/html"].deferred_printers)
        | set(shell.display_formatter.formatters["text/html"].type_printers),
        "plain": set(shell.display_formatter.formatters["text/plain"].deferred_printers)
        | set(shell.display_formatter.formatters["text/plain"].type_printers),
        "publish": "publish" in vars(shell.display_pub),
        "result": "write_format_data" in vars(shell.displayhook),
        "stdout": "write" in vars(sys.stdout) if hasattr(sys.stdout, "__dict__") else False,
        "fit": id(vars(sklearn.linear_model.Ridge)["fit"]),
        "score": id(sklearn.metrics.mean_absolute_error),
        "meta_path": [id(f) for f in sys.meta_path],
    }


FIT = (
    "%%track fitted\n"
    "import numpy as np\nfrom sklearn.linear_model import Ridge\nfrom sklearn.metrics import mean_absolute_error\n"
    "X = np.arange(40.0).reshape(20, 2); y = X.sum(axis=1)\n"
    "model = Ridge().fit(X, y)\n"
    "mean_absolute_error(y[:5], model.predict(X[:5]))\n"
    "run"
)


def test_unloading_leaves_the_shell_and_every_patched_object_as_they_were(shell):
    load(shell)
    run(shell, FIT)  # once, so that what the libraries themselves put somewhere is there already
    unload(shell)
    before = state(shell)
    load(shell)
    assert run(shell, FIT).success
    assert state(shell) != before
    unload(shell)
    assert state(shell) == before


def test_loading_twice_doubles_nothing(shell):
    load(shell)
    assert run(shell, FIT).success
    once = state(shell)
    load(shell)
    load(shell)
    assert run(shell, FIT).success
    twice = state(shell)
    for part in ("events", "transformers", "matchers", "meta_path"):
        assert len(twice[part]) == len(once[part]), part
    assert {k: len(v) for k, v in twice["events"].items()} == {k: len(v) for k, v in once["events"].items()}
    assert find_runs(here(), "name = 'fitted'").total == 2


def test_reloading_puts_each_patch_on_once_and_unloading_gives_the_very_objects_back(shell):
    load(shell)
    run(shell, "%reload_ext jupyter_mlops")  # IPython makes the magic itself anew with its first use
    run(shell, FIT)
    unload(shell)
    before = state(shell)
    load(shell)
    for _ in range(2):
        run(shell, "%reload_ext jupyter_mlops")
        assert run(shell, FIT).success
    assert state(shell) != before
    unload(shell)
    assert state(shell) == before
    assert find_runs(here(), "name = 'fitted'").total == 3


def test_autolog_sees_names_imported_before_the_extension_and_off_means_off(shell):
    run(
        shell,
        "import numpy as np\nfrom sklearn.linear_model import Ridge\nfrom sklearn.metrics import mean_absolute_error as mae",
    )
    load(shell)
    body = "X = np.arange(40.0).reshape(20, 2); y = X.sum(axis=1)\nmodel = Ridge(alpha=0.5).fit(X, y)\nscore = mae(y[:5], model.predict(X[:5]))"
    run(shell, f"%%track seen\n{body}")
    run(shell, body)  # outside a tracked cell nothing is recorded
    autolog(False)
    run(shell, f"%%track unseen\n{body}")
    ws = here()
    assert find_runs(ws).total == 2
    (seen,) = find_runs(ws, "name = 'seen'")
    assert seen.params["alpha"] == 0.5
    assert "mae" in seen.metrics, seen.metrics
    (unseen,) = find_runs(ws, "name = 'unseen'")
    assert "alpha" not in unseen.params
    autolog("tracked")
    run(shell, f"%%track again\n{body}")
    run(shell, body)
    (again,) = find_runs(ws, "name = 'again'")
    assert (again.params["alpha"], find_runs(ws).total) == (0.5, 3)


def test_autolog_in_the_settings_watches_everywhere_from_loading_on_and_unloading_restores_all(
    shell, tmp_path
):
    import sklearn.linear_model  # the patches of a library come with it

    body = (
        "import numpy as np\nfrom sklearn.linear_model import Ridge\n"
        "X = np.arange(40.0).reshape(20, 2); y = X.sum(axis=1)\nmodel = Ridge(alpha=0.25).fit(X, y)"
    )
    plain = sklearn.linear_model.Ridge.__dict__["fit"]
    load(shell)
    assert sklearn.linear_model.Ridge.__dict__["fit"] is plain  # by default only tracked cells are watched
    unload(shell)
    (tmp_path / ".mlops").mkdir(mode=0o700)
    (tmp_path / ".mlops" / "config.toml").write_text("autolog = true\n")
    load(shell)
    assert sklearn.linear_model.Ridge.__dict__["fit"] is not plain
    run(shell, body)
    unload(shell)
    assert sklearn.linear_model.Ridge.__dict__["fit"] is plain
    (found,) = find_runs(here())
    assert (found.params["model"], found.params["alpha"]) == ("Ridge", 0.25)


def test_settings_that_cannot_be_read_do_not_keep_the_extension_from_loading(shell, tmp_path):
    (tmp_path / ".mlops").mkdir(mode=0o700)
    (tmp_path / ".mlops" / "config.toml").write_text("autolog = = true\n")
    load(shell)
    assert session_of(shell) is not None


def test_several_fits_in_one_cell_are_child_runs_and_the_last_is_the_runs_own(shell):
    load(shell)
    run(
        shell,
        "%%track both\nimport numpy as np\nfrom sklearn.dummy import DummyRegressor\nfrom sklearn.linear_model import Ridge\n"
        "X = np.arange(40.0).reshape(20, 2); y = X.sum(axis=1)\n"
        "baseline = DummyRegressor().fit(X, y)\nmodel = Ridge(alpha=2.0).fit(X, y)",
    )
    ws = here()
    (own,) = find_runs(ws, "name = 'both'")
    (child,) = find_runs(ws, f"parent = '{own.id}'")
    assert (own.params["model"], own.params["alpha"]) == ("Ridge", 2.0)
    assert (child.params["model"], child.status) == ("DummyRegressor", RunStatus.FINISHED)
    assert "train_mae" in child.metrics


def test_the_name_run_is_bound_only_where_it_is_free_or_asked_for(shell):
    load(shell)
    run(shell, "%%track one\n1")
    assert shell.user_ns["run"].name == "one"
    run(shell, "%%track two\n1")
    assert shell.user_ns["run"].name == "two"
    run(shell, "run = 'mine'")
    run(shell, "%%track three --as other\n1")
    assert (shell.user_ns["run"], shell.user_ns["other"].name) == ("mine", "three")
    run(shell, "%%track four\n1")
    assert shell.user_ns["run"] == "mine"


def test_a_run_can_be_read_and_registered_while_its_cell_runs(shell):
    load(shell)
    result = run(
        shell,
        FIT.replace("fitted", "registered").rsplit("\n", 1)[0]
        + "\nimport jupyter_mlops as mlops\nversion = run.log_model(model, name='small', data=X, register=True)\nversion.reference",
    )
    assert result.success, result.error_in_exec
    assert result.result == "small:1"


def test_hooks_that_fail_never_raise_and_switch_off_after_three_times_with_one_note(shell, capsys):
    load(shell)
    session = session_of(shell)
    session.recorder = None  # whatever breaks inside
    for number in range(5):
        result = run(shell, f"x = {number}\nx")
        assert result.success
        assert result.result == number
    err = capsys.readouterr().err
    assert err.count("recording has switched itself off") == 1
    assert "%reload_ext" in err
    assert session.off
    load(shell)
    assert run(shell, "%%track again\n1").success
    assert find_runs(here(), "name = 'again'").total == 1


def test_a_workspace_of_somebody_else_is_one_clear_line_and_the_cell_goes_on(shell, tmp_path, capsys):
    (tmp_path / ".mlops").mkdir()
    (tmp_path / ".mlops" / "config.toml").write_text("nonsense = 1\n")
    load(shell)
    result = run(shell, "%%track one\n41 + 1")
    assert (result.success, result.result) == (True, 42)
    err = capsys.readouterr().err
    assert err.count("jupyter_mlops:") == 1
    assert "unknown setting nonsense" in err


def test_what_is_printed_and_shown_is_what_would_have_been(shell, capsys):
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n[1, 2]"
    run(shell, code)
    plain = capsys.readouterr()
    load(shell)
    run(shell, f"%%track same\n{code}")
    tracked = capsys.readouterr()
    assert tracked.err == plain.err
    assert plain.out.splitlines()[0] == tracked.out.splitlines()[0] == "out"
    assert "[1, 2]" in tracked.out


def test_cells_before_the_extension_make_the_recorder_blind_only_if_they_left_names(shell):
    load(shell)
    run(shell, "1")
    assert session_of(shell).recorder.blind is False
    unload(shell)
    run(shell, "left_behind = 1")
    load(shell)
    run(shell, "2")
    assert session_of(shell).recorder.blind is True


def test_what_a_startup_file_made_is_unknown_and_what_ipython_keeps_is_not(shell):
    shell.user_ns["helper"] = 3
    shell.user_ns_hidden["helper"] = 3  # as IPython does once its startup files have run
    run(shell, "%load_ext jupyter_mlops")
    run(shell, "%%track bare\ntold = (__name__, In, Out, _i, _ih, _dh, exit, open, display, get_ipython)")
    run(shell, "%%track helped\nhelped = helper")
    grades = {found.name: found.grade_reason for found in find_runs(here())}
    assert "where cell" in grades["bare"]  # nobody knows the document here; the names are no reason
    assert grades["helped"] == "cell 3 read 'helper', and no recorded cell is known to have made it"


def test_the_cell_that_loads_the_extension_is_on_record(shell):
    run(shell, "%load_ext jupyter_mlops\nalpha = 3")
    run(shell, "%%track rests\nbeta = alpha")
    chain = session_of(shell).recorder.chain
    assert [cell.count for cell in chain] == [1, 2]
    assert "alpha" in chain[0].writes
    assert find_runs(here(), "name = 'rests'")[0].source.rests_on == (1, 2)


def test_nested_and_history_less_cells_are_ignored(shell):
    load(shell)
    run(shell, "get_ipython().run_cell('inner = 1')\nouter = 2")
    shell.run_cell("%%track ghost\n1", store_history=False)
    assert [cell.source.count("outer") for cell in session_of(shell).recorder.chain] == [1]


def test_a_cell_that_runs_another_one_goes_on_and_is_one_link_of_the_chain(shell):
    load(shell)
    code = "get_ipython().run_cell('inner = 1', store_history=True)\nouter = inner + 1"
    result = run(shell, f"%%track whole\n{code}\nrun.log_metric('outer', outer)")
    assert result.success
    (kept,) = find_runs(here(), "name = 'whole'")
    assert (kept.status, kept.metrics) == (RunStatus.FINISHED, {"outer": 2.0})
    run(shell, "after = outer")
    texts = [cell.source.partition("\n")[0] for cell in session_of(shell).recorder.chain]
    assert texts == ["%%track whole", "after = outer"]


def test_help_says_what_the_line_takes(shell, capsys):
    load(shell)
    run(shell, "%%track?")
    magic = shell.find_cell_magic("track")
    assert "--on-rerun" in magic.__doc__


def test_a_recorder_that_fails_is_counted_as_a_failure_of_ours(shell, capsys):
    load(shell)
    for number in range(3):
        session_of(shell).recorder.failures.append(f"started: KeyError: {number}")
        assert run(shell, f"{number}").result == number
    assert "recording has switched itself off" in capsys.readouterr().err
    assert session_of(shell).off


def test_one_slow_cell_is_no_reason_to_stop_and_three_in_a_row_are(shell, capsys):
    load(shell)
    session = session_of(shell)
    for seconds in (0.6, 0.001, 0.7, 0.7):
        session.spent(seconds)
    assert not session.off
    session.spent(0.7)
    assert session.off
    assert capsys.readouterr().err.count("switched itself off") == 1


def test_executions_of_other_threads_are_no_cells_of_this_document(shell):
    import threading

    load(shell)
    thread = threading.Thread(target=lambda: run(shell, "from_a_thread = 1"))
    thread.start()
    thread.join()
    run(shell, "2")
    assert [cell.source for cell in session_of(shell).recorder.chain] == ["2"]


def test_a_tracked_cell_in_which_recording_gives_up_still_has_its_end(shell, capsys):
    load(shell)
    fail = "s = __import__('jupyter_mlops.magics', fromlist=['x']).session_of(get_ipython())\n"
    run(shell, f"%%track half\n{fail}for n in range(3): s.failed(ValueError(n))\nprint('on')")
    assert session_of(shell).off
    assert find_runs(here(), "name = 'half'")[0].status is RunStatus.FINISHED
    assert "publish" not in vars(shell.display_pub)
    assert run(shell, "3 + 4").result == 7


def test_a_cell_that_runs_again_continues_replaces_or_forks_its_run(shell):
    load(shell)
    run(shell, "%%track base\nalpha = 1\nrun.log_metric('n', 1)")
    first = shell.user_ns["run"].id
    run(shell, "%%track base --on-rerun continue\nalpha = 2\nrun.log_metric('n', 2)")
    assert shell.user_ns["run"].id == first
    kept = shell.user_ns["run"].record
    assert (kept.params["alpha"], kept.metrics["n"], kept.status) == (2, 2.0, RunStatus.FINISHED)
    run(shell, "%%track base --on-rerun replace\nalpha = 3")
    second = shell.user_ns["run"].id
    run(shell, "%%track base\nalpha = 4")
    assert shell.user_ns["run"].id not in {first, second}
    assert [r.params["alpha"] for r in find_runs(here(), order="started")] == [3, 4]
    assert find_runs(here(), archived=True).total == 3


@pytest.mark.parametrize("how", ["--on-rerun continue", "--resume fit"])
def test_a_run_that_went_on_is_not_taken_for_a_forgery(shell, how):
    from jupyter_mlops.registry import register_version
    from jupyter_mlops.review import check_version

    load(shell)
    run(shell, "from sklearn.linear_model import Ridge\nX = [[0.0], [1.0], [2.0]]\ny = [0.0, 1.0, 2.0]")
    for alpha, more in ((1.0, ""), (2.0, how)):
        run(shell, f"alpha = {alpha}")
        run(shell, f"%%track fit {more}\nmodel = Ridge(alpha=alpha).fit(X, y)")
    (kept,) = find_runs(here(), "name = 'fit'")
    assert kept.params["alpha"] == 2.0
    version = register_version(here(), model="line", run=kept.id)
    (grade,) = [check for check in check_version(here(), version.reference).checks if check.name == "grade"]
    assert "graded" in grade.summary, grade


def test_a_cell_that_cannot_be_tracked_is_told_so_at_once(shell, monkeypatch, capsys):
    load(shell)
    monkeypatch.setitem(
        sys.modules, "jupyter_mlops.magics.card", None
    )  # as after an upgrade under a running kernel
    result = run(shell, "%%track x\nvalue = 1")
    assert result.success
    assert shell.user_ns["value"] == 1
    assert "this cell is not tracked: " in capsys.readouterr().err


def test_switching_autolog_back_inside_a_tracked_cell_leaves_that_cell_watched(shell):
    load(shell)
    run(shell, "from sklearn.linear_model import Ridge")
    body = "Ridge(alpha=0.25).fit([[0.0], [1.0]], [0.0, 1.0])"
    run(shell, f"%%track inside\n%mlops autolog tracked\n{body}")
    (kept,) = find_runs(here(), "name = 'inside'")
    assert kept.params["alpha"] == 0.25


def test_what_recording_has_cost_is_told_on_request(shell, capsys):
    load(shell)
    run(shell, "x = 1")
    run(shell, "%mlops overhead")
    told = capsys.readouterr().out
    assert "ms in the middle" in told
    assert "hooks" in told
    run(shell, "%mlops overhead --json")
    found = json.loads(capsys.readouterr().out)
    # The line had not ended when it was asked.
    assert found["hooks"] == len(session_of(shell).overhead.hooks) - 1
    assert 0 < found["median_ms"] <= found["worst_ms"] <= found["total_ms"]
    assert {"hashing_ms", "models_ms", "collections_ms"} <= set(found)
    before = found["hashing_ms"]
    run(shell, "import numpy as np; from sklearn.linear_model import Ridge; X = np.random.rand(100_000, 20)")
    run(shell, "%%track kept\nRidge().fit(X, X[:, 0])")
    capsys.readouterr()
    run(shell, "%mlops overhead --json")
    found = json.loads(capsys.readouterr().out)
    assert found["hashing_ms"] > before
    assert found["models_ms"] > 0


BATCH = (
    "import numpy as np, pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nimport jupyter_mlops as mlops\n"
    "numbers = np.random.default_rng(0).normal(size=(90, 3))\n"
    "X = pd.DataFrame(numbers, columns=list('abc')); y = np.where(X.a > 0, 'yes', 'no')\n"
    "new = X.iloc[:40] + 1.0"
)


def test_scoring_data_without_a_metric_leaves_them_in_the_books_as_they_were(shell):
    from jupyter_mlops.capture.fingerprint import fingerprint

    load(shell)
    assert run(shell, BATCH).success
    assert run(
        shell,
        "%%track fits\nmodel = LogisticRegression().fit(X, y)\nrun.log_model(model, 'pm25', register=True)",
    ).success
    digest = fingerprint(shell.user_ns["new"]).digest
    change = "new.iloc[7, 1] = 99.0"
    assert run(shell, f"%%track loaded\nanswers = mlops.load_model('pm25:1').predict(new)\n{change}").success
    changed = fingerprint(shell.user_ns["new"]).digest
    assert run(shell, "%%track earlier\nmodel.predict_proba(new); model.predict(new)").success
    assert run(shell, "model.predict(new - 1.0)").success
    assert run(
        shell,
        "%%track scored\nfrom sklearn.metrics import accuracy_score\naccuracy_score(y[:40], model.predict(new))",
    ).success

    kept = {one.name: [(i.name, i.role, i.rows, i.digest) for i in one.inputs] for one in find_runs(here())}
    assert kept["loaded"] == [("new", "predict", 40, digest)]
    assert kept["earlier"] == [("new", "predict", 40, changed)]
    assert kept["scored"][0] == ("new", "test", 40, changed)
    assert {role for _, role, *_ in kept["scored"]} == {"test"}
    assert {role for _, role, *_ in kept["fits"]} == {"train"}


def test_the_options_of_autolog_hold_in_tracked_cells_from_the_file_and_from_the_line(shell, tmp_path):
    (tmp_path / ".mlops").mkdir()
    (tmp_path / ".mlops" / "config.toml").write_text(
        "[autolog]\npositive_label = 'yes'\ncandidates = 1\nmodels = false\n"
    )
    load(shell)
    assert run(shell, f"{BATCH}\nfrom sklearn.model_selection import GridSearchCV").success
    search = "GridSearchCV(LogisticRegression(), {'C': [0.1, 1.0, 10.0]}, cv=2).fit(X, y)"
    assert run(shell, f"%%track file\n{search}").success
    assert run(
        shell, "%mlops autolog tracked --positive-label no --candidates all --no-train-metrics --models"
    ).success
    assert run(shell, f"%%track line\n{search}").success
    assert run(shell, "%mlops autolog tracked --positive-label no").success
    assert run(shell, "%%track label\nmodel = LogisticRegression().fit(X, y)").success

    (file,), (line,), (label,) = (find_runs(here(), f"name = '{name}'") for name in ("file", "line", "label"))
    counted = {one.name: find_runs(here(), f"parent = '{one.id}'").total for one in (file, line)}
    assert counted == {"file": 1, "line": 3}
    assert {one.name: _keeps_a_model(one) for one in (file, line)} == {"file": False, "line": True}
    assert (file.params["positive_label"], label.params["positive_label"]) == ("yes", "no")
    assert "train_f1" in file.metrics
    assert {name for name in line.metrics if name.startswith("train_")} == set()
    space = shell.user_ns
    answers, truth = space["model"].predict(space["X"]), space["y"]
    recall = (answers[truth == "no"] == "no").mean()
    assert label.metrics["train_recall"] == pytest.approx(recall)


def _keeps_a_model(run) -> bool:
    return any(file.name.startswith("models/") for file in find_artifacts(here(), run=run.id))


def test_what_a_cell_scores_of_other_models_stands_beside_its_own_and_says_whose_it_is(shell):
    load(shell)
    assert run(
        shell, f"{BATCH}\nfrom sklearn.dummy import DummyClassifier\nfrom sklearn.metrics import *"
    ).success
    first = "old = DummyClassifier().fit(X, y)\nrun.log_model(old, 'pm25', register=True)"
    assert run(shell, f"%%track first\n{first}").success
    scores = "[accuracy_score(y[:40], one.predict(new)) for one in (old, current)]"
    assert run(shell, f"%%track both\ncurrent = LogisticRegression().fit(X, y)\nfound = {scores}").success
    loaded = "champion = mlops.load_model('pm25:1')\naccuracy_score(y[:40], champion.predict(new))"
    assert run(shell, f"%%track loaded\n{loaded}").success
    one_class = (
        "truth = y == 'yes'\nlast = LogisticRegression().fit(X, truth)\nf1_score(truth, last.predict(X) > 2)"
    )
    assert run(shell, f"%%track classes\n{one_class}").success

    kept = {one.name: one for one in find_runs(here())}
    of_old, of_current = shell.user_ns["found"]
    assert of_old != of_current
    assert (kept["both"].metrics["accuracy"], kept["both"].metrics["accuracy_old"]) == (of_current, of_old)
    assert (
        f"accuracy_old is of DummyClassifier `old`, fitted in run {kept['first'].short}" in kept["both"].notes
    )
    assert kept["loaded"].metrics == {"accuracy": of_old}
    assert kept["loaded"].notes == ("accuracy is of DummyClassifier `champion`, loaded as pm25:1",)
    assert kept["classes"].metrics["train_f1"] > kept["classes"].metrics["train_f1_binary"] == 0.0


def test_the_fits_and_candidates_of_a_cell_have_each_their_own_time(shell):
    load(shell)
    assert run(shell, f"{BATCH}\nfrom sklearn.model_selection import GridSearchCV").success
    search = "GridSearchCV(LogisticRegression(), {'C': [0.1, 1.0]}, cv=2).fit(X, y)"
    assert run(shell, f"%%track many\nmodel = LogisticRegression().fit(X, y)\n{search}").success
    (parent,) = find_runs(here(), "name = 'many'")
    fit, *tried = find_runs(here(), f"parent = '{parent.id}'", order="started")
    spans = {one.name: (one.ended - one.started).total_seconds() for one in (fit, *tried)}
    assert spans.pop("model") == pytest.approx(fit.metrics["fit_seconds"], abs=2e-6)
    assert spans == {
        one.name: pytest.approx(2 * (one.metrics["fit_seconds"] + one.metrics["score_seconds"]), abs=2e-6)
        for one in tried
    }
    assert parent.started <= fit.started < fit.ended <= tried[0].started == tried[1].started
    assert max(one.ended for one in tried) <= parent.ended


def broken(*_args, **_more):
    raise ValueError("broken")


@pytest.mark.parametrize(
    "part",
    [
        "jupyter_mlops.magics.outputs.Shown.end",
        "jupyter_mlops.magics.session.look_at_imports",
        "jupyter_mlops.magics.session.Session._known_names",
        "jupyter_mlops.magics.session.Session._end_runs",
        "jupyter_mlops.magics.document.DocumentWatch.path",
        "jupyter_mlops.tracking.cells.TrackedCell._captured",
    ],
)
def test_whatever_fails_at_the_end_of_a_cell_the_recorder_and_the_run_are_told_it(shell, part):
    load(shell)
    session = session_of(shell)
    with pytest.MonkeyPatch.context() as patches:
        shell.user_ns["_break"] = lambda: patches.setattr(part, broken)
        assert run(shell, "%%track half\n_break()").success
    assert len(session.recorder.chain) == 1
    assert find_runs(here(), "name = 'half'")[0].status is RunStatus.FINISHED
    assert run(shell, "%%track next\n1").success
    assert find_runs(here(), "name = 'next'")[0].parent is None


def test_a_display_of_anything_ends_its_run(shell):
    load(shell)
    run(
        shell,
        "%%track shown\nfrom IPython.display import display\ndisplay({1: 'a', 'text/plain': 'x'}, raw=True)",
    )
    assert find_runs(here(), "name = 'shown'")[0].status is RunStatus.FINISHED
