"""A real JupyterLab (or Notebook) in a temporary folder, and a headless browser that looks at it.

Everything a scenario waits for is a condition in the page or on disk; nothing sleeps for its own sake.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, Locator, Page, Playwright, Request, WebSocket

SHOTS = Path(__file__).parents[2] / "test-output" / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FOUR_WAYS = """The browser tests need Chromium and none was found. Any one of these four helps:
  1. JUPYTER_MLOPS_BROWSER=/path/to/chromium in the environment
  2. a chromium or google-chrome on the PATH
  3. python -m playwright install chromium
  4. as root: apt-get install chromium"""
# No name and no address but this machine's is looked up, so nothing outside is ever reached; what is asked for is noted.
NOTHING_OUTSIDE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
FLAGS = (
    NOTHING_OUTSIDE, "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 90_000  # milliseconds for one step; a loaded machine is slow, not wrong
KERNEL_IS_READY = """() => { const w = window.jupyterapp?.shell?.currentWidget;
  return w?.context?.isReady && w.sessionContext?.isReady
    && w.sessionContext.session?.kernel?.connectionStatus === 'connected'
    && w.sessionContext.session.kernel.status === 'idle'; }"""


# Jupyter Notebook 7.6 throws this at each start, also with our extension disabled (its shortcuts read settings too early).
NOTEBOOKS_OWN = "Cannot read properties of undefined (reading 'schema')"
# JupyterLab does not catch that a kernel is restarted while it asks for the subshell of a comm.
LABS_OWN = "Canceled future for create_subshell_request message"


class NoBrowser(Exception):
    """No browser can be started; the message names every way to get one."""


def find_browser(environ: Mapping[str, str], playwrights_own: str) -> str:
    """Return the browser to start: the one named, one on the path, playwright's own."""
    named = environ.get("JUPYTER_MLOPS_BROWSER", "")
    if named:
        if not os.access(named, os.X_OK):
            raise NoBrowser(f"JUPYTER_MLOPS_BROWSER is {named!r}, which cannot be run.\n{FOUR_WAYS}")
        return named
    for name in NAMES:
        found = shutil.which(name, path=environ.get("PATH", ""))
        if found:
            return found
    if playwrights_own and os.access(playwrights_own, os.X_OK):
        return playwrights_own
    raise NoBrowser(FOUR_WAYS)


def launch(playwright: Playwright) -> Browser:
    """Start the browser."""
    path = find_browser(os.environ, playwright.chromium.executable_path)
    return playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))


def installed_extension(prefix: Path = Path(sys.prefix)) -> Path:
    """Return where the front end is installed beside this Python; fail with what to do where it is not."""
    place = prefix / "share/jupyter/labextensions/jupyter-mlops-lab/package.json"
    if not place.is_file():
        raise AssertionError(
            f"{place} is missing: install the package itself (pip install '.[test]') and run again"
        )
    return place


@dataclass
class Server:
    """A running server: where it is, and the folder it shows."""

    folder: Path
    home: Path
    port: int
    base: str
    app: str
    process: subprocess.Popen[bytes]
    token: str = "secret-of-the-test"

    def url(self, path: str) -> str:
        """Return the address of a page; *path* may hold its own query."""
        joint = "&" if "?" in path else "?"
        return f"http://127.0.0.1:{self.port}{self.base}{path}{joint}token={self.token}"

    def api(self, path: str, *, method: str = "GET", body: object = None) -> Any:
        """Call the REST door outright; return its JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{self.base}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def mlops(self, path: str, **more: Any) -> Any:
        """Call an operation."""
        return self.api(f"jupyter-mlops/api/{path}", **more)

    def shut_down_kernels(self) -> None:
        """End every kernel."""
        for session in self.api("api/sessions"):
            self._delete(f"api/sessions/{session['id']}")

    def _delete(self, path: str) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{self.base}{path}",
            method="DELETE",
            headers={"Authorization": f"token {self.token}"},
        )
        urllib.request.urlopen(request, timeout=60).close()

    def log(self) -> str:
        """Return what the server said so far."""
        return (self.home / "server.log").read_text(errors="replace")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    home: Path,
    *,
    app: str = "lab",
    base: str = "/",
    settings: Mapping[str, object] | None = None,
    config: str = "",
    another_day: Server | None = None,
    prefix: Path = Path(sys.prefix),
) -> Iterator[Server]:
    """Run ``jupyter lab`` (or *app* ``notebook``) from the environment *prefix*, all its state below *home*.

    *another_day* is a server whose folder this one shows, to the same person: they trust what they trusted there.
    """
    installed_extension(prefix)
    folder = another_day.folder if another_day else home / "work"
    for place in (home, folder):
        place.mkdir(parents=True, exist_ok=True)
    environ = _environment(home, prefix)
    if another_day:
        environ["JUPYTER_DATA_DIR"] = str(another_day.home / "data")
    _settle(home, settings or {})
    (home / "config/jupyter_server_config.py").write_text(config)
    port = free_port()
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(prefix / "bin/python"), *_command(home, folder, app, base, port)],
            cwd=folder, env=environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    server = Server(folder=folder, home=home, port=port, base=base, app=app, process=process)
    try:
        _wait_until_served(server)
        yield server
        server.shut_down_kernels()
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(home: Path, prefix: Path) -> dict[str, str]:
    dropped = ("JUPYTER", "VSCODE_", "IPYTHON")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }  # fmt: skip
    environ |= {name: str(home / place) for name, place in places.items()}
    environ["PATH"] = f"{prefix / 'bin'}{os.pathsep}{environ.get('PATH', '')}"
    return environ


def _settle(home: Path, settings: Mapping[str, object]) -> None:
    """No news from outside; and the settings a person might have made."""
    page = home / "config/labconfig/page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text(
        json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}})
    )
    for plugin, values in settings.items():
        package, _, name = plugin.rpartition(":")
        file = home / "user-settings" / package / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))


def _command(home: Path, folder: Path, app: str, base: str, port: int) -> list[str]:
    kind = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}[app]
    return [
        "-m", "jupyter", app, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret-of-the-test",
        f"--ServerApp.root_dir={folder}", f"--ServerApp.base_url={base}",
        f"--{kind}.workspaces_dir={home / 'workspaces'}", f"--{kind}.user_settings_dir={home / 'user-settings'}",
        f"--{kind}.expose_app_in_browser=True", "--MlopsApp.tick_seconds=0.5",
    ]  # fmt: skip


def _wait_until_served(server: Server, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise AssertionError(f"the server ended:\n{server.log()}")
        try:
            server.api("api/status")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not answer in {seconds} s:\n{server.log()}")


@dataclass
class Session:
    """One reader's page, with what went wrong in it."""

    server: Server
    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = "lab?reset", *, ready: str = ".jp-SideBar, .jp-NotebookPanel") -> None:
        """Open a page of the server."""
        self.page.goto(self.server.url(path), wait_until="domcontentloaded", timeout=PATIENCE)
        self.page.wait_for_selector(ready, timeout=PATIENCE, state="attached")

    def open_notebook(self, name: str, *, kernel: bool = True) -> None:
        """Open a notebook, and wait for its kernel where it gets one."""
        path = f"lab/tree/{name}?reset" if self.server.app == "lab" else f"notebooks/{name}"
        self.open(path, ready=".jp-NotebookPanel .jp-Cell")
        if kernel:
            self.page.wait_for_function(KERNEL_IS_READY, timeout=PATIENCE)
        else:
            self.wait("() => window.jupyterapp?.shell?.currentWidget?.context?.isReady")

    def wait(self, condition: str, argument: object = None) -> None:
        """Wait for a condition in the page."""
        self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE)

    def command(self, name: str, arguments: Mapping[str, object] | None = None) -> None:
        """Execute a command of the application and wait for its end."""
        self.page.evaluate(
            """([id, args]) => { window.__done = 'pending';
              window.jupyterapp.commands.execute(id, args).then(
                () => { window.__done = 'done'; }, error => { window.__done = String(error); }); }""",
            [name, dict(arguments or {})],
        )
        self.wait("() => window.__done !== 'pending'")
        said = self.page.evaluate("window.__done")
        assert said == "done", f"{name}: {said}"

    def run_all(self) -> None:
        """Run every cell, and wait for the last one."""
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(KERNEL_IS_READY, timeout=PATIENCE)

    def save(self) -> None:
        """Save the open document."""
        self.command("docmanager:save")

    def panel(self) -> Locator:
        """Show our panel and return it."""
        self.command("jupyter-mlops:show-panel")
        panel = self.page.locator("#jupyter-mlops-panel")
        panel.wait_for(state="visible", timeout=PATIENCE)
        return panel

    def section(self, noun: str) -> Locator:
        """Show one section of the panel and return it."""
        self.command(f"jupyter-mlops:show-{noun}")
        section = self.page.locator(f"#jupyter-mlops-section-{noun}")
        section.wait_for(state="visible", timeout=PATIENCE)
        return section

    def shoot(self, name: str) -> Path:
        """Keep a picture of what is seen."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def assert_clean(self) -> None:
        """Nothing was asked of the outside world, and the page threw nothing."""
        assert not self.outside, self.outside
        theirs = (LABS_OWN, NOTEBOOKS_OWN) if self.server.app == "notebook" else (LABS_OWN,)
        ours = [error for error in self.errors if not any(known in error for known in theirs)]
        assert not ours, ours


@contextmanager
def session(
    browser: Browser, server: Server, *, width: int = 1400, height: int = 1000, **context: Any
) -> Iterator[Session]:
    """Give one reader a page of their own; at its end nothing may have gone wrong in it."""
    kept = browser.new_context(viewport={"width": width, "height": height}, **context)
    kept.set_default_timeout(PATIENCE)
    page = kept.new_page()
    reader = Session(server, page)

    own = (f"http://127.0.0.1:{server.port}/", f"ws://127.0.0.1:{server.port}/", "data:", "blob:")

    def note(asked: Request | WebSocket) -> None:
        if not asked.url.startswith(own):
            reader.outside.append(asked.url)

    # Listening only: to route each request through here would cost half a second a page, and the browser's cache.
    kept.on("request", note)
    page.on("websocket", note)
    page.on("pageerror", lambda error: reader.errors.append(f"{error}\n{error.stack or ''}"))
    page.on("dialog", lambda dialog: dialog.accept())
    try:
        yield reader
        reader.assert_clean()
    finally:
        kept.close()


def notebook(path: Path, cells: Sequence[str | tuple[str, Mapping[str, Any]]]) -> Path:
    """Write a notebook of code cells; a cell may bring its metadata."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for index, cell in enumerate(cells):
        source, metadata = (cell, {}) if isinstance(cell, str) else cell
        made.cells.append(nbformat.v4.new_code_cell(source, id=f"cell-{index}", metadata=dict(metadata)))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


def outputs_of(path: Path) -> str:
    """Return every output a saved notebook holds, as text."""
    return json.dumps([cell.get("outputs", []) for cell in nbformat.read(path, as_version=4).cells])


def until(answer: Callable[[], Any], *, seconds: float = PATIENCE / 1000) -> Any:
    """Ask again until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while True:
        found = answer()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: the last answer was {found!r:.300}")
        time.sleep(0.1)
