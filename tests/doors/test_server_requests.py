"""REST: what a request may look like, and what an answer tells."""

import json

import pytest
from tornado.httpclient import HTTPClientError

from doors.site import API, JSON
from jupyter_mlops.errors import NotFound
from jupyter_mlops.server.handlers import LARGEST_BODY, STATUS
from jupyter_mlops.tracking import log_metrics
from jupyter_mlops.workspace import open_workspace

pytest_plugins = ["pytest_jupyter.jupyter_server"]


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
