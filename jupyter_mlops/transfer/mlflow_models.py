"""An MLflow model version as one of ours: read under the guard, its example asked again, registered by the same verb."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from jupyter_mlops import formats
from jupyter_mlops.errors import NotFound
from jupyter_mlops.formats.sniffing import format_of
from jupyter_mlops.records.model import Manifest, ModelFile, ModelVersion
from jupyter_mlops.registry import find_versions, register_version
from jupyter_mlops.tracking import log_model
from jupyter_mlops.transfer.foreign import ForeignModel
from jupyter_mlops.workspace import Workspace

__all__ = ["register_foreign"]

_FILES = ("model.skops", "model.onnx", "model.pkl")


def register_foreign(
    ws: Workspace, model: ForeignModel, run: str, folder: Path | None
) -> tuple[ModelVersion, bool]:
    """Give a foreign version's model a number here; the second value is False where it had one already.

    Raises
    ------
    NotFound
        Its files are not beside the store.
    Untrusted
        Loading it would execute code.
    """
    named = f"mlflow-{model.name}-{model.version}".replace("/", "-")
    known = _known(ws, model.name, run)
    if known is not None:
        return known, False
    if folder is None:
        raise NotFound("its files are not beside the store", remedy="Name their folder with --artifacts.")
    log_model(ws, run=run, model=_loaded(folder), name=named, data=_example(folder))
    return register_version(ws, model=model.name, run=run, artifact=named), True


def _known(ws: Workspace, model: str, run: str) -> ModelVersion | None:
    try:
        page = find_versions(ws, model, query=f"run = '{run}'", limit=1)
    except NotFound:
        return None
    return page[0] if page.total else None


def _loaded(folder: Path) -> Any:
    file = next((folder / name for name in _FILES if (folder / name).is_file()), None)
    if file is None:
        raise NotFound(
            f"it holds none of {', '.join(_FILES)}",
            remedy="Register it again from the notebook that trains it.",
        )
    content = file.read_bytes()
    named = ModelFile(path=file.name, digest=hashlib.sha256(content).hexdigest(), size=len(content))
    manifest = Manifest(format=format_of(content), kind="", files=(named,))
    return formats.load(manifest, lambda _path: content)


def _example(folder: Path) -> Any:
    """Return MLflow's input example as rows; None where it has none that a frame or array can hold."""
    file = folder / "serving_input_example.json"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if "dataframe_split" in held:
        import pandas as pd

        split = held["dataframe_split"]
        return pd.DataFrame(split["data"], columns=split.get("columns"))
    if "inputs" in held:
        import numpy as np

        rows = np.asarray(held["inputs"], dtype=float)
        return rows if rows.ndim == 2 else None  # noqa: PLR2004 - rows and columns
    return None
