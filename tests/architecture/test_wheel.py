"""What a wheel built from a clean checkout holds, and what it does in an empty environment; on a machine without Node.js."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.build

ROOT = Path(__file__).parents[2]


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


# --- installed ------------------------------------------------------------------------------------------------

Run = Callable[..., subprocess.CompletedProcess[str]]

EVERY_MODULE = """
import importlib, pkgutil, sys
import jupyter_mlops
assert sys.prefix in jupyter_mlops.__file__, jupyter_mlops.__file__
for module in pkgutil.walk_packages(jupyter_mlops.__path__, 'jupyter_mlops.'):
    if '.migrations' not in module.name and not module.name.endswith(('__main__', '.pytest_notebooks')):
        importlib.import_module(module.name)
print(len([name for name in sys.modules if name.startswith('jupyter_mlops.')]))
"""
FILES = """
from importlib.resources import files
here = files('jupyter_mlops')
versions = here / 'store/sql/migrations/versions'
print(sorted(path.name for path in versions.iterdir() if path.name.endswith('.py')))
print(sorted(path.name for path in (here / 'widgets/static').iterdir() if path.read_bytes()))
print((here / 'py.typed').is_file())
"""
NOTEBOOK = (
    "%load_ext jupyter_mlops",
    "import numpy as np\nfrom sklearn.linear_model import Ridge\nX = np.arange(40.0).reshape(20, 2); y = X.sum(axis=1)",
    "%%track wheel\nmodel = Ridge(alpha=0.5).fit(X, y)\nrun.log_metric('rows', len(X))\nrun",
)


@pytest.fixture
def there(elsewhere: tuple[Path, str], tmp_path: Path) -> Run:
    """Run a command as somebody does in that environment, in an empty folder."""
    environment, path = elsewhere
    strange = ("JUPYTER", "JPY_", "IPYTHON", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    own = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}

    def run(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(environment / "bin" / words[0]), *words[1:]],
            cwd=tmp_path,
            env={**kept, **own, "PATH": path, "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


def plain(done: subprocess.CompletedProcess[str]) -> str:
    """Return all that was said, without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


def test_installed_every_module_can_be_imported_without_any_extra(there: Run) -> None:
    sources = [path for path in (ROOT / "jupyter_mlops").rglob("*.py") if "migrations" not in path.parts]
    modules = [path for path in sources if path.name != "__main__.py"]
    imported = int(there("python", "-c", EVERY_MODULE).stdout)
    # The package itself is not counted there, nor pytest's plugin, which nobody but pytest imports.
    assert imported >= len(modules) - 2


def test_installed_it_has_its_types_its_migrations_and_its_widgets(there: Run) -> None:
    migrations, static, typed = there("python", "-c", FILES).stdout.splitlines()
    house = ROOT / "jupyter_mlops/store/sql/migrations/versions"
    assert migrations == str(sorted(path.name for path in house.glob("*.py")))
    assert static == str(["compare.js", "review.js", "run.js", "runs.js", "widgets.css"])
    assert typed == "True"


def test_installed_a_notebook_runs_as_a_job_and_its_tracked_cell_is_found_again(
    there: Run, tmp_path: Path
) -> None:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": source, "execution_count": None, "outputs": []}
        for n, source in enumerate(NOTEBOOK)
    ]  # fmt: skip
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "a.ipynb").write_text(json.dumps(book))

    report = json.loads(there("jupyter", "mlops", "run", "a.ipynb", "--register", "wheel", "--json").stdout)
    assert (report["status"], report["grade"], report["version"]) == ("succeeded", "clean", 1)
    found = json.loads(there("jupyter-mlops", "runs", "name = 'wheel'", "--json").stdout)["items"]
    assert [(run["status"], run["grade"], run["metrics"]["rows"]) for run in found] == [
        ("finished", "clean", 20.0)
    ]
    assert json.loads(there("jupyter", "mlops", "verify", "--json").stdout)["ok"] is True
    there("jupyter", "mlops", "upgrade")


def test_installed_jupyter_server_has_the_extension(there: Run) -> None:
    said = plain(there("jupyter", "server", "extension", "list"))
    assert "jupyter_mlops enabled" in said
    version = json.loads((ROOT / "labextension/package.json").read_text())["version"]
    assert f"jupyter_mlops {version} OK" in said


def test_installed_beside_jupyterlab_the_front_end_is_there(there: Run, beside_lab: Path) -> None:
    said = plain(there("jupyter", "labextension", "list"))
    (line,) = [line for line in said.splitlines() if "jupyter-mlops-lab" in line]
    version = json.loads((ROOT / "labextension/package.json").read_text())["version"]
    assert f"v{version} enabled OK" in line
    assert str(beside_lab / "share/jupyter/labextensions") in said
