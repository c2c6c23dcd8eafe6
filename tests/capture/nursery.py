"""Fresh kernels by the hundred: a process that has imported what takes long forks one for each session.

A kernel from here is IPython's own, with its sockets and its shell, and knows no name of anybody's. It is forked before
any socket or thread exists, so that no two of them share anything of a kernel.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["Died", "Nursery", "nursery"]

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = (
    tempfile.gettempdir()
)  # a socket's path must be short, whatever a test makes of its temporary folder
PATIENCE = 60.0  # seconds for one answer of a kernel
_PRELOADED = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "tornado.platform.asyncio", "IPython.core.completer",
    "IPython.core.completerlib", "IPython.core.debugger_backport", "IPython.core.oinspect", "IPython.extensions.storemagic", "jedi",
    "numpy", "pandas", "scipy.stats", "sklearn.linear_model", "sklearn.pipeline", "sklearn.model_selection", "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
)  # fmt: skip
_NO_THREADS = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # Arrow's memory has one as it is imported
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}  # fmt: skip


class Died(Exception):
    """A cell failed, or its kernel did not answer."""


# in the process that forks ----------------------------------------------------------------------------------------


def serve() -> None:
    """Do what each line of the input asks for, and end all kernels with its end."""
    for name in _PRELOADED:
        with contextlib.suppress(
            ImportError
        ):  # of an IPython that has it elsewhere: then each kernel imports it
            import_module(name)
    for module in tuple(sys.modules.values()):
        getattr(module, "__file__", None)  # a kernel asks them all, and some import a good deal when asked
    gc.collect()
    gc.freeze()  # what is collected later is no reason to copy all that was imported
    kernels: dict[int, int] = {}  # process to what it says that it listens through
    _say(ready=True, threads=len(os.listdir("/proc/self/task")) if Path("/proc/self/task").is_dir() else 1)
    try:
        for line in sys.stdin:
            verb, asked = next(iter(json.loads(line).items()))
            if verb == "fork":
                child, says = _forked(**asked)
                kernels[child] = says
                _say(child=child)
            elif verb == "await":
                heard, _, _ = select.select([kernels[asked]], [], [], PATIENCE)
                _say(listens=bool(heard and os.read(kernels[asked], 1)))
            else:
                _end(asked, kernels.pop(asked))
                _say(ended=asked)
    finally:
        for child, says in kernels.items():
            _end(child, says)


def _say(**answer: Any) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


def _end(child: int, says: int) -> None:
    """End a kernel at once, with what it has started: nobody needs it any more."""
    for kill in (os.killpg, os.kill):  # so early it may have no group of its own
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(says)


def _forked(file: str, folder: str) -> tuple[int, int]:
    hears, says = os.pipe()
    child = os.fork()
    if child:
        os.close(says)
        return child, hears
    try:
        _be_a_kernel(file, folder, says)
    finally:
        os._exit(1)  # the way back leads into the loop of the process that forks


def _be_a_kernel(file: str, folder: str, says: int) -> None:
    """Become the kernel that listens where *file* says, until somebody ends it."""
    os.setsid()
    os.chdir(folder)
    os.environ["TMPDIR"] = folder
    nothing = os.open(os.devnull, os.O_RDWR)
    for place in range(3):
        os.dup2(nothing, place)
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(["-f", file, "--HistoryManager.enabled=False", "--IPKernelApp.capture_fd_output=False"])
    os.write(says, b"1")
    os.close(says)
    app.start()


# in the tests' process --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Waiting:
    """A kernel that nobody has used."""

    child: int
    file: str
    folder: tempfile.TemporaryDirectory[str]


class Nursery:
    """Gives kernels; made by `nursery`. The next one begins while one is at work."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server
        self.threads: int = self._answer()["threads"]  # that the process had before it forked
        self._next = self._begun()

    @property
    def waiting(self) -> int:
        """The process of the kernel that is used next."""
        return self._next.child

    def values(self, cells: Sequence[str], *expressions: str) -> list[str]:
        """Execute *cells* one after the other in a fresh kernel, in an empty folder; return what *expressions*, texts, are then.

        Raises
        ------
        Died
            A cell failed, or there was no answer in time.
        """
        kernel, self._next = self._next, self._begun()
        try:
            if not self._ask("await", kernel.child)["listens"]:
                raise Died("the kernel did not begin to listen")
            return _executed(kernel.file, cells, expressions)
        finally:
            self._ended(kernel)

    def close(self) -> None:
        """End the kernel that waits, and the process that forks."""
        assert self._server.stdin is not None and self._server.stdout is not None  # noqa: PT018
        self._server.stdin.close()
        try:
            self._server.wait(PATIENCE)
        finally:
            self._server.kill()
            self._server.wait()
            self._server.stdout.close()
            self._next.folder.cleanup()

    def _begun(self) -> _Waiting:
        from jupyter_client.connect import write_connection_file

        folder = tempfile.TemporaryDirectory(dir=_FOLDERS, ignore_cleanup_errors=True)
        file, inside = f"{folder.name}/kernel.json", f"{folder.name}/empty"
        Path(inside).mkdir()
        # Sockets that are files: somebody else may take a port between its choice and its use.
        write_connection_file(file, transport="ipc", ip=f"{folder.name}/socket")
        return _Waiting(self._ask("fork", {"file": file, "folder": inside})["child"], file, folder)

    def _ended(self, kernel: _Waiting) -> None:
        self._ask("end", kernel.child)
        kernel.folder.cleanup()

    def _ask(self, verb: str, what: Any) -> dict[str, Any]:
        assert self._server.stdin is not None
        self._server.stdin.write(f"{json.dumps({verb: what})}\n")
        self._server.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, f"the process that forks has ended with {self._server.poll()}"
        answer: dict[str, Any] = json.loads(line)
        return answer


def _executed(file: str, cells: Sequence[str], expressions: Sequence[str]) -> list[str]:
    from jupyter_client.blocking.client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels(iopub=False, stdin=False, hb=False)
    try:
        for place, source in enumerate(cells, 1):
            content = client.execute(source, reply=True, timeout=PATIENCE, allow_stdin=False)["content"]
            if content["status"] != "ok":
                raise Died(f"cell {place}: {content['ename']}: {content['evalue']}")
        asked = {str(place): one for place, one in enumerate(expressions)}
        reply = client.execute("", silent=True, user_expressions=asked, reply=True, timeout=PATIENCE)
        found = reply["content"]["user_expressions"]
        return [ast.literal_eval(found[place]["data"]["text/plain"]) for place in asked]
    except (TimeoutError, KeyError) as failure:
        raise Died(f"{type(failure).__name__}: {failure}") from failure
    finally:
        client.stop_channels()


@contextlib.contextmanager
def nursery() -> Iterator[Nursery]:
    """Run the process that forks kernels as long as they are needed."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER_MLOPS", "JPY_"))}
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.capture.nursery"],
        cwd=ROOT,
        env={**kept, **_NO_THREADS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    kernels = Nursery(server)
    try:
        yield kernels
    finally:
        kernels.close()


if __name__ == "__main__":
    serve()
