"""Notebooks as pytest's own tests: pytest itself, run on a project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

PLUGIN = "jupyter_mlops.interop.pytest_notebooks"


def saved(path: Path, source: str, text: str = "") -> Path:
    """Write a notebook of one cell, as if it had printed *text*."""
    cell = nbformat.v4.new_code_cell(source)
    if text:
        cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text=text)], 1
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def pytest_in(project: Path, *options: str) -> tuple[int, str]:
    """Run pytest in *project* with nothing but this plugin."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider", "-rA", *options],
        cwd=project,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / ".mlops").mkdir()
    saved(tmp_path / "good.ipynb", "print('mae', 2.5)", "mae 2.5\n")
    return tmp_path


def test_without_the_option_no_notebook_is_a_test_and_nothing_heavy_is_imported(project: Path) -> None:
    (project / "test_plain.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    ours = {name for name in sys.modules if name.startswith('jupyter_mlops.')}\n"
        f"    assert ours <= {{'{PLUGIN}', 'jupyter_mlops.interop', 'jupyter_mlops.lazy'}}\n"
        "    assert not {'sqlalchemy', 'numpy', 'papermill', 'nbformat'} & set(sys.modules)\n"
    )

    code, said = pytest_in(project)

    assert (code, "1 passed" in said, "ipynb" in said) == (0, True, False), said


@pytest.mark.kernel
def test_each_notebook_is_a_test_that_names_its_first_difference(project: Path) -> None:
    saved(project / "sub" / "bad.ipynb", "print('mae', 2.5)", "mae 3.5\n")
    saved(project / "broken.ipynb", "1 / 0")
    saved(project / "bare.ipynb", "print(1)")
    saved(project / ".ipynb_checkpoints" / "old.ipynb", "1 / 0")

    code, said = pytest_in(project, "--mlops-notebooks")

    assert code == 1, said
    assert "2 failed, 2 passed" in said
    assert "cell 1 stdout: was 3.5 and is 2.5" in said
    assert "broken.ipynb does not run: cell 1: ZeroDivisionError: division by zero" in said
    assert "only that it runs was tested" in said
    assert "checking.py" not in said, "a person reads of the notebook and not of this package"


@pytest.mark.kernel
def test_its_options_are_those_of_the_command(project: Path) -> None:
    saved(project / "near.ipynb", "print('mae', 2.5)", "mae 2.6\n")

    assert pytest_in(project, "--mlops-notebooks", "near.ipynb")[0] == 1
    assert pytest_in(project, "--mlops-notebooks", "--mlops-tolerance=0.1", "near.ipynb")[0] == 0


def test_it_is_announced_to_pytest_under_a_name_of_its_own() -> None:
    import tomllib

    house = Path(__file__).parents[2]
    project = tomllib.loads((house / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"mlops-notebooks": PLUGIN}
