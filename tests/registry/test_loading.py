from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jupyter_mlops.errors import NotFound, Untrusted
from jupyter_mlops.registry import get_manifest, load_model, manifest_bytes, move_alias
from jupyter_mlops.workspace import Workspace
from tests.registry.books import fitted, manifest_of, put, registered, small_data

pytestmark = pytest.mark.usefixtures("no_round_trip")


@pytest.mark.parametrize("reference", ["pm25", "pm25:1", "pm25@champion"])
def test_a_loaded_model_answers_as_the_fitted_one(ws: Workspace, reference: str) -> None:
    X, _ = small_data()
    registered(ws)
    move_alias(ws, model="pm25", alias="champion", version=1, reason="because")
    np.testing.assert_array_equal(load_model(ws, reference).predict(X), fitted().predict(X))


def _blob(ws: Workspace, digest: str) -> Path:
    return next(
        p
        for p in Path(ws.settings.blobs.removeprefix("file://")).rglob("*")
        if p.is_file() and digest[2:] in p.name
    )


def test_every_byte_that_is_loaded_is_checked(sql_ws: Workspace) -> None:
    version = registered(sql_ws)
    manifest = get_manifest(sql_ws, "pm25:1")
    for digest in (version.digest, manifest.files[0].digest):
        path = _blob(sql_ws, digest)
        original = path.read_bytes()
        path.chmod(0o600)
        for place in (0, len(original) // 2, len(original) - 1):
            changed = bytearray(original)
            changed[place] ^= 1
            path.write_bytes(changed)
            with pytest.raises(Untrusted, match="changed"):
                load_model(sql_ws, "pm25:1")
        path.write_bytes(original)
    assert load_model(sql_ws, "pm25:1") is not None


def test_bytes_that_are_gone_are_named(ws: Workspace) -> None:
    registered(ws)
    ws.blobs.remove(get_manifest(ws, "pm25:1").files[0].digest)
    with pytest.raises(NotFound, match=r"model\.skops of pm25:1 are gone"):
        load_model(ws, "pm25:1")


def test_a_version_pointed_at_another_manifest_disagrees_with_the_ledger(sql_ws: Workspace) -> None:
    registered(sql_ws)
    planted = put(sql_ws, manifest_bytes(manifest_of(sql_ws, fitted(alpha=77.0))))
    with sql_ws.store.write() as tx:
        tx.versions.replace(replace(tx.versions.get("pm25", 1), digest=planted))
    with pytest.raises(Untrusted, match="does not agree with its registration"):
        load_model(sql_ws, "pm25:1")


def test_a_version_without_a_registration_in_the_ledger_is_refused(sql_ws: Workspace) -> None:
    registered(sql_ws)
    database = sqlite3.connect(sql_ws.settings.store.removeprefix("sqlite:///"))
    with database:
        database.execute("DELETE FROM events WHERE kind = 'version.registered'")
    database.close()
    with pytest.raises(Untrusted, match="registration"):
        load_model(sql_ws, "pm25:1")
