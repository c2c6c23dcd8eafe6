"""The spellings of a first notebook: each takes the workspace of this place by itself."""

from __future__ import annotations

from typing import Any

from jupyter_mlops import datasets, registry
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import RunInput
from jupyter_mlops.tracking.active import current_run
from jupyter_mlops.tracking.here import here
from jupyter_mlops.workspace import Workspace

__all__ = ["load_data", "load_model"]


def _place(workspace: Workspace | str | None) -> Workspace:
    run = current_run()
    return run.workspace if workspace is None and run is not None and run.id else here(workspace)


def load_model(reference: str, *, workspace: Workspace | str | None = None) -> Any:
    """Return the model behind ``pm25@champion`` or ``pm25:2``, ready to predict; safe formats only.

    Its digest is checked first, and where an approval stands behind the alias, that evidence too.
    """
    return registry.load_model(_place(workspace), reference)


def load_data(reference: str, *, workspace: Workspace | str | None = None) -> Any:
    """Return the data behind ``air@v3`` or ``air`` (its last version); inside a run they become one of its inputs."""
    ws = _place(workspace)
    data = datasets.load_data(ws, reference)
    run = current_run()
    if run is not None:
        known = datasets.get_dataset(ws, reference)
        name = f"{known.name}:{known.version}"
        seen = RunInput(name=name, role="read", digest=known.digest, rows=known.rows, columns=known.columns)
        run.say({"input": encode(seen)})
    return data
