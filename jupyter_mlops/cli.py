"""The shell's door: words in; text, or one JSON document, out; an exit code that scripts can rely on."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import TextIO

import jupyter_mlops
from jupyter_mlops.errors import (
    Conflict,
    Forbidden,
    Invalid,
    JobFailed,
    MlopsError,
    NotFound,
    Unavailable,
    Untrusted,
)
from jupyter_mlops.operations.binding import is_narrowed, kind_of
from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.reading import error_json, to_json
from jupyter_mlops.operations.table import OPERATIONS, Operation
from jupyter_mlops.operations.words import HelpWanted, Options, Request, read_words
from jupyter_mlops.operations.workspaces import open_named
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.slice import RunSlice
from jupyter_mlops.workspace import Workspace

__all__ = ["EXIT_CODES", "UNEXPECTED", "main"]

EXIT_CODES: dict[type[MlopsError], int] = {
    JobFailed: 1,
    Invalid: 2,
    Forbidden: 3,
    Untrusted: 3,
    NotFound: 4,
    Conflict: 5,
    Unavailable: 6,
}
UNEXPECTED = 70  # a fault of this package: sysexits' EX_SOFTWARE
_STOPPED = 130  # as shells say for an interrupt
_ROWS = (*PROCESSES, *OPERATIONS)


def main(argv: Sequence[str] | None = None, *, ws: Workspace | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv
        The words behind ``jupyter mlops``; by default the process's own.
    ws
        The workspace to work in, already open; by default the one the line or the folder names.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    options = Options(json="--json" in words, debug="--debug" in words)
    try:
        return _run(words, ws)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return _STOPPED
    except BrokenPipeError:
        # Whoever read has gone (`… | head`): nothing is wrong, but the interpreter would complain at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as failure:  # noqa: BLE001  (the last resort of a process)
        return _apologise(failure, options)


def _run(words: Sequence[str], ws: Workspace | None) -> int:
    options = Options(json="--json" in words, debug="--debug" in words)
    try:
        if list(words) == ["--version"]:
            return _say(f"jupyter-mlops {jupyter_mlops.__version__}")
        request = read_words(words, _ROWS)
        options = request.options
        answer = _operate(request, ws) if isinstance(request.row, Operation) else _proceed(request)
        return _answer(answer, options)
    except HelpWanted as wanted:
        return _say(to_json(wanted.told) if options.json else str(wanted))
    except MlopsError as failure:
        return _refuse(failure, options)


def _operate(request: Request, given: Workspace | None) -> Answer:
    ws = given or _open(request)
    try:
        value = request.row.verb(ws, **request.arguments)
        text = "" if request.options.json else _as_text(value, request)
        return Answer(value=value, text=text, code=request.row.code_of(value))
    finally:
        if given is None:
            ws.store.close()


def _open(request: Request) -> Workspace:
    reads = isinstance(request.row, Operation) and request.row.action == "read"
    return open_named(request.options.workspace, via=Door.SHELL, read=reads)


def _proceed(request: Request) -> Answer:
    line = _Line(sys.stderr)
    console = Console(
        tell=line.tell,
        show=line.show,
        announce=lambda answer: _print_now(answer, request.options),
        workspace=request.options.workspace,
    )
    try:
        answer: Answer = request.row.verb(console, **request.arguments)
    finally:
        line.end()
    return answer


def _as_text(value: object, request: Request) -> str:
    if isinstance(value, (str, RunSlice)):
        return str(value).rstrip("\n")  # a script, a card: to be read, or written to a file, as it is
    if isinstance(value, Mapping):
        return json.dumps(value, indent=2, ensure_ascii=False)  # a schema: no record, and for programs
    from jupyter_mlops.render.text import as_text

    return as_text(value, kind_of(request.row.verb), narrowed=is_narrowed(request.arguments))


class _Line:
    """Progress on standard error: in place on a terminal, a line each anywhere else."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self.shown = ""

    def show(self, text: str) -> None:
        if text == self.shown:
            return
        self.shown = text
        self.stream.write(f"\r\x1b[2K{text}" if self.live else f"{text}\n")
        self.stream.flush()

    def tell(self, text: str) -> None:
        self.end()
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def end(self) -> None:
        if self.live and self.shown:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()
        self.shown = ""


def _say(text: str) -> int:
    print(text)
    return 0


def _print_now(answer: Answer, options: Options) -> None:
    print(to_json(answer.value) if options.json else answer.text, flush=True)


def _answer(answer: Answer, options: Options) -> int:
    if not answer.told and (options.json or answer.text):
        _print_now(answer, options)
    return answer.code


def _refuse(failure: MlopsError, options: Options) -> int:
    if options.debug:
        traceback.print_exception(failure)
    if options.json:
        print(error_json(failure))
    else:
        print(f"jupyter mlops: {failure.message}", file=sys.stderr)
        if failure.remedy:
            print(f"  {failure.remedy}", file=sys.stderr)
    return next(code for kind, code in EXIT_CODES.items() if isinstance(failure, kind))


def _apologise(failure: Exception, options: Options) -> int:
    if options.debug:
        traceback.print_exception(failure)
    message = f"unexpected {type(failure).__name__}: {failure}"
    remedy = "This is our fault: please report it with what --debug adds and 'jupyter mlops doctor --json'."
    if options.json:
        print(to_json({"code": "unexpected", "message": message, "remedy": remedy, "data": {}}))
    else:
        print(f"jupyter mlops: {message.splitlines()[0]} {remedy}", file=sys.stderr)
    return UNEXPECTED
