"""The environment of this process, kept once with each workspace."""

from __future__ import annotations

import gc
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.tracking.environment import environment_digest, read_environment, this_environment
from jupyter_mlops.workspace import Workspace, open_workspace


def test_the_environment_is_taken_once_however_many_ask() -> None:
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: this_environment(), range(8)))
    assert all(one is taken[0] for one in taken)


def test_what_is_kept_is_what_was_taken(ws: Workspace) -> None:
    digest = environment_digest(ws)
    assert environment_digest(ws) == digest
    assert read_environment(ws, digest) == this_environment()


def test_each_workspace_has_its_own_bytes_also_where_another_lay_at_its_address() -> None:
    for _ in range(12):
        ws = open_workspace("memory://", environ={})
        assert ws.blobs.has(environment_digest(ws))
        ws.store.close()
        del ws
        gc.collect()


def test_a_run_without_one_or_whose_bytes_are_gone_has_none(ws: Workspace) -> None:
    assert read_environment(ws, None) is None
    assert read_environment(ws, "0" * 64) is None


def test_one_that_was_read_is_not_read_again_and_only_the_last_ones_are_remembered(ws: Workspace) -> None:
    digests = [
        ws.blobs.put(io.BytesIO(canonical(encode(replace(this_environment(), processor=f"{number}")))))
        for number in range(40)
    ]
    taken = [read_environment(ws, digest) for digest in digests]
    for digest in digests:
        ws.blobs.remove(digest)
    again = [read_environment(ws, digest) for digest in digests]
    assert again[-32:] == taken[-32:]
    assert again[:8] == [None] * 8


def test_what_this_process_kept_it_need_not_read_back(ws: Workspace) -> None:
    digest = environment_digest(ws)
    ws.blobs.remove(digest)
    assert read_environment(ws, digest) is this_environment()


def test_bytes_that_say_something_else_are_refused(ws: Workspace) -> None:
    with pytest.raises(Invalid):
        read_environment(ws, ws.blobs.put(io.BytesIO(b"{}")))
