"""The whole model lifecycle inside the notebook: track, run, register, review, release and watch.

::

    import jupyter_mlops as mlops

    with mlops.track("baseline", experiment="air") as run:
        run.log_metric("mae", 41.2)
    page = mlops.find_runs(mlops.workspace(), "metrics.mae < 42")
    model = mlops.load_model("pm25@champion")

Every verb of the table of operations stands here too (``mlops.register_version``, ``mlops.decide``, …); each is
imported when it is first used, so that ``import jupyter_mlops`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mlops.tracking import autolog, current_run, find_runs, load_data, load_model, output, track
    from jupyter_mlops.workspace import open_workspace as workspace

__all__ = [
    "__version__",
    "autolog",
    "current_run",
    "find_runs",
    "load_data",
    "load_ipython_extension",
    "load_model",
    "output",
    "track",
    "unload_ipython_extension",
    "workspace",
]

# Where each name lives that is no row of the table.
_PLACES = {
    "autolog": "tracking",
    "current_run": "tracking",
    "find_runs": "tracking",
    "load_data": "tracking",
    "load_model": "tracking",
    "output": "tracking",
    "track": "tracking",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name.startswith("_"):
        raise AttributeError(f"module 'jupyter_mlops' has no attribute {name!r}")
    import importlib

    if name == "workspace":
        # The module is called like the function: it is callable (see there), so both spellings hold.
        return importlib.import_module("jupyter_mlops.workspace")
    from jupyter_mlops.operations.table import find_target

    place = _PLACES.get(name) or find_target(name)
    if place is None:
        raise AttributeError(f"module 'jupyter_mlops' has no attribute {name!r}")
    return getattr(importlib.import_module(f"jupyter_mlops.{place}"), name)


def __dir__() -> list[str]:
    from jupyter_mlops.operations.table import OPERATIONS

    return sorted({*globals(), *__all__, *(row.target.rpartition(".")[2] for row in OPERATIONS)})


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("jupyter-mlops")
    except metadata.PackageNotFoundError:
        return "0+checkout"  # on the path, but never installed


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext jupyter_mlops``: add ``%%track``, ``%mlops`` and the recorder. Opens nothing."""
    from jupyter_mlops.magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext jupyter_mlops``: take all of it away again."""
    from jupyter_mlops.magics import unload

    unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from jupyter_mlops.server.app import MlopsApp

    return [{"module": "jupyter_mlops", "app": MlopsApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "_labextension", "dest": "jupyter-mlops-lab"}]
