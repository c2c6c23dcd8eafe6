"""``%mlops`` while nobody has used it: there, found and completed, and nothing behind it imported."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.utils.capture import capture_output

from jupyter_mlops.magics import entry
from jupyter_mlops.records.run import Run
from tests.contracts.samples import full_run
from tests.magics.shells import a_shell


@pytest.fixture
def shell(tmp_path):
    with a_shell(tmp_path) as shell:
        entry.register(shell)
        yield shell
        entry.unregister(shell)


def completed(shell, line: str) -> list[str]:
    with provisionalcompleter():
        return [found.text for found in shell.Completer.completions(line, len(line))]


def test_the_commands_are_imported_with_the_first_word_and_not_before():
    code = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("%load_ext jupyter_mlops", store_history=True)
shell.run_cell("x = 1\\nprint(x)", store_history=True)
shell.Completer.complete("x.")
def behind():
    heavy = ("operations", "render", "registry", "store.shelves", "store.sql", "formats", "tracking.active", "widgets")
    return sorted(name for name in heavy if "jupyter_mlops." + name in sys.modules)
assert behind() == [], behind()
shell.run_cell("state = %mlops workspace")
assert "operations" in behind()
assert "jupyter_mlops.magics.card" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_and_completion_come_from_the_commands(shell):
    assert "reproduce" in shell.object_inspect_mime("%mlops")["text/plain"]
    assert "review" in " ".join(completed(shell, "%mlops rev"))
    assert not any("reproduce" in text for text in completed(shell, "repr"))


def test_registering_twice_is_once_and_unregistering_leaves_nothing(shell):
    once = len(shell.Completer.custom_matchers)
    live = shell.display_formatter.ipython_display_formatter
    entry.register(shell)
    assert len(shell.Completer.custom_matchers) == once
    live.lookup_by_type(Run)  # which moves it from those that wait to those that are known
    entry.unregister(shell)
    assert len(shell.Completer.custom_matchers) == once - 1
    assert "mlops" not in shell.magics_manager.magics["line"]
    assert Run not in live.type_printers
    assert not [name for module, name in live.deferred_printers if module.startswith("jupyter_mlops")]
    entry.unregister(shell)


def test_another_magic_of_that_name_is_left_alone(shell):
    entry.unregister(shell)
    shell.register_magic_function(lambda line: line, "line", "mlops")
    entry.unregister(shell)
    assert shell.run_line_magic("mlops", "mine") == "mine"


def test_a_record_shown_before_any_command_is_shown_all_the_same(shell):
    with capture_output() as shown:
        shell.user_ns["kept"] = full_run()
        shell.run_cell("display(kept)")
    assert shown.outputs, shown.stderr
    assert "jmlops-twin" in shown.outputs[0].data["text/html"]  # the one that comes alive
