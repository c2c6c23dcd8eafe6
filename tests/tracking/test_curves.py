"""Curves as they come: thinned out, never without their last point, whatever is logged how often."""

from __future__ import annotations

import itertools
import threading

from jupyter_mlops.tracking.curves import Curves


def test_a_long_curve_is_thinned_and_keeps_its_shape_and_its_last_point():
    curves = Curves()
    for step in range(100_000):
        curves.add({"loss": float(step)}, step)
    points = curves.drawn()["loss"]
    assert len(points) <= 513
    assert points[-1] == (99_999, 99_999.0)
    assert [step for step, _ in points] == [int(value) for _, value in points]
    gaps = {b - a for (a, _), (b, _) in itertools.pairwise(points[:-1])}
    assert len(gaps) == 1
    assert curves.steps == 100_000


def test_what_is_logged_rarely_is_not_thinned_by_what_is_logged_often():
    curves = Curves()
    for step in range(10_000):
        curves.add({"loss": 1.0}, step)
        if step % 1000 == 999:
            curves.add({"val_loss": float(step)}, step)
    assert len(curves.drawn()["val_loss"]) == 10


def test_what_was_logged_once_is_no_curve():
    curves = Curves()
    curves.add({"mae": 1.0, "r2": 0.5}, 0)
    assert curves.drawn() == {}
    curves.add({"mae": 2.0}, 1)
    assert curves.drawn() == {"mae": [(0, 1.0), (1, 2.0)]}


def test_threads_may_log_while_another_reads():
    curves = Curves()
    stop = threading.Event()

    def write(name: str) -> None:
        step = 0
        while not stop.is_set():
            curves.add({name: float(step)}, step)
            step += 1

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "a", "b")]
    for thread in threads:
        thread.start()
    for _ in range(200):
        assert all(len(points) > 1 for points in curves.drawn().values())
    stop.set()
    for thread in threads:
        thread.join()
