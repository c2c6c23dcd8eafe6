"""Where the notebook's file is and in which order its cells stand, from whoever knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.magics.executors import is_executed, notebook_of_parent
from jupyter_mlops.settings import read_settings
from jupyter_mlops.tracking.pulse import in_background

if TYPE_CHECKING:  # wanted where nobody names the notebook, and else not imported
    from jupyter_mlops.magics.unnamed import Search

__all__ = ["DocumentWatch"]

TARGET = "jupyter_mlops.document"
_FIRST = 2  # what the shell's count is while its first cell runs


class DocumentWatch:
    """Asks the front end through a comm; without an answer looks where servers and editors leave the path.

    Parameters
    ----------
    shell
        The shell whose notebook it is.
    report
        Called with the cell ids, top to bottom, whenever the front end says them; and with ``answer``: whether that is what
        it answers to the question, and not what it says later.
    refused
        Called where the front end does not know the question.
    """

    def __init__(
        self, shell: Any, report: Callable[..., None], refused: Callable[[], None] = lambda: None
    ) -> None:
        self._shell, self._report, self._refuse = shell, report, refused
        self._leaving = False
        self._path: str | None = None
        self._comm: Any = None
        self._search: Search | None = None
        self._texts: list[str] | None = None  # executed while the search goes on
        self._placed: Path | None = None
        self._asked_shell = False

    def open(self, cell: str | None) -> None:
        """Ask the front end, where there may be one: a server's session, or somebody who names cells.

        One that does not know our target closes the comm, and that is that; but executors log a warning.
        """
        likely = cell is not None or "JPY_SESSION_NAME" in os.environ
        if not hasattr(self._shell, "kernel") or not likely or os.environ.get("JUPYTER_MLOPS_DOCUMENT"):
            return
        import comm

        self._comm = comm.create_comm(target_name=TARGET, data={"version": 1})
        self._comm.on_msg(self._told)
        self._comm.on_close(self._refused)

    def _told(self, message: Mapping[str, Any]) -> None:
        try:
            said = message["content"]["data"]
            if isinstance(said.get("path"), str):
                self._path = said["path"]
            order = said.get("order")
            if isinstance(order, list) and all(isinstance(cell, str) for cell in order):
                self._report(order, answer=said.get("answer") is True)
                if self._leaving and order:
                    self.close()
        except Exception:  # noqa: BLE001, S110 - a strange message must not reach the kernel's loop
            pass

    def _refused(self, _message: Mapping[str, Any]) -> None:
        self._comm = None
        self._refuse()

    def leave(self) -> None:
        """Stop listening once the front end has answered."""
        self._leaving = True

    def close(self) -> None:
        """Stop listening."""
        if self._comm is not None:
            with suppress(Exception):  # the front end may be gone
                self._comm.close()
            self._comm = None

    def ran(self, texts: Sequence[str]) -> None:
        """Say what was executed until now, the cell that runs included. Where nobody names the notebook it is looked for: a moment."""
        whole = len(texts) == self._shell.execution_count - 1  # nothing was taken out of the history
        if self._unnamed() and whole:
            self._look(texts)
            for text in texts[:-1]:
                self._take(text)

    def begins(self, text: str) -> None:
        """Say that a cell begins; where that is the kernel's first, its notebook is looked for in the background."""
        if not self._asked_shell and self._unnamed() and self._shell.execution_count == _FIRST:
            self._texts = []
            in_background(partial(self._look, [text]))
        self._take(text)

    def _unnamed(self) -> bool:
        """Tell whether a program executes cells without saying of which notebook. Where somebody types, they are of none."""
        self._asked_shell = True
        if not hasattr(self._shell, "kernel") or os.environ.get("JUPYTER_MLOPS_DOCUMENT"):
            return False
        return is_executed(self._shell) and notebook_of_parent() is None

    def _look(self, texts: Sequence[str]) -> None:
        with suppress(Exception):  # whatever lies in those folders, the extension is loaded
            from jupyter_mlops.magics.unnamed import search

            folders = [Path.cwd()]
            with suppress(MlopsError):
                folders.append(read_settings().root)
            self._search = search(texts, folders, known=self._existing(os.environ.get("JPY_SESSION_NAME")))

    def _take(self, text: str) -> None:
        found = self._search
        if found is None:
            if self._texts is not None:
                self._texts.append(text)
            return
        for earlier in self._texts or ():
            found.ran(earlier)
        self._texts = None
        found.ran(text)

    @property
    def given(self) -> bool:
        """True where the cell that has begun is one that papermill has put in: it stands in no notebook."""
        return self._search is not None and self._texts is None and self._search.given

    def place(self, path: Path | None) -> Path | None:
        """Return the file in which the cells stand as they are executed: the notebook at *path*, or papermill's output of it, once."""
        if self._search is None or self._texts is not None or self._search.file is None:
            return path
        # papermill writes it anew for each cell, and no cell moves in it.
        new = self._search.file != self._placed
        self._placed = self._search.file
        return self._placed if new else None

    @property
    def asked(self) -> bool:
        """True where the front end was asked, and may still answer."""
        return self._comm is not None

    def path(self) -> Path | None:
        """Return the notebook's file; None where nobody knows one that exists."""
        return next(filter(None, map(self._existing, self._candidates())), None)

    @staticmethod
    def _existing(candidate: object) -> Path | None:
        if isinstance(candidate, str) and candidate.endswith(".ipynb"):
            path = Path(candidate)
            # A front end speaks of paths below its server's root, which need not be ours.
            for place in (path, Path.cwd() / path.name):
                if place.is_file():
                    return place.resolve()
        return None

    def _candidates(self) -> Iterator[object]:
        named, names = os.environ.get("JUPYTER_MLOPS_DOCUMENT"), self._shell.user_ns
        yield from [self._path, named] if self._path else [named]
        if hasattr(self._shell, "kernel"):
            # Before what the child of another notebook's kernel has inherited from it.
            yield str(notebook_of_parent() or "")
        if self._search is not None and self._texts is None:
            yield str(self._search.notebook or "")
        else:  # of an executor's kernel it is the notebook that the executor was called in
            yield os.environ.get("JPY_SESSION_NAME")
        yield names.get("__vsc_ipynb_file__")
        yield names.get("PAPERMILL_INPUT_PATH")  # where papermill was told to inject it
