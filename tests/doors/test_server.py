"""REST: nobody comes in unknown, and nobody does what they may not."""

import json
import re
from pathlib import Path

import pytest
from jupyter_server.utils import url_path_join
from tornado.httpclient import HTTPClientError
from tornado.web import RequestHandler, StaticFileHandler

from doors.site import JSON, PUBLIC, XSRF, Hub, Recorded
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.server.app import MlopsApp
from jupyter_mlops.server.handlers import OperationHandler, routes
from jupyter_mlops.settings import account

pytest_plugins = ["pytest_jupyter.jupyter_server"]


# --- who comes in ---------------------------------------------------------------------------------------------


BASE = "/jupyter-mlops"


def our_routes(web_app):
    """Every route of the running server that lies below our path or that our extension added, whoever's class serves it."""
    base, app = web_app.settings["base_url"], web_app.settings["jupyter_mlops"]
    added = {url_path_join(base, pattern).rstrip("$") for pattern, *_ in app.handlers}
    for rule in [*nested(web_app.wildcard_router), *nested(web_app.default_router)]:
        pattern = getattr(getattr(rule.matcher, "regex", None), "pattern", "")
        below = pattern.startswith(url_path_join(base, BASE))
        named = rule.target_kwargs.get("name") == app.name
        if below or named or pattern.rstrip("$") in added:
            yield pattern.removeprefix(base.rstrip("/")), rule.target


def nested(router):
    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from nested(rule.target)
        else:
            yield rule


def methods_of(handler):
    return [
        m.lower()
        for m in handler.SUPPORTED_METHODS
        if getattr(handler, m.lower()) is not getattr(RequestHandler, m.lower())
    ]


def filled(pattern: str) -> str:
    """A path that *pattern* matches, below the API; one that lies elsewhere stands as it is, and no operation has it."""
    return exact(pattern).removeprefix(f"{BASE}/api/")


def exact(pattern: str) -> str:
    return re.sub(r"\((?:\?P<\w+>)?[^)]*\)", "some", pattern.rstrip("$"))


@pytest.fixture
def knock(jp_fetch):
    """Ask a route for its own path, wherever it lies; the answer is (status, text)."""

    async def fetch(method, pattern, headers):
        body = None if method in {"get", "head"} else "{}"
        try:
            answer = await jp_fetch(
                *exact(pattern).split("/"),
                method=method.upper(),
                body=body,
                headers=headers if body is None else {**JSON, **headers},
                allow_nonstandard_methods=True,
                request_timeout=300,
            )
        except HTTPClientError as refused:
            answer = refused.response
        return answer.code, answer.body.decode()

    return fetch


def test_every_operation_has_its_route(jp_web_app):
    served = {
        (m.upper(), filled(pattern))
        for pattern, handler in our_routes(jp_web_app)
        for m in methods_of(handler)
    }
    wanted = {(row.method, re.sub(r"\{\w+\}", "some", row.path)) for row in OPERATIONS}

    assert wanted <= served
    assert {pair for pair in served if pair[0].lower() not in PUBLIC} == wanted


class Open(RequestHandler):
    """Anybody may come in."""

    def get(self):
        self.finish("{}")


@pytest.fixture
def strays(monkeypatch):
    """Routes that the extension adds beside the table's, of classes that are not ours."""
    ours = MlopsApp.initialize_handlers
    added = [
        (f"{BASE}/static/(.*)", StaticFileHandler, {"path": str(Path(__file__).parent)}),
        (f"{BASE}/api/loose", Open),
        ("/elsewhere", Open),
    ]

    def initialize_handlers(self):
        ours(self)
        self.handlers.extend(added)

    monkeypatch.setattr(MlopsApp, "initialize_handlers", initialize_handlers)
    return added


def test_a_route_of_a_foreign_class_is_seen_too(strays, jp_web_app):
    foreign = [
        (pattern.rstrip("$"), handler)
        for pattern, handler in our_routes(jp_web_app)
        if not handler.__module__.startswith("jupyter_mlops")
    ]

    assert foreign == [(pattern, handler) for pattern, handler, *_ in strays]


def test_a_route_that_anybody_adds_below_our_path_is_seen_too(jp_web_app):
    jp_web_app.add_handlers(".*$", [(f"{jp_web_app.settings['base_url']}jupyter-mlops/late", Open)])

    assert [pattern for pattern, handler in our_routes(jp_web_app) if handler is Open] == [f"{BASE}/late$"]


def test_a_foreign_route_is_no_operation(strays, jp_web_app):
    with pytest.raises(AssertionError):
        test_every_operation_has_its_route(jp_web_app)


async def test_a_foreign_route_that_lets_anybody_in_is_found_out(strays, jp_web_app, knock):
    let_in = {
        pattern.rstrip("$")
        for pattern, handler in our_routes(jp_web_app)
        if "get" in methods_of(handler) and (await knock("get", pattern, {"Authorization": ""}))[0] != 403
    }

    assert let_in == {pattern for pattern, *_ in strays}


def test_fixed_words_win_over_places_that_take_any():
    patterns = [pattern for pattern, _ in routes()]

    assert patterns.index("/jupyter-mlops/api/runs/compare") < patterns.index(
        "/jupyter-mlops/api/runs/(?P<run>[^/]+)"
    )


@pytest.mark.parametrize(
    "header", [{"Authorization": ""}, {"Authorization": "token wrong"}, {"Authorization": "Basic eDp5"}]
)
async def test_no_route_answers_somebody_unknown(jp_web_app, knock, header):
    for pattern, handler in our_routes(jp_web_app):
        for method in set(methods_of(handler)) - PUBLIC:
            status, said = await knock(method, pattern, header)
            assert status == 403, (method, pattern, said)
            assert "traceback" not in json.loads(said)
    assert Recorded.asked == []


async def test_every_route_asks_the_authorizer_with_its_own_action_and_resource(jp_web_app, ask):
    Recorded.denied = {"read", "write"}
    wanted = {
        (row.method, re.sub(r"\{\w+\}", "some", row.path)): (row.action, row.resource) for row in OPERATIONS
    }
    for pattern, handler in our_routes(jp_web_app):
        for method in set(methods_of(handler)) - PUBLIC:
            Recorded.asked = []
            status, said = await ask(method.upper(), filled(pattern), body=None if method == "get" else "{}")
            assert status == 403
            assert said["code"] == "forbidden"
            assert Recorded.asked == [wanted[method.upper(), filled(pattern)]]


async def test_a_reader_may_read_and_not_promote(ask, project):
    Recorded.denied = {("write", "jupyter_mlops:models"), ("write", "jupyter_mlops:reviews")}

    assert (await ask("GET", "models"))[0] == 200
    assert (await ask("PUT", "models/m/aliases/champion", body='{"version": 1}'))[0] == 403
    assert (await ask("POST", "reviews/r/decisions", body='{"verdict": "approve"}'))[0] == 403
    assert (await ask("PUT", f"runs/{project.id}/name", body='{"name": "new"}'))[0] == 200


async def test_a_method_that_no_row_names_is_refused(ask):
    for method in ("PATCH", "DELETE", "PUT"):
        status, said = await ask(method, "runs", body="{}")
        assert (status, said["code"]) == (405, "refused")


# --- who it was -----------------------------------------------------------------------------------------------


async def test_a_token_proves_no_name_and_counts_as_the_account(ask):
    _, said = await ask("GET", "workspace")

    assert said["actor"] == {"name": account(), "via": "server", "authenticated": False}


@pytest.mark.parametrize("provider", [Hub])
async def test_a_person_known_by_name_acts_under_it(ask, project, provider):
    _, said = await ask("GET", "workspace", headers={"X-Person": "ana", "Authorization": ""})

    assert said["actor"] == {"name": "ana", "via": "server", "authenticated": True}


@pytest.mark.parametrize("provider", [Hub])
async def test_a_token_beside_such_a_provider_still_proves_no_name(ask, provider):
    _, said = await ask("GET", "workspace")

    assert said["actor"]["authenticated"] is False


@pytest.mark.parametrize("provider", [Hub])
async def test_what_somebody_does_is_in_the_ledger_under_their_name(ask, project, provider):
    ben = {"X-Person": "ben", "Authorization": "", "Cookie": f"_xsrf={XSRF}", "X-XSRFToken": XSRF}
    status, _ = await ask("PUT", f"runs/{project.id}/name", body='{"name": "better"}', headers=ben)
    assert status == 200
    _, events = await ask(
        "GET", "events", headers={"X-Person": "ana", "Authorization": ""}, subject=project.id
    )

    assert events[-1]["actor"] == {"name": "ben", "via": "server", "authenticated": True}


def test_the_handlers_are_made_from_the_base_that_streams():
    assert all(issubclass(handler, OperationHandler) for _, handler in routes())


def test_the_extension_is_enabled_by_the_file_of_the_wheel():
    import jupyter_mlops.server

    file = Path(jupyter_mlops.server.__file__).with_name("jupyter_mlops.json")

    assert json.loads(file.read_text()) == {"ServerApp": {"jpserver_extensions": {"jupyter_mlops": True}}}
