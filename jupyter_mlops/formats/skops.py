"""scikit-learn models without pickle."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Collection, Mapping
from importlib.metadata import version
from itertools import count
from typing import Any

from jupyter_mlops.errors import Invalid, Unavailable, Untrusted
from jupyter_mlops.formats.archive import open_archive, refuse
from jupyter_mlops.formats.audit import audit, versions_in
from jupyter_mlops.formats.importing import skops_module
from jupyter_mlops.formats.protocol import Saved

__all__ = ["Skops"]

_FILE = "model.skops"
_MINIMUM = (0, 14)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ABILITIES = ("predict", "transform", "fit")


class Skops:
    """One archive: a description in JSON and the arrays beside it. Nothing in it is run."""

    name = "skops"

    def accepts(self, model: object) -> bool:
        """Anything that predicts or transforms; the audit of what was written has the last word."""
        return any(callable(getattr(model, ability, None)) for ability in _ABILITIES)

    def save(self, model: object) -> Saved:
        """Return *model* as one archive, refused here already if it could not be loaded again safely."""
        if not self.accepts(model):
            raise Invalid(
                f"a {type(model).__name__} is not a model: it has none of {', '.join(_ABILITIES)}",
                remedy="Log other things with run.log_artifact.",
            )
        content = _settled(_dump(model))
        archive, schema = open_archive(content)
        names = audit(archive, schema)
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        packages = {name: version(name) for name in ("scikit-learn", "skops", "numpy")}
        return Saved(
            format=self.name,
            kind=kind,
            files={_FILE: content},
            types=tuple(sorted(names)),
            requirements=packages,
        )

    def load(self, files: Mapping[str, bytes], *, trust: Collection[str] = ()) -> Any:
        """Build the model from its archive, after every look that can be had without building anything."""
        _check_version()
        if len(files) != 1:
            raise refuse(f"a skops model is one file, this one has {len(files)}")
        (content,) = files.values()
        archive, schema = open_archive(content)
        _check_fitted_with(versions_in(schema))
        names = audit(archive, schema, trust=trust)
        return _build(content, names)


def _dump(model: object) -> bytes:
    skops_io = skops_module()
    refusal = skops_module("skops.io.exceptions").UnsupportedTypeException
    try:
        return bytes(skops_io.dumps(model, compression=zipfile.ZIP_DEFLATED, compresslevel=3))
    except refusal as failure:
        raise Untrusted(
            f"a {type(model).__name__} cannot be stored without pickle: {failure}",
            remedy="Use another estimator of scikit-learn, or log an ONNX export of the model.",
        ) from failure
    except Exception as failure:
        # skops raises whatever the object's own reduction raises: there is no closed list.
        raise Untrusted(
            f"a {type(model).__name__} cannot be stored without pickle: {type(failure).__name__}: {failure}",
            remedy="Keep only scikit-learn parts, numbers, text and arrays in the model, or log an ONNX export of it.",
        ) from failure


def _settled(content: bytes) -> bytes:
    """Rewrite what skops wrote so that equal models give equal bytes: no memory addresses, no times, no chance."""
    names: dict[str, str] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        schema = json.loads(source.read("schema.json"))
        _renumber(schema, names)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            _write(target, "schema.json", json.dumps(schema, separators=(",", ":")).encode())
            for old, new in names.items():
                _write(target, new, source.read(old))
    return out.getvalue()


def _renumber(schema: object, names: dict[str, str]) -> None:
    numbers = count(1)
    ids: dict[object, int] = {}
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            if "__loader__" in value and "__id__" in value:
                old = value["__id__"]
                value["__id__"] = ids[old] = ids.get(old) or next(numbers)
            if "__loader__" in value and isinstance(value.get("file"), str):
                old_name = value["file"]
                value["file"] = names.setdefault(old_name, f"{len(names):06d}.{old_name.rpartition('.')[2]}")
            waiting.extend(reversed(value.values()))


def _write(target: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100600 << 16
    target.writestr(entry, content, compresslevel=3)


def _check_version() -> None:
    found = version("skops")
    if tuple(int(part) for part in found.split(".")[:2]) < _MINIMUM:
        wanted = ".".join(map(str, _MINIMUM))
        raise Unavailable(
            f"skops {found} has known holes in its loader; {wanted} or newer is needed",
            remedy=f"pip install 'skops>={wanted}'",
        )


def _check_fitted_with(fitted: Collection[str]) -> None:
    installed = version("scikit-learn")
    for said in sorted(fitted):
        if said.split(".")[:2] != installed.split(".")[:2]:
            wanted = ".".join(said.split(".")[:2])
            raise Unavailable(
                f"the model was fitted with scikit-learn {said} and {installed} is installed; "
                "its inner arrays may mean something else there",
                remedy=f"pip install 'scikit-learn=={wanted}.*', or train the model again.",
                data={"fitted": said, "installed": installed},
            )


def _build(content: bytes, names: Collection[str]) -> Any:
    skops_io = skops_module()
    try:
        with warnings.catch_warnings():
            # Patch releases only are left, and those are compatible.
            warnings.filterwarnings("ignore", message=".*unpickle estimator.*")
            return skops_io.loads(content, trusted=sorted(names))
    except Exception as failure:
        # A damaged file fails wherever its nonsense is first used.
        raise refuse(f"it cannot be rebuilt ({type(failure).__name__}: {failure})") from failure
