"""Packages that a project's own files ask for: found by the module that is missing, installed by pip."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from jupyter_mlops.errors import Unavailable

__all__ = ["declared_package", "dry_run", "install"]

# Modules whose package has another name, and that notebooks import every day.
_PACKAGES = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
_PATIENCE = 300.0  # seconds
_WOULD = re.compile(r"^Would install (.+)$", re.MULTILINE)
_TAIL = 500  # characters of what pip said


def declared_package(root: Path, module: str) -> str | None:
    """Return the requirement, as the project writes it, of the package that brings *module*; None where it names none.

    ``pyproject.toml`` (dependencies and their optional groups) and ``requirements*.txt`` are read.
    """
    names = {canonicalize_name(module), canonicalize_name(_PACKAGES.get(module, module))}
    for text in (*_in_pyproject(root / "pyproject.toml"), *_in_requirements(root)):
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) in names:
            return str(requirement)
    return None


def _in_pyproject(file: Path) -> Iterator[str]:
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return
    yield from project.get("dependencies", ())
    for group in project.get("optional-dependencies", {}).values():
        yield from group


def _in_requirements(root: Path) -> Iterator[str]:
    for file in sorted(root.glob("requirements*.txt")):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            continue
        yield from (
            line.partition(" #")[0].strip() for line in lines if not line.lstrip().startswith(("-", "#"))
        )


def dry_run(package: str) -> tuple[str, ...]:
    """Return what pip would install for *package*, in a sentence; nothing is installed.

    Raises
    ------
    Unavailable
        pip says that it cannot be installed, or there is no pip.
    """
    found = _WOULD.search(_pip("--dry-run", package))
    return (f"pip would install {found[1]}",) if found else ("pip would install nothing new",)


def install(package: str) -> None:
    """Install *package* for the interpreter that runs this project's jobs.

    Raises
    ------
    Unavailable
        It cannot be installed.
    """
    _pip(package)


def _pip(*words: str) -> str:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Unavailable(
            f"pip did not answer: {failure}", remedy="Install the package yourself."
        ) from failure
    if done.returncode:
        said = done.stderr.strip()[-_TAIL:]
        raise Unavailable(
            f"{words[-1]} cannot be installed: {said}",
            remedy="Mend the project's requirement, or install it yourself.",
        )
    return done.stdout
