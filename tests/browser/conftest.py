"""One server and one browser for all scenarios; each scenario has a page and a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browser.lab import Server, Session, launch, served, session
from playwright.sync_api import Browser, sync_playwright

Visit = Callable[..., Session]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab in a temporary folder."""
    with served(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Open a page on a server; at the end nothing may have gone wrong in it."""
    with ExitStack() as stack:

        def opened(server: Server, **options: Any) -> Session:
            return stack.enter_context(session(chromium, server, **options))

        yield opened
