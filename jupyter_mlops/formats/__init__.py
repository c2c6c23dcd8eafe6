"""How a model becomes bytes, and how bytes become a model again without running what is in them.

Each format is named here as ``module:Class`` and imported on first use. Which format a file has is decided by its
content; what a manifest declares must agree with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, cast

from jupyter_mlops.errors import Invalid, Untrusted
from jupyter_mlops.formats.protocol import Format, Saved
from jupyter_mlops.formats.sniffing import EXECUTABLE, format_of
from jupyter_mlops.records.model import Manifest, ModelFile

__all__ = ["FORMATS", "Format", "Saved", "files_of", "load", "named", "read_files", "save"]

FORMATS: dict[str, str] = {
    "skops": "jupyter_mlops.formats.skops:Skops",
    "onnx": "jupyter_mlops.formats.onnx:Onnx",
    "joblib": "jupyter_mlops.formats.joblib:Joblib",
    "pickle": "jupyter_mlops.formats.joblib:Joblib",
    "cloudpickle": "jupyter_mlops.formats.joblib:Joblib",
}
_MAXIMUM_FILES = 1_000


def named(name: str) -> Format:
    """Return the format called *name*; ``Invalid`` where there is none."""
    try:
        module, _, attribute = FORMATS[name].partition(":")
    except KeyError:
        raise Invalid(f"there is no format {name!r}", remedy=f"Known: {', '.join(FORMATS)}.") from None
    return cast("Format", getattr(import_module(module), attribute)())


def save(model: object, *, format: str | None = None) -> Saved:  # noqa: A002
    """Return *model* as bytes in a format that runs nothing when it is loaded.

    Parameters
    ----------
    model
        A fitted scikit-learn estimator, or an ONNX model (a ``ModelProto`` or its bytes).
    format
        A key of ``FORMATS``; by default the one that fits the model.

    Raises
    ------
    Untrusted
        Loading the bytes would execute code that is not this package's or scikit-learn's; the message names it.
    Invalid
        The model cannot be stored at all, or the format is unknown.
    """
    if format is not None:
        return named(format).save(model)
    onnx = named("onnx")
    return (onnx if onnx.accepts(model) else named("skops")).save(model)


def files_of(saved: Saved) -> tuple[ModelFile, ...]:
    """Return what a manifest says about the files of *saved*, in order of their paths."""
    return tuple(
        ModelFile(path=path, digest=hashlib.sha256(content).hexdigest(), size=len(content))
        for path, content in sorted(saved.files.items())
    )


def load(
    manifest: Manifest, open_file: Callable[[str], bytes], *, trust: Collection[str] | None = None
) -> Any:
    """Build the model that *manifest* describes.

    Parameters
    ----------
    manifest
        What the model is made of. Nothing in it widens what may be constructed.
    open_file
        Gives the bytes of a path of the manifest; each is read once, and the bytes hashed are the bytes parsed.
    trust
        Further type names the caller vouches for. Names that reach the system or run code stay refused.

    Raises
    ------
    Untrusted
        A digest, the declared format or the content is not what it must be.
    Unavailable
        A library is missing, or is there in a version that must not read this file.
    """
    files = read_files(manifest, open_file)
    for path, content in files.items():
        found = format_of(content)
        if found != manifest.format:
            _refuse(path, manifest.format, found)
    return named(manifest.format).load(files, trust=tuple(trust or ()))


def _refuse(path: str, declared: str, found: str) -> None:
    why = EXECUTABLE.get(found, f"it was declared as {declared}")
    raise Untrusted(
        f"the model file {path!r} is declared as {declared} but its content is {found}: {why}",
        remedy="Log the fitted model again with run.log_model(model), which stores it as skops or ONNX.",
        data={"path": path, "declared": declared, "found": found},
    )


def read_files(manifest: Manifest, open_file: Callable[[str], bytes]) -> Mapping[str, bytes]:
    """Read and check every file of *manifest*; the digest is taken of the very bytes that are returned."""
    if not 1 <= len(manifest.files) <= _MAXIMUM_FILES:
        raise Untrusted(
            f"the model has {len(manifest.files)} files; between 1 and {_MAXIMUM_FILES} are allowed",
            remedy="Save the model in fewer files; more are taken for a damaged or hostile manifest.",
        )
    files: dict[str, bytes] = {}
    for file in manifest.files:
        _check_path(file.path, files)
        content = open_file(file.path)
        digest = hashlib.sha256(content).hexdigest()
        if digest != file.digest:
            raise Untrusted(
                f"the model file {file.path!r} has the digest {digest[:12]}…, its manifest says {file.digest[:12]}…",
                remedy="The stored bytes were changed: restore them from a copy, or train and register again.",
                data={"path": file.path, "expected": file.digest, "found": digest},
            )
        files[file.path] = content
    return files


def _check_path(path: str, taken: Mapping[str, bytes]) -> None:
    pure = PurePosixPath(path)
    odd = "\\" in path or ":" in path or not path.isprintable() or path != str(pure)
    if odd or pure.is_absolute() or ".." in pure.parts or path in {"", "."} or path in taken:
        raise Untrusted(
            f"the model names a file {path!r}; only distinct paths inside the model are read",
            remedy="Log the model again; a manifest written by this package never holds such a path.",
        )
