"""Runs that ended inside a cell are noted for it, and for nobody else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from jupyter_mlops.tracking.ended import any_block_ended, block_ended, blocks_ended, listen, listening
from jupyter_mlops.workspace import Workspace
from tests.contracts.samples import run


@pytest.fixture(autouse=True)
def undone() -> Iterator[None]:
    yield
    listen(False)


def test_nothing_is_noted_where_nobody_listens(memory_ws: Workspace) -> None:
    block_ended(memory_ws, run("a"))
    assert (listening(), any_block_ended(), blocks_ended()) == (False, False, ())


def test_each_run_is_told_once_in_the_order_they_ended(memory_ws: Workspace) -> None:
    listen(True)
    first, second = run("a"), run("b")
    for ended in (first, second, first):
        block_ended(memory_ws, ended)
    assert (listening(), any_block_ended()) == (True, True)
    assert blocks_ended() == ((memory_ws, first), (memory_ws, second))
    assert (any_block_ended(), blocks_ended()) == (False, ())


@pytest.mark.parametrize("on", [True, False])
def test_who_begins_to_listen_or_stops_hears_nothing_of_before(memory_ws: Workspace, on: bool) -> None:
    listen(True)
    block_ended(memory_ws, run("a"))
    listen(on)
    assert (listening(), any_block_ended()) == (on, False)


def test_of_ten_thousand_and_more_the_last_are_kept(memory_ws: Workspace) -> None:
    listen(True)
    for number in range(10_002):
        block_ended(memory_ws, run(f"{number}"))
    kept = [ended.id for _, ended in blocks_ended()]
    assert (len(kept), kept[0], kept[-1]) == (10_000, "2", "10001")


def test_asking_imports_nothing_of_what_makes_runs() -> None:
    code = (
        "import sys; from jupyter_mlops.tracking.ended import any_block_ended; assert not any_block_ended();"
        "assert not [m for m in sys.modules if m.startswith(('jupyter_mlops.store', 'jupyter_mlops.tracking.active'))]"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
