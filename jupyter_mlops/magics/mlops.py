"""``%mlops``: the words of ``jupyter mlops``, in a notebook.

``%mlops runs "metrics.mae < 42"`` gives back the record, so ``page = %mlops runs`` works and a bare line shows it.
Names in braces are filled in from the notebook, as IPython does for every line magic: ``%mlops show {best.id}``.
"""

from __future__ import annotations

import os
import re
import shlex
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import Invalid, JobFailed, MlopsError
from jupyter_mlops.operations.binding import is_narrowed, kind_of
from jupyter_mlops.operations.configuration import shown
from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.naming import Namer, names_in
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.reading import to_json
from jupyter_mlops.operations.table import OPERATIONS, Operation, Row
from jupyter_mlops.operations.words import HelpWanted, Request, complete, overview, read_words
from jupyter_mlops.operations.workspaces import open_to_read
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.autolog import AutologOptions
from jupyter_mlops.records.codec import encode
from jupyter_mlops.settings import read_settings
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.watching import Watch, autolog, autolog_state
from jupyter_mlops.workspace import Workspace, refuse_nowhere

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult

__all__ = ["Mlops", "show_overhead", "switch_autolog"]

_NAME = "mlops"
_HERE = (
    Row("autolog", "autolog [{state}]", "magics.mlops.switch_autolog"),
    Row("overhead", "overhead", "magics.mlops.show_overhead"),
)
_WITHIN = re.compile(r"[\"'(,<>=!]")  # what stands before a name
_RECORDS = frozenset({"run", "sweep", "check", "pipeline.run"})  # processes whose record is worth a name
_ROWS = (*PROCESSES, *_HERE, *OPERATIONS)
# A remedy names a command of the shell; here the same words do. What runs until it is stopped stays in the shell.
_FOR_A_SHELL = re.compile(r"jupyter mlops (?!(?:serve|scheduler)\b)")


_SWITCHED = {
    Watch.EVERYWHERE: "autolog is on: fits outside tracked cells become runs of their own",
    Watch.TRACKED: "autolog works inside tracked cells",
    Watch.OFF: "autolog is off, also inside tracked cells; %mlops autolog tracked brings it back there",
}


def switch_autolog(
    _console: Console,
    state: Watch | None = None,
    positive_label: str | int | float | bool | None = None,
    candidates: int | str | None = None,
    models: bool | None = None,
    train_metrics: bool | None = None,
) -> Answer:
    """Record what estimators are fitted: everywhere, in tracked cells only, or nowhere; alone, it tells what is set.

    Parameters
    ----------
    state
        ``on`` is everywhere; ``tracked`` is how it is from the start; ``off`` is nowhere. Without it the state stays.
    positive_label
        The class that precision, recall, F1 and the curves on the training data are of.
    candidates
        How many candidates of a search become child runs, the best first: 0 to 1000, or all.
    models
        Whether the models fitted in tracked cells are kept.
    train_metrics
        Whether models predict on their training data, for metrics.
    """
    given: dict[str, Any] = {
        "positive_label": positive_label,
        "candidates": candidates,
        "models": models,
        "train_metrics": train_metrics,
    }
    asks = state is None and all(value is None for value in given.values())
    if not asks:
        autolog(state or autolog_state()[0], **given)
    now, options = autolog_state()
    lines = [_SWITCHED[now]]
    if asks or options != AutologOptions():
        lines.append(shown(encode(options)))
    return Answer(value={"state": now, **encode(options)}, text="\n".join(lines))


def show_overhead(_console: Console) -> Answer:
    """Tell what recording has cost this session: the time of its hooks, before and after each cell.

    What data and models cost is told beside it, for that depends on what they weigh; so are the interpreter's collections of
    garbage that fell into a hook.
    """
    from IPython import get_ipython

    from jupyter_mlops.capture.fingerprint import hashing
    from jupyter_mlops.magics import session_of

    session = session_of(get_ipython())
    if session is None or not session.overhead.hooks:
        return Answer(value=None, text="nothing has been recorded in this session yet")
    spent = [1000 * seconds for seconds in session.overhead.hooks]
    found = {
        "hooks": len(spent),
        "median_ms": statistics.median(spent),
        "worst_ms": max(spent),
        "total_ms": sum(spent),
        "hashing_ms": 1000 * hashing.seconds,
        "models_ms": 1000 * session.overhead.keeping,
        "collections_ms": 1000 * session.overhead.collecting,
    }
    text = (
        f"{len(spent):,} hooks: {found['median_ms']:.1f} ms in the middle, {found['worst_ms']:.1f} ms at worst, "
        f"{found['total_ms'] / 1000:.2f} s in all\n"
        f"beside it: {hashing.seconds:.2f} s for hashing {hashing.times:,} frames and arrays, "
        f"{session.overhead.keeping:.2f} s for keeping models, {session.overhead.collecting:.2f} s for collections of garbage "
        "by the interpreter that fell into hooks"
    )
    return Answer(value=found, text=text)


class Mlops:
    """The magic itself: an object, because its help is the table's and not a docstring."""

    def __init__(self, shell: Any, ws: Workspace | None = None) -> None:
        self.shell = shell
        self.namer = Namer(self._names)
        self._given = ws
        self._last = ws

    def __call__(self, line: str) -> Any:
        """Run one line; give back its record."""
        words: list[str] = []
        try:
            words = _split(line)
            request = read_words(words, _ROWS, program=f"%{_NAME}")
            return self._answer(request)
        except HelpWanted as wanted:
            print(to_json(wanted.told) if "--json" in words else wanted)  # noqa: T201  (a magic speaks in its cell)
            return None
        except MlopsError as failure:
            raise _short(failure) from None

    def getdoc(self) -> str:
        """Return what ``%mlops?`` shows."""
        return overview(_ROWS, program=f"%{_NAME}")

    def _answer(self, request: Request) -> Any:
        row, options = request.row, request.options
        if isinstance(row, Operation):
            ws = self._workspace(options.workspace, read=row.action == "read")
            value = row.verb(ws, **request.arguments)
            text, code = "", row.code_of(value)
        else:
            answer = row.verb(self._console(options.workspace), **request.arguments)
            value, text, code = answer.value, answer.text, answer.code
        if options.json:
            print(to_json(value))  # noqa: T201
        elif code:
            self._show(text or value)
        if code:
            raise JobFailed(
                f"%{_NAME} {' '.join(command_of(row))}: not as it should be, see above",
                remedy="What the command told above says what to do.",
            )
        return (
            None
            if options.json
            else self._given_back(row, value, text, narrowed=is_narrowed(request.arguments))
        )

    def _given_back(self, row: Row, value: Any, text: str, *, narrowed: bool) -> Any:
        """An operation's record shows itself; of a process, people want to read what it told."""
        if isinstance(row, Operation) or row.name in _RECORDS:
            if isinstance(value, str):
                return _Text(value)
            return _Records(value, kind_of(row.verb), narrowed) if isinstance(value, tuple) else value
        self._show(text)
        return None

    def _show(self, shown: object) -> None:
        if isinstance(shown, str):
            print(shown)  # noqa: T201
            return
        from IPython.display import display

        display(shown)  # type: ignore[no-untyped-call]

    def _workspace(self, named: str | None, *, read: bool = True) -> Workspace:
        if self._given is None:
            refuse_nowhere(read_settings(named), named, os.environ, read=read)
            ws = here(named)
            through_cell = ws.actor.via is Door.PYTHON  # a job's kernel says so itself
            self._last = ws.acting_as(replace(ws.actor, via=Door.NOTEBOOK)) if through_cell else ws
        assert self._last is not None
        return self._last

    def show_live(self, record: object) -> None:
        """Show a record as a widget where it has one; what it does, it does where the last line worked."""
        from jupyter_mlops.widgets import show

        show(record, self._last or self._workspace(None))

    def _console(self, named: str | None) -> Console:
        speak = _Speaker()
        return Console(
            tell=speak.tell,
            show=speak.tell,
            announce=lambda answer: print(answer.text),  # noqa: T201
            workspace=named,
            via=Door.NOTEBOOK,
        )

    def complete(self, context: CompletionContext) -> SimpleMatcherResult:
        """Offer commands, options and fixed values behind ``%mlops``."""
        from IPython.core.completer import SimpleCompletion

        _, found, behind = context.line_with_cursor[: context.cursor_position].rpartition(f"%{_NAME} ")
        if not found:
            return {"completions": []}
        words = behind.split()
        last = "" if not words or behind.endswith(" ") else words.pop()
        bare = _WITHIN.split(last)[-1]  # inside a query, a list of names
        offers = complete(words, bare, _ROWS, self.namer.names)
        return {
            "completions": [SimpleCompletion(text=offer, type="option") for offer in offers],
            "matched_fragment": bare,
            "suppress": bool(offers),
        }

    def _names(self, row: Row) -> Iterable[str]:
        if self._given is not None:
            return names_in(self._given, row)
        ws = open_to_read()  # of this thread alone
        try:
            return names_in(ws, row)
        finally:
            ws.store.close()


class _Text(str):
    """A script or a card: a text like any other, but shown as it reads."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("…" if cycle else str(self))


class _Records(tuple[Any, ...]):  # noqa: SLOT001  (a tuple cannot have one with something in it)
    """Several records of one kind, or none: a tuple like any other, but shown as a list of them."""

    kind: str
    narrowed: bool

    def __new__(cls, records: Iterable[Any], kind: str, narrowed: bool) -> _Records:
        made = super().__new__(cls, records)
        made.kind, made.narrowed = kind, narrowed
        return made

    def _repr_html_(self) -> str:
        from jupyter_mlops.render.html import as_html

        return as_html(tuple(self), self.kind, narrowed=self.narrowed)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        from jupyter_mlops.render.text import as_text

        printer.text("…" if cycle else as_text(tuple(self), self.kind, narrowed=self.narrowed))


class _Speaker:
    """A process's voice in a cell: a line each, none twice."""

    def __init__(self) -> None:
        self.last = ""

    def tell(self, text: str) -> None:
        if text != self.last:
            self.last = text
            print(text)  # noqa: T201


def _without_comment(line: str) -> str:
    """Cut off a comment: a ``#`` that begins a word outside quotes, as in the rest of a cell."""
    quote = ""
    for place, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "#" and (place == 0 or line[place - 1].isspace()):
            return line[:place]
    return line


def _split(line: str) -> list[str]:
    try:
        return shlex.split(_without_comment(line), posix=os.name == "posix")
    except ValueError as failure:
        raise Invalid(f"the line cannot be read: {failure}", remedy="Close the quotes.") from None


def _short(failure: MlopsError) -> MlopsError:
    """Have IPython show the sentence in place of a traceback; the cell fails all the same, a job with it."""
    lines: Sequence[str] = [
        f"{type(failure).__name__}: {failure.message}",
        *([_FOR_A_SHELL.sub(f"%{_NAME} ", failure.remedy)] if failure.remedy else []),
    ]
    failure._render_traceback_ = lambda: list(lines)  # type: ignore[attr-defined]
    return failure
