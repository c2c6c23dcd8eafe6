"""Cells as plain Python: translated where that is exact, commented where it is not, and running either way."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess

import pytest

from jupyter_mlops.capture.plain import plain_cell


def ran(source: str, **names: object) -> dict[str, object]:
    """Return the namespace after the translation of *source* ran in one that holds *names*."""
    cell = plain_cell(source, names)
    namespace: dict[str, object] = {"__name__": "__main__", "subprocess": subprocess, **names}
    for module in cell.needs - {"_loop"}:
        exec(f"import {module}", namespace)
    if "_loop" in cell.needs:
        namespace["_loop"] = asyncio.new_event_loop()
    exec(cell.text, namespace)
    return namespace


def test_plain_python_stays_as_it_is() -> None:
    source = "x = '''\n%matplotlib\n!ls\n'''\ny = 5 % 3  # !no"
    assert plain_cell(source).text == source
    assert not plain_cell(source).needs


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("%matplotlib inline", "# Left out, only IPython knows it: %matplotlib inline"),
        ("x?", "# Left out, only IPython knows it: x?"),
        ("!pip install pandas", "# Left out, only IPython knows it: !pip install pandas"),
        ("%pip install pandas", "# Left out, only IPython knows it: %pip install pandas"),
        ("%time x = 5", "x = 5"),
        ("%%time\nx = 5", "# Left out, only IPython knows it: %%time\nx = 5"),
        ("%cd data", "os.chdir(os.path.expanduser('data'))"),
        ("%env A=b", "os.environ['A'] = 'b'"),
        ("!ls {folder}/*.csv", "subprocess.run('ls ' + str(folder) + '/*.csv', shell=True)"),
        ("!ls $folder $HOME", "subprocess.run('ls ' + str(folder) + ' $HOME', shell=True)"),
        ("!awk '{print $1}' f", "subprocess.run(\"awk '{print $1}' f\", shell=True)"),
        ("%run other.py", "globals().update(runpy.run_path('other.py', run_name='__main__'))"),
        ("%run other.py 1", "# Left out, only IPython knows it: %run other.py 1"),
    ],
)
def test_a_line_of_ipython_is_translated_or_named(source: str, text: str) -> None:
    assert plain_cell(source, {"folder", "x"}).text == text


def test_a_line_left_out_in_a_block_leaves_the_block_whole() -> None:
    namespace = ran("if 1:\n    %matplotlib inline\nx = 1")
    assert namespace["x"] == 1


def test_a_command_whose_lines_are_kept_gives_them() -> None:
    namespace = ran("out = !echo {word} && echo two", word="one")
    assert namespace["out"] == ["one", "two"]


def test_a_cell_in_bash_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran("%%bash\necho 'a b' > made.txt\nif true; then echo c >> made.txt; fi")
    assert (tmp_path / "made.txt").read_text() == "a b\nc\n"


def test_a_file_written_by_a_cell_is_written(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran("%%writefile made.py\nx = '''4'''\ny = 5\n")
    assert (tmp_path / "made.py").read_text().rstrip() == "x = '''4'''\ny = 5"


def test_a_script_run_by_a_cell_leaves_its_names(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.py").write_text("made = 7")
    assert ran("%run other.py")["made"] == 7


def test_await_outside_of_functions_runs() -> None:
    source = "async def twice(x):\n    return await asyncio.sleep(0, 2 * x)\nimport asyncio\ny = await twice(await twice(3)) + 1"
    assert ran(source)["y"] == 13


def test_what_was_only_timed_leaves_nothing_behind() -> None:
    assert "x" not in ran("%%timeit\nx = 5")


def test_a_tracked_cell_that_does_not_speak_to_its_run_needs_nothing() -> None:
    cell = plain_cell("%%track base -e air\nx = 5")
    assert cell.text == "# In the notebook this cell was a run of its own: track base -e air\nx = 5"
    assert not cell.needs


@pytest.mark.parametrize(
    ("line", "call", "name"),
    [
        ("%%track base -e air --tag a=b", "jupyter_mlops.track('base', experiment='air')", "run"),
        ("%%track --experiment=air 'my run' --as r", "jupyter_mlops.track('my run', experiment='air')", "r"),
        ("%%track base --on-rerun fork", "jupyter_mlops.track('base')", "run"),
    ],
)
def test_a_tracked_cell_that_speaks_to_its_run_gets_one(line: str, call: str, name: str) -> None:
    cell = plain_cell(f"{line}\n{name}.log_metric('a', 1)")
    assert f"{name} = _tracked.enter_context({call})" in cell.text
    assert cell.needs == {"contextlib", "jupyter_mlops"}


def test_an_unknown_cell_magic_is_kept_as_a_comment_line_by_line() -> None:
    cell = plain_cell("%%sql\nselect 1\n%% two")
    assert [line[0] for line in cell.text.splitlines()] == ["#"] * 4
    assert not any(line.startswith("# %%") for line in cell.text.splitlines())


def test_broken_python_is_left_broken() -> None:
    with contextlib.suppress(SyntaxError):
        ran("x = = 2")
        raise AssertionError("it ran")
