"""The open inference protocol over HTTP. A process of its own: user models run here, and nowhere near a Jupyter server."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from jupyter_mlops.errors import Invalid, MlopsError, NotFound, Unavailable
from jupyter_mlops.records.serving import Served
from jupyter_mlops.serving.bodies import MAXIMUM_BYTES, read_object
from jupyter_mlops.serving.protocol import describe, read_inputs, read_rows, write_answer
from jupyter_mlops.serving.service import Service
from jupyter_mlops.serving.tensors import plain
from jupyter_mlops.serving.traffic import record_outcomes
from jupyter_mlops.workspace import Workspace

__all__ = ["build_app", "serve"]

# Probes carry no token; they say nothing but yes or no.
_PUBLIC = frozenset({"/v2/health/live", "/v2/health/ready"})
_SHORTEST_TOKEN = 16
_STATUS: dict[str, int] = {
    "not_found": 404,
    "invalid": 400,
    "conflict": 409,
    "forbidden": 403,
    "unavailable": 503,
}


def serve(
    ws: Workspace,
    reference: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str = "",
    announce: Callable[[Served], None] | None = None,
) -> None:
    """Answer for *reference* until the process is interrupted or the deployment is stopped.

    Parameters
    ----------
    reference
        ``model@alias``, which is followed when it moves, or ``model:2``.
    host, port
        Where to listen; port 0 takes a free one.
    token
        What callers must show (``Authorization: Bearer …``); by default a random one. Listening beyond this machine
        takes one of at least 16 characters.
    announce
        Called once, when it is about to answer.

    Raises
    ------
    Invalid
        The token is too weak for the place.
    Unavailable
        The port is taken.
    """
    if not _is_loopback(host) and len(token) < _SHORTEST_TOKEN:
        raise Invalid(
            f"listening on {host} lets others in, and the token has {len(token)} characters",
            remedy=f"Give --token with at least {_SHORTEST_TOKEN}, or listen on 127.0.0.1.",
        )
    token = token or secrets.token_urlsafe(24)
    with _term_interrupts(), _listening(host, port) as place:
        url = _url(host, place.getsockname()[1])
        service = Service(ws, reference)
        app = build_app(service, token, hosts=(host,))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        deployment = service.start(url, ended=lambda: setattr(server, "should_exit", True))
        try:
            if announce is not None:
                announce(
                    Served(
                        deployment=deployment.id,
                        reference=reference,
                        model=deployment.model,
                        version=deployment.version,
                        url=url,
                        token=token,
                    )
                )
            server.run(sockets=[place])
        finally:
            service.close()


@contextmanager
def _term_interrupts() -> Iterator[None]:
    """Have a request to terminate end this process as an interrupt does: what was answered is kept before it goes.

    uvicorn ends gracefully at both, and then lets the signal do what it did before; for this one, that is to end at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind((host, port))
        place.listen(128)
    except OSError as failure:
        place.close()
        raise Unavailable(
            f"{host}:{port} cannot be listened on: {failure.strerror}", remedy="Give another --port."
        ) from None
    return place


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def build_app(service: Service, token: str, *, hosts: Sequence[str] = ()) -> ASGIApp:
    """Return the application that answers for *service*: every route behind the token, but for two probes."""
    failures: Mapping[Any, Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
        MlopsError: _refused,
        HTTPException: _refused,
        Exception: _broken,
    }
    app = Starlette(routes=_Endpoints(service).routes(), exception_handlers=failures)
    app.router.redirect_slashes = False  # a redirect would repeat whatever host the caller claimed
    return _Door(app, token, {"localhost", "127.0.0.1", "[::1]", *hosts})


class _Endpoints:
    """One method for each thing that can be asked of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        model, versioned = "/v2/models/{model}", "/v2/models/{model}/versions/{version}"
        return [
            Route("/v2/health/live", self.live, methods=["GET"]),
            Route("/v2/health/ready", self.ready, methods=["GET"]),
            *(Route(path, self.metadata, methods=["GET"]) for path in ("/v2", "/v2/")),
            *(Route(path, self.model_metadata, methods=["GET"]) for path in (model, versioned)),
            *(Route(f"{path}/ready", self.model_ready, methods=["GET"]) for path in (model, versioned)),
            *(Route(f"{path}/infer", self.infer, methods=["POST"]) for path in (model, versioned)),
            Route("/predict", self.predict, methods=["POST"]),
            Route("/outcomes", self.outcomes, methods=["POST"]),
        ]

    async def live(self, _request: Request) -> JSONResponse:
        return JSONResponse({"live": True})

    async def ready(self, _request: Request) -> JSONResponse:
        loaded = self._service.predictor is not None
        return JSONResponse({"ready": loaded}, 200 if loaded else 503)

    async def metadata(self, _request: Request) -> JSONResponse:
        return JSONResponse({"name": "jupyter-mlops", "version": _version(), "extensions": []})

    async def model_metadata(self, request: Request) -> JSONResponse:
        return JSONResponse(describe(_asked(self._service, request)))

    async def model_ready(self, request: Request) -> JSONResponse:
        return JSONResponse({"name": _asked(self._service, request).version.model, "ready": True})

    async def infer(self, request: Request) -> JSONResponse:
        predictor = _asked(self._service, request)
        given = read_inputs(await _body(request), predictor)
        name = given.request or self._service.ws.new_id()
        answer = await run_in_threadpool(self._service.answer, name, columns=given.columns)
        return JSONResponse(write_answer(answer, given, predictor))

    async def predict(self, request: Request) -> JSONResponse:
        rows = read_rows(await _body(request))
        answer = await run_in_threadpool(self._service.answer, self._service.ws.new_id(), rows=rows)
        predictor = self._service.predictor
        assert predictor is not None  # it has just answered
        told = {"model": predictor.version.model, "version": answer.version, "request": answer.request}
        return JSONResponse({**told, "predictions": plain(answer.values)})

    async def outcomes(self, request: Request) -> JSONResponse:
        known = (await _body(request)).get("outcomes")
        deployment = self._service.deployment
        if not isinstance(known, dict) or deployment is None:
            raise Invalid(
                'the body is {"outcomes": {request: value}}',
                remedy="Give each request's id and what really happened; ids stand in the answers.",
            )
        kept = await run_in_threadpool(record_outcomes, self._service.ws, deployment.id, known)
        return JSONResponse({"kept": kept})


def _asked(service: Service, request: Request) -> Any:
    """Return the predictor the path names; by name alone, the version that answers now."""
    predictor = service.predictor
    if predictor is None:
        raise Unavailable(
            "no model is loaded",
            remedy="Wait until /v2/health/ready answers 200, or look at the log of jupyter mlops serve.",
        )
    name, version = request.path_params["model"], request.path_params.get("version")
    if name != predictor.version.model or version not in {None, str(predictor.version.version)}:
        raise NotFound(
            f"this serves {predictor.version.reference}", remedy=f"Ask /v2/models/{predictor.version.model}."
        )
    return predictor


async def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/json", ""} or request.headers.get("content-encoding"):
        raise HTTPException(415, "the body is plain application/json")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MAXIMUM_BYTES:
            raise HTTPException(413, f"the body is longer than {MAXIMUM_BYTES} bytes")
    return read_object(bytes(content))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("jupyter-mlops")
    except PackageNotFoundError:
        return "0"


async def _refused(_request: Request, failure: Exception) -> JSONResponse:
    if isinstance(failure, HTTPException):
        return JSONResponse({"error": str(failure.detail)}, failure.status_code, headers=failure.headers)
    assert isinstance(failure, MlopsError)
    return JSONResponse({"error": str(failure)}, _STATUS.get(failure.code, 500))


async def _broken(_request: Request, _failure: Exception) -> JSONResponse:
    return JSONResponse({"error": "something went wrong here; the server's own log says what"}, 500)


class _Door:
    """Stands before every route: a known host, and the token."""

    def __init__(self, app: ASGIApp, token: str, hosts: set[str]) -> None:
        self._app, self._token, self._hosts = app, token.encode(), hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # there are no websockets here, and no lifespan
        headers = dict(scope["headers"])
        refusal = self._refusal(scope["path"], headers)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, path: str, headers: Mapping[bytes, bytes]) -> JSONResponse | None:
        # A page of another site may point its own name at this machine; the name it used tells.
        if _host(headers.get(b"host", b"").decode("latin-1")) not in self._hosts:
            return JSONResponse({"error": "unknown host"}, 403)
        if path in _PUBLIC:
            return None
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), self._token):
            return None
        return JSONResponse({"error": "a token is needed"}, 401, headers={"WWW-Authenticate": "Bearer"})


def _host(header: str) -> str:
    return header.partition("]")[0] + "]" if header.startswith("[") else header.partition(":")[0].lower()
