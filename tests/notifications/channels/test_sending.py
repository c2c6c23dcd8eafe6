from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.notifications.channels import desktop
from jupyter_mlops.notifications.channels.sending import check_channel, send
from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.records.notification import Desktop, Email, Lab, Webhook


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and the paths it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()


def test_secrets_are_read_from_the_process_unless_another_environment_is_given(
    settings, message, asked, monkeypatch
) -> None:
    address, paths = asked
    monkeypatch.setenv("HOOK", f"{address}/of-process")
    send(settings, Webhook(address="env:HOOK"), message(), seconds=60)
    send(settings, Webhook(address="env:HOOK"), message(), environ={"HOOK": f"{address}/given"}, seconds=60)
    assert paths == ["/of-process", "/given"]
    with pytest.raises(Undelivered, match="HOOK"):
        send(settings, Webhook(address="env:HOOK"), message(), environ={})


def test_a_mail_goes_over_the_server_of_the_settings(settings, message) -> None:
    with pytest.raises(Undelivered, match="write mail_server into") as failure:
        send(settings, Email(to=("ana@example.org",)), message())
    assert (failure.value.final, failure.value.elsewhere) == (False, True)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have programs of their own")
def test_the_desktop_is_that_of_this_system(settings, message, tmp_path: Path) -> None:
    program, note = tmp_path / "notify-send", tmp_path / "note"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$3" > "{note}"\n')
    program.chmod(0o755)
    send(settings, Desktop(host="here"), message(), environ={"PATH": str(tmp_path)}, seconds=60)
    assert note.read_text() == "report.ipynb failed"


def test_for_jupyterlab_nothing_is_sent(settings, message, monkeypatch) -> None:
    monkeypatch.setattr(desktop.subprocess, "run", lambda *_, **__: pytest.fail("a program was started"))
    send(settings, Lab(), message(), environ={})


@pytest.mark.parametrize(
    "channel",
    [Webhook(address="https://example.org/x", secret="env:KEY"), Email(to=("ana@example.org",)), Desktop(host="h"), Lab()],
    ids=lambda channel: type(channel).__name__,
)  # fmt: skip
def test_a_channel_that_can_work_is_taken_without_asking_anybody(channel, monkeypatch) -> None:
    monkeypatch.delenv("KEY", raising=False)
    check_channel(channel)


@pytest.mark.parametrize(
    "channel",
    [Webhook(address="example.org"), Webhook(address="https://example.org", secret="word"), Email(to=())],
    ids=["address", "secret", "nobody"],
)
def test_one_that_never_can_is_refused(channel) -> None:
    with pytest.raises(Invalid) as failure:
        check_channel(channel)
    assert failure.value.remedy
