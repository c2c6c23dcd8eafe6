"""The prepared process: imports what a notebook imports first, and forks a kernel for each that asks.

Run as a script, by its path: a kernel that is forked from here has none of this package's modules that it would not
have had. Only the standard library is used until the imports begin. There is one thread, ever, and no code of a user
runs here: only installed packages are imported, and an import that leaves behind anything that a fork would copy
wrongly is found out, named, and not done by the process that is started in this one's place.
"""

from __future__ import annotations

import sys
from pathlib import Path

# What Python puts there for a script; a kernel has its own working folder there, and puts it there itself.
if sys.path and sys.path[0] == str(Path(__file__).resolve().parent):
    del sys.path[0]

import ctypes
import json
import os
import selectors
import signal
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from jupyter_mlops.jobs.prepared.preparation import ASKS_AGAIN, Doubt, Preparation
else:
    # By its path, and without a place in sys.modules.
    _spec = spec_from_file_location("preparation", Path(__file__).with_name("preparation.py"))
    assert _spec is not None
    assert _spec.loader is not None
    _module = module_from_spec(_spec)
    _spec.loader.exec_module(_module)
    ASKS_AGAIN, Doubt, Preparation = _module.ASKS_AGAIN, _module.Doubt, _module.Preparation

__all__ = ["Serving", "main"]

_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_MOST = 4_000_000  # bytes of one request
_FILES = 2  # a request brings what the kernel writes its output and its errors to


class _Kernel:
    """One forked kernel, as the process that forked it knows it."""

    def __init__(self, pid: int, asker: socket.socket, ready: int) -> None:
        self.pid, self.asker, self.ready = pid, asker, ready
        self.ended = os.pidfd_open(pid)

    def end(self) -> None:
        """End it and what it has started: nobody listens to it any more."""
        for kill in (os.killpg, os.kill):  # so early it may have no group of its own
            with suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)


class Serving:
    """Listens for requests, forks, and tells each that asked what became of its kernel."""

    def __init__(self, listener: socket.socket, state: Path, preparation: Preparation) -> None:
        self._listener, self._state, self._preparation = listener, state, preparation
        self._selector = selectors.DefaultSelector()
        self._kernels: dict[int, _Kernel] = {}
        self._askers: set[socket.socket] = set()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(0, selectors.EVENT_READ, self._owner_gone)
        self._child: dict[str, Any] | None = None
        self._over = False

    def until_over(self) -> dict[str, Any] | None:
        """Serve; return what to become in a forked child, and None in this process at its end.

        That is when its owner is gone, and then the last kernel: they end with those that asked for them.
        """
        while not self._over or self._kernels:
            for key, _ in self._selector.select():
                if key.fileobj in self._selector.get_map():
                    key.data()
                if self._child is not None:
                    return self._child
        return None

    def _owner_gone(self) -> None:
        if os.read(0, 1024) == b"":
            self._over = True
            self._selector.unregister(0)
            self._selector.unregister(self._listener)

    def _accept(self) -> None:
        asker, _ = self._listener.accept()
        peer = struct.unpack(
            "3i", asker.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        )
        if peer[1] != os.getuid():
            asker.close()
            return
        self._askers.add(asker)
        self._selector.register(asker, selectors.EVENT_READ, lambda: self._heard(asker))

    def _heard(self, asker: socket.socket) -> None:
        try:
            message, files, _, _ = socket.recv_fds(asker, _MOST, _FILES)
        except OSError:
            message, files = b"", []
        if message and asker not in {kernel.asker for kernel in self._kernels.values()}:
            request = _request(message, files)
            _tell(asker, refused="it is not a request") if request is None else self._fork(asker, request)
        for file in files:
            if self._child is None:
                os.close(file)
        if not message:
            self._forget(asker)

    def _forget(self, asker: socket.socket) -> None:
        """The process that asked has closed its end: its kernel goes with it."""
        for kernel in self._kernels.values():
            if kernel.asker is asker:
                kernel.end()
        self._selector.unregister(asker)
        self._askers.discard(asker)
        asker.close()

    def _fork(self, asker: socket.socket, request: dict[str, Any]) -> None:
        try:
            self._preparation.refuse(request["environment"], request["folder"])
        except Doubt as doubt:
            _tell(asker, refused=doubt.args[1])
            if doubt.args[0] == "packages":
                _write(self._state, stale=True)  # those that live are served on
            return
        ready, says = os.pipe()
        parent, child = os.getpid(), os.fork()
        if child == 0:
            self._close()
            self._child = {**request, "says": says, "parent": parent}
            return
        os.close(says)
        kernel = self._kernels[child] = _Kernel(child, asker, ready)
        self._selector.register(ready, selectors.EVENT_READ, lambda: self._is_ready(kernel))
        self._selector.register(kernel.ended, selectors.EVENT_READ, lambda: self._has_ended(kernel))
        _tell(asker, pid=child)

    def _close(self) -> None:
        """In the child: give up whatever is open here, so that nothing closes these numbers when they are others'."""
        self._selector.close()
        self._listener.close()
        for asker in self._askers:
            asker.close()

    def _is_ready(self, kernel: _Kernel) -> None:
        self._selector.unregister(kernel.ready)
        if os.read(kernel.ready, 1):
            _tell(kernel.asker, ready=True)
        os.close(kernel.ready)
        kernel.ready = -1

    def _has_ended(self, kernel: _Kernel) -> None:
        _, status = os.waitpid(kernel.pid, 0)
        del self._kernels[kernel.pid]
        self._selector.unregister(kernel.ended)
        os.close(kernel.ended)
        if kernel.ready >= 0:
            self._is_ready(kernel)
        _tell(kernel.asker, ended=os.waitstatus_to_exitcode(status))


def _request(message: bytes, files: list[int]) -> dict[str, Any] | None:
    with suppress(ValueError, KeyError, TypeError):
        said = json.loads(message)
        wanted = {name: said[name] for name in ("environment", "folder", "arguments")}
        return {**wanted, "files": files} if len(files) == _FILES else None
    return None


def _tell(asker: socket.socket, **what: Any) -> None:
    with suppress(OSError):  # it is gone; its kernel is ended when that is read
        asker.send(json.dumps(what).encode())


def _become(request: dict[str, Any], preparation: Preparation) -> int:
    """Be a kernel: what follows is what a cold one finds when it starts."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != request["parent"]:  # it ended before that was said
        os._exit(1)
    _take_files(request)
    os.environ.clear()
    os.environ.update({**request["environment"], **preparation.left})
    sys.argv[:] = request["arguments"]
    sys.orig_argv[:] = [sys.executable, "-m", "ipykernel_launcher", *request["arguments"][1:]]
    _start_anew()
    from ipykernel.kernelapp import IPKernelApp

    # It has read the number of its parent as the class was made.
    app: Any = IPKernelApp.instance(parent_handle=request["parent"])
    app.initialize()
    _ask_again(preparation.ask_again)
    os.write(request["says"], b"1")
    os.close(request["says"])
    app.start()
    return 0


def _take_files(request: dict[str, Any]) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, *request["files"])):
        os.dup2(file, number)
    os.closerange(3, request["says"])
    os.closerange(request["says"] + 1, os.sysconf("SC_OPEN_MAX"))


def _start_anew() -> None:
    """What a process draws from chance as it starts is drawn again: a fork has copied it.

    Python's own ``random`` sees to itself. PyTorch begins with the same number in each process, so it is left alone.
    """
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed()
    process = sys.modules.get("multiprocessing.process")
    if process is not None:
        process.current_process().authkey = os.urandom(32)


def _ask_again(modules: Iterable[str]) -> None:
    """What could not be answered at its import: there is a shell now."""
    for module in modules:
        ask = getattr(sys.modules.get(module), ASKS_AGAIN[module], None)
        if ask is not None:
            ask()


def main() -> int:
    """Do what the first line of standard input says, until there is an end to it."""
    line = b""
    while not line.endswith(
        b"\n"
    ):  # byte by byte: what Python would read ahead, each kernel would have in hand
        byte = os.read(0, 1)
        if not byte:
            return 1
        line += byte
    order = json.loads(line)
    preparation = Preparation(tuple(order["roots"]))
    state = Path(order["state"])
    try:
        preparation.make({module: tuple(names) for module, names in order["imports"]})
        serving = Serving(socket.socket(fileno=order["listener"]), state, preparation)
    except Doubt as doubt:
        _write(state, module=doubt.args[0], reason=doubt.args[1])
        return 1
    _write(state, ready=True)
    request = serving.until_over()
    if request is None:
        os._exit(0)  # what libraries do at an end is for the kernels to do
    return _become(request, preparation)


def _write(state: Path, **what: Any) -> None:
    beside = state.with_suffix(".new")
    beside.write_text(json.dumps(what))
    beside.rename(state)


if __name__ == "__main__":
    sys.exit(main())
