"""The child process of ``quarantine``: rebuild one model from a folder, replay its golden rows, say what came out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import MlopsError, Untrusted
from jupyter_mlops.formats import load
from jupyter_mlops.formats.golden import replay
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.model import Manifest

__all__ = ["main"]

# A tripwire behind the refusals: rebuilding a model and asking it needs none of these.
_FORBIDDEN = (
    "socket.connect",
    "socket.bind",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "pty.spawn",
)


def main(folder: Path, relative: float = 1e-6) -> dict[str, Any]:
    """Return ``{"proof": sentence, "exact": whether to the last digit}``, or the refusal as ``{"code", "message", "remedy", "data"}``."""
    manifest = decode(Manifest, json.loads((folder / "manifest.json").read_bytes()))
    places = {file.path: folder / f"{number}.bin" for number, file in enumerate(manifest.files)}
    try:
        model = load(manifest, lambda path: places[path].read_bytes())
        golden = folder / "golden.json"
        if not golden.exists():
            return {"proof": "rebuilt in a clean process; it brought no golden rows"}
        told = replay(model, golden.read_bytes(), relative)
        if not told.agrees:
            raise Untrusted(
                f"the rebuilt model does not answer as the fitted one did: {told.summary}",
                remedy="Log the model again; if this stays so, its parts do not survive being stored: export it to ONNX.",
                data={"golden": told.summary},
            )
    except MlopsError as failure:
        told_failure = {"message": failure.message, "remedy": failure.remedy, "data": encode(failure.data)}
        return {"code": failure.code} | told_failure
    return {"proof": f"rebuilt in a clean process; {told.summary}", "exact": told.exact}


def _refuse_events(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a model that is being rebuilt may not use {event}")


def _limit_core_dumps() -> None:
    try:
        import resource
    except ImportError:  # not there on Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(ask: Callable[[Path, float], dict[str, Any]]) -> None:
    _limit_core_dumps()
    sys.addaudithook(_refuse_events)
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not stand in front of the answer
    answer = ask(Path(sys.argv[1]), float(sys.argv[2]))
    print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    _run(main)
