"""The first load of a model: in a clean process, under a time limit, with its golden rows asked again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import MlopsError, NotFound, Unavailable, Untrusted
from jupyter_mlops.formats import read_files
from jupyter_mlops.formats.golden import Replay
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.registry.manifests import file_reader, manifest_bytes, read_blob
from jupyter_mlops.store.protocol import Digest
from jupyter_mlops.workspace import Workspace

__all__ = ["LIMIT_SECONDS", "admit", "answers_alike"]

LIMIT_SECONDS = 120.0
_ERRORS: dict[str, type[MlopsError]] = {
    "untrusted": Untrusted,
    "unavailable": Unavailable,
    "not_found": NotFound,
}


def admit(ws: Workspace, manifest: Manifest, *, seconds: float = LIMIT_SECONDS) -> str:
    """Rebuild the model of *manifest* from its bytes in a child process and replay its golden rows.

    Returns
    -------
    One sentence that says what was proved.

    Raises
    ------
    Untrusted
        The bytes are not those of the manifest, loading them is refused or does not end within *seconds*, or the
        model answers its golden rows differently.
    """
    return str(_rebuilt(ws, manifest, manifest.golden, seconds, 1e-6)["proof"])


def answers_alike(ws: Workspace, manifest: Manifest, golden: Digest, relative: float) -> Replay:
    """Rebuild the model of *manifest* in a child process and ask it about the golden rows of another.

    Parameters
    ----------
    manifest
        The model that is asked.
    golden
        Digest of the rows and of the predictions that the other model gave.
    relative
        The relative difference up to which two predictions count as equal.

    Raises
    ------
    Untrusted, Unavailable, NotFound
        It cannot be rebuilt, or the rows are gone.
    """
    try:
        answer = _rebuilt(ws, manifest, golden, LIMIT_SECONDS, relative)
    except Untrusted as failure:
        if "golden" not in failure.data:
            raise
        return Replay(agrees=False, rows=0, summary=str(failure.data["golden"]))
    return Replay(agrees=True, rows=0, summary=str(answer["proof"]), exact=bool(answer["exact"]))


def _rebuilt(
    ws: Workspace, manifest: Manifest, golden: Digest | None, seconds: float, relative: float
) -> dict[str, Any]:
    what = f"this {manifest.kind.rpartition('.')[2]}"
    files = read_files(manifest, file_reader(ws.blobs, manifest, what))
    with tempfile.TemporaryDirectory(prefix="mlops-intake-") as name:
        folder = Path(name)
        (folder / "manifest.json").write_bytes(manifest_bytes(manifest))
        for number, content in enumerate(files.values()):
            (folder / f"{number}.bin").write_bytes(content)
        if golden is not None:
            (folder / "golden.json").write_bytes(read_blob(ws.blobs, golden, f"the golden rows of {what}"))
        return _ask(folder, seconds, what, relative)


def _ask(folder: Path, seconds: float, what: str, relative: float) -> dict[str, Any]:
    # The child gets nothing that leads to this workspace, and no thread pools beyond its task.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER_", "JPY_", "AWS_"))}
    command = [sys.executable, "-P", "-m", "jupyter_mlops.registry.intake", str(folder), str(relative)]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=seconds, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Untrusted(
            f"{what} was not rebuilt within {seconds:g} seconds",
            remedy="Log a smaller model, or export it to ONNX.",
        ) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        tail = done.stderr.decode(errors="replace").strip()[-500:]
        last = tail.rpartition("\n")[
            2
        ]  # in words: without them nobody could tell a crash from an installation that broke
        raise Untrusted(
            f"{what} ended the process that rebuilt it (exit {done.returncode}{f': {last:.200}' if last else ''})",
            remedy="Log the model again; if it ends again, export it to ONNX.",
            data={"stderr": tail},
        ) from None
    if "code" in answer:
        raise _ERRORS.get(answer["code"], Untrusted)(
            answer["message"], remedy=answer["remedy"], data=answer["data"]
        )
    return answer
