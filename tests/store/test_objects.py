"""Bytes in an object store: the suite against a real server that speaks S3, and what it says where it cannot."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from contracts.blobs import ABSENT, BlobsContract, put

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.store import open_blobs
from jupyter_mlops.store.objects import ObjectBlobs
from jupyter_mlops.store.protocol import Blobs
from store.swift import KEY, SECRET, make_bucket, s3


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3() as address:
        make_bucket(address, "ours")
        yield address


@pytest.fixture
def known(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment of somebody who may write there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return endpoint


class TestS3Blobs(BlobsContract):
    @pytest.fixture
    def blobs(self, known: str) -> Blobs:
        return open_blobs(f"s3://ours/prefix-{os.urandom(4).hex()}")


class TestObjectBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        from obstore.store import MemoryStore

        return ObjectBlobs(MemoryStore(), "memory")


@pytest.mark.usefixtures("known")
def test_a_file_larger_than_a_part_arrives_whole() -> None:
    blobs = open_blobs("s3://ours/large")
    data = os.urandom(20 << 20)
    digest = blobs.put(io.BytesIO(data))
    assert digest == hashlib.sha256(data).hexdigest()
    with blobs.open(digest) as file:
        assert file.read() == data


@pytest.mark.usefixtures("known")
def test_a_collection_leaves_young_bytes_alone() -> None:
    blobs = open_blobs("s3://ours/young")
    digest = put(blobs, b"young")
    blobs.remove(digest, unless_since=datetime.now(UTC))
    assert blobs.has(digest)
    blobs.remove(digest, unless_since=datetime.now(UTC) + timedelta(hours=2))
    assert not blobs.has(digest)


@pytest.mark.usefixtures("known")
def test_a_wrong_secret_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "quite-wrong")
    blobs = open_blobs("s3://ours/prefix")
    for act in (lambda: put(blobs, b"x"), lambda: blobs.has(ABSENT)):
        with pytest.raises(Unavailable) as caught:
            act()
        assert "quite-wrong" not in str(caught.value)


@pytest.mark.usefixtures("known")
def test_a_bucket_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(Unavailable, match="no such bucket"):
        put(open_blobs("s3://nobodys/prefix"), b"x")


def test_an_object_store_without_its_library_names_the_command() -> None:
    script = """
import sys
sys.modules["obstore"] = sys.modules["obstore.store"] = sys.modules["obstore.exceptions"] = None
from jupyter_mlops.store import open_blobs
from jupyter_mlops.errors import Unavailable
try:
    open_blobs("s3://bucket/prefix")
except Unavailable as failure:
    print(failure.remedy)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "pip install obstore" in said


def test_an_object_store_is_opened_by_its_address() -> None:
    assert isinstance(open_blobs("s3://bucket/prefix"), ObjectBlobs)


def test_a_store_that_fails_is_unavailable() -> None:
    from obstore.store import LocalStore

    blobs = ObjectBlobs(LocalStore("/proc", mkdir=False), "the bucket")
    with pytest.raises(Unavailable, match="the bucket"):
        put(blobs, b"x")
