"""Files that would leave a canary behind if anything ran them. They stay inert: nothing here loads them by itself."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Canary:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def pickled(path: Path, protocol: int = 4) -> bytes:
    return pickle.dumps(Canary(path), protocol=protocol)


def joblibbed(path: Path, compress: Any = 0) -> bytes:
    import joblib

    out = io.BytesIO()
    joblib.dump(Canary(path), out, compress=compress)
    return out.getvalue()


def archive(entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return out.getvalue()


def object_array(path: Path) -> bytes:
    import numpy as np

    out = io.BytesIO()
    np.save(out, np.array([Canary(path)], dtype=object), allow_pickle=True)
    return out.getvalue()


def schema_of(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return json.loads(source.read("schema.json"))


def rewritten(content: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """Return a skops file with its schema changed in place (or replaced by what *change* returns)."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    schema = json.loads(entries["schema.json"])
    entries["schema.json"] = json.dumps(change(schema) or schema).encode()
    return archive(entries, zipfile.ZIP_DEFLATED)


def node(loader: str, module: str, name: str, **more: Any) -> dict[str, Any]:
    return {"__loader__": loader, "__module__": module, "__class__": name, **more}


def text(value: str) -> dict[str, Any]:
    return node("JsonNode", "builtins", "str", content=json.dumps(value), is_json=True)


def calling(module: str, name: str, *arguments: dict[str, Any]) -> dict[str, Any]:
    """A node that calls a function with arguments as soon as it is constructed."""
    return node(
        "ConstructorFromReduceNode",
        module,
        name,
        content=node("TupleNode", "builtins", "tuple", content=list(arguments)),
    )
