"""A fitted model, kept with its run: bytes, signature, the profile of its training data, golden rows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jupyter_mlops.capture.estimators.hush import hush
from jupyter_mlops.capture.estimators.seen import FitSeen
from jupyter_mlops.errors import Invalid
from jupyter_mlops.formats import files_of, save
from jupyter_mlops.formats.golden import golden_rows
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.model import Manifest, ModelVersion, Signature
from jupyter_mlops.records.profile import Profile
from jupyter_mlops.tracking.live import flush
from jupyter_mlops.tracking.log import as_param, keep_note, known_id, log_artifact
from jupyter_mlops.workspace import Workspace

__all__ = ["keep_model", "kept_models", "log_model"]

_PACKAGES = ("scikit-learn", "skops", "numpy", "pandas")
_kept: dict[str, dict[str, Manifest]] = {}  # by run and name; of this process, until the run's card is drawn
_MOST_KEPT = 100
_SIGNED_ROWS = 50  # rows the model is asked about to learn what it answers with


def log_model(
    ws: Workspace,
    *,
    run: str,
    model: Any,
    name: str = "model",
    data: Any = None,
    register: bool = False,
    seen: FitSeen | None = None,
) -> ModelVersion | Artifact:
    """Keep a fitted model with a run, in a format that runs nothing when it is loaded.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    model
        A fitted scikit-learn estimator, or an ONNX model.
    name
        What it is called within the run, and in the registry.
    data
        Rows it takes (a frame or a two-dimensional array); from these come its signature, the profile that
        live data are measured against, and the golden rows. Without them they come from the fit, where autolog
        saw the run fit this very model; else there is only what the model itself knows.
    register
        Also give it the next version of the model *name*.
    seen
        What autolog saw of its fit. ``run.log_model`` finds it by itself.

    Returns
    -------
    ModelVersion
        With *register*.
    Artifact
        The manifest, without.

    Raises
    ------
    Untrusted
        Loading its bytes would execute code; the message names what.
    """
    key = known_id(ws, run)
    signature, portrait, golden = _asked(model, data, seen)
    artifact = keep_model(ws, key, model, name, signature=signature, portrait=portrait, golden=golden)
    if not register:
        return artifact
    flush(ws, key)
    from jupyter_mlops.registry import register_version  # the whole book of models, for who asks for it

    return register_version(ws, model=name, run=key, artifact=name)


_Described = tuple[Signature, Profile | None, bytes | None]


def _asked(model: Any, data: Any, seen: FitSeen | None) -> _Described:
    from jupyter_mlops.capture.dataset import profile, signature_of

    if data is None:
        return (_own_signature(model), None, None) if seen is None else _as_seen(model, seen)
    rows = data[:_SIGNED_ROWS]
    answer = model.predict(rows) if hasattr(model, "predict") else None
    return signature_of(data, answer), profile(data), golden_rows(model, data)


def _as_seen(model: Any, seen: FitSeen) -> _Described:
    told = seen.signature
    if not told.inputs:  # of sparse rows there are no columns
        told = replace(told, inputs=_own_signature(model).inputs)
    with hush():
        golden = None if seen.features is None else golden_rows(model, seen.features)
    return told, seen.profile, golden


def _own_signature(model: Any) -> Signature:
    from jupyter_mlops.records.model import SignatureColumn

    names = getattr(model, "feature_names_in_", ())
    return Signature(inputs=tuple(SignatureColumn(name=str(name), dtype="") for name in names))


def keep_model(
    ws: Workspace,
    run: str,
    model: Any,
    name: str,
    *,
    signature: Signature,
    portrait: Profile | None = None,
    golden: bytes | None = None,
) -> Artifact:
    """Write a model's files and its manifest as artifacts of *run*; return the manifest's."""
    if not name or "/" in name:
        raise Invalid(
            f"the model name {name!r} is not usable: it is one part of a path, without slashes",
            remedy="Choose one such as model or model-small.",
        )
    saved = save(model)
    for path, content in saved.files.items():
        log_artifact(ws, run=run, content=content, name=f"models/{name}/{path}")
    manifest = Manifest(
        format=saved.format,
        kind=saved.kind,
        files=files_of(saved),
        signature=signature,
        profile=portrait,
        types=saved.types,
        requirements={**_versions(), **saved.requirements},
        params=_params(model),
        golden=None if golden is None else ws.blobs.put(io.BytesIO(golden)),
    )
    if golden is not None:
        note = _golden_artifact(run, name, manifest.golden, len(golden))
        keep_note(ws, run, {"artifact": encode(note)})
    _remember(run, name, manifest)
    return log_artifact(
        ws,
        run=run,
        content=canonical(encode(manifest)),
        name=f"models/{name}/manifest.json",
        media_type="application/json",
    )


def _remember(run: str, name: str, manifest: Manifest) -> None:
    """Keep *manifest* for the card of *run*; what blocks and scripts have logged, no card will ever ask for."""
    models = _kept.pop(run, {})
    while len(_kept) >= _MOST_KEPT:
        del _kept[next(iter(_kept))]
    _kept[run] = {**models, name: manifest}


def kept_models(run: str) -> Mapping[str, Manifest]:
    """Return what was kept as the models of *run* in this process, by name, each as it was kept last; they are told once."""
    return _kept.pop(run, {})


def _golden_artifact(run: str, name: str, digest: str | None, size: int) -> Artifact:
    # Named, so that a collection of unreferenced bytes finds somebody who wants them.
    assert digest is not None
    return Artifact(
        run=run, name=f"models/{name}/golden.json", digest=digest, size=size, media_type="application/json"
    )


def _versions() -> Mapping[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _params(model: Any) -> Mapping[str, str]:
    get = getattr(model, "get_params", None)
    if get is None:
        return {}
    return {
        str(key): str(as_param(value))
        for key, value in get(deep=True).items()
        if not hasattr(value, "get_params")
    }
