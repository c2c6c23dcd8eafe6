"""Pictures that compared runs left behind, where they are not the same."""

from __future__ import annotations

import base64

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.tracking import find_artifacts
from jupyter_mlops.workspace import Workspace

__all__ = ["thumbnails"]

_MOST_RUNS = 4  # that stand beside each other
_MOST_NAMES = 6
_LARGEST = 300_000  # bytes of a picture that goes along with the comparison
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def thumbnails(ws: Workspace, comparison: RunComparison) -> list[dict[str, object]]:
    """Return ``name`` and ``images`` (a data address a run, or None) of each picture that differs between the runs."""
    runs = comparison.runs
    if len(runs) > _MOST_RUNS:
        return []
    found = [{file.name: file for file in _pictures(ws, run.id)} for run in runs]
    names = sorted({name for files in found for name in files})
    differing = [
        name for name in names if len({files[name].digest if name in files else "" for files in found}) > 1
    ]
    return [
        {"name": name, "images": [_address(ws, files.get(name)) for files in found]}
        for name in differing[:_MOST_NAMES]
    ]


def _pictures(ws: Workspace, run: str) -> list[Artifact]:
    files = find_artifacts(ws, run=run, folder="figures")
    return [file for file in files if file.media_type in _SHOWN and file.size <= _LARGEST]


def _address(ws: Workspace, file: Artifact | None) -> str | None:
    if file is None:
        return None
    try:
        with ws.blobs.open(file.digest) as content:
            return f"data:{file.media_type};base64,{base64.b64encode(content.read()).decode()}"
    except MlopsError:
        return None  # a comparison without its picture is better than none
