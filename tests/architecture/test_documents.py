"""README and docs: links lead somewhere, and no file names a machine or an address of the build."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
DOCUMENTS = [
    *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((CHECKOUT / "docs").glob("*.md")),
    CHECKOUT / "benchmarks" / "README.md",
    CHECKOUT / "notebooks" / "data" / "README.md",
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_link_to_a_heading_finds_it(document: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", document.read_text(encoding="utf-8")):
        page = document.parent / target if target else document
        headings = re.findall(r"^#+ +(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        known = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
        assert heading in known, f"{target}#{heading}"


def test_lock_files_hold_no_address() -> None:
    assert "://" not in (CHECKOUT / "labextension" / "package-lock.json").read_text(encoding="utf-8")


def test_no_tracked_file_holds_a_path_of_a_machine() -> None:
    found = subprocess.run(
        ["git", "grep", "-nIE", r"/(root|home/[a-z]+)/[A-Za-z0-9._-]+", "--", ".", ":!*.csv", ":!tests"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
