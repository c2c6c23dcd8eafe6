"""A Jupyter server with the extension, and a way to ask it."""

import json

import pytest
from tornado.httpclient import HTTPClientError

from doors.site import API, JSON, Recorded
from jupyter_mlops.server.app import MlopsApp
from jupyter_mlops.tracking import finish_run, start_run
from jupyter_mlops.workspace import open_workspace


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
                *API,
                *where.split("/"),
                method=method,
                params=params,
                allow_nonstandard_methods=True,
                request_timeout=300,
                **given,
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
