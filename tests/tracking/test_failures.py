"""What ended a cell: the line that failed, and no frame of the front end."""

from __future__ import annotations

from jupyter_mlops.tracking.failures import error_of

SOURCE = "%%track broken\nvalue = 1\nvalue / 0  # here"


def failure_of(source: str, filename: str) -> BaseException:
    try:
        exec(compile("\n" + source.partition("\n")[2], filename, "exec"), {})
    except BaseException as failure:  # noqa: BLE001
        return failure
    raise AssertionError("it did not fail")


def is_own(filename: str) -> bool:
    return filename == "a-cell"


def test_the_failing_line_is_quoted_and_the_front_end_is_left_out():
    error = error_of(failure_of(SOURCE, "a-cell"), cell="c1", source=SOURCE, is_own=is_own)
    assert (error.kind, error.line, error.code) == ("ZeroDivisionError", 3, "value / 0  # here")
    assert "failure_of" not in error.traceback


def test_a_syntax_error_is_quoted_too():
    broken = "%%track broken\nvalue = 1\nif:"
    error = error_of(failure_of(broken, "a-cell"), cell="c1", source=broken, is_own=is_own)
    assert (error.kind, error.line, error.code) == ("SyntaxError", 3, "if:")


def test_an_exit_without_a_code_is_no_failure():
    assert error_of(SystemExit(), cell=None, source="", is_own=is_own) is None
    assert error_of(None, cell=None, source="", is_own=is_own) is None
    assert error_of(SystemExit(2), cell=None, source="", is_own=is_own).kind == "SystemExit"
