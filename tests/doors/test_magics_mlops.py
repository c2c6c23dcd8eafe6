"""``%mlops`` in a real IPython: the same words, records back, completion, help, one clear message where it fails."""

import json
import threading

import nbformat
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from jupyter_mlops.errors import NotFound
from jupyter_mlops.magics import display
from jupyter_mlops.magics.entry import register, unregister
from jupyter_mlops.magics.mlops import Mlops
from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.naming import Namer
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking import finish_run, log_metrics, start_run
from jupyter_mlops.tracking.watching import watch_undone


@pytest.fixture
def shell(memory_ws):
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()  # display() looks for the one of the process
    register(shell, memory_ws)
    yield shell
    unregister(shell)
    InteractiveShell.clear_instance()


@pytest.fixture
def run(memory_ws):
    run = start_run(memory_ws, name="first", experiment="air")
    log_metrics(memory_ws, run=run.id, metrics={"mae": 41.2})
    return finish_run(memory_ws, run=run.id)


def said(shell, cell):
    """Run a cell: its result, what it printed, and what it displayed."""
    with capture_output() as shown:
        result = shell.run_cell(cell, store_history=True)
    return result, shown.stdout, shown.outputs


def test_a_line_gives_back_its_record(shell, run):
    result, out, _ = said(shell, "page = %mlops runs 'metrics.mae < 42'")

    assert result.success
    assert out == ""
    assert isinstance(shell.user_ns["page"], Page)
    assert shell.user_ns["page"][0].id == run.id


def test_names_of_the_notebook_are_filled_in(shell, run):
    shell.user_ns["best"] = run

    said(shell, "found = %mlops show {best.id}")
    assert shell.user_ns["found"] == run
    said(shell, "name = 'first'\nfound = %mlops runs \"name = '{name}'\"")
    assert shell.user_ns["found"].total == 1


def test_a_bare_line_shows_its_record_as_a_widget_with_text_and_html_beside_it(shell, run):
    result, _, shown = said(shell, f"%mlops show {run.id}")

    assert isinstance(result.result, Run)
    assert len(shown) == 1
    assert "first" in shown[0].data["text/plain"]
    assert "<script" not in shown[0].data["text/html"]


def test_a_record_on_the_last_line_shows_itself_too(shell, run):
    shell.user_ns["run"] = run

    _, _, shown = said(shell, "run")

    assert len(shown) == 1
    assert "data-jmlops-twin" in shown[0].data["text/html"]


def test_several_records_are_a_tuple_and_show_themselves_as_a_list(shell, run):
    result, _, _ = said(shell, "%mlops groups")

    assert isinstance(result.result, tuple)
    assert len(result.result) == 1
    html, text = (
        shell.display_formatter.format(result.result)[0][kind] for kind in ("text/html", "text/plain")
    )
    assert "<table" in html
    assert "first" in text
    assert "RunGroup(" not in text


def test_a_page_of_other_things_is_shown_once(shell, run):
    _, _, shown = said(shell, "%mlops models")

    assert len(shown) == 1


def test_a_slice_is_shown_as_it_reads_and_can_be_written_down(shell, run):
    display.register(shell)
    result, out, _ = said(shell, f"%mlops slice {run.id} --to script")
    display.unregister(shell)

    assert str(result.result).startswith("# run first")
    assert "\\n" not in out
    assert "first" in out


def test_json_is_printed_and_nothing_is_shown(shell, run):
    result, out, shown = said(shell, "%mlops runs --json")

    assert json.loads(out)["total"] == 1
    assert result.result is None
    assert shown == []


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("%mlops runs --limit many", "Invalid", "limit: expected integer"),
        ("%mlops show nothing-there", "NotFound", "nothing-there"),
        ("%mlops rnus", "Invalid", "there is no command 'rnus'"),
        ("%mlops runs 'unclosed", "Invalid", "cannot be read"),
    ],
)
def test_what_goes_wrong_is_one_clear_message_and_the_cell_fails(shell, run, line, kind, message):
    result, out, _ = said(shell, line)

    assert not result.success
    assert type(result.error_in_exec).__name__ == kind
    assert message in out
    assert "Traceback" not in out
    assert len(out.strip().splitlines()) <= 2
    assert "jupyter mlops" not in out  # what helps is said in the words that work here


def test_an_answer_that_is_no_fails_the_cell_and_is_shown(shell, memory_ws, monkeypatch):
    from jupyter_mlops import review
    from jupyter_mlops.records.review import Verification

    monkeypatch.setattr(
        review, "verify", lambda _ws: Verification(ok=False, events=1, head="", problem="line 1 was changed")
    )

    result, _, shown = said(shell, "%mlops verify")

    assert not result.success
    assert "line 1 was changed" in shown[0].data["text/plain"]


@pytest.mark.parametrize("line", ["%mlops", "%mlops --help", "%mlops review", "%mlops runs --help"])
def test_help_is_printed_and_is_no_failure(shell, line):
    result, out, _ = said(shell, line)

    assert result.success
    assert "usage: %mlops" in out


def test_a_question_mark_lists_every_command(shell):
    info = shell.object_inspect("%mlops")

    assert "review decide" in info["docstring"]
    assert "Find runs" in info["docstring"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%mlops rep", {"report", "reproduce"}),
        ("%mlops review d", {"decide"}),
        ("r = %mlops review decide abcd ap", {"approve"}),
        ("%mlops runs --li", {"--limit"}),
        ("%mlops autolog o", {"off", "on"}),
    ],
)
def test_completion_offers_the_words_of_the_table(shell, line, offered):
    with provisionalcompleter():
        matches = [found.text for found in shell.Completer.completions(line, len(line))]

    assert {match.split()[-1] for match in matches} == offered


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ('%mlops runs "metrics.m', {"metrics.mae"}),
        ("%mlops runs metrics.", {"metrics.mae"}),
        ("%mlops runs 'metrics.mae < 42 and not (exp", {"experiment"}),
        ("%mlops runs --order metr", {"metrics.mae"}),
        ("%mlops runs --order started,metr", {"metrics.mae"}),
        ('%mlops runs "not(metrics.', {"metrics.mae"}),
        ("%mlops models descr", {"description"}),
    ],
)
def test_completion_offers_the_names_a_query_may_hold(shell, run, line, offered):
    magic = shell.magics_manager.magics["line"]["mlops"].magic
    magic.namer.names(
        next(row for row in OPERATIONS if command_of(row) == (line.split()[1],)), 60
    )  # read, however slow
    with provisionalcompleter():
        matches = [found.text for found in shell.Completer.completions(line, len(line))]

    assert {match.split()[-1].lstrip("(") for match in matches} == offered


def test_completion_of_names_neither_fails_nor_makes_a_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    find = next(row for row in OPERATIONS if row.name == "run.find")

    assert "experiment" in Mlops(None).namer.names(find, 60)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".mlops").write_text("no folder")
    assert Mlops(None).namer.names(find, 60) == ()


def test_a_store_that_takes_long_keeps_no_key_press_waiting():
    held, find = threading.Event(), next(row for row in OPERATIONS if row.name == "run.find")
    namer = Namer(lambda _: held.wait(60) and ("late",))

    assert namer.names(find, 0.01) == ()
    held.set()
    assert namer.names(find, 60) == ("late",)


def test_completion_is_silent_elsewhere(shell):
    with provisionalcompleter():
        matches = [found.text for found in shell.Completer.completions("%lsma", 5)]

    assert matches == ["%lsmagic"]


def test_taking_it_away_leaves_the_shell_as_it_was(memory_ws):
    shell = InteractiveShell()
    formatter = shell.display_formatter.ipython_display_formatter
    before = (
        set(shell.magics_manager.magics["line"]),
        list(shell.Completer.custom_matchers),
        dict(formatter.deferred_printers),
        dict(formatter.type_printers),
    )

    register(shell, memory_ws)
    register(shell, memory_ws)  # a second time doubles nothing
    assert len(shell.Completer.custom_matchers) == len(before[1]) + 1
    formatter(start_run(memory_ws, name="seen"))  # moves a printer from the one table to the other
    unregister(shell)

    assert before == (
        set(shell.magics_manager.magics["line"]),
        list(shell.Completer.custom_matchers),
        dict(formatter.deferred_printers),
        dict(formatter.type_printers),
    )


@pytest.mark.kernel
def test_a_line_that_fails_stops_a_job_at_its_cell_with_one_traceback(tmp_path):
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    book = nbformat.v4.new_notebook()
    book.cells = [
        nbformat.v4.new_code_cell("%load_ext jupyter_mlops"),
        nbformat.v4.new_code_cell("%mlops show nothing-there"),
        nbformat.v4.new_code_cell("print('went on')"),
    ]

    with pytest.raises(CellExecutionError):
        NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()

    assert book.cells[2].execution_count is None
    errors = [output for output in book.cells[1].outputs if output.output_type == "error"]
    assert len(errors) == 1
    assert errors[0].ename == "NotFound"
    assert "Traceback" not in "".join(errors[0].traceback)


@pytest.mark.kernel
def test_the_extension_brings_the_magic_and_its_switch(tmp_path):
    from nbclient import NotebookClient

    book = nbformat.v4.new_notebook()
    book.cells = [
        nbformat.v4.new_code_cell("%load_ext jupyter_mlops"),
        nbformat.v4.new_code_cell("%mlops autolog on"),
        nbformat.v4.new_code_cell("%mlops autolog off"),
        nbformat.v4.new_code_cell("state = %mlops workspace\nprint(state.actor.via)"),
        nbformat.v4.new_code_cell(
            "%unload_ext jupyter_mlops\n'mlops' in get_ipython().magics_manager.magics['line']"
        ),
    ]

    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()

    assert book.cells[1].outputs[0].text.startswith("autolog is on: ")
    assert book.cells[2].outputs[0].text.startswith("autolog is off, also inside tracked cells")
    assert book.cells[3].outputs[0].text == "notebook\n"
    assert book.cells[4].outputs[0].data["text/plain"] == "False"


def test_a_comment_after_the_words_is_a_comment(shell, run):
    result, _, _ = said(shell, '%mlops runs "metrics.mae < 42" --order metrics.mae   # the good ones')
    assert [one.name for one in result.result] == ["first"]
    result, _, _ = said(shell, f'%mlops rename {run.id} "# not a comment"')
    assert result.result.name == "# not a comment"


def test_a_named_place_that_is_not_there_is_no_empty_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    magic = Mlops(None)

    with pytest.raises(NotFound, match="there is no workspace at"):
        magic("runs --workspace there")
    with pytest.raises(NotFound, match="there is no workspace at"):
        magic("rename abcdef x --workspace a/b")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def undone():
    yield
    watch_undone()


def test_autolog_takes_options_and_alone_tells_what_is_set(shell, undone):
    plain = "positive_label none, candidates 10, models yes, train_metrics yes\n"
    told = said(shell, "%mlops autolog")[1]
    assert told == f"autolog works inside tracked cells\n{plain}"

    line = "%mlops autolog on --positive-label 1 --candidates 20 --no-models"
    told = said(shell, line)[1]
    assert told == (
        "autolog is on: fits outside tracked cells become runs of their own\n"
        "positive_label 1, candidates 20, models no, train_metrics yes\n"
    )
    assert json.loads(said(shell, "%mlops autolog --json")[1]) == {
        "state": "on",
        "positive_label": 1,
        "candidates": 20,
        "models": False,
        "train_metrics": True,
    }
    told = said(shell, "%mlops autolog --candidates all --positive-label yes --no-train-metrics")[1]
    assert told.startswith("autolog is on: ")  # as before: no state was said
    assert told.endswith("positive_label yes, candidates all, models yes, train_metrics no\n")
    assert said(shell, "%mlops autolog tracked")[1] == "autolog works inside tracked cells\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%mlops autolog sometimes", "state: expected one of 'off', 'tracked', 'on'"),
        (
            "%mlops autolog --candidates -1",
            "candidates must be a whole number from 0 to 1000 or 'all', not -1",
        ),
        ("%mlops autolog on --candidates few", "not 'few'"),
        ("%mlops autolog on --colour red", "unknown: --colour"),
    ],
)
def test_a_wrong_option_of_autolog_switches_nothing(shell, undone, line, message):
    result, out, _ = said(shell, line)
    assert not result.success
    assert message in out
    assert said(shell, "%mlops autolog")[1].startswith("autolog works inside tracked cells\n")
