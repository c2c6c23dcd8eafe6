"""How a kernel is had from a prepared process: asked for over its socket, looked after as if started here.

Whatever speaks against it, the kernel is started cold, and ``reason`` says why.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

__all__ = ["Forked", "NotForked", "PreparedProvisioner"]

_COMING_UP = 120.0  # seconds that the imports and a forked kernel have, as a cold one has to answer
_MOST = 4096  # bytes of one answer
_COLD = "ipykernel_launcher"


class NotForked(Exception):
    """No kernel came of a request; its text says why."""


class Forked:
    """A forked kernel's process, as ``subprocess.Popen`` would show it.

    The socket it was asked for over brings its end. As long as it is open the kernel lives on; when this process
    ends, in whatever way, it is closed, and the kernel is ended.
    """

    stdin = stdout = stderr = None

    def __init__(self, place: str, request: dict[str, Any]) -> None:
        self.returncode: int | None = None
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._socket.settimeout(_COMING_UP)
            self._socket.connect(place)
            socket.send_fds(self._socket, [json.dumps(request).encode()], [1, 2])
            self.pid = self._number()
            self._until_it_listens()
        except BaseException:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    def _number(self) -> int:
        said = self._heard()
        if "pid" not in said:
            raise NotForked(said.get("refused", "the prepared process has ended"))
        number: int = said["pid"]
        return number

    def _until_it_listens(self) -> None:
        said = self._heard()
        if "ready" not in said:
            raise NotForked(
                f"the forked kernel ended before it listened ({said.get('ended', 'its process is gone')})"
            )

    def _heard(self) -> dict[str, Any]:
        message = self._socket.recv(_MOST)
        said: dict[str, Any] = json.loads(message) if message else {}
        return said

    def poll(self) -> int | None:
        """Return the exit code as ``Popen`` gives it, negative for a signal; None while it lives."""
        with self._lock:
            if self.returncode is None:
                try:
                    # Without a word it has died with the process that it was forked from.
                    self.returncode = self._heard().get("ended", -signal.SIGKILL)
                except BlockingIOError:
                    return None
                except OSError:
                    self.returncode = -signal.SIGKILL
                self._socket.close()
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            select.select([self._socket], [], [], left)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class PreparedProvisioner(LocalProvisioner):
    """Forks where it can, starts cold where it cannot."""

    place: str  # the prepared process's socket
    reason: str = ""  # why it was started cold

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> Any:
        """Have the kernel forked; return how it is reached."""
        environment = {**settings["env"], "JPY_PARENT_PID": str(os.getpid())}  # as a cold start would add
        try:
            process = Forked(
                self.place,
                {
                    "environment": environment,
                    "folder": _real(settings.get("cwd") or "."),
                    "arguments": [_script(), *cmd[cmd.index(_COLD) + 1 :]],
                },
            )
        except (NotForked, OSError, ValueError) as failure:
            self.reason = str(failure)
            sys.stderr.write(f"the kernel is started cold: {failure}\n")
            return await super().launch_kernel(cmd, **settings)
        self.process = process  # type: ignore[assignment]  # all that is asked of one is there
        self.pid = self.pgid = process.pid
        return self.connection_info


def _real(folder: str) -> str:
    return str(Path(folder).resolve())


def _script() -> str:
    """Return what a cold kernel finds in front of its arguments."""
    from importlib.util import find_spec

    spec = find_spec(_COLD)
    return (spec.origin if spec else None) or _COLD
