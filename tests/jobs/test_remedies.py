"""What helps when a cell fails."""

from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.jobs.remedies import kernel_error, plain_traceback, remedy_for
from jupyter_mlops.records.retry import FailureClass


def raised(code: str) -> tuple[str, str]:
    try:
        exec(code, {})
    except BaseException as failure:  # noqa: BLE001
        return type(failure).__name__, str(failure)
    raise AssertionError


@pytest.mark.parametrize(
    ("code", "helps"),
    [
        ("import nowhere_at_all.inner", "Install 'nowhere_at_all' into the environment"),
        ("open('/nowhere/räw 1.csv')", "Check '/nowhere/räw 1.csv': relative paths"),
        ("raise FileNotFoundError('gone')", "Check the file: relative paths"),
        ("print(datta)", "Define 'datta' in a cell above"),
        ("raise MemoryError", "Load less data"),
        ("raise PermissionError", "Check who owns the file"),
        ("import sys; sys.exit(3)", "sys.exit(0) ends a job with success"),
    ],
)
def test_the_failures_everybody_meets_have_a_next_step(code: str, helps: str) -> None:
    assert helps in remedy_for(*raised(code))


@pytest.mark.parametrize(
    "code", ["1 / 0", "from os import nothing_like_it", "class E(Exception): ...\nraise E('x')"]
)
def test_where_there_is_nothing_general_to_say_nothing_is_said(code: str) -> None:
    assert remedy_for(*raised(code)) == ""


@given(st.sampled_from(["ModuleNotFoundError", "FileNotFoundError", "NameError", "ValueError"]), st.text())
def test_any_message_is_taken(kind: str, message: str) -> None:
    helps = remedy_for(kind, message)
    assert helps == "" or helps.endswith(".")


def test_a_traceback_is_read_without_colours() -> None:
    assert plain_traceback("\x1b[0;31mValueError\x1b[0m: \x1b[38;5;28mbad\x1b[39m") == "ValueError: bad"


@given(st.integers(0, 60_000))
def test_of_a_long_traceback_the_end_is_kept(length: int) -> None:
    kept = plain_traceback("x" * length + "\x1b[31mthe error\x1b[0m")
    assert kept.endswith("the error")
    assert len(kept) <= 20_000


@pytest.mark.parametrize(
    ("code", "short", "why", "failure"),
    [
        (None, False, "stopped answering", FailureClass.INFRASTRUCTURE),
        (0, False, "ended itself with exit code 0", FailureClass.NOTEBOOK),
        (139, True, "ended itself with exit code 139", FailureClass.NOTEBOOK),
        (-signal.SIGKILL, False, "was killed (SIGKILL)", FailureClass.INFRASTRUCTURE),
        (-signal.SIGKILL, True, "ran out of memory", FailureClass.OUT_OF_MEMORY),
        (-signal.SIGSEGV, True, "crashed (SIGSEGV)", FailureClass.NOTEBOOK),
        (-200, False, "crashed (signal 200)", FailureClass.NOTEBOOK),
    ],
)
def test_a_dead_kernel_is_told_by_how_it_ended(
    code: int | None, short: bool, why: str, failure: FailureClass
) -> None:
    error = kernel_error(code, short_of_memory=short)
    assert why in error.message
    assert (error.kind, error.failure) == ("kernel_died", failure)
    assert error.remedy.endswith(".")
    assert ("memory" in error.remedy or "data" in error.remedy) is (code == -signal.SIGKILL)
