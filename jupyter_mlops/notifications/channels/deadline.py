"""A conversation over the network that ends when its time is up, whatever the other side does.

The timeout of a socket holds for each step alone: a server that sends a byte a second would be listened to for ever,
and the look-up of a name has no timeout at all. So the conversation is held in a thread of its own, and its connection
is shut when the time is over.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

__all__ = ["Line", "within"]


class Line:
    """The connections of one conversation."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._until = seconds, time.monotonic() + seconds
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._over = False

    def connect(self, host: str, port: int) -> socket.socket:
        """Return a connection that is shut when the time is over.

        Raises
        ------
        OSError
            It cannot be made; a ``TimeoutError`` where the time is over.
        """
        connection = socket.create_connection((host, port), timeout=max(self._until - time.monotonic(), 0.01))
        with self._lock:
            if self._over:  # nobody waits any more: nothing may be said over it
                connection.close()
                raise TimeoutError
            # Another handle of the same connection: encryption takes the first one over.
            self._held.append(connection.dup())
        # Not to be heard of before the time of all is over: libraries would call it a connection that broke.
        connection.settimeout(2 * self._seconds)
        return connection

    def hang_up(self) -> None:
        """Shut every connection, and let no other be made."""
        with self._lock:
            self._over = True
            for connection in self._held:
                with suppress(OSError):  # the other side was faster
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
            self._held.clear()


def within(seconds: float, converse: Callable[[Line], None]) -> None:
    """Call *converse* and wait no longer than *seconds* for it; its errors are raised here.

    Raises
    ------
    TimeoutError
        The time is over. The connections are shut.
    """
    line, done = Line(seconds), Future[None]()

    def run() -> None:
        try:
            converse(line)
        except BaseException as failure:  # noqa: BLE001  # whoever waits for it raises it
            done.set_exception(failure)
        else:
            done.set_result(None)

    threading.Thread(target=run, name="jupyter-mlops-notification", daemon=True).start()
    try:
        done.result(seconds)
    finally:
        line.hang_up()
