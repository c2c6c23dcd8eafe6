"""REST, read off the table: authenticate, authorise, decode, call in a thread, encode.

A class is made for each path of the table, with one method for each row that stands there. Nothing here knows
what a verb does.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.auth.identity import IdentityProvider, LegacyIdentityProvider, PasswordIdentityProvider
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from jupyter_mlops.errors import (
    Conflict,
    Forbidden,
    Invalid,
    JobFailed,
    MlopsError,
    NotFound,
    Unavailable,
    Untrusted,
)
from jupyter_mlops.operations.binding import from_json, from_texts
from jupyter_mlops.operations.grammar import usage_of
from jupyter_mlops.operations.reading import error_json, read_json, to_json
from jupyter_mlops.operations.table import BASE, OPERATIONS, Operation
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.settings import account

__all__ = ["LARGEST_BODY", "STATUS", "OperationHandler", "routes"]

STATUS: dict[type[MlopsError], int] = {
    NotFound: 404,
    Invalid: 400,
    Conflict: 409,
    Forbidden: 403,
    Untrusted: 403,
    JobFailed: 422,
    Unavailable: 503,
}
LARGEST_BODY = 4 * 2**20  # bytes; what people type and forms send is far smaller
_RESERVED = frozenset({"path", "token", "_xsrf", "no_track_activity"})  # of the door, not of the verb
_MOST_QUERY = 100  # texts in one query string
_ANONYMOUS = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)


@web.stream_request_body
class OperationHandler(ExtensionHandlerMixin, APIHandler):
    """What all generated handlers do. A body is refused while it arrives, not after it has filled the memory."""

    def initialize(self, name: str) -> None:
        """Be told by the extension what it is called."""
        super().initialize(name)
        self.received = bytearray()

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler itself does
        """Know who asks before the body is read."""
        await super().prepare()
        self._measure(int(self.request.headers.get("Content-Length") or 0))

    def data_received(self, chunk: bytes) -> None:
        """Take in a part of the body."""
        try:
            self._measure(len(self.received) + len(chunk))
        except web.HTTPError:
            # Out of here it would reach nobody but the log. What arrives after an answer is thrown away.
            self.send_error(413, exc_info=sys.exc_info())
            return
        self.received += chunk

    def _measure(self, size: int) -> None:
        if size > LARGEST_BODY:
            raise web.HTTPError(413, f"a body may have {LARGEST_BODY} bytes")

    async def answer(self, row: Operation, path: Mapping[str, str]) -> None:
        """Call the row's verb in a thread and write what it says: its record, or its error."""
        query = self._query()
        place = query.pop("path", [""])[-1]
        body = self._body() if row.action == "write" else b""
        if row.action == "write" and query:
            raise web.HTTPError(400, "a request that writes takes its arguments in its body")
        actor, app = self._actor(), cast("Any", self.extensionapp)

        def call() -> str:
            given = from_texts(row.verb, {name: [text] for name, text in path.items()})
            arguments = _arguments(row, given, query, body)
            ws = app.places.at(place, write=row.action == "write")
            return to_json(row.verb(ws.acting_as(actor), **arguments))

        try:
            said = await asyncio.get_running_loop().run_in_executor(app.threads, call)
        except MlopsError as failure:
            self.set_status(next(status for kind, status in STATUS.items() if isinstance(failure, kind)))
            said = error_json(failure)
        self.finish(said)

    def _query(self) -> dict[str, list[str]]:
        raw = self.request.query_arguments
        if sum(map(len, raw.values())) > _MOST_QUERY:
            raise web.HTTPError(400, "too many arguments")
        read = {name: [self.decode_argument(text, name) for text in texts] for name, texts in raw.items()}
        return {name: texts for name, texts in read.items() if name == "path" or name not in _RESERVED}

    def _body(self) -> bytes:
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if self.received and kind != "application/json":
            # Also what keeps a form on a foreign page from speaking for its reader.
            raise web.HTTPError(415, "a body must be application/json")
        return bytes(self.received)

    def _actor(self) -> Actor:
        """A token or a password is shared: it proves that somebody may come in, not who they are."""
        provider = self.identity_provider
        anonymous = type(provider).get_user in [kind.get_user for kind in _ANONYMOUS]
        if anonymous or provider.is_token_authenticated(self):
            return Actor(name=account(), via=Door.SERVER, authenticated=False)
        return Actor(name=self.current_user.username, via=Door.SERVER, authenticated=True)

    def set_default_headers(self) -> None:
        """Keep answers out of caches."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what the server refuses, or that it failed, in the shape of every other error; no internals."""
        failure = (kwargs.get("exc_info") or (None, None, None))[1]
        refused = isinstance(failure, web.HTTPError)
        told = _said(failure) if isinstance(failure, web.HTTPError) else ""
        message = told or HTTPStatus(status_code).phrase
        code = _CODES.get(status_code, "refused" if refused else "unexpected")
        remedy = _REMEDIES.get(status_code, "Mend the request.") if refused else _OUR_FAULT
        self.finish(json.dumps({"code": code, "message": message, "remedy": remedy, "data": {}}))


def _said(refusal: web.HTTPError) -> str:
    """Tornado's message is a template; one that came without arguments has its per cent signs doubled."""
    return refusal.log_message % refusal.args if refusal.log_message else ""


_CODES = {403: "forbidden", 404: "not_found", 405: "refused", 400: "invalid"}
_OUR_FAULT = "This is our fault: the server's log holds the traceback."
_REMEDIES = {
    401: "Sign in, or send the server's token.",
    403: "Sign in again; if it stays so, ask whoever runs the server for the right to do this.",
    404: "Compare the path with docs/reference.md.",
    405: "Compare the method with docs/reference.md.",
    413: "Send less at once.",
    415: "Send JSON, with the header Content-Type: application/json.",
}


def _arguments(
    row: Operation, path: Mapping[str, Any], query: Mapping[str, Sequence[str]], body: bytes
) -> dict[str, Any]:
    if row.action == "read":
        twice = sorted(set(path) & set(query))
        if twice:
            raise Invalid(
                f"{twice[0]}: stands in the path already", remedy=f"Leave {twice[0]} out of the query string."
            )
        return from_json(row.verb, {}, given={**from_texts(row.verb, query), **path}, usage=usage_of(row))
    data = read_json(body, at="body") if body else {}
    if not isinstance(data, dict):
        raise Invalid("body: expected an object", remedy='Send a JSON object: {"name": value}.')
    return from_json(row.verb, data, given=path, usage=usage_of(row))


Method = Callable[..., Awaitable[None]]


def _method(row: Operation) -> Method:
    """One row's method. Action and resource are said outright: the decorator would keep the first call's guess."""

    @web.authenticated
    @authorized(action=row.action, resource=row.resource)  # type: ignore[untyped-decorator]
    async def method(self: OperationHandler, **path: str) -> None:
        await self.answer(row, path)

    method.__doc__ = f"{row.method} {row.path}: the operation {row.name}."
    return cast("Method", method)


def routes(operations: Sequence[Operation] = OPERATIONS) -> list[tuple[str, type[OperationHandler]]]:
    """Return a pattern and a handler for each path of the table, fixed words before places that take any."""
    paths: dict[str, list[Operation]] = {}
    for row in operations:
        paths.setdefault(row.path, []).append(row)
    ordered = sorted(paths, key=lambda path: [part.startswith("{") for part in path.split("/")])
    return [(_pattern(path), _handler(path, paths[path])) for path in ordered]


def _pattern(path: str) -> str:
    return "/" + BASE + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)


def _handler(path: str, rows: Sequence[Operation]) -> type[OperationHandler]:
    name = "".join(word.title() for word in re.findall(r"\w+", path)) + "Handler"
    methods = {row.method.lower(): _method(row) for row in rows}
    # For whoever reads it off the class; each method is decorated with its own.
    return type(
        name, (OperationHandler,), {**methods, "auth_resource": rows[0].resource, "rows": tuple(rows)}
    )
