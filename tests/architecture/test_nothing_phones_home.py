"""Nothing phones home: the front end names no host, and a whole journey asks for none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
BUILT = (
    "widgets/static/compare.js",
    "widgets/static/review.js",
    "widgets/static/run.js",
    "widgets/static/runs.js",
    "widgets/static/widgets.css",
    "_labextension/package.json",
    "_labextension/static/remoteEntry.*.js",
)
NAMESPACES = frozenset({"www.w3.org"})  # names of SVG and the like: a browser asks nobody for them
_URL = re.compile(r"""\b(?:https?|wss?|ftp):(?:\\?/){2}([^\s/\\"'`<>)?#]*)|["'`(]//([\w-]+(?:\.[\w-]+)+)""")


# --- in the browser -------------------------------------------------------------------------------------------


def hosts(text: str) -> set[str]:
    return {first or second for first, second in _URL.findall(text)}


def test_the_built_front_end_names_no_host():
    package = HOUSE / "jupyter_mlops"
    missing = [pattern for pattern in BUILT if not list(package.glob(pattern))]
    assert missing == [], "build the front end first: npm --prefix labextension run build:prod"

    files = [
        path
        for folder in ("widgets/static", "_labextension")
        for path in sorted((package / folder).rglob("*"))
        if path.is_file()
    ]
    named = {path.name: hosts(path.read_text(encoding="utf-8")) - NAMESPACES for path in files}

    assert {name: found for name, found in named.items() if found} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('fetch("https://stats.example.org/v1?x=1")', {"stats.example.org"}),
        ("url(http://fonts.example.com/a.woff)", {"fonts.example.com"}),
        ("new WebSocket(`wss://${host}/x`)", {"${host}"}),
        ('x.src="//cdn.example.net/lib.js"', {"cdn.example.net"}),
        ('{"a": "https:\\/\\/example.org\\/b"}', {"example.org"}),
        ('createElementNS("http://www.w3.org/2000/svg","g")', {"www.w3.org"}),
        ("// a comment\nreturn a//b\n", set()),
    ],
)
def test_the_search_finds_a_host_in_whatever_way_it_is_written(text, found):
    assert hosts(text) == found


# --- in Python ------------------------------------------------------------------------------------------------

# Read by every Python process of the journey as it starts. An audit hook sees every socket, whoever opens it.
GUARD = """
import os, sys
_NOTES = os.environ["GUARD_NOTES"]
_HERE = ("127.", "::1", "localhost")
def _note(text):
    with open(_NOTES, "a", encoding="utf-8") as file:
        file.write(text + "\\n")
def _guard(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        place = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        place = arguments[1][0] if isinstance(arguments[1], tuple) else None  # None: a socket of this machine
    else:
        return
    place = place.decode() if isinstance(place, bytes) else place
    if place and not place.startswith(_HERE):
        _note(f"asked {event} {place}")
        raise OSError(f"{event} {place}: the journey stays at home")
sys.addaudithook(_guard)
_note("guarded " + " ".join(sys.orig_argv[1:4]))
"""
JOURNEY = """
import json, sys
import numpy as np
from sklearn.linear_model import Ridge
import jupyter_mlops as mlops
from jupyter_mlops.records.review import Verdict

ws = mlops.workspace()
X = np.arange(40.0).reshape(20, 2)
with mlops.track("first", experiment="air") as run:
    model = Ridge(alpha=0.5).fit(X, X.sum(axis=1))
    run.log_metric("rows", len(X))
    run.log_model(model, data=X)
version = mlops.register_version(ws, model="air", run=run.id)
mlops.set_policy(ws, model="air", author_may_approve=True)
review = mlops.open_review(ws, version.reference)
decided = mlops.decide(ws, review.id, Verdict.APPROVE, "good")
loaded = mlops.load_model("air@champion")
print(json.dumps([str(decided.status), type(loaded).__name__, mlops.verify(ws).ok]))
"""
JOB = """
import json
import nbformat
import jupyter_mlops as mlops
from jupyter_mlops.cli import main

fit = "%%track fit\\nimport numpy as np\\nfrom sklearn.linear_model import Ridge\\nX = np.ones((9, 2))\\nRidge(alpha=0.5).fit(X, X[:, 0])"
cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext jupyter_mlops", fit)]
nbformat.write(nbformat.v4.new_notebook(cells=cells), "train.ipynb")
code = main(["run", "train.ipynb", "--json"])
(cell,) = [run for run in mlops.find_runs(mlops.workspace()) if run.name == "fit"]
print(json.dumps([code, str(cell.grade), cell.params["alpha"]]))
"""

SERVER = """
import json, os, socket, subprocess, sys, time, urllib.request

with socket.create_server(("127.0.0.1", 0)) as probe:
    port = probe.getsockname()[1]
token = "secret-of-the-test"
server = subprocess.Popen([
    sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
    f"--ServerApp.port={port}", f"--IdentityProvider.token={token}", "--MlopsApp.tick_seconds=0.2",
    "--ServerApp.jpserver_extensions={'jupyter_mlops': True}",
])

def asked(path):
    address = f"http://127.0.0.1:{port}/jupyter-mlops/api/{path}"
    request = urllib.request.Request(address, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)

deadline = time.monotonic() + 90
while True:
    try:
        runs = asked("runs")
        break
    except OSError:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.2)
models, reviews = asked("models"), asked("reviews")
time.sleep(1)  # its clock has ticked
server.terminate()
server.wait(30)
print(json.dumps([runs["total"], models["total"], reviews["total"]]))
"""


@pytest.fixture
def guarded(tmp_path):
    """Run a program where whatever leaves this machine is refused and noted; return what it said, and the notes."""
    site, project, notes = tmp_path / "site", tmp_path / "project", tmp_path / "notes"
    for folder in (site, project):
        folder.mkdir()
    (site / "sitecustomize.py").write_text(GUARD)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER_MLOPS", "PYTHON"))}

    def run(program: str) -> tuple[str, list[str]]:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=project,
            env={**kept, "PYTHONPATH": os.pathsep.join([str(site), str(HOUSE)]), "GUARD_NOTES": str(notes)},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout, notes.read_text(encoding="utf-8").splitlines()

    return run


def test_from_a_fit_to_an_approved_and_loaded_model_nobody_elsewhere_is_asked(guarded):
    said, notes = guarded(JOURNEY)

    assert json.loads(said.splitlines()[-1]) == ["approved", "Ridge", True]
    assert [line for line in notes if line.startswith("asked")] == []
    assert any("jupyter_mlops.registry.intake" in line for line in notes)  # its children were guarded, too


def test_a_job_with_a_tracked_cell_asks_nobody_elsewhere_worker_and_kernel_included(guarded):
    said, notes = guarded(JOB)

    assert json.loads(said.splitlines()[-1]) == [0, "clean", 0.5]
    assert [line for line in notes if line.startswith("asked")] == []
    for process in ("jupyter_mlops.jobs.worker", "ipykernel_launcher"):
        assert any(process in line for line in notes), process


def test_the_server_with_our_extension_asks_nobody_elsewhere(guarded):
    said, notes = guarded(SERVER)

    assert json.loads(said.splitlines()[-1]) == [0, 0, 0]
    assert [line for line in notes if line.startswith("asked")] == []
    assert any("jupyter server" in line or "jupyter_server" in line or "-m jupyter" in line for line in notes)


@pytest.mark.parametrize(
    ("attempt", "noted"),
    [
        ("socket.getaddrinfo('example.org', 443)", ["asked socket.getaddrinfo example.org"]),
        ("socket.gethostbyname('example.org')", ["asked socket.gethostbyname example.org"]),
        ("socket.socket().connect(('192.0.2.1', 80))", ["asked socket.connect 192.0.2.1"]),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))", ["asked socket.sendto 192.0.2.1"]),
        ("__import__('urllib.request').request.urlopen('http://192.0.2.1/x')", ["asked socket.getaddrinfo 192.0.2.1"]),
        ("socket.create_connection(socket.create_server(('127.0.0.1', 0)).getsockname()) and 1/0", []),
    ],
)  # fmt: skip
def test_whoever_asks_somebody_elsewhere_is_found_out(guarded, attempt, noted):
    program = f"import socket\ntry:\n    {attempt}\nexcept (OSError, ZeroDivisionError) as refusal:\n    print(refusal)"
    said, notes = guarded(program)

    assert [line for line in notes if line.startswith("asked")] == noted
    assert ("stays at home" in said) == bool(noted)
