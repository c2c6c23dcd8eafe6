"""Which imports a process may make for the kernels that are forked from it."""

from __future__ import annotations

import os
import sys

import pytest

from tests.jobs.prepared.kernels import prepared, surroundings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

WRONG = {
    "it starts threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    "it says something when it is imported": "print('hello')",
    "it leaves files, sockets or devices open": "import socket\nheld = socket.socket()",
    "it handles signals": "import signal\nsignal.signal(signal.SIGUSR1, lambda *_: None)",
    "it changes the working folder": "import os\nos.chdir('/')",
    "it starts processes": "import subprocess\nheld = subprocess.Popen(['sleep', '1000'])",
    "its import raised ValueError": "raise ValueError",
    "its import raised SystemExit": "raise SystemExit",
}
SHELL = {
    "get_ipython().config": True,
    "get_ipython().events.register('post_execute', print)": True,
    "held = get_ipython()": True,
    "from IPython import get_ipython; held = get_ipython().kernel.session": True,
    "assert hasattr(get_ipython(), 'kernel')": False,
    "from IPython import get_ipython; assert get_ipython().__class__.__name__ == 'ZMQInteractiveShell'": False,
    "import IPython; assert IPython.get_ipython() is not None": False,
    "import __main__; assert not hasattr(__main__, '__file__')": False,
    "x = 1": False,
}


@pytest.fixture
def doubt(tmp_path):
    """What is wrong with a module of this text, installed like any package."""

    def _doubt(text: str) -> tuple[str, str] | None:
        packages = tmp_path / "packages"
        packages.mkdir()
        (packages / "odd.py").write_text(text)
        paths = os.pathsep.join(filter(None, (str(packages), os.environ.get("PYTHONPATH"))))
        with prepared(tmp_path, "odd", environment=surroundings(PYTHONPATH=paths)) as process:
            return process.doubt

    return _doubt


@pytest.fixture(autouse=True)
def _installed(monkeypatch, tmp_path, request) -> None:
    """Modules in the tests' folder count as installed, as those in site-packages do."""
    from jupyter_mlops.jobs.prepared import process

    roots = (*process.installed_roots(), f"{tmp_path}/")
    if "elsewhere" not in request.node.name:
        monkeypatch.setattr(process, "installed_roots", lambda: roots)


@pytest.mark.parametrize(("reason", "text"), WRONG.items(), ids=range(len(WRONG)))
def test_an_import_that_a_fork_would_copy_wrongly_is_found_out(doubt, reason: str, text: str) -> None:
    assert doubt(text) == ("odd", reason)


@pytest.mark.parametrize(("text", "wrong"), SHELL.items(), ids=range(len(SHELL)))
def test_who_asks_for_more_than_the_shells_name_is_found_out(doubt, text: str, wrong: bool) -> None:
    assert doubt(text) == (("odd", "it asks for the notebook's shell") if wrong else None)


def test_what_lies_elsewhere_may_be_the_projects_own(doubt) -> None:
    assert doubt("x = 1") == ("odd", "it imports what is not installed")


@pytest.mark.parametrize("module", ["numpy", "pandas", "sklearn.ensemble", "matplotlib.pyplot"])
def test_the_packages_that_most_notebooks_import_can_be_prepared(module, tmp_path) -> None:
    with prepared(tmp_path, module) as process:
        assert process.doubt is None
