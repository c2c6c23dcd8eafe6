"""The magic behind ``%%track``: it is only called where its line cannot be read, and then it says what is right."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from jupyter_mlops.magics import track
from jupyter_mlops.magics.options import USAGE, _parser, without_track
from tests.magics.shells import a_shell, page


@pytest.fixture
def shell(tmp_path):
    with a_shell(tmp_path) as shell:
        yield shell


def run(shell, code: str):
    """Run a cell; return its result, with what it showed kept off the tests' own output."""
    with page():
        return shell.run_cell(code)


def test_a_line_that_can_be_read_leaves_an_ordinary_cell(shell):
    track.register(shell)
    result = run(shell, "%%track baseline -e air --tag team=risk\nx = 1\nx + 1")
    assert (result.success, result.result, shell.user_ns["x"]) == (True, 2, 1)
    assert run(shell, "%%track baseline\nawait __import__('asyncio').sleep(0, 3)").result == 3


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "name"), ("a --nope", "--nope"), ("a --tag x", "not K=V"), ("a --as class", "not a variable"), ("'open", "quotation"),
        ("a b", "unrecognized"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_fails_the_cell_before_its_body_and_says_the_usage(shell, line, why):
    track.register(shell)
    result = run(shell, f"%%track {line}\nreached = True")
    assert not result.success
    failure = result.error_in_exec or result.error_before_exec
    assert isinstance(failure, UsageError)
    assert why in str(failure)
    assert "Usage: %%track NAME" in str(failure)
    assert "reached" not in shell.user_ns


def test_a_refusal_is_one_line_under_the_name_that_everybody_knows(shell):
    track.register(shell)
    failure = run(shell, "%%track a --nope\n1").error_in_exec
    (line,) = failure._render_traceback_()
    assert line.startswith("UsageError: %%track: unrecognized arguments: --nope")
    assert type(failure).__name__ == "UsageError"  # it is the name that an executed notebook keeps


@pytest.mark.parametrize("call", ["run_cell_magic", "body"])
def test_a_good_line_in_a_place_where_it_tracks_nothing_is_told_so(shell, call):
    track.register(shell)
    if call == "run_cell_magic":
        shell.user_ns["call"] = lambda: shell.run_cell_magic("track", "baseline", "x = 1")
        failure = run(shell, "call()").error_in_exec
    else:
        failure = run(
            shell, "x = 1\nget_ipython().run_cell_magic('track', 'baseline', 'y = 1')"
        ).error_in_exec
    assert isinstance(failure, UsageError)
    assert "first lines of a cell" in str(failure)
    assert USAGE in str(failure)
    assert "y" not in shell.user_ns


def test_its_help_says_the_usage_and_every_option(shell):
    track.register(shell)
    magic = shell.find_cell_magic("track")
    options = [option for action in _parser()._actions for option in action.option_strings]
    assert len(options) > 4
    assert [option for option in options if option not in magic.__doc__] == []
    assert USAGE in magic.__doc__


def test_registering_twice_doubles_nothing_and_unregistering_takes_all_away(shell):
    transformers = list(shell.input_transformers_cleanup)
    magics = dict(shell.magics_manager.magics["cell"])
    track.register(shell)
    track.register(shell)
    assert shell.input_transformers_cleanup.count(without_track) == 1
    track.unregister(shell)
    assert shell.input_transformers_cleanup == transformers
    assert shell.magics_manager.magics["cell"] == magics
    track.unregister(shell)  # nothing is there to be taken
    assert "not found" in str(run(shell, "%%track baseline\nx = 1").error_in_exec)


def test_a_magic_of_that_name_that_somebody_else_put_there_stays(shell):
    track.register(shell)
    shell.register_magic_function(lambda line, cell: f"theirs: {line}", "cell", "track")
    track.unregister(shell)
    assert run(shell, "%%track baseline\nx = 1").result == "theirs: baseline"
