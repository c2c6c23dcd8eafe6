"""The manifest of a model version: canonical bytes, read back only when their digest fits."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from contracts.records import whole
from hypothesis import HealthCheck, given, settings

from jupyter_mlops.errors import NotFound, Untrusted
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.model import Manifest, ModelFile
from jupyter_mlops.registry.manifests import digest_of, file_reader, manifest_bytes, read_blob, read_manifest
from jupyter_mlops.workspace import Workspace

PLAIN = Manifest(
    format="skops",
    kind="Ridge",
    files=(ModelFile(path="model.skops", digest="a" * 64, size=3),),
    requirements={"scikit-learn": "1.9.0", "numpy": "2.4"},
)


def put(ws: Workspace, content: bytes) -> str:
    return ws.blobs.put(io.BytesIO(content))


def test_the_digest_of_a_known_manifest_never_changes() -> None:
    """A changed rule would leave no version that agrees with its own name."""
    assert (
        digest_of(manifest_bytes(PLAIN)) == "20bbca85e366e1362d238d152523a54de6d00068205e4d784b528bdf74484a48"
    )
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_equal_manifests_have_equal_bytes_whatever_the_order_of_their_names() -> None:
    turned = Manifest(**{**_fields(PLAIN), "requirements": {"numpy": "2.4", "scikit-learn": "1.9.0"}})
    assert manifest_bytes(turned) == manifest_bytes(PLAIN)
    other = Manifest(**{**_fields(PLAIN), "requirements": {"numpy": "2.5", "scikit-learn": "1.9.0"}})
    assert manifest_bytes(other) != manifest_bytes(PLAIN)


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in manifest.__slots__}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole(Manifest))
def test_whatever_a_manifest_says_is_read_back(memory_ws: Workspace, manifest: Manifest) -> None:
    digest = put(memory_ws, manifest_bytes(manifest))
    again = read_manifest(memory_ws.blobs, digest, "pm25:1")
    assert (again.format, again.files, again.golden) == (manifest.format, manifest.files, manifest.golden)
    assert digest_of(manifest_bytes(again)) == digest


def test_bytes_are_hashed_again_when_they_are_read(sql_ws: Workspace) -> None:
    digest = put(sql_ws, b"the model")
    assert read_blob(sql_ws.blobs, digest, "pm25:1") == b"the model"
    (place,) = [
        p for p in (sql_ws.settings.folder / "blobs").rglob("*") if p.is_file() and digest[4:] in p.name
    ]  # type: ignore[operator]
    place.chmod(0o644)
    place.write_bytes(b"The model")
    with pytest.raises(Untrusted, match="the bytes of pm25:1 were changed") as refusal:
        read_blob(sql_ws.blobs, digest, "pm25:1")
    assert refusal.value.data == {"digest": digest, "found": digest_of(b"The model")}


def test_bytes_that_are_gone_are_named_with_what_they_were_of(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="the bytes of pm25:1 are gone") as refusal:
        read_blob(ws.blobs, "0" * 64, "pm25:1")
    assert "copy" in refusal.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff", b"\x80\x04.", b'{"format": "skops"}', b"[" * 200_000,
        json.dumps({**encode(PLAIN), "more": 1}).encode(), json.dumps({**encode(PLAIN), "files": "x"}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_not_trusted(ws: Workspace, content: bytes) -> None:
    with pytest.raises(Untrusted, match="the manifest of pm25:1 is not one") as refusal:
        read_manifest(ws.blobs, put(ws, content), "pm25:1")
    assert refusal.value.remedy


def test_a_manifest_from_before_a_field_was_added_is_read(ws: Workspace) -> None:
    old = encode(PLAIN)
    del old["params"], old["profile"]
    assert read_manifest(ws.blobs, put(ws, json.dumps(old).encode()), "pm25:1").params == {}


def test_only_the_files_of_the_manifest_can_be_asked_for(ws: Workspace) -> None:
    digest = put(ws, b"abc")
    manifest = Manifest(
        format="skops", kind="Ridge", files=(ModelFile(path="m/a.skops", digest=digest, size=3),)
    )
    read = file_reader(ws.blobs, manifest, "pm25:1")
    assert read("m/a.skops") == b"abc"
    for path in ("m/b.skops", "../a", digest, "", "M/A.skops"):
        with pytest.raises(KeyError):
            read(path)
