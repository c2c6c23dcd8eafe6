"""A real kernel to talk to, the way JupyterLab does: cells with ids, and a front end that answers the comm."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.manager import start_new_kernel

TARGET = "jupyter_mlops.document"


@dataclass
class Answer:
    """What one execution came to."""

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    errors: list = field(default_factory=list)
    displays: list = field(default_factory=list)  # (message type, text/plain, content)

    @property
    def text(self) -> str:
        """The text of the last display."""
        return self.displays[-1][1]


class Kernel:
    """Start it in a folder; `execute` sends a cell under its id and waits for the end."""

    def __init__(self, folder: Path, **environment: str) -> None:
        import os

        env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER_MLOPS", "JPY_SESSION"))}
        env["PYTHONWARNINGS"] = "ignore"
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", cwd=str(folder), env={**env, **environment}, startup_timeout=120
        )
        self.comm: str | None = None

    def execute(
        self, code: str, cell: str | None = None, *, store_history: bool = True, silent: bool = False
    ) -> Answer:
        return self.answer(self.send(code, cell, store_history=store_history, silent=silent))

    def send(
        self, code: str, cell: str | None = None, *, store_history: bool = True, silent: bool = False
    ) -> str:
        """Send a cell and do not wait, as "Run All" does; return the message's id, for ``answer``."""
        content = {
            "code": code,
            "silent": silent,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self.client.session.msg(
            "execute_request", content, metadata={"cellId": cell} if cell else {}
        )
        self.client.shell_channel.send(message)
        sent: str = message["header"]["msg_id"]
        return sent

    def answer(self, sent: str) -> Answer:  # noqa: C901
        """Wait for what the message *sent* came to; messages are waited for in the order they were sent."""
        answer, idle, deadline = Answer(), False, time.monotonic() + 300
        while not idle:
            # A card that is drawn anew each second must not make it wait without end.
            assert time.monotonic() < deadline, "the kernel is still at it"
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                setattr(answer, content["name"], getattr(answer, content["name"]) + content["text"])
            elif kind in {"display_data", "update_display_data", "execute_result"}:
                answer.displays.append((kind, content["data"].get("text/plain", ""), content))
            elif kind == "error":
                answer.errors.append(content)
            elif kind == "comm_open" and content["target_name"] == TARGET:
                self.comm = content["comm_id"]
            elif kind == "status":
                idle = content["execution_state"] == "idle"
        while True:
            reply = self.client.get_shell_msg(timeout=120)
            if reply["parent_header"].get("msg_id") == sent:
                answer.status = reply["content"].get("status", "")
                return answer

    def report(self, **data: object) -> None:
        """Answer the comm as the Lab extension does."""
        assert self.comm is not None
        message = self.client.session.msg("comm_msg", {"comm_id": self.comm, "data": data})
        self.client.shell_channel.send(message)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
