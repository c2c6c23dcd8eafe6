"""One process that answers for a reference. The thread is left asleep: the tests turn it by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.ledger import history
from jupyter_mlops.records.deployment import DeploymentStatus
from jupyter_mlops.registry import move_alias
from jupyter_mlops.serving import find_deployments, find_predictions, undeploy
from jupyter_mlops.serving.service import Service
from jupyter_mlops.workspace import Workspace
from tests.serving.test_predictor import predictor

ROW = {"dewp": 0.5, "temp": -1.0, "wind": 3}


@pytest.fixture
def asleep(champion: Workspace) -> Iterator[Service]:
    running = Service(champion, "pm25@champion", interval=3600)
    running.start("http://here")
    yield running
    running.close()


def written(service: Service) -> list[tuple[str, object]]:
    service._flush()
    assert service.deployment is not None
    return [(p.request, p.prediction) for p in find_predictions(service.ws, service.deployment.id)]


def move(service: Service, version: int) -> None:
    move_alias(service.ws, model="pm25", alias="champion", version=version, reason="because")


def test_a_service_is_live_from_its_start_to_its_end(asleep: Service) -> None:
    (deployment,) = find_deployments(asleep.ws)
    assert (deployment.status, deployment.url, deployment.version) == (
        DeploymentStatus.LIVE,
        "http://here",
        1,
    )
    asleep.close()
    (ended,) = find_deployments(asleep.ws)
    assert ended.status is DeploymentStatus.STOPPED
    assert history(asleep.ws, subject=ended.id)[-1].data["reason"] == "its process ended"


def test_what_was_stopped_from_elsewhere_is_not_stopped_again(asleep: Service) -> None:
    assert asleep.deployment is not None
    undeploy(asleep.ws, asleep.deployment.id)
    asleep.close()
    assert len(history(asleep.ws, kind="deployment.stopped")) == 1


def test_a_service_that_never_started_ends_quietly(champion: Workspace) -> None:
    Service(champion, "pm25@champion").close()
    assert find_deployments(champion).total == 0


def test_a_model_that_cannot_be_loaded_fails_its_deployment_with_the_reason(champion: Workspace) -> None:
    with champion.store.read() as tx:
        champion.blobs.remove(tx.versions.get("pm25", 1).digest)
    with pytest.raises(NotFound):
        Service(champion, "pm25@champion").start()
    (failed,) = find_deployments(champion)
    assert failed.status is DeploymentStatus.FAILED
    assert "gone" in str(history(champion, subject=failed.id)[-1].data["reason"])


def test_one_row_carries_the_requests_own_name_and_several_their_places(asleep: Service) -> None:
    asleep.answer("one", rows=[ROW])
    asleep.answer("two", columns={"dewp": [0.5, 1.0], "temp": [1.0, 2.0], "wind": [3, 4]})
    asleep.answer("none", rows=[])
    assert [request for request, _ in written(asleep)] == ["one", "two/0", "two/1"]


def test_a_request_that_is_refused_leaves_no_trace(asleep: Service) -> None:
    with pytest.raises(Invalid):
        asleep.answer("bad", rows=[{"dewp": 1}])
    assert written(asleep) == []


def test_an_answer_that_is_no_number_is_written_down_as_none_also_in_a_row_of_answers(
    asleep: Service,
) -> None:
    class Several:
        def predict(self, table: Any) -> Any:
            return np.array([[1.0, np.nan]] * len(table))

    asleep.predictor = replace(predictor(("a", "float64")), model=Several())
    asleep.answer("q", rows=[{"a": 1}])
    assert written(asleep) == [("q", [1.0, None])]


def test_a_model_that_answers_more_or_less_than_it_was_asked_is_refused(asleep: Service) -> None:
    class Short:
        def predict(self, table: Any) -> Any:
            return np.zeros(len(table) - 1)

    asleep.predictor = replace(predictor(("a", "float64")), model=Short())
    with pytest.raises(Invalid, match="gave 1 answers to 2 rows"):
        asleep.answer("q", rows=[{"a": 1}, {"a": 2}])
    assert written(asleep) == []


def test_a_moved_alias_is_followed_once_and_told(asleep: Service) -> None:
    move(asleep, 2)
    asleep.follow()
    asleep.follow()
    assert asleep.predictor is not None
    assert (asleep.predictor.version.version, find_deployments(asleep.ws)[0].version) == (2, 2)
    assert len(history(asleep.ws, kind="deployment.swapped")) == 1


def test_another_alias_of_the_model_is_nobody_we_follow(asleep: Service) -> None:
    move_alias(asleep.ws, model="pm25", alias="challenger", version=2, reason="because")
    asleep.follow()
    assert asleep.predictor is not None
    assert asleep.predictor.version.version == 1


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_and_says_why_until_a_good_one_comes(
    asleep: Service,
) -> None:
    with asleep.ws.store.read() as tx:
        digest = tx.versions.get("pm25", 2).digest
    with asleep.ws.blobs.open(digest) as file:
        content = file.read()
    move(asleep, 2)
    asleep.ws.blobs.remove(digest)  # after the move, which would not point at bytes that are gone
    asleep.follow()
    assert asleep.predictor is not None
    assert (asleep.predictor.version.version, "gone" in asleep.problem) == (1, True)
    import io

    asleep.ws.blobs.put(io.BytesIO(content))
    move(asleep, 1)
    move(asleep, 2)
    asleep.follow()
    assert (asleep.predictor.version.version, asleep.problem) == (2, "")


def test_a_move_between_the_load_and_the_first_look_is_seen(champion: Workspace) -> None:
    service = Service(champion, "pm25@champion", interval=3600)
    service.start()
    try:
        move(service, 2)
        service.follow()
        assert service.predictor is not None
        assert service.predictor.version.version == 2
    finally:
        service.close()


def test_answers_wait_while_the_store_is_away_and_keep_their_order(asleep: Service, monkeypatch: Any) -> None:
    def away(*_: object) -> None:
        raise Unavailable("the store is away", remedy="Wait.")

    with monkeypatch.context() as patched:
        patched.setattr("jupyter_mlops.serving.service.append_predictions", away)
        asleep.answer("first", rows=[ROW])
        with pytest.raises(Unavailable):
            asleep._flush()
        asleep.answer("second", rows=[ROW])
    assert [request for request, _ in written(asleep)] == ["first", "second"]


def test_traffic_is_dropped_and_counted_before_the_memory_is_full(asleep: Service, monkeypatch: Any) -> None:
    monkeypatch.setattr("jupyter_mlops.serving.service._KEPT", 2)
    for name in ("a", "b", "c"):
        assert asleep.answer(name, rows=[ROW]).version == 1
    assert asleep.dropped == 1
    assert [request for request, _ in written(asleep)] == ["a", "b"]


def test_requests_side_by_side_are_numbered_without_gaps(asleep: Service) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: asleep.answer(str(n), rows=[ROW, ROW]), range(25)))
    asleep._flush()
    assert asleep.deployment is not None
    kept = find_predictions(asleep.ws, asleep.deployment.id)
    assert [p.sequence for p in kept] == list(range(1, 51))


def test_whoever_is_told_of_the_end_is_told_once(champion: Workspace) -> None:
    told = threading.Semaphore(0)
    service = Service(champion, "pm25@champion", interval=0.01)
    deployment = service.start(ended=told.release)
    undeploy(champion, deployment.id)
    assert told.acquire(timeout=60)
    service.close()
    assert not told.acquire(blocking=False)
