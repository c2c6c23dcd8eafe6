"""From a reference to a model that predicts, with every digest checked on the way."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.capture.estimators.latest import Origin, place_origin
from jupyter_mlops.formats import load
from jupyter_mlops.records.model import Manifest
from jupyter_mlops.registry.finding import version_of
from jupyter_mlops.registry.manifests import file_reader, read_manifest
from jupyter_mlops.registry.soundness import check_registered
from jupyter_mlops.registry.standing import check_standing
from jupyter_mlops.workspace import Workspace

__all__ = ["get_manifest", "load_model"]


def load_model(ws: Workspace, reference: str) -> Any:
    """Return the model behind *reference* (``pm25@champion``, ``pm25:2``), ready to predict.

    The manifest's digest is compared with the version and with the ledger, each file's digest with the manifest, on
    the very bytes that are parsed. Behind an alias that a review moved, the evidence is recomputed as well
    (``registry.standing``).

    Raises
    ------
    NotFound
        There is no such version, or its bytes are gone.
    Untrusted
        Something is not what was registered or approved, or loading it would execute code.
    Conflict
        The approval behind a protected alias has lapsed.
    Unavailable
        A library is missing or has another version than the model needs.
    """
    with ws.store.read() as tx:
        version, alias = version_of(tx, reference)
        check_registered(tx, version)
    if alias is not None:
        check_standing(ws, alias)
    manifest = read_manifest(ws.blobs, version.digest, version.reference)
    model = load(manifest, file_reader(ws.blobs, manifest, version.reference))
    place_origin(model, Origin(version=version.reference))
    return model


def get_manifest(ws: Workspace, reference: str) -> Manifest:
    """Show what a version is made of: files, signature, profile, types, requirements."""
    with ws.store.read() as tx:
        version, _ = version_of(tx, reference)
    return read_manifest(ws.blobs, version.digest, version.reference)
