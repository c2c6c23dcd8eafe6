from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from jupyter_mlops.notifications.channels import desktop
from jupyter_mlops.notifications.channels.desktop import command_for, send_desktop
from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.notifications.channels.wording import text_of, title_of

PROGRAM = """#!{python}
import json, os, sys, time
with open({notes!r}, "w") as file:
    json.dump([sys.argv[1:], os.environ.get("MARK")], file)
{rest}
"""


@pytest.fixture
def program(tmp_path: Path):
    """Write a notify-send that notes what it is given; return its environment and where it notes it."""
    folder, notes = tmp_path / "bin", tmp_path / "notes.json"
    folder.mkdir()

    def write(rest: str = "", mode: int = 0o755) -> tuple[dict[str, str], Path]:
        path = folder / "notify-send"
        path.write_text(PROGRAM.format(python=sys.executable, notes=str(notes), rest=rest))
        path.chmod(mode)
        return {"PATH": str(folder), "MARK": "ours"}, notes

    return write


def test_on_linux_the_words_arrive_as_two_arguments(program, message) -> None:
    environ, notes = program()
    send_desktop(message(title="-h", text="a <b> & c\\n\nd"), environ=environ, seconds=60, platform="linux")

    # Escaped, as notify-send and the desktop read it: what is shown is what was written.
    words, mark = json.loads(notes.read_text())
    assert words == ["--app-name=jupyter-mlops", "--", "-h", "a &lt;b&gt; &amp; c\\\\n\nd"]
    assert mark == "ours"


def test_nothing_that_somebody_wrote_becomes_an_option_or_is_run(program, hostile) -> None:
    environ, notes = program()
    send_desktop(hostile, environ=environ, seconds=60, platform="linux")

    words, _ = json.loads(notes.read_text())
    assert words[:3] == ["--app-name=jupyter-mlops", "--", title_of(hostile)]
    assert len(words) == 4


def test_a_program_that_is_not_there_is_named_and_not_tried_again(message, tmp_path: Path) -> None:
    for platform, name in (("linux", "notify-send"), ("darwin", "osascript"), ("win32", "powershell.exe")):
        with pytest.raises(Undelivered, match=f"{name} is not there") as failure:
            send_desktop(message(), environ={"PATH": str(tmp_path)}, seconds=60, platform=platform)
        assert failure.value.final


@pytest.mark.skipif(os.name != "posix", reason="a file's mode says what may be run")
def test_a_program_that_may_not_be_run_is_as_one_that_is_not_there(program, message) -> None:
    environ, _ = program(mode=0o644)
    with pytest.raises(Undelivered, match="is not there") as failure:
        send_desktop(message(), environ=environ, seconds=60, platform="linux")
    assert failure.value.final


@pytest.mark.parametrize(
    ("rest", "seconds", "said"),
    [("sys.exit(3)", 60, "ended with code 3"), ("time.sleep(600)", 0.5, "did not end within 0.5 seconds")],
    ids=["fails", "hangs"],
)
def test_a_program_that_fails_or_hangs_may_be_tried_again(program, message, rest, seconds, said) -> None:
    environ, _ = program(rest)
    with pytest.raises(Undelivered, match=said) as failure:
        send_desktop(message(), environ=environ, seconds=seconds, platform="linux")
    assert not failure.value.final


def test_where_no_process_can_be_started_now_it_is_tried_again(message, monkeypatch) -> None:
    def full(*_words, **_options):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(desktop.subprocess, "run", full)
    with pytest.raises(Undelivered, match="cannot be started: Resource temporarily") as failure:
        send_desktop(message(), environ={}, seconds=60)
    assert not failure.value.final


def test_on_macos_the_script_is_always_the_same_and_the_words_are_its_arguments(message, hostile) -> None:
    words = command_for(hostile, "darwin").words
    usual = command_for(message(), "darwin").words

    assert words[:-2] == usual[:-2]
    assert usual[0] == "osascript"
    assert usual[-3] == "jupyter-mlops"  # it ends the options: what follows may begin with a dash
    assert words[-2:] == (title_of(hostile), text_of(hostile))
    assert [usual[at] for at in range(1, len(usual) - 3, 2)] == ["-e"] * 3


def test_on_windows_the_script_is_always_the_same_and_the_words_are_in_its_environment(
    message, hostile
) -> None:
    command, usual = command_for(hostile, "win32"), command_for(message(), "win32")

    assert command.words == usual.words
    assert command.words[:-1] == ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command")
    assert list(command.variables.values()) == [title_of(hostile), text_of(hostile)]
    assert all(f"$env:{name})" in command.words[-1] for name in command.variables)
    assert (
        "'{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'"
        in command.words[-1]
    )


def test_the_variables_of_a_command_are_in_its_environment(message, tmp_path: Path) -> None:
    path, notes = tmp_path / "powershell.exe", tmp_path / "notes.json"
    path.write_text(
        f"#!{sys.executable}\nimport json, os\njson.dump(dict(os.environ), open({str(notes)!r}, 'w'))\n"
    )
    path.chmod(0o755)
    send_desktop(message(title="$(id)"), environ={"PATH": str(tmp_path)}, seconds=60, platform="win32")
    assert json.loads(notes.read_text())["TOAST_TITLE"] == "$(id)"
