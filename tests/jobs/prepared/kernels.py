"""A kernel to speak with, cold or forked, and the prepared process that forks it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlops.jobs.kernels import OWN, KernelPlace, kernel_for
from jupyter_mlops.jobs.prepared.process import PreparedProcess

LIMIT = 60.0


def surroundings(**more: str) -> dict[str, str]:
    """The environment of the tests, without what differs from one to the next."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | more


@dataclass
class Said:
    """What came of a cell."""

    text: str = ""
    error: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)


class Kernel:
    """One kernel, ended when it is left."""

    def __init__(
        self, folder: Path, socket: str | None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._place = KernelPlace()
        self._loop = asyncio.new_event_loop()
        self.manager = kernel_for(OWN, self._place, socket)
        started = {"cwd": str(folder), "env": dict(environment or surroundings())}
        self._loop.run_until_complete(self.manager.start_kernel(**started))
        self.pid: int = self.manager.provisioner.pid
        self.process = self.manager.provisioner.process
        self._connect()

    def _connect(self) -> None:
        self._client = self.manager.client()
        self._client.start_channels()
        self._loop.run_until_complete(self._client.wait_for_ready(timeout=LIMIT))

    @property
    def forked(self) -> bool:
        return type(self.manager.provisioner.process).__name__ == "Forked"

    @property
    def reason(self) -> str:
        return self.manager.provisioner.reason

    def run(self, code: str) -> Said:
        said = Said()

        def hear(message: Mapping[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                said.text += content["text"]
            elif message["msg_type"] == "error":
                said.error = content["ename"]
            elif "data" in content and message["msg_type"] != "comm_open":
                said.data.append(content["data"])

        asked = self._client.execute_interactive(code, timeout=LIMIT, output_hook=hear, allow_stdin=False)
        self._loop.run_until_complete(asked)
        return said

    def send(self, code: str) -> str:
        asked: str = self._client.execute(code)
        return asked

    def answer_to(self, asked: str) -> dict[str, Any]:
        while True:
            answer = self._loop.run_until_complete(self._client.get_shell_msg(timeout=LIMIT))
            if answer["parent_header"].get("msg_id") == asked:
                return answer["content"]

    def interrupt(self) -> None:
        self._loop.run_until_complete(self.manager.interrupt_kernel())

    def restart(self) -> None:
        self._client.stop_channels()
        self._loop.run_until_complete(self.manager.restart_kernel())
        self._connect()

    def code_of_its_end(self) -> int:
        return self.process.wait(LIMIT)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._loop.run_until_complete(self.manager.shutdown_kernel(now=True))
        self._loop.close()
        self._place.close()


@contextmanager
def prepared(folder: Path, *modules: str, environment: Mapping[str, str] | None = None):
    """Begin a prepared process and wait until it has made its imports, or has come to a doubt."""
    process = PreparedProcess(
        tuple((module, ()) for module in modules), str(folder), dict(environment or surroundings())
    )
    try:
        wait_until(lambda: process.ready or process.over)
        yield process
    finally:
        process.close()


def wait_until(condition) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


def gone(pids: Sequence[int]) -> bool:
    """Tell whether none of these processes runs any more."""
    return not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
