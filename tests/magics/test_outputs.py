"""What a cell shows, seen in passing; nobody's output is changed by it."""

from __future__ import annotations

import io
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import HTML, display

from jupyter_mlops.magics.outputs import Shown


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def names(files) -> list[str]:
    return [file.name for file in files]


def test_displays_and_streams_of_a_kept_cell_become_files_each_content_once(shell):
    shown = Shown(shell)
    shown.begin(keep=True)
    sys.stdout.write("hello\n")
    display(HTML("<b>one</b>"))
    display(HTML("<b>one</b>"))
    display(HTML("<b>two</b>"))
    seen, files = shown.end()
    assert len(seen.digests) == 3
    assert names(files) == ["outputs/output-1.html", "outputs/output-2.html", "stdout.txt"]
    assert files[-1].content.startswith(b"hello\n")
    shown.undo()


def test_of_any_other_cell_only_digests_are_taken(shell):
    shown = Shown(shell)
    shown.begin(keep=False)
    sys.stdout.write("hello\n")
    display(HTML("<b>one</b>"))
    seen, files = shown.end()
    assert (len(seen.digests), files) == (1, [])
    shown.undo()


def test_what_is_shown_aside_is_no_output_of_the_cell(shell):
    shown = Shown(shell)
    shown.begin(keep=True)
    with shown.aside():
        shell.display_pub.publish({"text/plain": "a card"})
    seen, _ = shown.end()
    assert seen.digests == []
    shown.undo()


def test_a_long_stream_keeps_its_beginning_and_its_end_and_says_what_is_missing(shell):
    shown = Shown(shell)
    shown.begin(keep=True)
    sys.stdout.write("first\n")
    for _ in range(30):
        sys.stdout.write("x" * 100_000)
    sys.stdout.write("last\n")
    _, files = shown.end()
    (text,) = [file.content.decode() for file in files]
    assert text.startswith("first")
    assert text.endswith("last\n")
    assert " characters …" in text
    assert len(text) < 1_200_000
    shown.undo()


def test_a_stream_that_somebody_else_listens_to_by_now_is_left_to_them(shell):
    shown = Shown(shell)
    shown.begin(keep=True)
    ours = sys.stdout.write

    def theirs(text: str) -> int:
        return ours(text)

    sys.stdout.write = theirs
    shown.end()
    assert sys.stdout.write is theirs
    shown.undo()
    assert "publish" not in vars(shell.display_pub)
