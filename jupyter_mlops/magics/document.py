"""Where the notebook's file is and in which order its cells stand, from whoever knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_mlops.magics.executors import notebook_of_parent

__all__ = ["DocumentWatch"]

TARGET = "jupyter_mlops.document"


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

    @property
    def asked(self) -> bool:
        """True where the front end was asked, and may still answer."""
        return self._comm is not None

    def path(self) -> Path | None:
        """Return the notebook's file; None where nobody knows one that exists."""
        for candidate in self._candidates():
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
        yield os.environ.get("JPY_SESSION_NAME")
        yield names.get("__vsc_ipynb_file__")
        yield names.get("PAPERMILL_INPUT_PATH")  # where papermill was told to inject it
