"""The prepared processes of whoever starts jobs."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from jupyter_mlops.jobs.prepared import process as module
from jupyter_mlops.jobs.prepared.process import PreparedProcesses, can_prepare
from tests.jobs.prepared.kernels import Kernel, gone, surroundings, wait_until

linux = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
NUMPY = (("numpy", ()),)


@pytest.fixture
def processes():
    made = PreparedProcesses()
    yield made
    made.close()


def at_work(processes):
    return list(processes._at_work.values())


@linux
def test_the_first_of_a_kind_starts_cold_and_a_process_is_begun_for_the_second(processes, tmp_path) -> None:
    asked = (NUMPY, str(tmp_path), surroundings())

    assert processes.offer(*asked) is None
    assert at_work(processes) == []
    socket = processes.offer(*asked)
    assert processes.offer(*asked) == socket
    with Kernel(tmp_path, socket) as kernel:
        assert kernel.forked


@linux
def test_another_folder_other_imports_or_another_environment_are_of_another_kind(processes, tmp_path) -> None:
    (tmp_path / "other").mkdir()
    for imports in (NUMPY, (("json", ()),)):
        for folder in (tmp_path, tmp_path / "other"):
            for environment in ({"A": "1"}, {"A": "2"}):
                assert processes.offer(imports, str(folder), environment) is None


@linux
def test_an_import_that_cannot_be_made_is_left_to_the_kernels_and_the_rest_is_made(
    processes, tmp_path
) -> None:
    asked = ((*NUMPY, ("no_such_module", ())), str(tmp_path), surroundings())
    processes.offer(*asked)
    processes.offer(*asked)
    (first,) = at_work(processes)
    wait_until(lambda: first.over)

    socket = processes.offer(*asked)

    assert processes.left_out == {"no_such_module": "its import raised ModuleNotFoundError"}
    assert at_work(processes)[0].imports == NUMPY
    with Kernel(tmp_path, socket) as kernel:
        assert kernel.forked


@linux
def test_a_process_that_dies_is_begun_anew_but_not_for_ever(processes, tmp_path) -> None:
    asked = (NUMPY, str(tmp_path), surroundings())
    processes.offer(*asked)
    offered = 0
    while processes.offer(*asked) is not None:
        offered += 1
        (process,) = at_work(processes)
        os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda process=process: process.over)

    assert offered == module._TRIES


@linux
def test_there_are_never_more_than_a_few(processes, tmp_path) -> None:
    given = []
    for number in range(module._MOST + 1):
        environment = surroundings(NUMBER=str(number))
        processes.offer((), str(tmp_path), environment)
        given.append(processes.offer((), str(tmp_path), environment) is not None)

    assert given == [True] * module._MOST + [False]


@linux
def test_all_are_gone_with_their_folders_at_the_end(tmp_path) -> None:
    processes = PreparedProcesses()
    processes.offer((), str(tmp_path), surroundings())
    socket = processes.offer((), str(tmp_path), surroundings())
    pids = [process.pid for process in at_work(processes)]
    wait_until(lambda: at_work(processes)[0].ready)

    processes.close()

    wait_until(lambda: gone(pids))
    assert not os.path.exists(os.path.dirname(socket))


@linux
def test_a_folder_that_is_not_there_is_left_to_the_cold_kernel(processes, tmp_path) -> None:
    asked = (NUMPY, str(tmp_path / "nowhere"), surroundings())
    processes.offer(*asked)

    assert processes.offer(*asked) is None


def test_elsewhere_than_on_linux_every_kernel_starts_cold(processes, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert not can_prepare()
    assert [processes.offer(NUMPY, str(tmp_path), {}) for _ in range(3)] == [None] * 3
