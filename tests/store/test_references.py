from __future__ import annotations

import io
import json

from jupyter_mlops.store.references import blobs_behind, digests_in


def test_a_document_is_followed_to_the_bytes_it_names(memory_ws):
    put = memory_ws.blobs.put
    leaf = put(io.BytesIO(b"weights"))
    manifest = put(io.BytesIO(json.dumps({"files": [{"digest": leaf}]}).encode()))
    found, gone = blobs_behind(memory_ws.blobs, {manifest})
    assert found == {manifest, leaf}
    assert gone == set()


def test_a_digest_that_names_no_bytes_is_told_apart(memory_ws):
    found, gone = blobs_behind(memory_ws.blobs, {"ab" * 32})
    assert (found, gone) == (set(), {"ab" * 32})


def test_bytes_that_only_look_like_a_document_are_not_followed(memory_ws):
    leaf = memory_ws.blobs.put(io.BytesIO(b"x"))
    other = memory_ws.blobs.put(io.BytesIO(b"{" + leaf.encode()))
    assert blobs_behind(memory_ws.blobs, {other})[0] == {other}


def test_digests_are_found_anywhere_in_a_line():
    assert digests_in(json.dumps({"a": ["a" * 64], "b": "0" * 64 + " x"})) == {"a" * 64, "0" * 64}
