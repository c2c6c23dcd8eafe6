"""REST, read off a table: routes and methods, arguments from path, query and body, and one shape for every refusal."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from doors.samples import ROWS
from doors.site import JSON
from jupyter_mlops import errors
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.operations.table import BASE, Operation
from jupyter_mlops.server.handlers import LARGEST_BODY, STATUS, OperationHandler, routes
from jupyter_mlops.workspace import Workspace

pytest_plugins = ["pytest_jupyter.jupyter_server"]
KINDS = [getattr(errors, name) for name in errors.__all__ if name != "MlopsError"]


def refuse(ws: Workspace, kind: str) -> str:
    """Raise an error of the tree."""
    raise getattr(errors, kind)(f"no {kind}", remedy="Try again.", data={"kind": kind, "figure": 1.5})


def place(ws: Workspace) -> str:
    """Say in which thread this runs."""
    return threading.current_thread().name


def echo(ws: Workspace, word: str, *, more: list[str] | None = None) -> dict[str, Any]:
    """Give back what was asked."""
    return {"word": word, "more": more}


ROOM = ModuleType("jupyter_mlops.told")
for _verb in (refuse, place, echo):
    setattr(ROOM, _verb.__name__, _verb)
sys.modules["jupyter_mlops.told"] = ROOM

TABLE = (
    Operation("run.refuse", "refuse {kind}", "told.refuse", 0, "GET", "told/refusals/{kind}"),
    Operation("run.place", "place", "told.place", 0, "GET", "told/place"),
    Operation("run.echo", "echo {word}", "told.echo", 0, "GET", "told/{word}"),
    Operation("run.tell", "tell {word}", "told.echo", 0, "POST", "told/{word}"),
)
Asked = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def told(jp_web_app: Any, jp_base_url: str, app: Any) -> None:
    """The same server with a small table of its own beside ours."""
    base = jp_base_url.rstrip("/")
    jp_web_app.add_handlers(
        ".*$", [(f"{base}{pattern}", handler, {"name": app.name}) for pattern, handler in routes(TABLE)]
    )


@pytest.fixture
def raw(http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]) -> Asked:
    """Ask with the path and the query string exactly as they are given."""

    async def fetch(method: str, path: str, **options: Any) -> tuple[int, Any]:
        url = f"{jp_base_url}{BASE}{path}"
        headers = {**jp_auth_header, **options.pop("headers", {})}
        try:
            answer: HTTPResponse = await http_server_client.fetch(
                url, method=method, headers=headers, allow_nonstandard_methods=True, **options
            )
        except HTTPClientError as refused:
            assert refused.response is not None
            answer = refused.response
        return answer.code, json.loads(answer.body)

    return fetch


# --- routes ---------------------------------------------------------------------------------------------------


def test_each_path_has_one_handler_with_a_method_for_each_of_its_rows() -> None:
    found = dict(routes(TABLE))
    handler = found[f"/{BASE}told/(?P<word>[^/]+)"]

    assert len(found) == len({row.path for row in TABLE}) == 3
    assert issubclass(handler, OperationHandler)
    assert handler.rows == TABLE[2:]
    assert handler.__name__ == "ToldWordHandler"
    assert handler.get.__doc__ == "GET told/{word}: the operation run.echo."
    assert handler.post.__doc__ == "POST told/{word}: the operation run.tell."
    assert handler.put is OperationHandler.put


def test_fixed_words_stand_before_places_at_every_depth_and_a_handler_knows_its_resource() -> None:
    patterns = [pattern.removeprefix(f"/{BASE}") for pattern, _ in routes((*ROWS, *TABLE))]

    assert patterns.index("told/place") < patterns.index("told/(?P<word>[^/]+)")
    assert patterns.index("things") < patterns.index("things/(?P<thing>[^/]+)/paint")
    assert {handler.auth_resource for _, handler in routes(TABLE)} == {"jupyter_mlops:runs"}


async def test_a_place_in_a_path_takes_anything_but_a_slash(told: None, raw: Asked) -> None:
    for word in ("größer", "100%", "a b", "a.b:7@c", "%2e%2e", "?x=1#y", "{x}"):
        assert await raw("GET", f"told/{quote(word, safe='')}") == (200, {"word": word, "more": None})
    assert await raw("GET", f"told/{quote('a/b', safe='')}") == (200, {"word": "a/b", "more": None})


# --- what a verb is given -------------------------------------------------------------------------------------


async def test_a_verb_runs_in_a_thread_of_its_own_so_that_the_loop_stays_free(told: None, ask: Asked) -> None:
    status, name = await ask("GET", "told/place")

    assert status == 200
    assert name.startswith("jupyter-mlops")
    assert name != threading.current_thread().name


async def test_reading_takes_its_arguments_from_the_query_and_writing_from_the_body(
    told: None, ask: Asked, raw: Asked
) -> None:
    assert await raw("GET", "told/x?more=a&more=b") == (200, {"word": "x", "more": ["a", "b"]})
    assert await ask("POST", "told/x", body='{"more": ["a"]}') == (200, {"word": "x", "more": ["a"]})
    assert await ask("POST", "told/x", body="{}") == (200, {"word": "x", "more": None})

    status, said = await ask("POST", "told/x", body="{}", more="a")
    assert (status, said["code"]) == (400, "invalid")
    assert "body" in said["message"]


async def test_what_is_said_in_the_path_cannot_be_said_again(told: None, ask: Asked) -> None:
    for method, body, more in (("GET", None, {"word": "y"}), ("POST", '{"word": "y"}', {})):
        status, said = await ask(method, "told/x", body=body, **more)

        assert (status, said["code"]) == (400, "invalid")
        assert "word" in said["message"]


async def test_names_that_are_the_doors_own_never_reach_a_verb(
    told: None, ask: Asked, jp_auth_header: dict[str, str]
) -> None:
    door = {
        "token": jp_auth_header["Authorization"].split()[1],
        "_xsrf": "x",
        "no_track_activity": "1",
        "path": "",
    }

    assert await ask("GET", "told/x", **door) == (200, {"word": "x", "more": None})
    assert (await ask("POST", "told/x", body="{}", **door))[0] == 200


async def test_of_several_paths_the_last_one_counts_and_each_that_counts_is_checked(
    told: None, raw: Asked
) -> None:
    assert (await raw("GET", "told/x?path=../..&path=a.ipynb"))[0] == 200
    status, said = await raw("GET", "told/x?path=a.ipynb&path=../..")
    assert (status, said["code"]) == (400, "invalid")


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 400), (1000, 400)])
async def test_a_query_has_an_end(told: None, raw: Asked, count: int, status: int) -> None:
    answered, said = await raw("GET", f"told/x?{'&'.join(['more=a'] * count)}")

    assert answered == status
    assert len(json.dumps(said)) < 1000


# --- refusals -------------------------------------------------------------------------------------------------


def test_every_error_of_the_tree_has_a_status() -> None:
    assert set(STATUS) == set(KINDS) == set(MlopsError.__subclasses__())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_an_error_of_a_verb_keeps_its_code_its_next_step_and_its_data(
    told: None, ask: Asked, kind: type[MlopsError]
) -> None:
    status, said = await ask("GET", f"told/refusals/{kind.__name__}")

    assert status == STATUS[kind]
    assert said == {
        "code": kind.code,
        "message": f"no {kind.__name__}",
        "remedy": "Try again.",
        "data": {"kind": kind.__name__, "figure": 1.5},
    }


async def test_a_refusal_repeats_what_was_asked_as_it_was_asked(told: None, raw: Asked) -> None:
    status, said = await raw("GET", "told/x?more=%ff%25d%25s")

    assert (status, said["code"]) == (400, "invalid")
    assert "%d%s" in said["message"]
    assert "%%" not in said["message"]


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("PUT", "told/x", {"body": "{}"}, 405),
        ("POST", "told/x", {"body": "{}", "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", "told/x", {"body": "{}", "headers": {"Authorization": ""}}, 403),
        ("POST", "told/x", {"body": " " * (LARGEST_BODY + 1)}, 413),
        ("GET", "told/x", {"body": "x" * (LARGEST_BODY + 1)}, 413),
    ],
)
async def test_what_the_server_itself_refuses_has_the_shape_of_every_other_error(
    told: None, raw: Asked, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answered, said = await raw(method, path, **{**options, "headers": {**JSON, **options.get("headers", {})}})

    assert answered == status
    assert list(said) == ["code", "message", "remedy", "data"]
    assert said["message"]
    assert said["remedy"].endswith(".")
    assert said["data"] == {}


async def test_a_body_of_the_largest_size_is_taken(told: None, raw: Asked) -> None:
    body = '{"more": null' + " " * (LARGEST_BODY - 14) + "}"

    assert len(body) == LARGEST_BODY
    assert await raw("POST", "told/x", body=body, headers=JSON) == (200, {"word": "x", "more": None})


async def test_a_body_that_does_not_say_how_long_it_is_is_refused_while_it_arrives(
    told: None, jp_base_url: str, jp_auth_header: dict[str, str], http_server: Any, http_server_port: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", http_server_port[1])
    head = {"Host": "127.0.0.1", "Transfer-Encoding": "chunked", **JSON, **jp_auth_header}
    lines = [f"POST {jp_base_url}{BASE}told/x HTTP/1.1", *(f"{name}: {text}" for name, text in head.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    part = b" " * 2**16
    for _ in range(LARGEST_BODY // len(part)):
        writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await writer.drain()
    writer.write(b"ffff\r\n ")  # one byte too many, of a part that is not over

    # The body never ends, and yet there is an answer.
    status, _, rest = (await reader.read()).partition(b"\r\n")
    writer.close()

    assert status.startswith(b"HTTP/1.1 413 ")
    assert json.loads(rest.rpartition(b"\r\n\r\n")[2])["code"] == "refused"
    assert "Uncaught" not in caplog.text
