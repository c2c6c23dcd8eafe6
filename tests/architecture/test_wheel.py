"""What a wheel built from a clean checkout holds, on a machine that has no Node.js."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.build

ROOT = Path(__file__).parents[2]
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


def path_without_node(folder: Path) -> str:
    """Everything that is on the path but node and its kin: links to what else lies beside them."""
    folder.mkdir()
    hidden = {"node", "nodejs", "npm", "npx", "corepack"}
    for place in os.environ["PATH"].split(os.pathsep):
        for program in sorted(Path(place).glob("*")) if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name not in hidden and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize(
    "ending",
    [
        "data/share/jupyter/labextensions/jupyter-mlops-lab/package.json",
        "data/share/jupyter/labextensions/jupyter-mlops-lab/install.json",
        "data/share/jupyter/labextensions/jupyter-mlops-lab/schemas/jupyter-mlops-lab/plugin.json",
        "data/etc/jupyter/jupyter_server_config.d/jupyter_mlops.json",
        "jupyter_mlops/widgets/static/compare.js",
        "jupyter_mlops/widgets/static/review.js",
        "jupyter_mlops/widgets/static/run.js",
        "jupyter_mlops/widgets/static/runs.js",
        "jupyter_mlops/widgets/static/widgets.css",
        "jupyter_mlops/store/sql/migrations/env.py",
        "jupyter_mlops/py.typed",
        "licenses/LICENSE",
    ],
)
def test_the_wheel_holds(wheel: zipfile.ZipFile, ending: str) -> None:
    found = [item for item in wheel.infolist() if item.filename.endswith(ending)]
    assert [item.filename.count(ending) for item in found] == [1]
    assert found[0].file_size > 0 or ending.endswith("py.typed")


def test_the_wheel_holds_every_migration(wheel: zipfile.ZipFile) -> None:
    versions = ROOT.joinpath("jupyter_mlops/store/sql/migrations").rglob("*.py")
    wanted = {path.relative_to(ROOT).as_posix() for path in versions}
    assert wanted <= set(wheel.namelist())


def test_the_front_end_in_the_wheel_is_whole(wheel: zipfile.ZipFile) -> None:
    """The file that package.json names as entry is there, and so is the style."""
    place = next(name for name in wheel.namelist() if name.endswith("jupyter-mlops-lab/package.json"))
    entry = json.loads(wheel.read(place))["jupyterlab"]["_build"]["load"]
    folder = place.removesuffix("package.json")
    assert f"{folder}{entry}" in wheel.namelist()
    assert b"jmlops" in b"".join(wheel.read(n) for n in wheel.namelist() if n.startswith(f"{folder}static/"))


def test_the_wheel_holds_nothing_of_the_workshop(wheel: zipfile.ZipFile) -> None:
    workshop = ("node_modules", "labextension/", "tests/", "_labextension", ".ipynb_checkpoints")
    strays = [
        n
        for n in wheel.namelist()
        if n.startswith(workshop) or "/node_modules/" in n or "/_labextension/" in n
    ]
    assert strays == []


def test_one_version_stands_in_both_languages(wheel: zipfile.ZipFile) -> None:
    version = json.loads((ROOT / "labextension/package.json").read_text())["version"]
    assert wheel.filename is not None
    assert Path(wheel.filename).name.startswith(f"jupyter_mlops-{version}-")
