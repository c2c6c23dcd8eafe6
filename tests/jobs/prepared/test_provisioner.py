"""How a kernel is had from a prepared process, and started cold where anything speaks against it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.jobs.prepared.process import PreparedProcess
from tests.jobs.prepared.kernels import Kernel, prepared, surroundings, wait_until

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


def is_cold(kernel: Kernel) -> str:
    assert not kernel.forked
    assert kernel.run("print(1)").text == "1\n"
    return kernel.reason


def test_where_nothing_listens_it_is_started_cold(folder, tmp_path) -> None:
    with Kernel(folder, str(tmp_path / "nowhere")) as kernel:
        assert "No such file" in is_cold(kernel)


def test_in_another_environment_it_is_started_cold(process, folder) -> None:
    # Not "1": Dask leaves that behind in a process of the tests in which it started a cluster.
    with Kernel(folder, process.socket, surroundings(OMP_NUM_THREADS="53")) as kernel:
        assert is_cold(kernel) == "its environment is not the one the imports were made in"


def test_in_another_folder_it_is_started_cold(process, tmp_path) -> None:
    with Kernel(tmp_path, process.socket) as kernel:
        assert is_cold(kernel) == "its working folder is not the one the imports were made in"


@pytest.mark.parametrize(
    "name", ["numpy.py", "numpy/__init__.py", "numpy.cpython-311-x86_64-linux-gnu.so", "random.pyc"]
)
def test_where_the_working_folder_has_its_own_module_of_that_name_it_is_started_cold(
    process, folder, name
) -> None:
    own = folder / name
    own.parent.mkdir(exist_ok=True)
    own.write_text("x = 1")
    try:
        with Kernel(folder, process.socket) as kernel:
            assert (
                kernel.reason
                == f"the working folder has a module of its own called {Path(name).parts[0].partition('.')[0]}"
            )
    finally:
        own.unlink()
        if own.parent != folder:
            own.parent.rmdir()


def test_after_packages_were_installed_it_is_started_cold_and_the_process_is_over(folder, tmp_path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    paths = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(packages))))
    environment = surroundings(PYTHONPATH=paths)
    with prepared(folder, environment=environment) as process:
        (packages / "new.py").write_text("")
        with Kernel(folder, process.socket, environment) as kernel:
            assert is_cold(kernel) == "packages were installed or removed since they were imported"
        assert process.over


def test_who_asks_before_the_imports_are_made_waits_for_them(folder) -> None:
    process = PreparedProcess((("numpy", ()),), str(folder), surroundings())
    try:
        with Kernel(folder, process.socket) as kernel:
            assert kernel.forked
    finally:
        process.close()


def test_whoever_waits_for_imports_that_cannot_be_made_is_started_cold(folder) -> None:
    process = PreparedProcess((("no_such_module", ()),), str(folder), surroundings())
    try:
        with Kernel(folder, process.socket) as kernel:
            is_cold(kernel)
        assert process.doubt == ("no_such_module", "its import raised ModuleNotFoundError")
    finally:
        process.close()


def test_waiting_for_its_end_has_a_limit_and_signals_reach_it(forked) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        forked.process.wait(0.01)
    forked.process.kill()

    assert forked.process.wait() == -9
    forked.process.terminate()  # it has ended: nobody else is meant


def test_the_group_that_is_told_is_its_own(forked) -> None:
    provisioner = forked.manager.provisioner

    assert provisioner.pgid == provisioner.pid == os.getpgid(forked.pid) == os.getsid(forked.pid)
    wait_until(lambda: forked.process.poll() is None)
