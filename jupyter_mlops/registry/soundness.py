"""Are the bytes of a version still those that were registered? Asked before a version is pointed at or parsed."""

from __future__ import annotations

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.records.model import ModelVersion
from jupyter_mlops.registry.manifests import check_blob, read_manifest
from jupyter_mlops.store.protocol import Blobs, Transaction

__all__ = ["check_bytes", "check_registered"]


def check_registered(tx: Transaction, version: ModelVersion) -> None:
    """Refuse a version whose record was changed after its registration was written into the ledger.

    Raises
    ------
    Untrusted
        The ledger knows no such registration, or one of another digest.
    """
    registered = tx.events.read(subject=version.reference, kind="version.registered", limit=1)
    if not registered or registered[0].data.get("digest") != version.digest:
        raise Untrusted(
            f"the record of {version.reference} does not agree with its registration in the ledger",
            remedy="Somebody changed the store: jupyter mlops verify tells more; restore it from a copy.",
            data={"digest": version.digest},
        )


def check_bytes(blobs: Blobs, version: ModelVersion) -> None:
    """Hash again everything that *version* is made of: the manifest, each file it names, the golden answers.

    Raises
    ------
    NotFound
        Some of it is gone.
    Untrusted
        Some of it is not what was registered.
    """
    manifest = read_manifest(blobs, version.digest, version.reference)
    for file in manifest.files:
        check_blob(blobs, file.digest, f"{file.path} of {version.reference}")
    if manifest.golden:
        check_blob(blobs, manifest.golden, f"the golden answers of {version.reference}")
