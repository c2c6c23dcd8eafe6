"""The models of a run and of its repetition: by their bytes, and where those differ by what they answer to golden rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.outputs.rules import SAME, Compared, differs, within
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.run import Run
from jupyter_mlops.registry.manifests import read_manifest
from jupyter_mlops.registry.quarantine import answers_alike
from jupyter_mlops.workspace import Workspace

__all__ = ["compare_models"]

_MANIFEST, _GOLDEN = "manifest.json", "golden.json"


def compare_models(
    ws: Workspace, original: Sequence[Run], again: Sequence[Run], relative: float
) -> Iterator[tuple[str, Compared]]:
    """Compare the models that a run and its tracked cells kept with those of its repetition, each under its name.

    One that the repetition did not keep differs; what only the repetition kept does not speak against the original.
    Other bytes alone are a difference of writing: whoever has golden rows of the first model asks the second about them,
    in a process of its own and only in a format that runs nothing when it is loaded.
    """
    one, two = _models(ws, original), _models(ws, again)
    for name in sorted(one):
        if name not in two:
            yield name, differs("is gone")
            continue
        same = _bytes(one[name]) == _bytes(two[name])
        yield name, SAME if same else _answers(ws, name, one[name], two[name], relative)


def _bytes(files: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in files.items() if path not in {_MANIFEST, _GOLDEN}}


def _models(ws: Workspace, runs: Sequence[Run]) -> dict[str, dict[str, str]]:
    """Return each model's files by its name; one of a tracked cell is called by the cell's name, too."""
    models: dict[str, dict[str, str]] = {}
    for run in runs:
        of = "" if run is runs[0] else f" of {run.name}"
        with ws.store.read() as tx:
            found = tx.artifacts.find(Query(where=equal(run=run.id), limit=10_000))
        for artifact in found:
            folder, _, rest = artifact.name.partition("/")
            name, _, file = rest.partition("/")
            if folder == "models" and file:
                models.setdefault(f"{name}{of}", {})[file] = artifact.digest
    return models


def _answers(
    ws: Workspace, name: str, before: Mapping[str, str], after: Mapping[str, str], relative: float
) -> Compared:
    if _GOLDEN not in before or _MANIFEST not in after:
        return within("its bytes differ; no golden rows were kept to ask it about")
    try:
        manifest = read_manifest(ws.blobs, after[_MANIFEST], f"the model {name}")
        told = answers_alike(ws, manifest, before[_GOLDEN], relative)
    except MlopsError as failure:
        return within(f"its bytes differ, and it cannot be asked about the golden rows: {failure.message}")
    if not told.agrees:
        return differs(told.summary)
    return SAME if told.exact else within("golden rows are answered within the tolerance")
