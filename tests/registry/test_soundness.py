"""What a version is made of, hashed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.errors import NotFound, Untrusted
from jupyter_mlops.records.model import ModelVersion
from jupyter_mlops.registry import get_manifest, move_alias
from jupyter_mlops.registry.soundness import check_bytes, check_registered
from jupyter_mlops.workspace import Workspace
from tests.registry.books import registered

pytestmark = pytest.mark.usefixtures("no_round_trip")


@pytest.fixture
def version(sql_ws: Workspace) -> ModelVersion:
    return registered(sql_ws)


def digests(ws: Workspace, version: ModelVersion) -> list[str]:
    manifest = get_manifest(ws, version.reference)
    return [version.digest, *(file.digest for file in manifest.files), *filter(None, [manifest.golden])]


def path_of(ws: Workspace, digest: str) -> Path:
    folder = Path(ws.settings.blobs.removeprefix("file://"))
    return next(p for p in folder.rglob("*") if p.is_file() and digest[2:] in p.name)


def test_a_sound_version_passes(sql_ws: Workspace, version: ModelVersion) -> None:
    check_bytes(sql_ws.blobs, version)
    with sql_ws.store.read() as tx:
        check_registered(tx, version)


def test_each_piece_is_hashed(sql_ws: Workspace, version: ModelVersion) -> None:
    pieces = digests(sql_ws, version)
    assert len(pieces) >= 2
    for digest in pieces:
        path = path_of(sql_ws, digest)
        original = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
        with pytest.raises(Untrusted, match="changed"):
            check_bytes(sql_ws.blobs, version)
        path.write_bytes(original)
    check_bytes(sql_ws.blobs, version)


def test_each_piece_must_be_there(sql_ws: Workspace, version: ModelVersion) -> None:
    sql_ws.blobs.remove(digests(sql_ws, version)[-1])
    with pytest.raises(NotFound, match=f"of {version.reference} are gone"):
        check_bytes(sql_ws.blobs, version)


def test_a_record_that_the_ledger_does_not_know_is_refused(sql_ws: Workspace, version: ModelVersion) -> None:
    with sql_ws.store.read() as tx:
        with pytest.raises(Untrusted, match="does not agree with its registration"):
            check_registered(tx, replace(version, digest="0" * 64))
        with pytest.raises(Untrusted, match="does not agree with its registration"):
            check_registered(tx, replace(version, version=9))


def test_a_protected_alias_is_refused_before_anything_is_hashed(
    sql_ws: Workspace, version: ModelVersion
) -> None:
    from jupyter_mlops.errors import Forbidden
    from jupyter_mlops.records.policy import Policy

    with sql_ws.store.write() as tx:
        tx.policies.replace(Policy(model="pm25"))
    sql_ws.blobs.remove(version.digest)
    with pytest.raises(Forbidden, match="only an approved review"):
        move_alias(sql_ws, model="pm25", alias="champion", version=1, reason="because")
