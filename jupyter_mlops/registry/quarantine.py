"""The first load of a model: in a clean process, under a time limit, with its golden rows asked again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_mlops.errors import MlopsError, NotFound, Unavailable, Untrusted
from jupyter_mlops.formats import read_files
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.registry.manifests import file_reader, manifest_bytes, read_blob
from jupyter_mlops.workspace import Workspace

__all__ = ["LIMIT_SECONDS", "admit"]

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
    what = f"this {manifest.kind.rpartition('.')[2]}"
    files = read_files(manifest, file_reader(ws.blobs, manifest, what))
    with tempfile.TemporaryDirectory(prefix="mlops-intake-") as name:
        folder = Path(name)
        (folder / "manifest.json").write_bytes(manifest_bytes(manifest))
        for number, content in enumerate(files.values()):
            (folder / f"{number}.bin").write_bytes(content)
        if manifest.golden is not None:
            (folder / "golden.json").write_bytes(
                read_blob(ws.blobs, manifest.golden, f"the golden rows of {what}")
            )
        return _ask(folder, seconds, what)


def _ask(folder: Path, seconds: float, what: str) -> str:
    # The child gets nothing that leads to this workspace, and no thread pools beyond its task.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER_", "JPY_", "AWS_"))}
    command = [sys.executable, "-P", "-m", "jupyter_mlops.registry.intake", str(folder)]
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
        answer = json.loads(done.stdout.splitlines()[-1])
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
    return str(answer["proof"])
