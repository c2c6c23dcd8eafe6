"""What every place for bytes must do. An adapter's own tests subclass this and give it an empty one."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.store.protocol import Blobs

ABSENT = "0" * 64
BIG = bytes(range(256)) * 20_000  # more than one chunk


def put(blobs: Blobs, data: bytes) -> str:
    return blobs.put(io.BytesIO(data))


class BlobsContract:
    """Subclass with a fixture ``blobs``: empty, and the test's own."""

    @pytest.mark.parametrize("data", [b"", b"\x00", b"hello\n", BIG])
    def test_bytes_are_kept_under_their_digest(self, blobs: Blobs, data: bytes) -> None:
        digest = put(blobs, data)
        assert digest == hashlib.sha256(data).hexdigest()
        assert blobs.has(digest)
        assert blobs.size(digest) == len(data)
        with blobs.open(digest) as file:
            assert file.read() == data

    def test_content_is_taken_from_where_it_stands(self, blobs: Blobs) -> None:
        content = io.BytesIO(b"skipped, kept")
        content.seek(9)
        assert blobs.put(content) == hashlib.sha256(b"kept").hexdigest()

    def test_the_same_bytes_may_be_put_twice(self, blobs: Blobs) -> None:
        assert put(blobs, b"twice") == put(blobs, b"twice")
        with blobs.open(put(blobs, b"twice")) as file:
            assert file.read() == b"twice"

    def test_a_file_can_be_read_in_parts_and_from_anywhere(self, blobs: Blobs) -> None:
        with blobs.open(put(blobs, BIG)) as file:
            assert file.read(3) == BIG[:3]
            file.seek(1000)
            assert file.read(3) == BIG[1000:1003]
            assert file.readable()

    def test_what_is_not_there_is_not_found(self, blobs: Blobs) -> None:
        assert not blobs.has(ABSENT)
        for ask in (blobs.open, blobs.size):
            with pytest.raises(NotFound, match=ABSENT):
                ask(ABSENT)

    def test_removing_forgets(self, blobs: Blobs) -> None:
        digest = put(blobs, b"gone")
        blobs.remove(digest)
        assert not blobs.has(digest)
        blobs.remove(digest)
        assert put(blobs, b"gone") == digest
        assert blobs.has(digest)

    def test_a_collection_that_races_a_put_loses(self, blobs: Blobs) -> None:
        began = datetime.now(UTC) - timedelta(seconds=1)
        digest = put(blobs, b"young")
        blobs.remove(digest, unless_since=began)
        assert blobs.has(digest)
        blobs.remove(ABSENT, unless_since=began)

    def test_what_was_put_before_a_collection_began_is_forgotten(self, blobs: Blobs) -> None:
        digest = put(blobs, b"old")
        blobs.remove(digest, unless_since=datetime.now(UTC) + timedelta(hours=2))
        assert not blobs.has(digest)

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "../../etc/passwd",
            "ab",
            "A" * 64,
            "g" * 64,
            "0" * 63,
            "0" * 65,
            "0" * 64 + "\n",
            "00/" + "0" * 61,
        ],
    )
    def test_a_name_that_is_no_digest_is_refused(self, blobs: Blobs, name: str) -> None:
        for ask in (blobs.open, blobs.size, blobs.has, blobs.remove):
            with pytest.raises(Invalid, match="no digest"):
                ask(name)

    def test_threads_may_put_the_same_and_different_bytes_at_once(self, blobs: Blobs) -> None:
        digests: list[str] = []
        threads = [
            threading.Thread(target=lambda n=n: digests.append(put(blobs, str(n % 3).encode() * 5000)))
            for n in range(9)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(digests) == 9
        assert len(set(digests)) == 3
        assert all(blobs.has(digest) for digest in digests)
