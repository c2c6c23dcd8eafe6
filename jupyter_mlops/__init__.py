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
    from jupyter_mlops.tracking import autolog, current_run, find_runs, load_data, load_model, output, track
    from jupyter_mlops.workspace import open_workspace as workspace

__all__ = [
    "Secret",
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
    "Secret": "capture.known_secrets",
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
    if name == "workspace":
        # The module is called like the function: it is callable (see there), so both spellings hold.
        return _room("workspace")
    place = _PLACES.get(name) or _room("operations.table").find_target(name)
    if place is None:
        raise AttributeError(f"module 'jupyter_mlops' has no attribute {name!r}")
    return getattr(_room(place), name)


def __dir__() -> list[str]:
    verbs = (row.target.rpartition(".")[2] for row in _room("operations.table").OPERATIONS)
    return sorted({*globals(), *__all__, *verbs})


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("jupyter-mlops")
    except metadata.PackageNotFoundError:
        return f"{_built_as()}+checkout"  # on the path, but never installed


def _built_as() -> str:
    """Return the version an installation of this checkout would have; the build takes it from the same line."""
    import json
    from pathlib import Path

    try:
        front = Path(__file__).parents[1] / "labextension" / "package.json"
        return str(json.loads(front.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError):
        return "0"


def _room(name: str) -> Any:
    """Import a door when somebody comes through it. By name: whoever imports this package must not get the doors."""
    import importlib

    return importlib.import_module(f"jupyter_mlops.{name}")


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext jupyter_mlops``: add ``%%track``, ``%mlops`` and the recorder. Opens nothing."""
    _room("magics").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext jupyter_mlops``: take all of it away again."""
    _room("magics").unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "jupyter_mlops", "app": _room("server.app").MlopsApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "_labextension", "dest": "jupyter-mlops-lab"}]
