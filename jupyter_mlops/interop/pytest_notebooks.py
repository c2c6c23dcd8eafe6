"""Door for pytest: with ``--mlops-notebooks`` each notebook it comes upon is a test of its saved outputs.

Without that option nothing is collected, and nothing of this package is imported beyond this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jupyter_mlops.records.report import NotebookTest

__all__ = ["NotebookFile", "NotebookItem", "pytest_addoption", "pytest_collect_file"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``jupyter mlops test``, each under a name of our own."""
    group = parser.getgroup("jupyter-mlops", "notebooks, executed and compared with their saved outputs")
    group.addoption(
        "--mlops-notebooks", action="store_true", help="execute notebooks and compare their outputs"
    )
    group.addoption(
        "--mlops-tolerance",
        type=float,
        default=1e-6,
        metavar="NUMBER",
        help="the relative difference up to which two numbers count as equal",
    )
    group.addoption(
        "--mlops-timeout", type=float, default=600.0, metavar="SECONDS", help="how long a notebook may take"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take a notebook where that was asked for; hidden files and checkpoints are passed over."""
    if file_path.suffix != ".ipynb" or not parent.config.getoption("mlops_notebooks"):
        return None
    root = parent.config.rootpath
    inside = file_path.relative_to(root) if file_path.is_relative_to(root) else Path(file_path.name)
    if any(part.startswith(".") for part in inside.parts):
        return None
    found: NotebookFile = NotebookFile.from_parent(parent, path=file_path)
    return found


class NotebookFile(pytest.File):
    """One notebook: one test."""

    def collect(self) -> Iterable[NotebookItem]:
        """Yield the one test that it is."""
        yield NotebookItem.from_parent(self, name="outputs")


class NotebookItem(pytest.Item):
    """Runs its notebook as ``jupyter mlops test`` does, in the workspace of pytest's root folder."""

    def runtest(self) -> None:
        """Execute the notebook, and fail where it fails or shows something else."""
        from jupyter_mlops.automation import check_notebooks
        from jupyter_mlops.workspace import open_workspace

        chosen = self.config.getoption
        ws = open_workspace(start=self.config.rootpath)
        try:
            report = check_notebooks(
                ws, str(self.path), timeout=chosen("mlops_timeout"), tolerance=chosen("mlops_tolerance")
            )
        finally:
            ws.store.close()
        (result,) = report.notebooks
        if result.note:
            self.add_report_section("call", "jupyter-mlops", result.note)
        if not result.passed:
            raise NotebookFailedError(result)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: object = None,  # noqa: ARG002 - pytest's own signature
    ) -> str:
        """Return what a person needs to know: the cell and the difference, and no traceback of this package."""
        from jupyter_mlops.errors import MlopsError

        failure = excinfo.value
        if isinstance(failure, NotebookFailedError):
            return str(failure)
        if isinstance(failure, MlopsError):
            return f"{failure.message}\n{failure.remedy}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return what the test is called in a report."""
        return self.path, None, f"notebook {self.path.name}"


class NotebookFailedError(Exception):
    """A notebook does not run, or shows something else than was saved with it."""

    def __init__(self, result: NotebookTest) -> None:
        super().__init__("\n".join(_lines(result)))


def _lines(result: NotebookTest) -> Iterable[str]:
    error = result.error
    if error is not None:
        where = f"cell {error.index + 1}: " if error.index is not None else ""
        yield f"{result.notebook} does not run: {where}{error.kind}: {error.message}"
        yield from (text for text in (error.traceback, error.remedy) if text)
        return
    yield f"{result.notebook} shows something else than was saved with it:"
    yield from (f"  {found}" for found in result.outputs if found.verdict == "differs")
    yield "Save the notebook anew where that is right; docs/reproducing.md tells what is masked and how to pass a cell over."
