"""Which browser is started, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.lab import NoBrowser, find_browser


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_named_browser_wins_over_the_one_on_the_path(tmp_path: Path) -> None:
    program(tmp_path / "chromium")
    mine = program(tmp_path / "mine")
    assert find_browser({"JUPYTER_MLOPS_BROWSER": mine, "PATH": str(tmp_path)}, "") == mine


def test_a_browser_on_the_path_wins_over_playwrights_own(tmp_path: Path) -> None:
    own = program(tmp_path / "own")
    chrome = program(tmp_path / "google-chrome")
    assert find_browser({"PATH": str(tmp_path)}, own) == chrome


def test_playwrights_own_is_the_last_resort(tmp_path: Path) -> None:
    own = program(tmp_path / "own")
    assert find_browser({"PATH": str(tmp_path / "empty")}, own) == own


@pytest.mark.parametrize("environ", [{}, {"CI": "true"}, {"JUPYTER_MLOPS_BROWSER": "/nowhere/chromium"}])
def test_without_a_browser_the_failure_names_all_four_ways(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(NoBrowser) as failure:
        find_browser({**environ, "PATH": str(tmp_path)}, "/nowhere/own")
    for way in ("JUPYTER_MLOPS_BROWSER", "PATH", "playwright install", "apt-get install"):
        assert way in str(failure.value)
