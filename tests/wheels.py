"""A wheel built from a clean checkout, and environments it is installed in; on a machine without Node.js."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

__all__ = ["beside_lab", "elsewhere", "wheel"]

ROOT = Path(__file__).parents[1]
MADE = (
    "node_modules",
    "lib",
    "_labextension",
    "static",
    ".git",
    "__pycache__",
    "test-output",
    "*.egg-info",
    ".mlops",
)


NODE = {"node", "nodejs", "npm", "npx", "corepack"}


def path_without_node(folder: Path, *, but: frozenset[Path] = frozenset()) -> str:
    """Everything that is on the path but node and its kin, and what lies in *but*: links to what else lies beside them."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        seen = Path(place).is_dir() and Path(place) not in but
        for program in sorted(Path(place).glob("*")) if seen else ():
            link = folder / program.name
            if program.name not in NODE and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built once for all claims below: it takes the better part of a minute."""
    home = tmp_path_factory.mktemp("wheel")
    checkout = home / "checkout"
    ignored = shutil.ignore_patterns(*MADE, ".venv", "venv", "dist")
    shutil.copytree(ROOT, checkout, ignore=ignored, symlinks=True)
    environ = {**os.environ, "PATH": path_without_node(home / "path")}
    assert shutil.which("node", path=environ["PATH"]) is None
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--wheel-dir", str(home)],
        cwd=checkout, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    [built] = home.glob("*.whl")
    return zipfile.ZipFile(built)


def pip(environment: Path, *words: str, path: str) -> None:
    """Install into *environment*, which has no pip of its own; where from is this machine's affair."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(environment / "bin/python"), "install", "--quiet", *words],
        env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def elsewhere(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An environment that was empty and holds the wheel with what it asks for; and a path with that and without Node.js."""
    home = tmp_path_factory.mktemp("elsewhere")
    environment = home / "environment"
    venv.EnvBuilder(symlinks=True, with_pip=False).create(environment)
    (site,) = (environment / "lib").glob("python3*/site-packages")
    assert list(site.iterdir()) == []
    without = path_without_node(home / "path", but=frozenset({Path(sys.executable).parent}))
    path = os.pathsep.join([str(environment / "bin"), without])
    pip(environment, str(wheel.filename), path=path)
    assert [name for name in sorted(NODE) if shutil.which(name, path=path)] == []
    return environment, path


@pytest.fixture(scope="session")
def beside_lab(elsewhere: tuple[Path, str], wheel: zipfile.ZipFile) -> Path:
    """The same environment once JupyterLab is beside it."""
    environment, path = elsewhere
    pip(environment, f"{wheel.filename}[lab]", path=path)
    return environment
