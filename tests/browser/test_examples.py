"""The example notebooks as they are kept, opened in JupyterLab by somebody who runs nothing: what they show is there to be read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.conftest import Visit
from browser.lab import served

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
THEMES = "@jupyterlab/apputils-extension:themes"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_what_the_notebooks_on_tracking_show_is_read_without_a_kernel(
    tmp_path: Path, visit: Visit, theme: str
) -> None:
    with served(tmp_path, settings={THEMES: {"theme": theme}}) as server:
        for name in ("tracking", "compare"):
            shutil.copy(NOTEBOOKS / f"{name}.ipynb", server.folder)
        reader = visit(server, height=3000)
        for name, least in (("tracking", 12), ("compare", 6)):
            reader.open_notebook(f"{name}.ipynb", kernel=False)
            views = reader.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jmlops-still")
            expect(views.nth(least - 1)).to_be_attached()
            # A dollar sign begins no formula, and nothing waits for a script.
            expect(reader.page.locator(".jmlops-still mjx-container, .jmlops-still script")).to_have_count(0)
            first = views.first
            first.scroll_into_view_if_needed()
            expect(first).to_contain_text(re.compile("clean"))
            reader.shoot(f"kept-{name}-{theme.rpartition(' ')[2].lower()}")
