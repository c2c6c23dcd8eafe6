"""What ``pip`` makes of a clean checkout, on a machine without Node.js."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
NODE = {"node", "npm", "npx", "corepack", "yarn", "jlpm"}


def path_without_node(folder: Path) -> str:
    """A PATH with everything this one has but Node.js."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for tool in Path(place).iterdir() if Path(place).is_dir() else ():
            link = folder / tool.name
            if tool.name not in NODE and not link.is_symlink() and os.access(tool, os.X_OK):
                link.symlink_to(tool)
    assert shutil.which("node", path=str(folder)) is None
    return str(folder)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("clean")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, tracked.split("\0")):
        if (CHECKOUT / name).exists():
            (folder / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / "checkout" / name)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-deps",
            "-q",
            "-w",
            str(folder / "out"),
            str(folder / "checkout"),
        ],
        env={**os.environ, "PATH": path_without_node(folder / "bin")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (built,) = (folder / "out").glob("*.whl")
    return zipfile.ZipFile(built)


def test_a_wheel_holds_all_that_a_user_needs(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    shared = [name.partition(".data/data/")[2] for name in names if ".data/data/" in name]
    assert "jupyter_mlops/py.typed" in names
    for module in ("review", "run", "runs"):
        assert f"jupyter_mlops/widgets/static/{module}.js" in names
    assert "jupyter_mlops/widgets/static/widgets.css" in names
    assert any(name.startswith("jupyter_mlops/store/sql/migrations/versions/v0001") for name in names)
    assert any(name.startswith("jupyter_mlops/operations/templates/notebooks/") for name in names)
    assert "etc/jupyter/jupyter_server_config.d/jupyter_mlops.json" in shared
    lab = "share/jupyter/labextensions/jupyter-mlops-lab"
    assert f"{lab}/package.json" in shared
    assert f"{lab}/install.json" in shared
    assert any(name.startswith(f"{lab}/static/remoteEntry.") for name in shared)
    assert any(name.startswith(f"{lab}/schemas/") for name in shared)


def test_a_wheel_holds_nothing_twice_and_nothing_of_the_workshop(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert len(names) == len(set(names))
    for folder in (
        "jupyter_mlops/_labextension/",
        "labextension/",
        "tests/",
        "notebooks/",
        "benchmarks/",
        ".ci/",
    ):
        assert not [name for name in names if name.startswith(folder)], folder
    assert sum(item.file_size for item in wheel.infolist()) < 5_000_000


def test_the_wheel_declares_its_doors(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    declared = wheel.read(entry_points).decode()
    assert "jupyter-mlops = jupyter_mlops.cli:main" in declared
    assert "mlops = jupyter_mlops.jobs.papermill_engine:MlopsEngine" in declared
    assert "[papermill.io]" in declared
