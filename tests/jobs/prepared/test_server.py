"""A forked kernel is what a cold one is: every way in which a fork could show, in a real kernel."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
from pathlib import Path

import pytest

from tests.jobs.prepared.conftest import MODULES
from tests.jobs.prepared.kernels import Kernel, gone, prepared, surroundings, wait_until

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]
IMPORTS = "import " + ", ".join(MODULES)

LOOK = f"""
{IMPORTS}
import atexit, builtins, faulthandler, gc, json, locale, os, resource, signal, sys, threading, time, warnings
print(json.dumps({{
    "modules": sorted(name for name in sys.modules if name not in ("code", "runpy", "pkgutil")),
    "path": sys.path,
    "arguments": [os.path.basename(one) for one in sys.argv],
    "called": [os.path.basename(one) for one in sys.orig_argv],
    "flags": list(sys.flags),
    "warnings": sorted(map(repr, warnings.filters)),
    "signals": {{int(n): str(signal.getsignal(n)).split(" at ")[0] for n in signal.valid_signals()}},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "locale": [locale.setlocale(locale.LC_ALL), locale.getpreferredencoding()],
    "zone": [time.tzname, os.environ.get("TZ")],
    "streams": [sys.__stdin__.encoding, sys.__stdout__.encoding, sys.__stdout__.line_buffering, sys.__stderr__.errors],
    "folder": os.getcwd(),
    "main": sorted(name for name in vars(sys.modules["__main__"]) if name.startswith("__")),
    "builtins": sorted(vars(builtins)),
    "faults": faulthandler.is_enabled(),
    "collects": [gc.isenabled(), gc.get_threshold()],
    "limits": [resource.getrlimit(one) for one in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)],
    "threads": sorted(thread.name.split("-")[0] for thread in threading.enumerate()),
    "main thread": threading.current_thread() is threading.main_thread(),
    "group": [os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid()],
    "terminal": sys.stdin.isatty() if hasattr(sys.stdin, "isatty") else None,
    "pandas": pandas.get_option("display.max_columns"),
    "backend": matplotlib.rcParams["backend"],
    "environment": {{k: v for k, v in os.environ.items() if k not in ("JPY_PARENT_PID",)}},
}}))
"""


def test_a_cell_sees_in_it_what_it_sees_in_a_cold_one(forked, cold) -> None:
    seen, expected = (json.loads(one.run(LOOK).text) for one in (forked, cold))

    assert {name: seen[name] for name in seen if seen[name] != expected[name]} == {}


def test_nothing_that_the_prepared_process_has_open_is_open_in_it(forked, process) -> None:
    held = {
        str(Path(f"/proc/{process.pid}/fd", number).readlink())
        for number in os.listdir(f"/proc/{process.pid}/fd")
    }
    mine = {
        str(Path(f"/proc/{forked.pid}/fd", number).readlink())
        for number in os.listdir(f"/proc/{forked.pid}/fd")
    }
    anonymous = {one for one in held if one.startswith("anon_inode") or one == os.devnull}

    assert mine & held - anonymous == set()


def test_chance_is_each_kernels_own(process, folder) -> None:
    draw = (
        f"{IMPORTS}, json, random, uuid, secrets, multiprocessing\n"
        "print(json.dumps([repr(one) for one in (numpy.random.rand(), numpy.random.default_rng().random(), random.random(),"
        " uuid.uuid4(), secrets.token_hex(), bytes(multiprocessing.current_process().authkey))]))"
    )
    drawn = []
    for _ in range(2):
        with Kernel(folder, process.socket) as kernel:
            assert kernel.forked
            drawn.append(json.loads(kernel.run(draw).text))

    assert [one for one, other in zip(*drawn, strict=True) if one == other] == []


def test_a_seed_gives_the_numbers_that_it_gives_in_a_cold_kernel(forked, cold) -> None:
    code = "import numpy, random\nnumpy.random.seed(7); random.seed(7)\nprint(numpy.random.rand(3), random.random())"

    assert forked.run(code).text == cold.run(code).text


def test_its_environment_is_the_one_that_was_asked_for(process, folder) -> None:
    environment = surroundings(JUPYTER_MLOPS_JOB="this-one")
    with Kernel(folder, process.socket, environment) as kernel:
        assert kernel.forked
        found = kernel.run(
            "import os; print(os.environ['JUPYTER_MLOPS_JOB'], os.environ['JPY_PARENT_PID'])\n!echo $JUPYTER_MLOPS_JOB"
        )

    assert found.text.replace("\r", "").split() == ["this-one", str(os.getpid()), "this-one"]


@pytest.mark.parametrize(
    "busy",
    [
        "while True: pass",
        "import time; time.sleep(1000)",
        "import numpy\nwhile True: numpy.ones((500, 500)) @ numpy.ones((500, 500))",
    ],
    ids=["loop", "sleep", "product"],
)
def test_an_interrupt_ends_the_cell_and_not_the_kernel(forked, folder, busy) -> None:
    mark = folder / "mark"
    mark.unlink(missing_ok=True)
    asked = forked.send(f"open({str(mark)!r}, 'w').close()\n{busy}")
    wait_until(mark.exists)

    forked.interrupt()

    assert forked.answer_to(asked)["ename"] == "KeyboardInterrupt"
    wait_until(
        lambda: forked.run("print('on')").text == "on\n"
    )  # what comes too soon after an error is not run


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os; os._exit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("import os; os.abort()", -6),
    ],
    ids=["code", "kill", "abort"],
)
def test_its_end_is_told_as_it_was(forked, code: str, expected: int) -> None:
    assert forked.process.poll() is None
    forked.send(code)

    assert forked.code_of_its_end() == expected
    assert forked.process.poll() == expected


def test_started_again_it_is_a_fresh_one(forked) -> None:
    forked.run("left = 1")
    before = forked.pid

    forked.restart()

    assert forked.forked
    assert forked.manager.provisioner.pid != before
    assert forked.run("left").error == "NameError"
    assert gone([before])


def test_what_is_to_be_done_at_its_end_is_done_once_and_in_it(process, folder) -> None:
    mark = folder / "ended"
    with Kernel(folder, process.socket) as kernel:
        kernel.run(
            f"import atexit, os\natexit.register(lambda: open({str(mark)!r}, 'a').write(str(os.getpid())))"
        )
        kernel.send("exit")
        kernel.code_of_its_end()

    assert mark.read_text() == str(kernel.pid)


def test_figures_are_shown_as_in_a_cold_kernel(forked, cold) -> None:
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"

    shown, expected = (sorted(one.run(code).data[-1]) for one in (forked, cold))

    assert shown == expected
    assert "image/png" in shown


PARALLEL = """
from concurrent.futures import ThreadPoolExecutor
import multiprocessing, threading
import numpy
from joblib import Parallel, delayed
from sklearn.ensemble import HistGradientBoostingRegressor

with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(len, ["a", "bc"])))
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(len, ["a", "bc"]))
with multiprocessing.get_context("spawn").Pool(1) as pool:
    print(pool.map(len, ["a", "bc"]))
print(Parallel(n_jobs=2)(delayed(len)(one) for one in ["a", "bc"]))
x = numpy.linspace(0, 1, 20000).reshape(-1, 4)
print(HistGradientBoostingRegressor(max_iter=5, random_state=0).fit(x, x[:, 0]).predict(x[:1]).shape)
print(float((numpy.ones((400, 400)) @ numpy.ones((400, 400)))[0, 0]))
"""


def test_threads_processes_and_the_pools_of_libraries_work_in_it(forked) -> None:
    said = forked.run(PARALLEL)

    assert (said.error, said.text.splitlines()) == ("", ["[1, 2]"] * 4 + ["(1,)", "400.0"])


def test_a_module_that_does_not_exist_is_missed_as_in_a_cold_one(forked) -> None:
    assert forked.run("import no_such_module").error == "ModuleNotFoundError"
    assert forked.run("scipy").error == "NameError"


def test_it_dies_with_the_process_that_it_was_forked_from(folder) -> None:
    with prepared(folder) as process, Kernel(folder, process.socket) as kernel:
        assert kernel.forked
        os.kill(process.pid, signal.SIGKILL)

        assert kernel.code_of_its_end() == -signal.SIGKILL
        wait_until(lambda: gone([kernel.pid]))


def test_it_dies_with_what_it_started_once_nobody_listens_to_it(process, folder, tmp_path) -> None:
    with Kernel(folder, process.socket) as kernel:
        note = tmp_path / "child"
        kernel.run(
            f"import subprocess\nchild = subprocess.Popen(['sleep', '1000'])\nopen({str(note)!r}, 'w').write(str(child.pid))"
        )

        kernel.process._socket.close()  # as the end of this process would

        wait_until(lambda: gone([kernel.pid, int(note.read_text())]))


def test_it_lives_on_while_its_owner_starts_no_more_and_then_all_is_gone(folder) -> None:
    with prepared(folder) as process:
        with Kernel(folder, process.socket) as kernel:
            process.close()

            assert kernel.run("print(1)").text == "1\n"
            assert not gone([process.pid])
        wait_until(lambda: gone([kernel.pid, process.pid]))


def test_its_socket_is_for_this_account_alone(process) -> None:
    place = Path(process.socket)

    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "message", [b"", b"no request", b"{}", b"[1]"], ids=["nothing", "no JSON", "empty", "list"]
)
def test_whoever_asks_for_something_else_gets_nothing_and_others_still_do(process, folder, message) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asker:
        asker.connect(process.socket)
        asker.settimeout(30)
        if message:
            asker.send(message)
            assert asker.recv(100) in {b"", b'{"refused": "it is not a request"}'}
    with Kernel(folder, process.socket) as kernel:
        assert kernel.forked


def test_the_extension_records_in_it_as_in_a_cold_one(process, tmp_path, folder) -> None:
    code = """
%load_ext jupyter_mlops
import jupyter_mlops as mlops, numpy as np
from sklearn.linear_model import LinearRegression
np.random.seed(3)
mlops.autolog()
with mlops.track("fit") as run:
    LinearRegression().fit(np.random.rand(20, 2), np.arange(20.0))
import json
found = mlops.workspace().store
with found.read() as tx:
    kept = tx.runs.get(run.id)
print(json.dumps([sorted(kept.params), sorted(kept.metrics or {}), kept.source.environment, kept.source.seeds and True, kept.source.python]))
"""
    told = []
    for number, place in enumerate((process.socket, None)):
        project = tmp_path / str(number)
        project.mkdir()
        with Kernel(folder, place, surroundings(JUPYTER_MLOPS_WORKSPACE=str(project))) as kernel:
            assert kernel.forked is (place is not None)
            said = kernel.run(code)
            assert said.error == "", said
            told.append(said.text.splitlines()[-1])

    assert told[0] == told[1]
    assert json.loads(told[0])[0]
