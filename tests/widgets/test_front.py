"""What the front end can do: modules that were built or not, outputs drawn in the page or apart from it."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from jupyter_mlops.widgets import CompareWidget, RecordWidget, ReviewWidget, RunsWidget, RunWidget
from jupyter_mlops.widgets.front import mounts_itself, put, static, watched
from tests.magics.shells import a_shell, page

MODULE = "export default { initialize() {} };"


@pytest.fixture
def shell(tmp_path: Path):
    with a_shell(tmp_path) as shell:
        yield shell


@pytest.mark.parametrize("widget", [RecordWidget, RunWidget, RunsWidget, CompareWidget, ReviewWidget])
def test_every_widgets_module_comes_alive_in_its_twin_built_or_not(widget: type[RecordWidget]) -> None:
    assert mounts_itself(widget._esm)


def test_what_was_not_built_is_a_module_that_does_nothing_and_a_style_that_says_nothing() -> None:
    module = static("never-built.js")
    assert isinstance(module, str)
    assert module.startswith("export default {")
    assert ("initialize()" in module, "render()" in module) == (True, True)
    assert static("never-built.css") == ""


def test_what_was_built_is_the_file_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run.js").write_text(MODULE)
    monkeypatch.setattr("jupyter_mlops.widgets.front._STATIC", tmp_path)
    assert static("run.js") == tmp_path / "run.js"


def test_a_module_that_only_draws_a_view_cannot_come_alive_by_itself() -> None:
    assert mounts_itself(MODULE)
    assert not mounts_itself("export default { render() {} };")


def test_an_editor_and_colab_draw_outputs_apart_and_a_terminal_inside_an_editor_does_not(
    shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VSCODE_PID", "1")
    monkeypatch.setenv("TERM_PROGRAM", "vscode")
    assert mounts_itself(MODULE)
    shell.user_ns["__vsc_ipynb_file__"] = "/home/ana/work.ipynb"
    assert not mounts_itself(MODULE)
    del shell.user_ns["__vsc_ipynb_file__"]
    assert mounts_itself(MODULE)
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert not mounts_itself(MODULE)


def test_nobody_watches_the_kernel_of_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched()
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "job1")
    assert not watched()


def test_what_is_put_under_an_id_can_be_replaced_in_place(shell) -> None:
    with page() as shown:
        handle = put({"text/plain": "first"}, display_id="one")
        handle.update({"text/plain": "second"}, raw=True)
        assert put({"text/plain": "loose"}) is None
    assert [(one["data"]["text/plain"], one["transient"].get("display_id"), one["update"]) for one in shown] == [
        ("first", "one", False), ("second", "one", True), ("loose", None, False),
    ]  # fmt: skip
