"""A look around: there at the end of a run, or told later, and never both."""

from __future__ import annotations

import threading

from jupyter_mlops.tracking.environment import environment_digest, read_environment
from jupyter_mlops.tracking.pulse import in_background
from jupyter_mlops.tracking.surroundings import Look


def after_all_tasks() -> None:
    done = threading.Event()
    in_background(done.set)
    assert done.wait(60)


def test_what_was_seen_in_time_is_given_and_not_told_again(sql_ws):
    late = []
    look = Look(sql_ws, late.append)
    after_all_tasks()
    seen = look.seen()
    assert seen["environment"] == environment_digest(sql_ws)
    assert seen["python"]
    assert isinstance(seen["dirty"], tuple)
    after_all_tasks()
    assert late == []


def test_what_was_asked_for_too_early_is_told_when_it_is_there(sql_ws):
    late, hold = [], threading.Event()
    in_background(lambda: hold.wait(60))
    look = Look(sql_ws, late.append)
    assert look.seen() == {}
    hold.set()
    after_all_tasks()
    (seen,) = late
    assert seen["environment"] == environment_digest(sql_ws)


def test_an_environment_is_kept_once_and_read_back_whole(sql_ws):
    digest = environment_digest(sql_ws)
    taken = read_environment(sql_ws, digest)
    assert digest == environment_digest(sql_ws)
    assert {"numpy", "pandas"} <= {name.lower() for name in taken.packages}
    assert taken.processor
    assert read_environment(sql_ws, "0" * 64) is None
    assert read_environment(sql_ws, None) is None
