"""The open inference protocol, and what else a stranger may try."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from starlette.testclient import TestClient

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.records.deployment import DeploymentStatus
from jupyter_mlops.records.serving import Served
from jupyter_mlops.registry import load_model, move_alias, move_alias_within
from jupyter_mlops.serving import find_deployments, find_predictions, undeploy
from jupyter_mlops.serving.app import _Endpoints, build_app, serve
from jupyter_mlops.serving.bodies import MAXIMUM_BYTES
from jupyter_mlops.serving.service import Service
from jupyter_mlops.workspace import Workspace
from tests.registry.books import small_data
from tests.serving.conftest import promoted, register

TOKEN = "a-token-of-this-test"
ROWS = [{"dewp": 0.5, "temp": -1.0, "wind": 3}, {"dewp": 1.5, "temp": 2.0, "wind": 7}]


@pytest.fixture
def client(service: Service) -> TestClient:
    return TestClient(
        build_app(service, TOKEN), base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {TOKEN}"},
        raise_server_exceptions=False,
    )  # fmt: skip


def tensor(name: str, values: list[Any], datatype: str = "FP64", **more: Any) -> dict[str, Any]:
    return {"name": name, "shape": [len(values)], "datatype": datatype, "data": values} | more


def request(**changes: Any) -> dict[str, Any]:
    inputs = [tensor("dewp", [0.5, 1.5]), tensor("temp", [-1.0, 2.0]), tensor("wind", [3, 7], "INT64")]
    return {"inputs": inputs} | changes


def expected(ws: Workspace, reference: str = "pm25:1") -> list[float]:
    import pandas as pd

    return load_model(ws, reference).predict(pd.DataFrame(ROWS)).tolist()


# --- the protocol ---------------------------------------------------------------------------------------------------


def test_health_and_metadata_have_the_required_keys(client: TestClient) -> None:
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    for path in ("/v2", "/v2/"):
        assert set(client.get(path).json()) == {"name", "version", "extensions"}
    told = client.get("/v2/models/pm25").json()
    assert told == client.get("/v2/models/pm25/versions/1").json()
    assert (told["name"], told["versions"], told["platform"]) == ("pm25", ["1"], "jupyter-mlops_skops")
    assert told["inputs"][2] == {"name": "wind", "datatype": "INT64", "shape": [-1]}
    assert told["outputs"][0]["datatype"] == "FP64"
    assert client.get("/v2/models/pm25/ready").json() == {"name": "pm25", "ready": True}


def test_an_inference_gives_the_models_answers_and_says_which_version_they_are_of(
    client: TestClient, service: Service
) -> None:
    told = client.post("/v2/models/pm25/infer", json=request(id="ä request")).json()
    assert (told["model_name"], told["model_version"], told["id"]) == ("pm25", "1", "ä request")
    (output,) = told["outputs"]
    assert (output["shape"], output["datatype"]) == ([2], "FP64")
    assert output["data"] == pytest.approx(expected(service.ws))
    assert "id" not in client.post("/v2/models/pm25/versions/1/infer", json=request()).json()


def test_names_matter_and_order_and_nesting_do_not(client: TestClient, service: Service) -> None:
    turned = request()
    turned["inputs"].reverse()
    turned["inputs"][0] |= {"shape": [2, 1], "data": [[3], [7]]}
    told = client.post("/v2/models/pm25/infer", json=turned).json()
    assert told["outputs"][0]["data"] == pytest.approx(expected(service.ws))


def test_an_empty_batch_is_answered_with_nothing(client: TestClient) -> None:
    empty = {"inputs": [tensor(name, []) for name in ("dewp", "temp")] + [tensor("wind", [], "INT64")]}
    assert client.post("/v2/models/pm25/infer", json=empty).json()["outputs"][0]["shape"] == [0]


BAD: dict[str, Any] = {
    "missing input": lambda r: r["inputs"].pop(),
    "extra input": lambda r: r["inputs"].append(tensor("more", [1.0, 2.0])),
    "the same input twice": lambda r: r["inputs"].append(tensor("dewp", [1.0, 2.0])),
    "shape and data disagree": lambda r: r["inputs"][0].update(shape=[3]),
    "negative shape": lambda r: r["inputs"][0].update(shape=[-2]),
    "fractional shape": lambda r: r["inputs"][0].update(shape=[2.0]),
    "huge shape": lambda r: r["inputs"][0].update(shape=[10**12]),
    "a matrix for a column": lambda r: r["inputs"][0].update(shape=[1, 2]),
    "unknown datatype": lambda r: r["inputs"][0].update(datatype="BF16"),
    "text in a number": lambda r: r["inputs"][0].update(data=["0.5", 1.5]),
    "boolean in a number": lambda r: r["inputs"][2].update(data=[True, 7]),
    "fraction in a whole number": lambda r: r["inputs"][2].update(data=[3.5, 7]),
    "INT8 that overflows": lambda r: r["inputs"][2].update(datatype="INT8", data=[300, 7]),
    "UINT64 that overflows": lambda r: r["inputs"][2].update(datatype="UINT64", data=[1 << 64, 7]),
    "negative UINT8": lambda r: r["inputs"][2].update(datatype="UINT8", data=[-1, 7]),
    "INT64 beyond the column": lambda r: r["inputs"][2].update(datatype="UINT64", data=[(1 << 64) - 1, 7]),
    "null where none ever was": lambda r: r["inputs"][0].update(data=[None, 1.5]),
    "rows of different numbers": lambda r: r["inputs"][0].update(shape=[1], data=[0.5]),
    "no data": lambda r: r["inputs"][0].pop("data"),
    "no inputs": lambda r: r.pop("inputs"),
    "inputs that are no list": lambda r: r.update(inputs={"a": 1}),
    "an id that is no text": lambda r: r.update(id=7),
    "parameters that are nested": lambda r: r.update(parameters={"a": {}}),
    "an unknown output": lambda r: r.update(outputs=[{"name": "nothing"}]),
    "outputs that are no list": lambda r: r.update(outputs="prediction"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_request_that_breaks_the_protocol_or_the_signature_is_refused_in_words(
    client: TestClient, fault: str
) -> None:
    body = request()
    BAD[fault](body)
    answer = client.post("/v2/models/pm25/infer", json=body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert "Traceback" not in answer.text
    assert str(Path(__file__).parents[2]) not in answer.text
    assert ".py" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"[]",
        b'"x"',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 2}',
        b"\xff",
        b'{"a":' * 100_000,
    ],
)
def test_a_body_that_is_not_one_json_object_is_refused(client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.post("/v2/models/pm25/infer", content=body, headers=headers).status_code == 400


def test_other_content_and_too_much_of_it_are_refused(client: TestClient) -> None:
    body = json.dumps(request()).encode()
    path = "/v2/models/pm25/infer"
    assert client.post(path, content=body, headers={"Content-Type": "text/plain"}).status_code == 415
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert client.post(path, content=body, headers=packed).status_code == 415
    large = b'{"a": "' + b"x" * MAXIMUM_BYTES + b'"}'
    assert client.post(path, content=large, headers={"Content-Type": "application/json"}).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/other", 404), ("GET", "/v2/models/pm25/versions/2", 404), ("POST", "/v2/models/pm26/infer", 404),
        ("GET", "/nothing", 404), ("GET", "/v2/models/pm25/infer", 405), ("PUT", "/v2", 405), ("DELETE", "/predict", 405),
        ("GET", "/predict/", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_answered_as_such(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path, json=request() if method == "POST" else None)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


def test_fifty_requests_at_once_keep_their_answers(client: TestClient, service: Service) -> None:
    def ask(n: int) -> tuple[str, float]:
        inputs = [tensor("dewp", [float(n)]), tensor("temp", [0.0]), tensor("wind", [0], "INT64")]
        told = client.post("/v2/models/pm25/infer", json={"id": str(n), "inputs": inputs}).json()
        return told["id"], told["outputs"][0]["data"][0]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(50)))
    assert [name for name, _ in answers] == [str(n) for n in range(50)]
    assert [value for _, value in answers] == sorted(value for _, value in answers)


def test_a_model_of_arrays_takes_one_tensor(memory_ws: Workspace) -> None:
    ws = memory_ws
    register(ws, arrays=True)
    running = Service(ws, "pm25:1", interval=60)
    running.start()
    try:
        client = TestClient(
            build_app(running, TOKEN),
            base_url="http://localhost",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        assert client.get("/v2/models/pm25").json()["inputs"] == [
            {"name": "input", "datatype": "FP64", "shape": [-1, 3]}
        ]
        X, _ = small_data()
        rows = X.to_numpy()[:2].tolist()
        body = {"inputs": [{"name": "input", "shape": [2, 3], "datatype": "FP64", "data": rows}]}
        told = client.post("/v2/models/pm25/infer", json=body).json()
        assert told["outputs"][0]["data"] == pytest.approx(load_model(ws, "pm25:1").predict(rows).tolist())
        for wrong in ({"shape": [3, 2]}, {"shape": [6]}, {"name": "x"}):
            assert (
                client.post("/v2/models/pm25/infer", json={"inputs": [body["inputs"][0] | wrong]}).status_code
                == 400
            )
    finally:
        running.close()


# --- plain rows -----------------------------------------------------------------------------------------------------


def test_plain_rows_are_answered_too(client: TestClient, service: Service) -> None:
    told = client.post("/predict", json={"rows": ROWS}).json()
    assert (told["model"], told["version"]) == ("pm25", 1)
    assert told["predictions"] == pytest.approx(expected(service.ws))


@pytest.mark.parametrize(
    "rows",
    [None, {}, [1], [{}], [{"dewp": 1.0, "temp": 1.0}], [ROWS[0] | {"more": 1}], [ROWS[0] | {"dewp": "1"}],
     [ROWS[0] | {"dewp": None}], [ROWS[0] | {"wind": 1.5}], [ROWS[0] | {"wind": True}], [ROWS[0] | {"dewp": [1]}], [*ROWS, {}]],
)  # fmt: skip
def test_rows_that_break_the_signature_are_refused(client: TestClient, rows: Any) -> None:
    assert client.post("/predict", json={"rows": rows}).status_code == 400


# --- who may ask ----------------------------------------------------------------------------------------------------


def test_every_route_but_two_probes_takes_the_token(service: Service) -> None:
    app = build_app(service, TOKEN)
    paths = {
        route.path.replace("{model}", "pm25").replace("{version}", "1")
        for route in _Endpoints(service).routes()
    }
    assert len(paths) >= 11
    open_paths = set()
    for header in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
    ):
        client = TestClient(app, base_url="http://127.0.0.1", headers=header)
        for path in (*paths, "/nothing", "/v2/health/live/", "//v2/health/live"):
            for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
                if client.request(method, path).status_code not in {401, 403}:
                    open_paths.add(path)
    assert open_paths == {"/v2/health/live", "/v2/health/ready"}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil", "10.0.0.1", "[::2]"]
)
def test_another_sites_name_for_this_machine_is_refused(service: Service, host: str) -> None:
    client = TestClient(
        build_app(service, TOKEN), base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert client.get("/v2", headers={"Host": host}).status_code == 403
    assert client.get("/v2", headers={"Host": "localhost:8080"}).status_code == 200


def test_listening_beyond_this_machine_takes_a_strong_token(champion: Workspace) -> None:
    with pytest.raises(Invalid, match="lets others in"):
        serve(champion, "pm25@champion", host="0.0.0.0", token="short")
    assert find_deployments(champion).total == 0


# --- the alias, the traffic, the end --------------------------------------------------------------------------------


def wait_for(condition: Any, seconds: float = 20) -> None:
    done = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        done.wait(0.02)
    raise AssertionError("did not happen")


def test_the_service_follows_its_alias_and_says_so(client: TestClient, service: Service) -> None:
    before = client.post("/predict", json={"rows": ROWS}).json()
    move_alias(service.ws, model="pm25", alias="champion", version=2, reason="because")
    wait_for(lambda: client.post("/predict", json={"rows": ROWS}).json()["version"] == 2)
    after = client.post("/predict", json={"rows": ROWS}).json()
    assert after["predictions"] == pytest.approx(expected(service.ws, "pm25:2"))
    assert after["predictions"] != before["predictions"]
    assert find_deployments(service.ws)[0].version == 2


def test_a_version_that_cannot_be_loaded_is_not_swapped_in(client: TestClient, service: Service) -> None:
    with service.ws.store.read() as tx:
        digest = tx.versions.get("pm25", 2).digest
    service.ws.blobs.remove(digest)
    with service.ws.store.write() as tx:  # past the check of the bytes: they may go at any time
        move_alias_within(tx, service.ws, model="pm25", alias="champion", version=2, reason="because")
    wait_for(lambda: "gone" in service.problem)
    assert client.post("/predict", json={"rows": ROWS}).json()["version"] == 1
    assert client.get("/v2/health/ready").status_code == 200


def test_answers_are_written_down_with_what_was_asked(client: TestClient, service: Service) -> None:
    told = client.post("/predict", json={"rows": ROWS}).json()
    client.post("/v2/models/pm25/infer", json=request(id="mine"))
    deployment = find_deployments(service.ws)[0].id
    wait_for(lambda: len(find_predictions(service.ws, deployment)) == 4)
    kept = find_predictions(service.ws, deployment)
    assert [p.sequence for p in kept] == [1, 2, 3, 4]
    assert [p.request for p in kept] == [f"{told['request']}/0", f"{told['request']}/1", "mine/0", "mine/1"]
    assert dict(kept[0].features) == ROWS[0]
    assert [p.prediction for p in kept] == pytest.approx(expected(service.ws) * 2)
    assert all(p.version == 1 and p.seconds > 0 for p in kept)


def test_outcomes_are_taken(client: TestClient, service: Service) -> None:
    assert client.post("/outcomes", json={"outcomes": {"a": 1.5, "b": 2}}).json() == {"kept": 2}
    assert client.post("/outcomes", json={"outcomes": {"a": 1.75}}).json() == {"kept": 1}
    assert client.post("/outcomes", json={"outcomes": {"a": None}}).status_code == 400
    assert client.post("/outcomes", json={"outcomes": [1]}).status_code == 400


@pytest.fixture
def served(ws: Workspace) -> Iterator[tuple[Served, threading.Thread, Workspace]]:
    champion = promoted(ws)
    announced: Queue[Served] = Queue()
    thread = threading.Thread(
        target=serve, args=(champion, "pm25@champion"), kwargs={"announce": announced.put}, daemon=True
    )
    thread.start()
    found = announced.get(timeout=60)
    yield found, thread, champion
    if find_deployments(champion)[0].status is DeploymentStatus.LIVE:
        undeploy(champion, found.deployment)
    thread.join(timeout=60)


def test_a_real_server_answers_on_this_machine_until_it_is_undeployed(
    served: tuple[Served, threading.Thread, Workspace],
) -> None:
    found, thread, ws = served
    assert found.url.startswith("http://127.0.0.1:")
    assert len(found.token) >= 32
    body = json.dumps({"rows": ROWS}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {found.token}"}
    asked = urllib.request.Request(f"{found.url}/predict", body, headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        told = json.load(answer)
        assert "uvicorn" not in answer.headers.get("server", "")
    assert told["predictions"] == pytest.approx(expected(ws))
    move_alias(ws, model="pm25", alias="champion", version=2, reason="because")
    wait_for(lambda: find_deployments(ws)[0].version == 2)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert json.load(answer)["version"] == 2
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(urllib.request.Request(f"{found.url}/predict", body), timeout=60)
    assert refusal.value.code == 401
    undeploy(ws, found.deployment)
    thread.join(timeout=60)
    assert not thread.is_alive()
    deployment = find_deployments(ws)[0]
    assert (deployment.status, deployment.url) == (DeploymentStatus.STOPPED, found.url)
    assert len(find_predictions(ws, found.deployment)) == 4


def test_a_port_that_is_taken_is_named(champion: Workspace) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match=str(port)):
            serve(champion, "pm25@champion", port=port)


def test_a_model_that_cannot_be_loaded_leaves_a_failed_deployment(champion: Workspace) -> None:
    with champion.store.read() as tx:
        digest = tx.versions.get("pm25", 1).digest
    champion.blobs.remove(digest)
    with pytest.raises(LookupError):
        serve(champion, "pm25@champion")
    assert find_deployments(champion)[0].status is DeploymentStatus.FAILED
