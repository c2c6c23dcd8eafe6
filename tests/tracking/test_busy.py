"""System metrics: at a low rate, once for a short run, and never among what was measured of a model."""

from __future__ import annotations

import time

from jupyter_mlops.tracking import busy, get_run, metric_history, track
from jupyter_mlops.tracking.busy import Busy


def settled(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def test_samples_are_metrics_of_their_own_name_and_no_headline(sql_ws):
    with track("long", workspace=sql_ws) as run:
        run.log_metric("mae", 1.0)
        watch = Busy(run, 0.001)
        settled(lambda: watch._count >= 2)
        watch.end()
    kept = get_run(sql_ws, run.id)
    assert kept.metrics == {"mae": 1.0}
    assert {"cpu_percent", "process_memory_mb"} <= kept.system.keys()
    points = metric_history(sql_ws, run=run.id, key="system/cpu_percent")
    assert [point.step for point in points] == list(range(len(points)))
    assert len(points) >= 2


def test_a_run_of_an_instant_is_not_looked_at(sql_ws):
    busy._meter()
    with track("instant", workspace=sql_ws) as run:
        Busy(run, 3600.0).end()
    assert get_run(sql_ws, run.id).system == {}


def test_a_run_shorter_than_the_interval_has_one_sample_from_its_end(sql_ws, monkeypatch):
    busy._meter()
    with track("short", workspace=sql_ws) as run:
        watch = Busy(run, 3600.0)
        monkeypatch.setattr(watch, "_begun", watch._begun - 1)
        watch.end()
        watch.end()
    assert len(metric_history(sql_ws, run=run.id, key="system/cpu_percent")) == 1


def test_an_interval_of_nothing_means_no_samples(sql_ws):
    busy._meter()
    with track("none", workspace=sql_ws) as run:
        Busy(run, 0.0).end()
    assert get_run(sql_ws, run.id).system == {}
