"""A door to a server of the tests' own that can be shut and opened again: what stands behind it is away meanwhile."""

from __future__ import annotations

import contextlib
import socket
import threading


class Gate:
    """Passes connections on to *port* on this machine as long as it is open; shut, there is nobody; hushed, there is no answer.

    The port it listens on stays the same, so that who was sent away finds it again.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self._passing: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._hushed = False
        self.held = 0  # connections that were taken and never answered
        self.port = 0
        self.open()

    def open(self) -> None:
        """Let connections in; those that wait for an answer are cut, so that they may come again."""
        if self._hushed:
            self.shut()
            self._hushed = False
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._let_in, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse new connections and cut those there are."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
            self._listener.close()
            self._listener = None
        self._cut()

    def hush(self) -> None:
        """Take every connection and say nothing, as behind a network that swallows what is sent; cut those there are."""
        self._hushed = True
        self._cut()

    def _cut(self) -> None:
        for one in tuple(self._passing):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _let_in(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                outside, _ = listener.accept()
                if self._hushed:
                    self.held += 1
                    self._passing.add(outside)
                    continue
                try:
                    inside = socket.create_connection(("127.0.0.1", self._behind))
                except OSError:
                    outside.close()
                    continue
                self._passing |= {outside, inside}
                for source, target in ((outside, inside), (inside, outside)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                target.sendall(content)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        self._passing.discard(source)
