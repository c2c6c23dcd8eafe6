"""What the first tracked cell takes is imported while the kernel idles, and never while a cell runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_mlops.magics.warming import PLACES, Warming
from tests.magics.kernels import Kernel

OURS = "import sys, json; print(json.dumps([m for m in sys.modules if m.startswith('jupyter_mlops.')]))"


def until(told: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until *told* says yes."""
    end = time.monotonic() + seconds
    while not told() and time.monotonic() < end:
        time.sleep(0.01)
    return told()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Modules that say when they are imported; the second takes its time."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names = [f"warm_{name}_of_{tmp_path.name}" for name in ("one", "two", "three")]
    for name in names:
        pause = "time.sleep(0.4)" if "two" in name else ""
        (tmp_path / f"{name}.py").write_text(f"import time\n{pause}\ndone = True\n")
    yield names
    for name in names:
        sys.modules.pop(name, None)


def imported(name: str) -> bool:
    return getattr(sys.modules.get(name), "done", False)


def test_all_is_imported_while_nothing_runs_and_the_thread_ends(places: list[str]) -> None:
    warming = Warming(places, rest=0)
    warming.rests()
    assert until(lambda: all(map(imported, places)))
    thread = warming._thread
    assert thread is not None
    thread.join(10)
    assert not thread.is_alive()


def test_a_cell_waits_for_the_import_under_way_and_for_no_other(places: list[str]) -> None:
    warming = Warming(places, rest=0, patience=10)
    warming.rests()
    assert until(lambda: places[1] in sys.modules)  # in the middle of the second
    warming.wakes()
    assert imported(places[1])
    time.sleep(0.2)
    assert not imported(places[2])
    warming.rests()
    assert until(lambda: imported(places[2]))


def test_nothing_is_imported_before_the_kernel_has_rested(places: list[str]) -> None:
    warming = Warming(places, rest=0.2, patience=10)
    for _ in range(30):  # one cell after the other: nobody rests between them
        warming.rests()
        time.sleep(0.02)
        warming.wakes()
    warming.rests()
    assert not any(map(imported, places))
    assert until(lambda: all(map(imported, places)))


def test_a_module_that_fails_stops_nobody(places: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    warming = Warming(["jupyter_mlops.there_is_none", *places], rest=0)
    warming.rests()
    assert until(lambda: all(map(imported, places)))
    assert capsys.readouterr() == ("", "")


def test_it_can_be_ended(places: list[str]) -> None:
    warming = Warming(places, rest=0.2)
    warming.rests()
    warming.end()
    assert until(lambda: not any("warming" in t.name and t is warming._thread for t in threading.enumerate()))
    assert not any(map(imported, places))


def test_a_cell_waits_no_longer_than_a_hook_may_take(places: list[str], tmp_path: Path) -> None:
    (tmp_path / f"{places[1]}.py").write_text("import time\ntime.sleep(2)\ndone = True\n")
    warming = Warming(places, rest=0)
    warming.rests()
    assert until(lambda: places[1] in sys.modules)
    begun = time.monotonic()
    warming.wakes()
    assert time.monotonic() - begun < 1.5
    warming.rests()
    assert until(lambda: imported(places[1]))
    time.sleep(0.2)
    assert not imported(places[2])  # imports are slow here: whoever needs it will wait for it


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_whatever_forks_waits_for_the_import_under_way(places: list[str]) -> None:
    warming = Warming(places, rest=0)
    warming.rests()
    assert until(lambda: places[1] in sys.modules)
    child = os.fork()
    if child == 0:
        os._exit(0 if imported(places[1]) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_session_that_has_switched_itself_off_imports_nothing_in_advance() -> None:
    code = (
        "import time, types\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(); shell.kernel = None\n"
        "from jupyter_mlops.magics.session import Session\n"
        "from jupyter_mlops.magics.warming import Warming\n"
        "session = Session(shell); session._warming = Warming(rest=0.2)\n"
        "session._warming.rests()\n"
        "for _ in range(3): session.failed(ValueError('x'))\n"
        "time.sleep(1)\nimport sys; print('jupyter_mlops.magics.card' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_is_imported_in_advance_is_ours_and_brings_none_of_the_heavy_ones() -> None:
    code = f"import sys; [__import__(p) for p in {PLACES!r}]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "sqlalchemy",
        "pandas",
        "numpy",
        "sklearn",
        "papermill",
        "anywidget",
        "starlette",
        "skops",
        "distributed",
    }
    assert heavy.isdisjoint(done.stdout.split())


@pytest.mark.kernel
def test_the_first_tracked_cell_finds_it_all_there_once_the_kernel_has_rested(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    with Kernel(tmp_path) as kernel:

        def ours() -> set[str]:
            return set(json.loads(kernel.execute(OURS, store_history=False).stdout))

        kernel.execute("%load_ext jupyter_mlops", "c1")
        assert until(lambda: ours() >= set(PLACES))
        before = ours()
        assert kernel.execute("%%track first\nx = 1", "c2").status == "ok"
        # The store comes in the background when a run begins.
        assert {name for name in ours() - before if not name.startswith("jupyter_mlops.store.")} == set()
