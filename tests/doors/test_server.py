"""REST: nobody comes in unknown, nobody does what they may not, and no request reaches outside the root."""

import json
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_server.auth import Authorizer, IdentityProvider, User
from tornado.httpclient import HTTPClientError

from jupyter_mlops.errors import NotFound
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.records.actor import Door
from jupyter_mlops.server.app import MlopsApp
from jupyter_mlops.server.clock import ACTIVITY, Clock
from jupyter_mlops.server.handlers import LARGEST_BODY, STATUS, OperationHandler, routes
from jupyter_mlops.server.places import Places, folder_of
from jupyter_mlops.settings import account
from jupyter_mlops.tracking import finish_run, log_metrics, start_run
from jupyter_mlops.workspace import open_workspace

pytest_plugins = ["pytest_jupyter.jupyter_server"]

API = ("jupyter-mlops", "api")
JSON = {"Content-Type": "application/json"}
XSRF = "00112233445566778899aabbccddeeff"
PUBLIC = {"options"}  # the browser's question before a request from elsewhere; it answers with no data


class Recorded(Authorizer):
    """Denies what is in ``denied``, and remembers what it was asked."""

    asked: list = []
    denied: set = set()

    def is_authorized(self, handler, user, action, resource):
        Recorded.asked.append((action, resource))
        return (action, resource) not in Recorded.denied and action not in Recorded.denied


class Hub(IdentityProvider):
    """Knows people by name, as a team's hub does."""

    def get_user(self, handler):
        name = handler.request.headers.get("X-Person")
        return User(username=name) if name else super().get_user(handler)


@pytest.fixture
def provider():
    return None


@pytest.fixture
def jp_server_config(provider):
    Recorded.asked, Recorded.denied = [], set()
    server = {"jpserver_extensions": {"jupyter_mlops": True}, "authorizer_class": Recorded}
    if provider is not None:
        server["identity_provider_class"] = provider
    return {"ServerApp": server, "MlopsApp": {"tick_seconds": 0}}


@pytest.fixture
def app(jp_serverapp) -> MlopsApp:
    return jp_serverapp.web_app.settings["jupyter_mlops"]


@pytest.fixture
def ask(jp_fetch):
    """Ask the API; the answer is (status, JSON), whatever the status is."""

    async def fetch(method, where, /, body=None, headers=None, **params):
        given = (
            {"body": body, "headers": {**JSON, **(headers or {})}}
            if body is not None
            else {"headers": dict(headers or {})}
        )
        try:
            answer = await jp_fetch(
                *API, *where.split("/"), method=method, params=params, allow_nonstandard_methods=True, **given
            )
        except HTTPClientError as refused:
            answer = refused.response
        return answer.code, json.loads(answer.body)

    return fetch


@pytest.fixture
def project(jp_root_dir):
    """A workspace in the server's root, with one run."""
    ws = open_workspace(jp_root_dir, environ={})
    run = finish_run(ws, run=start_run(ws, name="first", experiment="air").id)
    ws.store.close()
    return run


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


# --- which workspace ------------------------------------------------------------------------------------------


async def test_looking_makes_no_workspace(ask, jp_root_dir):
    status, page = await ask("GET", "runs")

    assert (status, page) == (200, {"items": [], "total": 0, "cursor": None})
    assert list(jp_root_dir.iterdir()) == []


async def test_the_workspace_of_the_root_is_read(ask, project):
    _, page = await ask("GET", "runs", query="experiment = 'air'")

    assert [run["id"] for run in page["items"]] == [project.id]


async def test_the_notebooks_own_workspace_is_found_from_its_path(ask, project, jp_root_dir):
    inner = open_workspace(jp_root_dir / "team", environ={})
    start_run(inner, name="inner")
    inner.store.close()
    (jp_root_dir / "team" / "notebooks").mkdir()

    _, page = await ask("GET", "runs", path="team/notebooks/train.ipynb")
    _, state = await ask("GET", "workspace", path="team/notebooks/train.ipynb")

    assert [run["name"] for run in page["items"]] == ["inner"]
    assert Path(state["folder"]) == jp_root_dir / "team" / ".mlops"


CLIMBING = [
    "../x.ipynb",
    "a/../../x",
    "/etc/passwd",
    "C:/x",
    "C:x",
    "..\\x",
    "\\\\host\\s",
    "a\x00b",
    "a\nb",
    "~/x",
    "~root/x",
]


@pytest.mark.parametrize("path", CLIMBING)
async def test_a_path_that_climbs_is_refused(ask, project, path):
    status, said = await ask("GET", "runs", path=path)

    assert (status, said["code"]) == (400, "invalid")


@pytest.mark.parametrize("path", ["%2e%2e%2fx", "%252e%252e%252fx", "$HOME/x", "{x}", "CON", "a.", "a "])
async def test_an_odd_path_is_only_a_name_below_the_root(ask, project, path):
    status, page = await ask("GET", "runs", path=path)

    assert (status, page["total"]) == (200, 1)


async def test_a_link_that_leads_out_is_refused(ask, project, jp_root_dir, tmp_path):
    outside = tmp_path / "outside"
    open_workspace(outside, environ={}).store.close()
    (jp_root_dir / "link").symlink_to(outside)

    status, said = await ask("GET", "runs", path="link/x.ipynb")

    assert (status, said["code"]) == (403, "forbidden")


def test_a_folder_is_found_for_a_folder_too(tmp_path):
    (tmp_path / "a").mkdir()

    assert folder_of(tmp_path, "a") == tmp_path / "a"
    assert folder_of(tmp_path, "a/x.ipynb") == tmp_path / "a"


async def test_jobs_may_not_read_or_write_outside_the_root(ask, project, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text("{}", encoding="utf-8")
    before = sorted(p.name for p in tmp_path.iterdir())

    for notebook in (str(secret), "../secret.ipynb"):
        status, said = await ask("POST", "jobs", body=json.dumps({"notebook": notebook}))
        assert status in {400, 403, 404}
        assert "secret" not in json.dumps(said["data"]) or status == 403
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_workspace_that_was_deleted_and_made_anew_is_opened_anew(tmp_path):
    import shutil

    open_workspace(tmp_path, environ={}).store.close()
    places = Places(tmp_path)
    first = places.at("", write=True)
    start_run(first, name="old")
    shutil.rmtree(tmp_path / ".mlops")
    (tmp_path / "in-its-place").mkdir()  # so that the new folder cannot get the old one's number
    assert places.at("", write=False).settings.store == "memory://"

    second = places.at("", write=True)

    with second.store.read() as tx:
        from jupyter_mlops.records.query import Query

        assert tx.runs.find(Query()).total == 0
    places.close()


# --- what a request may look like -----------------------------------------------------------------------------


async def test_a_form_or_plain_text_is_not_taken_for_json(ask, project):
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
    ):
        status, _ = await ask(
            "PUT", f"runs/{project.id}/name", body='{"name": "x"}', headers={"Content-Type": kind}
        )
        assert status == 415


async def test_a_cookie_alone_writes_nothing_without_the_xsrf_token(
    jp_fetch, ask, project, http_server_client, jp_base_url, jp_auth_header
):
    signed_in = await jp_fetch(*API, "runs")
    cookies = "; ".join(line.split(";")[0] for line in signed_in.headers.get_list("Set-Cookie"))
    path = f"{jp_base_url}jupyter-mlops/api/runs/{project.id}/name"

    with pytest.raises(HTTPClientError) as refused:
        await http_server_client.fetch(
            path, method="PUT", body='{"name": "x"}', headers={**JSON, "Cookie": cookies}
        )

    assert refused.value.code == 403
    assert (await ask("GET", f"runs/{project.id}"))[1]["name"] == "first"


async def test_another_origin_is_refused(ask, project, jp_fetch):
    signed_in = await jp_fetch(*API, "runs")
    cookies = "; ".join(line.split(";")[0] for line in signed_in.headers.get_list("Set-Cookie"))
    for origin in ("https://good.example.evil", "null", "http://127.0.0.1.evil"):
        status, _ = await ask(
            "GET", "runs", headers={"Authorization": "", "Cookie": cookies, "Origin": origin}
        )
        assert status in {403, 404}


async def test_another_host_is_refused(ask, project):
    for host in ("evil.example", "10.evil.example"):
        status, _ = await ask("GET", "runs", headers={"Host": host})
        assert status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('"x"', 400),
        ('{"name": NaN}', 400),
        ('{"name": 1, "name": 2}', 400),
        ('{"name": ' + "[" * 100_000 + "]" * 100_000 + "}", 400),
        ('{"bogus": 1}', 400),
        ("{}", 400),
        ('{"name": 3}', 400),
        ('{"run": "other", "name": "x"}', 400),
        ('{"name": "' + "x" * LARGEST_BODY + '"}', 413),
        ('{"name": "' + "x" * 100_000 + '"}', 400),
    ],
)  # fmt: skip
async def test_a_body_that_does_not_fit_is_refused_quickly_and_changes_nothing(ask, project, body, status):
    answered, said = await ask("PUT", f"runs/{project.id}/name", body=body)

    assert answered == status, said
    assert set(said) == {"code", "message", "remedy", "data"}
    assert len(said["message"]) < 1000
    assert (await ask("GET", f"runs/{project.id}"))[1]["name"] == "first"


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("runs", {"limit": "x"}, 400),
        ("runs", {"limit": str(10**9)}, 400),
        ("runs", {"limit": str(2**80)}, 400),
        ("runs", {"bogus": "1"}, 400),
        ("runs", {"query": "metrics.mae <"}, 400),
        ("runs", {"query": "(" * 200}, 400),
        ("runs", {"query": "a" * 20_000}, 400),
        ("runs/nothing-there", {}, 404),
        ("runs/compare", {}, 400),
        ("models/none", {}, 404),
    ],
)  # fmt: skip
async def test_a_question_that_does_not_fit_is_refused_with_its_rule(ask, project, path, params, status):
    answered, said = await ask("GET", path, **params)

    assert answered == status
    assert said["message"]


async def test_a_query_that_is_wrong_says_at_which_column(ask, project):
    _, said = await ask("GET", "runs", query="status = = 'x'")

    assert said["data"]["column"] == 10


async def test_an_answer_may_be_neither_framed_nor_sniffed_nor_kept(jp_fetch, project):
    answer = await jp_fetch(*API, "runs")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_fault_of_ours_is_told_without_its_insides(ask, project, app, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(app.places, "at", broken)

    status, said = await ask("GET", "runs")

    assert (status, said["code"]) == (500, "unexpected")
    assert "hunter2" not in json.dumps(said)


async def test_an_error_of_a_verb_is_the_documented_one(ask, project):
    status, said = await ask("GET", "runs/nothing-there")

    assert status == STATUS[NotFound]
    assert said["code"] == "not_found"


async def test_a_name_may_hold_what_a_url_must_escape(
    jp_root_dir, http_server_client, jp_base_url, jp_auth_header, project
):
    ws = open_workspace(jp_root_dir, environ={})
    log_metrics(ws, run=project.id, metrics={"val/mae 100%?": 3.5})
    ws.store.close()

    path = f"{jp_base_url}jupyter-mlops/api/runs/{project.id}/metrics/val%2Fmae%20100%25%3F"
    answer = await http_server_client.fetch(path, headers=jp_auth_header)

    assert [point["value"] for point in json.loads(answer.body)] == [3.5]


# --- the clock ------------------------------------------------------------------------------------------------


@contextmanager
def clock_at(root, log, seconds=3600.0):
    from concurrent.futures import ThreadPoolExecutor

    places, settings = Places(root), {}
    with ThreadPoolExecutor(1) as threads:
        yield Clock(places, threads=threads, settings=settings, log=log, seconds=seconds), settings
    places.close()


async def test_a_turn_where_there_is_no_workspace_makes_none(tmp_path, app):
    empty = tmp_path / "empty"
    empty.mkdir()

    with clock_at(empty, app.log) as (clock, settings):
        await clock.tick()

    assert list(empty.iterdir()) == []
    assert settings == {}


async def test_a_turn_settles_what_was_lost_while_nobody_looked(tmp_path, app):
    from dataclasses import replace
    from datetime import timedelta

    from jupyter_mlops.records.job import Job, JobSpec, JobStatus

    ws = open_workspace(tmp_path, environ={})
    spec = JobSpec(notebook="gone.ipynb", content=ws.blobs.put(__import__("io").BytesIO(b"{}")))
    long_ago = ws.now() - timedelta(days=1)
    job = Job(id=ws.new_id(), spec=spec, queued=long_ago, actor=ws.actor)
    with ws.store.write() as tx:
        tx.jobs.add(replace(job, status=JobStatus.RUNNING, started=long_ago, heartbeat=long_ago))

    with clock_at(tmp_path, app.log) as (clock, _):
        await clock.tick()

    with ws.store.read() as tx:
        assert tx.jobs.get(job.id).status is JobStatus.LOST
    ws.store.close()


async def test_jobs_at_work_keep_the_server_from_going_idle(tmp_path, app):
    import os
    import socket
    from dataclasses import replace
    from datetime import timedelta

    import psutil

    from jupyter_mlops.records.job import Job, JobSpec, JobStatus
    from jupyter_mlops.records.run import Lease

    ws = open_workspace(tmp_path, environ={})
    spec = JobSpec(notebook="x.ipynb", content=ws.blobs.put(__import__("io").BytesIO(b"{}")))
    lease = Lease(
        host=socket.gethostname(), pid=os.getpid(), process_started=psutil.Process().create_time(),
        until=ws.now() + timedelta(hours=1),
    )  # fmt: skip
    job = Job(id=ws.new_id(), spec=spec, queued=ws.now(), actor=ws.actor)
    with ws.store.write() as tx:
        tx.jobs.add(replace(job, status=JobStatus.RUNNING, started=ws.now(), heartbeat=ws.now(), lease=lease))

    with clock_at(tmp_path, app.log) as (clock, settings):
        await clock.tick()

    assert settings[ACTIVITY].tzinfo is not None
    assert clock.busy
    ws.store.close()


async def test_trouble_in_one_workspace_is_logged_and_does_not_stop_the_clock(tmp_path, app, caplog):
    (tmp_path / ".mlops").mkdir()
    (tmp_path / ".mlops" / "config.toml").write_text("nonsense", encoding="utf-8")

    with clock_at(tmp_path, app.log) as (clock, _), caplog.at_level("WARNING"):
        await clock.tick()
        await clock.tick()

    assert sum("a turn of the clock failed" in line for line in caplog.messages) == 1


async def test_the_clock_turns_by_itself_and_stops(tmp_path, app):
    import asyncio

    turned = asyncio.Event()

    class Watched(Clock):
        async def tick(self):
            await super().tick()
            turned.set()

    with clock_at(tmp_path, app.log) as (made, settings):
        clock = Watched(made.places, threads=made.threads, settings=settings, log=app.log, seconds=3600)
        clock.start()
        await asyncio.wait_for(turned.wait(), 30)
        await clock.stop()

    assert clock._task is None


def test_the_handlers_are_made_from_the_base_that_streams():
    assert all(issubclass(handler, OperationHandler) for _, handler in routes())


def test_the_extension_is_enabled_by_the_file_of_the_wheel():
    import jupyter_mlops.server

    file = Path(jupyter_mlops.server.__file__).with_name("jupyter_mlops.json")

    assert json.loads(file.read_text()) == {"ServerApp": {"jpserver_extensions": {"jupyter_mlops": True}}}


def test_the_server_speaks_through_its_own_door(tmp_path):
    open_workspace(tmp_path, environ={}).store.close()

    places = Places(tmp_path)
    ws = places.at("", write=False)

    assert ws.actor.via is Door.SERVER
    assert ws.settings.confined
    places.close()
