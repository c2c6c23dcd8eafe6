"""Web requests, to a real server on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from typing import Any

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.notifications.channels import deadline
from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.notifications.channels.webhook import check_webhook, send_webhook
from jupyter_mlops.notifications.channels.wording import title_of
from jupyter_mlops.records.notification import Notification, Webhook


class Receiver:
    """A server that answers by the path it is asked for: /404 with 404, /trickle a byte at a time."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), body))
                getattr(receiver, f"answer_{self.path[1:].partition('?')[0]}", receiver.answer)(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        code = handler.path[1:4]
        handler.send_response(int(code) if code.isdigit() else 200, "words of the server")
        handler.send_header("Location", "/200")
        handler.end_headers()
        handler.wfile.write(b"words of the server")

    def answer_trickle(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer, were it waited for: each byte comes well within the time, all of them do not."""
        with suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 1\r\n" * 10 + b"\r\n":
                handler.wfile.write(bytes([byte]))
                time.sleep(0.05)

    def answer_endless(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer with a body that has no end."""
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(b"x" * 65_536)

    def answer_close(self, handler: BaseHTTPRequestHandler) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)

    def answer_nonsense(self, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 words of the server\r\n\r\n")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def secure(receiver: Receiver, certificate) -> Receiver:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    return receiver


def post(address: str, message: Notification, secret: str = "", seconds: float = 60, **environ: str) -> None:
    send_webhook(Webhook(address=address, secret=secret), message, environ=environ, seconds=seconds)


def refused(*arguments: Any, **options: Any) -> Undelivered:
    with pytest.raises(Undelivered) as failure:
        post(*arguments, **options)
    return failure.value


# --- what is sent ----------------------------------------------------------------------------------------------


def test_a_chat_room_finds_all_in_one_field_and_a_program_each_part_in_its_own(receiver, message) -> None:
    post(f"{receiver.address}/hooks/T0?a=b%20c&d", message())

    ((path, headers, body),) = receiver.requests
    assert path == "/hooks/T0?a=b%20c&d"
    assert json.loads(body) == {
        "id": "01HX0",
        "subscription": "nightly",
        "occasion": "failure",
        "job": "J1",
        "title": "report.ipynb failed",
        "details": "KeyError\nin cell 3",
        "text": "report.ipynb failed\nKeyError\nin cell 3",
        "made": "2026-03-04T05:06:07+00:00",
    }
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == f"jupyter-mlops/{metadata.version('jupyter-mlops')}"
    assert headers["Host"] == receiver.address.removeprefix("http://")
    assert not [name for name in headers if name.lower().startswith("webhook-")]


def test_from_a_checkout_the_sender_has_a_name_too(receiver, message, monkeypatch) -> None:
    def nowhere(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nowhere)
    post(receiver.address, message())
    assert receiver.requests[0][1]["User-Agent"] == "jupyter-mlops"


def test_a_repeated_message_is_known_by_its_key(receiver, message) -> None:
    post(receiver.address, message())
    post(receiver.address, message())
    assert [headers["Idempotency-Key"] for _, headers, _ in receiver.requests] == ["01HX0", "01HX0"]
    assert [path for path, _, _ in receiver.requests] == ["/", "/"]


def test_a_message_that_tries_the_channel_out_says_so(receiver, message) -> None:
    post(receiver.address, message(occasion=None, text=""))
    sent = json.loads(receiver.requests[0][2])
    assert (sent["occasion"], sent["text"], sent["details"]) == ("test", "report.ipynb failed", "")


def test_whatever_somebody_wrote_arrives_as_json(receiver, hostile) -> None:
    post(receiver.address, hostile)
    sent = json.loads(receiver.requests[0][2].decode())
    assert sent["title"] == title_of(hostile)
    assert len(sent["text"]) <= 4_300
    assert "\n" not in sent["subscription"] + sent["job"]


@pytest.mark.parametrize("call", ["<!channel>", "<@U123>", "<#C1>", "@all", "@Channel", "@here", "@everyone"])
def test_nobody_calls_a_whole_room_with_the_name_of_a_notebook(receiver, message, call: str) -> None:
    post(receiver.address, message(title=f"{call} come", text=f"ana@example.org {call}"))
    sent = json.loads(receiver.requests[0][2])
    assert call not in sent["text"]
    assert sent["text"].replace("\u200b", "") == f"{call} come\nana@example.org {call}"
    assert sent["title"] == f"{call} come"


# --- signatures ------------------------------------------------------------------------------------------------

KEY = bytes(range(24))


@pytest.mark.parametrize(
    ("secret", "key"),
    [(f"whsec_{base64.b64encode(KEY).decode()}", KEY), ("plain words", b"plain words"), ("Größe", "Größe".encode())],
    ids=["standard", "plain", "wide"],
)  # fmt: skip
def test_the_receiver_can_tell_who_sent_it(receiver, message, secret: str, key: bytes) -> None:
    before = int(time.time())
    post(receiver.address, message(), "env:KEY", KEY=secret)

    ((_, headers, body),) = receiver.requests
    moment = headers["webhook-timestamp"]
    assert before <= int(moment) <= time.time()
    assert headers["webhook-id"] == "01HX0"
    expected = hmac.new(key, b"01HX0." + moment.encode() + b"." + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


@pytest.mark.parametrize("secret", ["whsec_", "whsec_no base64!", "whsec_ä"], ids=["empty", "words", "wide"])
def test_a_secret_that_is_no_key_is_not_signed_with_and_not_shown(receiver, message, secret: str) -> None:
    failure = refused(receiver.address, message(), "env:KEY", KEY=secret)
    assert failure.final
    assert "env:KEY" in failure.message
    assert "no base64!" not in failure.message
    assert receiver.requests == []


def test_without_its_secret_nothing_is_sent(receiver, message) -> None:
    failure = refused(receiver.address, message(), "env:KEY")
    assert failure.elsewhere
    assert "KEY" in failure.message
    assert receiver.requests == []


# --- answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_kind_of_yes_is_one(receiver, message, status: int) -> None:
    post(f"{receiver.address}/{status}", message())
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (301, True), (302, True), (307, True), (308, True), (400, True), (401, True), (404, True), (410, True),
        (408, False), (425, False), (429, False), (500, False), (502, False), (503, False), (599, False),
    ],
)  # fmt: skip
def test_an_answer_says_whether_another_try_can_help(receiver, message, status: int, final: bool) -> None:
    failure = refused(f"{receiver.address}/{status}", message())
    assert failure.final is final
    assert f"answered {status}" in failure.message
    assert "words of the server" not in failure.message
    assert len(receiver.requests) == 1  # also a redirect is asked once


def test_a_server_that_trickles_is_not_listened_to_for_longer_than_was_said(receiver, message) -> None:
    failure = refused(f"{receiver.address}/trickle", message(), seconds=0.6)
    assert not failure.final
    assert "no answer within 0.6 seconds" in failure.message


def test_an_answer_without_end_is_not_read(receiver, message) -> None:
    post(f"{receiver.address}/endless", message())
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("path", "said"), [("close", "closed the connection without an answer"), ("nonsense", "no HTTP")]
)
def test_a_server_that_breaks_off_may_be_asked_again(receiver, message, path: str, said: str) -> None:
    failure = refused(f"{receiver.address}/{path}", message())
    assert not failure.final
    assert said in failure.message
    assert "words of the server" not in failure.message


def test_nobody_there_may_come_later(message) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    failure = refused(f"http://127.0.0.1:{port}/secret-path", message())
    assert not failure.final
    assert failure.message.startswith("http://127.0.0.1 cannot be reached: ")


# --- certificates ----------------------------------------------------------------------------------------------


def test_a_certificate_that_is_known_is_trusted(secure, message, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    post(f"https://localhost:{secure.server.server_port}/x", message())
    assert [path for path, _, _ in secure.requests] == ["/x"]
    assert secure.requests[0][1]["Host"] == f"localhost:{secure.server.server_port}"


def test_one_that_is_not_known_is_not_spoken_to(secure, message) -> None:
    failure = refused(f"https://localhost:{secure.server.server_port}/x", message())
    assert "certificate of https://localhost is not trusted: self-signed certificate" in failure.message
    assert secure.requests == []


def test_one_of_another_host_is_not_spoken_to_and_the_host_not_told(
    secure, message, certificate, monkeypatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    address = f"https://127.0.0.1:{secure.server.server_port}/x"
    failure = refused("env:HOOK", message(), HOOK=address)
    assert "certificate of the address in env:HOOK is not trusted: IP address mismatch" in failure.message
    assert "127.0.0.1" not in failure.message
    assert secure.requests == []


# --- addresses -------------------------------------------------------------------------------------------------

WRONG = {
    "ftp://example.org/x": "ftp://example.org does not begin with http",
    "example.org/hunter2": "(not shown) does not begin with http",
    "javascript:alert(1)": "(not shown) does not begin with http",
    "https://ana:hunter2@example.org/x": "https://***@example.org holds a user or a password",
    "https://hunter2@example.org/": "https://***@example.org holds a user",
    "https://:hunter2@example.org/": "https://***@example.org holds a user",
    "ana:hunter2@example.org": "(not shown) does not begin with http",
    "https:///hunter2": "https:// names no host",
    "https://": "https:// names no host",
    "https://example.org:hunter2/": "https://example.org is no valid address",
    "https://example.org:0/": "https://example.org is no valid address",
    "https://example.org:99999/": "https://example.org is no valid address",
    "https://[::1/hunter2": "(not shown) is no valid address",
    "https://a..b/": "https://a..b is no valid address",
    "https://example.org/a b": "https://example.org holds a blank",
    "https://example.org/\r\nX-Evil: 1": "https://example.org holds a blank",
    "https://example.org/\ud800": "https://example.org holds a blank or a character",
    "https://example.org/" + "x" * 2_000: "https://example.org has more than 2000 characters",
    "env:not a name": "(not shown) holds a blank",
    "": "(not shown) does not begin with http",
}
_IN_WORDS = [f"{at}-{said}" for at, said in enumerate(WRONG.values())]


@pytest.mark.parametrize(("address", "said"), WRONG.items(), ids=_IN_WORDS)
def test_an_address_that_cannot_be_is_refused_and_what_may_be_secret_is_not_shown(address, said) -> None:
    with pytest.raises(Invalid) as failure:
        check_webhook(Webhook(address=address))
    assert f"the webhook's address {said}" in failure.value.message
    assert failure.value.remedy
    assert "hunter2" not in str(failure.value)
    str(failure.value).encode()


@pytest.mark.parametrize("address", WRONG, ids=_IN_WORDS)
def test_one_that_is_read_as_it_is_needed_is_not_shown_at_all(address, message) -> None:
    failure = refused("env:HOOK", message(), HOOK=address)
    assert failure.final or failure.elsewhere  # an empty one may be set in another process
    assert "HOOK" in failure.message
    assert "example.org" not in failure.message
    assert "hunter2" not in failure.message


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost", "https://example.org:8443/a/b?c=d&e=%20f#part", "http://[::1]:80/", "env:HOOK",
        "https://größe.example/ä?ö=ü", "HTTPS://EXAMPLE.ORG/", "https://example.org/" + "x" * 1_900,
    ],
    ids=["short", "whole", "six", "variable", "wide", "loud", "long"],
)  # fmt: skip
def test_an_address_that_can_be_is_taken(address: str) -> None:
    check_webhook(Webhook(address=address, secret="env:KEY"))


def test_the_characters_of_a_path_arrive_as_they_are_written_in_requests(receiver, message) -> None:
    post(f"{receiver.address}/ä'%2F?ö=1#part", message())
    assert receiver.requests[0][0] == "/%C3%A4'%2F?%C3%B6=1"


def test_an_address_from_the_environment_is_asked_and_never_told(receiver, message) -> None:
    post("env:HOOK", message(), HOOK=f"{receiver.address}/hooks/1\n")
    assert receiver.requests[0][0] == "/hooks/1"
    failure = refused("env:HOOK", message(), HOOK=f"{receiver.address}/404")
    assert failure.message == "the address in env:HOOK answered 404 (Not Found)"
    missing = refused("env:HOOK", message())
    assert missing.elsewhere
    assert "HOOK" in missing.message


def test_a_name_that_nobody_knows_is_not_told_either(message, monkeypatch) -> None:
    def unknown(*_place: Any, **_options: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(deadline.socket, "create_connection", unknown)
    failure = refused("env:HOOK", message(), HOOK="https://hunter2.invalid/x")
    assert failure.message == "the address in env:HOOK cannot be reached: Name or service not known"
    assert not failure.final


@pytest.mark.parametrize(
    "secret", ["hunter2", "whsec_AAAA", "file:hunter2", "keyring:a/b", "env:", "env:a b"]
)
def test_a_secret_is_given_by_where_it_is(secret: str) -> None:
    with pytest.raises(Invalid, match="never the secret itself") as failure:
        check_webhook(Webhook(address="https://example.org", secret=secret))
    assert "env:NAME" in failure.value.remedy
    assert "hunter2" not in str(failure.value)
