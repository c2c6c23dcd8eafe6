"""Messages as web requests: JSON that chat rooms show and programs read, signed where a secret is given."""

from __future__ import annotations

import base64
import binascii
import hmac
import http.client
import json
import re
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from importlib import metadata
from urllib.parse import quote, urlsplit

from jupyter_mlops.errors import Invalid
from jupyter_mlops.notifications.channels.deadline import Line, within
from jupyter_mlops.notifications.channels.references import is_variable, read_variable
from jupyter_mlops.notifications.channels.undelivered import Undelivered
from jupyter_mlops.notifications.channels.wording import line, text_of, title_of
from jupyter_mlops.records.notification import Notification, Webhook

__all__ = ["check_webhook", "send_webhook"]

_LONGEST = 2_000  # characters of an address
_TRY_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_PREFIX = "whsec_"
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_.~-]{16,}")
# What chat rooms would call everybody for: <!channel> and <@name> in Slack, @all and @channel in Mattermost.
_CALLS = re.compile(r"<(?=[!@#])|@(?=(?:all|channel|everyone|here)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An address, taken apart."""

    secure: bool
    host: str
    port: int
    target: str  # path and query, as the request line has them


def check_webhook(channel: Webhook) -> None:
    """Refuse what no request can be sent to.

    Raises
    ------
    Invalid
        The address or the secret is wrong; a password in it is not shown.
    """
    if not is_variable(channel.address):
        try:
            _taken_apart(channel.address)
        except ValueError as failure:
            raise Invalid(
                f"the webhook's address {_masked(channel.address)} {failure}",
                remedy="Give http://HOST/PATH or https://HOST/PATH, or env:NAME where the address is a secret.",
            ) from None
        if _looks_secret(channel.address):
            raise Invalid(
                f"the webhook's address at {_masked(channel.address)} looks as if it held a secret, and would be kept as it is",
                remedy="Put the whole address into a variable of the environment where messages are sent, and give env:NAME.",
            )
    if channel.secret and not is_variable(channel.secret):
        raise Invalid(
            "the webhook's secret must say where it is to be found, never the secret itself",
            remedy="Put it into a variable of the environment where messages are sent, and give env:NAME.",
        )


def _looks_secret(address: str) -> bool:
    """Tell whether who knows the address may use it: chat rooms give out such ones."""
    parts = urlsplit(address)
    words = [*parts.path.split("/"), *parts.query.replace("=", "&").split("&")]
    return any(_TOKEN.fullmatch(word) for word in words)


def send_webhook(
    channel: Webhook, message: Notification, *, environ: Mapping[str, str], seconds: float
) -> None:
    """Send *message* in a ``POST`` request. Redirects are not followed, and nothing but the status is kept.

    Raises
    ------
    Undelivered
        It was not taken.
    """
    place, called = _place(channel, environ)
    body = json.dumps(_content(message), ensure_ascii=False).encode()
    headers = _headers(channel, message, body, environ)
    answers: list[int] = []
    try:
        within(seconds, lambda way: answers.append(_post(way, place, body, headers)))
    except TimeoutError:
        raise Undelivered(f"{called} gave no answer within {seconds:g} seconds", final=False) from None
    except ssl.SSLCertVerificationError as failure:
        # Only the first half: the other one names the host, which may be part of the secret.
        why = failure.verify_message.partition(",")[0]
        raise Undelivered(f"the certificate of {called} is not trusted: {why}", final=False) from None
    except http.client.RemoteDisconnected:
        raise Undelivered(f"{called} closed the connection without an answer", final=False) from None
    except OSError as failure:
        why = failure.strerror or type(failure).__name__
        raise Undelivered(f"{called} cannot be reached: {why}", final=False) from None
    except http.client.HTTPException:
        raise Undelivered(f"{called} gave an answer that is no HTTP", final=False) from None
    _judge(called, answers[0])


def _place(channel: Webhook, environ: Mapping[str, str]) -> tuple[_Place, str]:
    """Return where to send to, and how to call it in a message that anybody may read."""
    if is_variable(channel.address):
        address = read_variable(channel.address, "the webhook's address", environ)
        called = f"the address in {channel.address}"
    else:
        address, called = channel.address, _masked(channel.address)
    try:
        return _taken_apart(address), called
    except ValueError as failure:
        raise Undelivered(f"{called} {failure}", final=True) from None


def _taken_apart(address: str) -> _Place:
    if len(address) > _LONGEST:
        raise ValueError(f"has more than {_LONGEST} characters")
    if not all(each.isprintable() and not each.isspace() for each in address):
        raise ValueError("holds a blank or a character that cannot be printed")
    try:
        parts = urlsplit(address)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except ValueError:  # the error would quote it; a UnicodeError is one, too
        raise ValueError("is no valid address") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError("does not begin with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("holds a user or a password")
    if not host or port == 0:
        raise ValueError("names no host" if not host else "is no valid address")
    target = quote(parts.path or "/", safe="/%:=@&+$,;!'()*~") + (
        f"?{quote(parts.query, safe='/%:=@&+$,;!()*~?')}" if parts.query else ""
    )
    secure = parts.scheme == "https"
    return _Place(secure=secure, host=host, port=port or (443 if secure else 80), target=target)


def _masked(address: str) -> str:
    """Return scheme and host of *address*: its path may be as good as a password."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return "(not shown)"
    user = "***@" if "@" in parts.netloc else ""
    if host:
        return f"{line(parts.scheme) or '(no scheme)'}://{user}{line(host)}"
    scheme, found, _ = address.partition("://")
    return f"{line(scheme)}://" if found else "(not shown)"


def _content(message: Notification) -> dict[str, str]:
    title, text = title_of(message), text_of(message)
    return {
        "id": message.id,
        "subscription": line(message.name),
        "occasion": message.occasion.value if message.occasion is not None else "test",
        "job": line(message.subject),
        "title": title,
        "details": text,
        # The one field that chat rooms show.
        "text": _CALLS.sub("\\g<0>\u200b", f"{title}\n{text}".rstrip("\n")),
        "made": message.made.astimezone(UTC).isoformat(),
    }


def _headers(
    channel: Webhook, message: Notification, body: bytes, environ: Mapping[str, str]
) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": _software(),
        "Idempotency-Key": message.id,
        "Connection": "close",
    }
    if not channel.secret:
        return headers
    moment = str(int(time.time()))  # of this try: receivers refuse old ones
    key = _key(read_variable(channel.secret, "the webhook's secret", environ), channel.secret)
    signature = hmac.digest(key, f"{message.id}.{moment}.".encode() + body, "sha256")
    return headers | {
        "webhook-id": message.id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def _software() -> str:
    try:
        return f"jupyter-mlops/{metadata.version('jupyter-mlops')}"
    except metadata.PackageNotFoundError:  # run from a checkout
        return "jupyter-mlops"


def _key(secret: str, reference: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode("utf-8", "surrogateescape")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise Undelivered(
            f"the secret in {reference} begins with {_PREFIX}, and no base64 follows", final=True
        )
    return key


def _post(way: Line, place: _Place, body: bytes, headers: Mapping[str, str]) -> int:
    """Return the status of the answer; its body is not read."""
    connection: http.client.HTTPConnection
    if place.secure:
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(place.host, place.port, context=context)
    else:
        connection = http.client.HTTPConnection(place.host, place.port)
    with closing(connection):
        connection.sock = way.connect(connection.host, connection.port)
        if place.secure:
            connection.sock = context.wrap_socket(connection.sock, server_hostname=place.host)
        connection.request("POST", place.target, body=body, headers=dict(headers))
        return connection.getresponse().status


def _judge(called: str, status: int) -> None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    known = {each.value: f" ({each.phrase})" for each in HTTPStatus}  # the server's own words are not kept
    answer = f"{called} answered {status}{known.get(status, '')}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise Undelivered(f"{answer}: redirects are not followed, give the address it leads to", final=True)
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    raise Undelivered(answer, final=refused and status not in _TRY_AGAIN)
