"""A real Jupyter server in its own process: what is posted to it gets done, because its clock turns."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import jupyter_mlops

PATIENCE = 180  # seconds for a loaded machine
TOKEN = "a-token-for-this-test"
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": "1 + 1", "execution_count": None, "outputs": []},
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def ask(url, body=None):
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(url, data=data, headers=headers), timeout=60
    ) as answer:
        return json.loads(answer.read())


def until(question):
    """Ask until the answer is true; a server that is not there yet has none."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if found := question():
                return found
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    raise AssertionError("nothing came of it in time")


@pytest.mark.kernel
def test_a_job_that_is_posted_is_run_and_followed_up_by_the_servers_clock(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "n.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    port = free_port()
    house = str(Path(jupyter_mlops.__file__).parents[1])
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    words = [
        sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}", "--port-retries=0",
        f"--IdentityProvider.token={TOKEN}", "--ServerApp.base_url=/team/", "--MlopsApp.tick_seconds=0.5",
        "--ServerApp.jpserver_extensions={'jupyter_mlops': True}",
    ]  # fmt: skip
    log = (tmp_path / "log").open("w")
    api = f"http://127.0.0.1:{port}/team/jupyter-mlops/api"
    with subprocess.Popen(
        words, cwd=root, env={**os.environ, "PYTHONPATH": house, **folders}, stdout=log, stderr=log
    ) as server:
        try:
            until(lambda: ask(f"{api}/workspace"))
            assert sorted(p.name for p in root.iterdir()) == ["n.ipynb"]

            job = ask(f"{api}/jobs", {"notebook": "n.ipynb"})

            done = until(lambda: (found := ask(f"{api}/jobs/{job['id']}"))["followed"] and found)
            assert done["status"] == "succeeded", done
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    log.close()
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")
