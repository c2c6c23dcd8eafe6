"""Packages that a project's own files ask for. A real pip, in an environment of the test's own, without a network."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.jobs.installing import declared_package, dry_run, install


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("pandas", "pandas>=2"),
        ("sklearn", "scikit-learn"),
        ("torch", "torch==2.9; python_version > '3.9'"),
        ("my_tool", "My.Tool[extra]~=1.0"),
        ("numpy", "numpy<3"),
        ("os", None),
        ("commented", None),
        ("nonsense", None),
        ("index", None),
    ],
)
def test_a_package_is_found_where_the_project_asks_for_it(
    tmp_path: Path, module: str, package: str | None
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["pandas>=2", "nonsense >>> 1"]\n[project.optional-dependencies]\nfit = ["torch==2.9; python_version > \'3.9\'"]\n'
    )
    (tmp_path / "requirements.txt").write_text(
        "# commented\n--index-url index\nscikit-learn  # fits\n\nMy.Tool[extra]~=1.0\n"
    )
    (tmp_path / "requirements-dev.txt").write_text("numpy<3\n")
    found = declared_package(tmp_path, module)
    assert (found is None) is (package is None)
    if package is not None:
        assert (found or "").replace('"', "'").replace(" ", "") == package.replace(" ", "")


def test_a_project_whose_files_cannot_be_read_asks_for_nothing(tmp_path: Path) -> None:
    assert declared_package(tmp_path, "pandas") is None
    (tmp_path / "pyproject.toml").write_text("[project\n")
    (tmp_path / "requirements.txt").write_bytes(b"\xff\xfe\x00")
    assert declared_package(tmp_path, "pandas") is None


def wheel(folder: Path) -> Path:
    """A package of one module, built by hand."""
    path = folder / "tinytool-1.5-py3-none-any.whl"
    info = "tinytool-1.5.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tinytool.py", "ANSWER = 42\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinytool\nVersion: 1.5\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(
            f"{info}/RECORD", f"tinytool.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return path


def test_what_would_be_installed_is_said_and_then_done(tmp_path: Path, monkeypatch) -> None:
    venv.EnvBuilder(with_pip=True).create(tmp_path / "environment")
    python = tmp_path / "environment" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    package = f"tinytool @ {wheel(tmp_path).as_uri()}"

    def known() -> bool:
        return (
            subprocess.run([python, "-c", "import tinytool"], check=False, capture_output=True).returncode
            == 0
        )

    assert dry_run(package) == ("pip would install tinytool-1.5",)
    assert not known()
    install(package)
    assert known()
    assert dry_run(package) == ("pip would install nothing new",)
    with pytest.raises(Unavailable, match="cannot be installed") as refusal:
        dry_run(f"tinytool @ {(tmp_path / 'nowhere.whl').as_uri()}")
    assert refusal.value.remedy


def test_without_an_interpreter_that_answers_it_says_so(monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Unavailable, match="pip did not answer"):
        install("anything")
