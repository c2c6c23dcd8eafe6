"""One server and one browser for all scenarios; each scenario has a page and a folder of its own."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from browser.lab import SHOTS, Server, Session, launch, served, session

Visit = Callable[..., Session]
BEGAN = time.time()
FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=45_000)  # milliseconds; a loaded machine is slow, not wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take away the pictures of earlier sessions, once and before the first test, where this one opens a browser."""
    worker = getattr(session.config, "workerinput", {"workerid": "gw0"})[
        "workerid"
    ]  # xdist's; they begin together
    if session.config.option.collectonly or worker != "gw0":
        return
    if any("chromium" in getattr(item, "fixturenames", ()) for item in session.items):
        shutil.rmtree(SHOTS, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Closed behind the last scenario: as long as playwright is there, this thread has an event loop that runs."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab in a temporary folder."""
    with served(tmp_path_factory.mktemp("lab")) as server:
        yield server


_numbers = itertools.count(1)


@pytest.fixture
def own() -> str:
    """A folder's name that no other scenario has: a kernel outlives its scenario, and so does where it stands."""
    return f"scenario-{next(_numbers)}"


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Open a page on a server; at the end nothing may have gone wrong in it."""
    readers: list[Session] = []
    with ExitStack() as stack:

        def opened(server: Server, **options: Any) -> Session:
            readers.append(stack.enter_context(session(chromium, server, **options)))
            return readers[-1]

        yield opened
        if request.node.stash.get(FAILED, False):
            for number, reader in enumerate(readers):
                reader.shoot(f"failed-{request.node.name[:60]}-{number}")
