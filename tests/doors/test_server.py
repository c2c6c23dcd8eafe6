"""REST: nobody comes in unknown, and nobody does what they may not."""

import json
import re
from pathlib import Path

import pytest

from doors.site import PUBLIC, XSRF, Hub, Recorded
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.server.handlers import OperationHandler, routes
from jupyter_mlops.settings import account

pytest_plugins = ["pytest_jupyter.jupyter_server"]


# --- who comes in ---------------------------------------------------------------------------------------------


def our_routes(web_app):
    """Every route of the running server that is served by our package, with the methods it answers."""
    for rule in [r for group in web_app.wildcard_router.rules for r in [group]] + list(
        nested(web_app.default_router)
    ):
        handler = rule.target
        if isinstance(handler, type) and handler.__module__.startswith("jupyter_mlops"):
            yield rule.matcher.regex.pattern, handler


def nested(router):
    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from nested(rule.target)
        else:
            yield rule


def methods_of(handler):
    from tornado.web import RequestHandler

    return [
        m.lower()
        for m in handler.SUPPORTED_METHODS
        if getattr(handler, m.lower()) is not getattr(RequestHandler, m.lower())
    ]


def filled(pattern: str) -> str:
    path = pattern[pattern.index("/jupyter-mlops/api/") + len("/jupyter-mlops/api/") :].rstrip("$")
    return re.sub(r"\(\?P<\w+>[^)]*\)", "some", path)


def test_every_operation_has_its_route(jp_web_app):
    served = {
        (m.upper(), filled(pattern))
        for pattern, handler in our_routes(jp_web_app)
        for m in methods_of(handler)
    }
    wanted = {(row.method, re.sub(r"\{\w+\}", "some", row.path)) for row in OPERATIONS}

    assert wanted <= served
    assert {pair for pair in served if pair[0].lower() not in PUBLIC} == wanted


def test_fixed_words_win_over_places_that_take_any():
    patterns = [pattern for pattern, _ in routes()]

    assert patterns.index("/jupyter-mlops/api/runs/compare") < patterns.index(
        "/jupyter-mlops/api/runs/(?P<run>[^/]+)"
    )


@pytest.mark.parametrize(
    "header", [{"Authorization": ""}, {"Authorization": "token wrong"}, {"Authorization": "Basic eDp5"}]
)
async def test_no_route_answers_somebody_unknown(jp_web_app, ask, header):
    for pattern, handler in our_routes(jp_web_app):
        for method in set(methods_of(handler)) - PUBLIC:
            status, said = await ask(
                method.upper(), filled(pattern), body=None if method == "get" else "{}", headers=header
            )
            assert status == 403, (method, pattern, said)
            assert "traceback" not in said
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
