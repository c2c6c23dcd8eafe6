"""What a cell shows, seen in passing; nobody's output is changed by it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import HTML, JSON, Markdown, display

from jupyter_mlops.magics import load, unload
from jupyter_mlops.magics.outputs import Seen, Shown, _Text
from jupyter_mlops.records.codec import encode
from jupyter_mlops.tracking import find_artifacts, find_runs
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.masking import MASKED


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


def test_a_figure_that_stays_open_is_known_by_the_file_that_is_kept_of_it(shell):
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    plt.close("all")
    shown = Shown(shell)
    shown.begin(keep=True)
    plt.plot([1, 2])
    seen, (file,) = shown.end()
    assert seen.digests == [f"image/png:{file.digest}"]
    shown.undo()
    plt.close("all")


GHP = "ghp_hunter2hunter2hunter2hunter2hunter2"
PNG = b"\x89PNG " + GHP.encode()


def test_what_looks_like_a_secret_is_shown_as_it_is_and_kept_masked(shell, capsys):
    shown = Shown(shell)
    shown.begin(keep=True)
    sys.stdout.write("to postgresql://me:hun")
    sys.stdout.write("ter2@host/db\n")  # in pieces, as streams come
    sys.stderr.write(f"refused: {GHP}\n")
    display(HTML(f"<td>{GHP}</td>"))
    display(Markdown(f"`{GHP}` é"))
    display(JSON({"url": "https://me:hunter2@host", "n": 1}))
    display({"text/plain": GHP}, raw=True)
    display({"image/png": base64.b64encode(PNG).decode()}, raw=True)
    display(HTML("<b>nothing to hide: é</b>"))
    seen, files = shown.end()
    shown.undo()
    out = capsys.readouterr().out
    assert GHP in out
    assert "postgresql://me:hunter2@host/db" in out
    kept = {file.name: file for file in files}
    assert kept["stdout.txt"].content.startswith(b"to postgresql://me:***@host/db\n")
    assert b"refused: ***\n" in kept["stderr.txt"].content
    assert kept["outputs/output-1.html"].content == b"<td>***</td>"
    assert kept["outputs/output-2.md"].content.decode() == "`***` é"
    assert json.loads(kept["outputs/output-3.json"].content) == {"url": "https://me:***@host", "n": 1}
    assert kept["outputs/output-4.txt"].content == b"***"
    assert kept["figures/figure-1.png"].content == PNG  # nobody can read pixels
    assert kept["outputs/output-5.html"].content.decode() == "<b>nothing to hide: é</b>"
    for file in files:
        assert file.digest == hashlib.sha256(file.content).hexdigest()
    assert seen.masked >= 6


CELL = """%%track secrets
password = 'hunter2'
where, rows = 'postgresql://me:hunter2@host/db', 3
run.log_params(api_key='ghp_hunter2hunter2hunter2hunter2hunter2')
print('connecting', where)
raise ConnectionError(f'no answer from {where}')
"""


def test_of_a_cell_that_shows_and_raises_secrets_neither_the_record_nor_a_kept_file_has_one(
    shell, tmp_path, monkeypatch, capsys
):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    load(shell)
    try:
        shell.run_cell(CELL, store_history=True)
    finally:
        unload(shell)
    assert "connecting postgresql://me:hunter2@host/db" in capsys.readouterr().out
    (run,) = find_runs(here(), "name = 'secrets'")
    assert dict(run.params) == {
        "password": "***",
        "where": "postgresql://me:***@host/db",
        "rows": 3,
        "api_key": "***",
    }
    assert run.notes.count(MASKED) == 1
    assert run.error.message == "no answer from postgresql://me:***@host/db"
    assert {file.name for file in find_artifacts(here(), run=run.id)} >= {"stdout.txt"}
    assert "hunter2" not in json.dumps(encode(run))
    here().store.close()
    kept = [path.read_bytes() for path in (tmp_path / ".mlops" / "blobs").rglob("*") if path.is_file()]
    assert [content for content in kept if b"connecting postgresql://me:***@host/db" in content]
    assert not [content for content in kept if b"hunter2" in content]


def test_what_a_cell_echoes_of_its_environment_and_settings_is_kept_masked(shell):
    shown = Shown(shell)
    shown.begin(keep=True)
    sys.stdout.write("env: MY_API_TOKEN=hunter2\n{'password': 'hunter2'}\nServer=h;Password=hunter2;\n")
    display(JSON({"api_key": "hunter2"}))
    display(HTML("<script>x = {token: 'hunter'}</script>"))
    _, files = shown.end()
    shown.undo()
    assert not [file for file in files if b"hunter2" in file.content]
    assert b"{token: 'hunter'}" in files[1].content  # scripts of a page have such names


def test_one_long_write_and_many_short_ones_are_kept_within_the_limit_and_whole_lines_of_them():
    for pieces in (["a line of it\n" * 600_000], ["a line of it\n"] * 600_000):
        text = _Text()
        for piece in pieces:
            text.add(piece)
        kept = str(text)
        assert len(kept) <= 1_000_100
        head, gap, tail = kept.partition("\n… ")
        assert int(gap and tail.split()[0]) == 600_000 * 13 - len(head) - len(tail.partition("…\n")[2])
        assert set(head.splitlines()) | set(tail.partition("…\n")[2].splitlines()) == {"a line of it"}


def test_printing_costs_the_same_however_much_was_printed_before():
    """Two million pieces; each of them cost more than the last where the beginning is taken off a list."""
    text = _Text()
    for number in range(2_000_000):
        text.add(f"{number}")
    assert str(text).endswith("1999999")


def test_a_stream_that_cannot_be_kept_is_written_all_the_same(shell, monkeypatch, capsys):
    shown = Shown(shell)
    shown.begin(keep=True)
    monkeypatch.setattr(_Text, "add", lambda self, text: 1 / 0)
    sys.stdout.write("hello\n")
    assert capsys.readouterr().out == "hello\n"
    shown.end()
    shown.undo()


def test_a_large_display_of_json_is_neither_kept_nor_written_out(monkeypatch):
    written = []
    monkeypatch.setattr("jupyter_mlops.capture.outputs.json.dumps", lambda *a, **k: written.append(1) or "{}")
    seen = Seen(keep=True)
    seen.add({"application/json": {"data": [{"y": [0.5] * 3_000_000}, {"x": list(map(str, range(10)))}]}})
    assert (seen.displays, seen.digests, written) == ([], [], [])
    small = Seen(keep=True)
    small.add({"application/json": {"data": [1, 2]}})
    assert (len(small.displays), len(small.digests)) == (1, 1)
    endless: dict[str, object] = {}
    endless["again"] = [endless]
    Seen(keep=True).add({"application/json": endless})


def test_a_display_that_makes_no_file_does_not_take_the_others_with_it(shell):
    shown = Shown(shell)
    shown.begin(keep=True)
    display({1: "a", "text/plain": "x"}, raw=True)
    shown.seen.displays.append({2: "b"})
    display(HTML("<b>one</b>"))
    seen, files = shown.end()
    shown.undo()
    assert names(files)[:2] == ["outputs/output-1.txt", "outputs/output-2.html"]
    assert len(seen.digests) == 2
