"""The prepared processes of whoever starts jobs: begun when they pay, ended with their owner."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from jupyter_mlops.jobs.prepared.imports import Imports, installed_roots

__all__ = ["PreparedProcess", "PreparedProcesses", "can_prepare"]

_PAYS_FROM = 2  # kernels: one alone comes up faster by itself
_MOST = 4  # processes at once, each with its packages in memory
_TRIES = 5  # imports that are left out one by one before all is left to the kernels
_WAITING = 64  # that may ask before the imports are made
_ENDING = 2.0  # seconds that a process without kernels may need to end


def can_prepare() -> bool:
    """Tell whether kernels can be forked here: elsewhere a fork is unsafe or unknown."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


class PreparedProcess:
    """One process that imports and forks.

    Parameters
    ----------
    imports
        What it imports.
    folder, environment
        Those of the kernels that it is to fork.
    """

    def __init__(self, imports: Imports, folder: str, environment: Mapping[str, str]) -> None:
        self.imports = imports
        self._place = Path(tempfile.mkdtemp(prefix="mlops-"))
        try:
            self._process = self._begun(folder, environment)
        except OSError:
            shutil.rmtree(self._place, ignore_errors=True)
            raise

    def _begun(self, folder: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        # Listened to from now on: who asks before the imports are made waits for them.
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with listener, (self._place / "log").open("ab") as log:
            listener.bind(self.socket)
            Path(self.socket).chmod(0o600)
            listener.listen(_WAITING)
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("server.py"))],
                stdin=subprocess.PIPE,  # it ends with this pipe
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=dict(environment),
                pass_fds=(listener.fileno(),),
                start_new_session=True,  # Ctrl-C is for whoever started the jobs
            )
            number = listener.fileno()
        order = {
            "imports": self.imports,
            "roots": installed_roots(),
            "listener": number,
            "state": str(self._state),
        }
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # then it has ended, and that is seen
            process.stdin.write(f"{json.dumps(order)}\n".encode())
            process.stdin.flush()
        return process

    @property
    def socket(self) -> str:
        """Where to ask for a kernel; whoever asks too early waits."""
        return str(self._place / "socket")

    @property
    def _state(self) -> Path:
        return self._place / "state.json"

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def ready(self) -> bool:
        """Tell whether its imports are made."""
        return bool(self._said().get("ready"))

    @property
    def doubt(self) -> tuple[str, str] | None:
        """The import that it could not make for its kernels, and why; None where there is no such thing."""
        said = self._said()
        return (said["module"], said["reason"]) if "reason" in said else None

    @property
    def over(self) -> bool:
        """Tell whether it forks no more."""
        return self._process.poll() is not None or bool(self._said().get("stale"))

    def _said(self) -> dict[str, str]:
        try:
            said: dict[str, str] = json.loads(self._state.read_text())
        except FileNotFoundError:
            return {}
        return said

    def close(self) -> None:
        """Have it fork no more, and end with the last of its kernels."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING)
        shutil.rmtree(self._place, ignore_errors=True)


class PreparedProcesses:
    """One prepared process for each list of imports, folder and environment that comes up again."""

    def __init__(self) -> None:
        self._asked: dict[tuple[object, ...], int] = {}
        self._at_work: dict[tuple[object, ...], PreparedProcess] = {}
        self._left_out: dict[tuple[object, ...], dict[str, str]] = {}
        self._over: list[PreparedProcess] = []

    def offer(self, imports: Imports, folder: str, environment: Mapping[str, str]) -> str | None:
        """Return where a kernel can be forked that will import *imports*; None where it has to start cold.

        The first of a kind starts cold; for the second the process is begun that it and those after it are forked from.
        """
        key = (imports, folder, tuple(sorted(environment.items())))
        self._asked[key] = self._asked.get(key, 0) + 1
        if self._asked[key] < _PAYS_FROM or not can_prepare():
            return None
        with suppress(OSError):
            return self._ready(key, folder, environment)
        return None

    def _ready(self, key: tuple[object, ...], folder: str, environment: Mapping[str, str]) -> str | None:
        process = self._at_work.get(key)
        if process is not None and not process.over:
            return process.socket
        left_out = self._left_out.setdefault(key, {})
        if process is not None:
            self._over.append(self._at_work.pop(key))
            module, reason = process.doubt or (f"attempt {len(left_out)}", "the prepared process ended")
            left_out[module] = reason
        if len(left_out) >= _TRIES or len(self._at_work) >= _MOST:
            return None
        imports: Imports = key[0]  # type: ignore[assignment]
        wanted = tuple(one for one in imports if one[0] not in left_out)
        process = self._at_work[key] = PreparedProcess(wanted, folder, environment)
        return process.socket

    @property
    def left_out(self) -> dict[str, str]:
        """What is imported by each kernel for itself, and why."""
        return {module: reason for found in self._left_out.values() for module, reason in found.items()}

    def close(self) -> None:
        """End all of them."""
        for process in (*self._at_work.values(), *self._over):
            process.close()
        self._at_work.clear()
        self._over.clear()
