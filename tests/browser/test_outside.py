"""What a page asks of anybody but its own server is noted, fails the scenario, and reaches nobody outside this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser.lab import Server, session

ASK = "url => fetch(url).then(() => 'answered', () => 'failed')"
PICTURE = "url => new Promise(done => { const i = new Image(); i.onload = i.onerror = () => done(i.width); i.src = url; })"
SOCKET = "url => new Promise(done => { const s = new WebSocket(url); s.onopen = s.onerror = event => done(event.type); })"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody who would hear of it: this very machine, under a name and an address that count as outside."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.setblocking(False)
        yield waiting


@pytest.mark.parametrize(
    ("script", "address"),
    [
        (ASK, "http://localhost:{port}/"),  # a name: were it looked up, somebody would be reached
        (PICTURE, "http://[::ffff:127.0.0.1]:{port}/a.png"),  # an address that is no name
        (SOCKET, "ws://localhost:{port}/"),
    ],
    ids=["name", "address", "socket"],
)
def test_what_is_asked_of_the_outside_fails_the_scenario_and_reaches_nobody(
    chromium: Browser, lab: Server, listener: socket.socket, script: str, address: str
) -> None:
    url = address.format(port=listener.getsockname()[1])
    with pytest.raises(AssertionError, match="localhost|ffff"), session(chromium, lab) as reader:
        reader.page.goto(lab.url("static/favicons/favicon.ico"))
        reader.page.evaluate(script, url)
    with pytest.raises(BlockingIOError):
        listener.accept()
