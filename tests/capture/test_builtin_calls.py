"""Builtins, shell lines and magics."""

from __future__ import annotations

import pytest

from tests.capture.reads import read, rests


@pytest.mark.parametrize(
    "call",
    [
        "len(xs)",
        "print(xs)",
        "sorted(xs)",
        "str(xs)",
        "isinstance(xs, list)",
        "sum(xs)",
        "dir(xs)",
        "type(xs)",
    ],
)
def test_looking_is_no_change(call: str) -> None:
    assert rests("xs = [1]", call, "xs") == {1}


@pytest.mark.parametrize(
    "call",
    [
        "setattr(xs, 'a', 1)",
        "delattr(xs, 'a')",
        "next(iter([xs])).append(1)",
        "list(map(strange, [xs]))",
        "vars(xs).update(a=1)",
    ],
)
def test_a_change_is_seen(call: str) -> None:
    assert 2 in rests("xs = [1]\nfrom somewhere import strange", call, "xs")


@pytest.mark.parametrize(
    "call", ["exec(code)", "eval(code)", "globals()['x'] = 3", "locals()", "get_ipython().run_cell(code)", "get_ipython().user_ns"]
)  # fmt: skip
def test_what_cannot_be_read_rests_on_everything_and_everything_on_it(call: str) -> None:
    assert rests("x = 1", "code = input()", call) == {1, 2}
    assert 3 in rests("x = 1", "code = input()", call, "x")


def test_a_text_that_is_known_is_read() -> None:
    assert read("exec('x = y')", "x").unseen == set()
    assert rests("y = 1", "exec('x = y')", "z = 3", "x") == {2}


@pytest.mark.parametrize(
    "made",
    [
        "base64.b64decode('eCA9IDI=')",
        "textwrap.dedent('  x = 2\\n  y = 1')",
        "re.sub('y', 'x', 'y = 2')",
        "os.getenv('CODE', 'y = 2')",
    ],
)
def test_a_text_that_is_made_of_a_known_one_is_not_known(made: str) -> None:
    assert rests("x = 1", f"import base64, os, re, textwrap\nexec({made})", "x") == {1, 2}


@pytest.mark.parametrize(
    "line", ["!ls", "!nvidia-smi", "!git status", "%matplotlib inline", "%who", "%timeit 1 + 1", "x?"]
)
def test_a_line_that_looks_keeps_nothing(line: str) -> None:
    assert 2 not in rests("x = 1", line, "open('a.csv').read()\ny = x")


@pytest.mark.parametrize(
    "line",
    [
        "!make data",
        "!ls > a.csv",
        "!cat b | tee a.csv",
        "%%bash\ncp b a.csv",
        "%%writefile a.csv\n1",
        "%sx cp b a.csv",
    ],
)
def test_a_line_that_may_write_a_file_is_kept_for_whoever_reads_it(line: str) -> None:
    assert 2 in rests("x = 1", line, "open('a.csv').read()")


def test_what_a_command_shows_may_have_been_made_by_a_cell() -> None:
    assert rests("open('a.csv', 'w').write('1')", "x = 1", "lines = !cat a.csv") == {1}


def test_a_command_reads_the_names_put_into_it() -> None:
    assert 1 in rests("name = 'a'", "!echo {name}")
    assert 1 in rests("name = 'a'", "!echo $name")


@pytest.mark.parametrize(
    "line", ["%cd data", "%env A=1", "%load_ext other", "%autoreload 2", "!pip install x", "%pip install x"]
)
def test_a_line_that_reaches_everybody_is_kept(line: str) -> None:
    assert 2 in rests("x = 1", line, "y = x")


@pytest.mark.parametrize(
    "line", ["%run other.py", "%store -r x", "%reset -f", "%strange x", "%%strange\nx = 2"]
)
def test_a_magic_nobody_knows_rests_on_everything_and_everything_on_it(line: str) -> None:
    assert rests("x = 1", line) == {1}
    assert 2 in rests("x = 1", line, "x")


def test_our_own_magics_are_no_riddle() -> None:
    assert rests("x = 1", "%load_ext jupyter_mlops", "%mlops runs", "x") == {1}


@pytest.mark.parametrize(
    ("command", "kept"), [("!pip list | head -3", False), ("!ls | wc -l", False), ("!ls | xargs rm", True)]
)
def test_commands_that_only_look_are_harmless_behind_a_pipe_too(command: str, kept: bool) -> None:
    assert (2 in rests("d = []", command, "x = open('a.csv').read()")) is kept


@pytest.mark.parametrize(
    "line",
    [
        "!git clone https://me:hunter2@github.com/a/b",
        "!git clone https://a-user-with-a-long-name:hunter2-hunter2-hunter2@github.com/a/b",
        "!export DB_PASSWORD=hunter2",
        "x = !tool --token hunter2",
        "%run s.py --token hunter2",
        "%%bash\nexport DB_PASSWORD=hunter2",
    ],
)
def test_what_lies_outside_is_named_without_its_secrets_even_where_it_is_cut(line: str) -> None:
    outside = read(line).outside
    assert outside
    assert "hunter2" not in str(outside)
