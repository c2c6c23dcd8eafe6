"""What the cells of a run showed, beside what they showed when they ran again."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.notebook import from_bytes
from jupyter_mlops.jobs.outputs import Rules, compare_notebooks, shows_anything
from jupyter_mlops.jobs.outputs.bundles import compare_bundles
from jupyter_mlops.jobs.outputs.rules import Compared, differs
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.reproduced import OutputDifference, ReproductionVerdict
from jupyter_mlops.records.run import Run
from jupyter_mlops.workspace import Workspace

__all__ = ["Shown", "compare_shown"]

_STREAMS = ("stdout.txt", "stderr.txt")
_FOLDERS = ("figures/", "outputs/")
_LARGEST = 50_000_000  # bytes of a file that are read for a comparison
_MOST = 1000  # files of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Whether anything that was shown could be compared, and where it is not the same."""

    compared: bool = False
    outputs: tuple[OutputDifference, ...] = ()


def compare_shown(ws: Workspace, original: Run, again: Run, notebook: str | None, rules: Rules) -> Shown:
    """Compare the outputs of *original* with those of its repetition.

    Of a run that was a job, or was made in one, there is the executed notebook with every output of every cell. Of a
    session there is what the tracked cell showed, kept as files with its run.

    Parameters
    ----------
    notebook
        Digest of the notebook that the repetition executed.
    rules
        How near is near enough.
    """
    before, after = _executed(ws, original), _notebook(ws, notebook)
    if before is not None and after is not None:
        outputs = compare_notebooks(before, after, rules)
        return Shown(compared=shows_anything(before) or bool(outputs), outputs=outputs)
    kept, now = _files(ws, original), _files(ws, again)
    cell = max(1, len(original.source.rests_on))  # the tracked one, with which its slice ends
    found = tuple(
        OutputDifference(cell=cell, id="", part=name, verdict=compared.verdict, says=compared.says)
        for name, compared in _compare_files(ws, kept, now, rules)
        if compared.verdict is not ReproductionVerdict.IDENTICAL
    )
    return Shown(compared=bool(kept), outputs=found)


def _executed(ws: Workspace, run: Run) -> dict[str, Any] | None:
    if run.job is None:
        return None
    try:
        return _notebook(ws, read_job(ws, run.job).notebook)
    except MlopsError:  # the job was collected, and its run was not
        return None


def _notebook(ws: Workspace, digest: str | None) -> dict[str, Any] | None:
    if digest is None or not ws.blobs.has(digest):
        return None
    return from_bytes(_read(ws, digest), "the executed notebook")


def _read(ws: Workspace, digest: str) -> bytes:
    with ws.blobs.open(digest) as file:
        return file.read()


def _files(ws: Workspace, run: Run) -> dict[str, Artifact]:
    with ws.store.read() as tx:
        found = tx.artifacts.find(Query(where=equal(run=run.id), limit=_MOST))
    kept = {one.name: one for one in found if one.name in _STREAMS or one.name.startswith(_FOLDERS)}
    return {name: kept[name] for name in sorted(kept)}


def _compare_files(
    ws: Workspace, kept: Mapping[str, Artifact], now: Mapping[str, Artifact], rules: Rules
) -> Iterator[tuple[str, Compared]]:
    """Compare file by file. What only the repetition showed does not speak against the original."""
    for name, before in kept.items():
        after = now.get(name)
        if after is None:
            yield _part(name), differs("is gone")
        elif before.digest != after.digest:
            yield _part(name), _compare_contents(ws, before, after, rules)


def _part(name: str) -> str:
    return name.removesuffix(".txt") if name in _STREAMS else name


def _compare_contents(ws: Workspace, before: Artifact, after: Artifact, rules: Rules) -> Compared:
    if max(before.size, after.size) > _LARGEST:
        return differs("its bytes differ; it is too large to be compared further")
    one, two = (_bundle(one.media_type, _read(ws, one.digest)) for one in (before, after))
    return compare_bundles(one, two, rules)


def _bundle(kind: str, content: bytes) -> dict[str, Any]:
    """Return a kept file as the display that it was made of."""
    if kind.startswith("image/") and not kind.endswith("+xml"):
        return {kind: base64.b64encode(content).decode()}
    text = content.decode("utf-8", "replace")
    try:
        return {kind: json.loads(text) if kind.endswith("json") else text}
    except ValueError:
        return {kind: text}
