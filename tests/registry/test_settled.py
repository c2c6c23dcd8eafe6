"""A version is registered when its run has said its last word, so that no evidence changes behind an approval."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from jupyter_mlops.records.run import DIGEST_LATER, RunInput, RunStatus
from jupyter_mlops.registry import evidence_parts, register_version
from jupyter_mlops.registry.settled import all_said, when_all_is_said
from tests.registry.books import logged_run


def from_a_kernel(ws, **source):
    """A run that ended a moment ago in a kernel, without its surroundings."""
    run = logged_run(ws)
    late = replace(run, ended=ws.now(), source=replace(run.source, session="s", environment=None, **source))
    with ws.store.write() as tx:
        tx.runs.replace(late)
    return run, late


@pytest.mark.usefixtures("no_round_trip")
def test_registering_waits_for_what_the_kernel_still_says(sql_ws):
    whole, late = from_a_kernel(sql_ws)

    def say() -> None:
        with sql_ws.store.write() as tx:
            tx.runs.replace(replace(late, source=replace(late.source, environment=whole.source.environment)))

    soon = threading.Timer(0.3, say)
    soon.start()
    version = register_version(sql_ws, model="pm25", run=late.id)
    soon.join()
    with sql_ws.store.read() as tx:
        told = {"model": "pm25", "version": version.version, "alias": "champion"}
        assert tx.runs.get(late.id).source.environment == whole.source.environment
        parts = evidence_parts(tx, sql_ws.blobs, **told, champion=None)
    with sql_ws.store.read() as tx:
        assert evidence_parts(tx, sql_ws.blobs, **told, champion=None) == parts


def test_a_kernel_that_says_nothing_more_is_not_waited_for_without_end(sql_ws, monkeypatch):
    _, late = from_a_kernel(sql_ws)
    monkeypatch.setattr("jupyter_mlops.registry.settled._LONGEST", 0.2)
    assert when_all_is_said(sql_ws, late).source == late.source


def test_what_is_still_expected_is_an_environment_and_the_digests_of_files(ws):
    whole, late = from_a_kernel(ws)
    there = replace(late, source=replace(late.source, environment=whole.source.environment))
    pending = RunInput(name="big.csv", role="read", digest="", kind="file", size=10**9, note=DIGEST_LATER)
    never = replace(pending, note="not on this machine's disks: not digested")
    assert not all_said(ws, late)
    assert all_said(ws, there)
    assert not all_said(ws, replace(there, inputs=(*there.inputs, pending)))
    assert all_said(ws, replace(there, inputs=(*there.inputs, never)))


def test_nothing_is_expected_of_a_script_of_a_running_run_and_of_one_long_ended(ws, clock):
    _, late = from_a_kernel(ws)
    assert all_said(ws, replace(late, source=replace(late.source, session=None)))
    assert all_said(ws, replace(late, status=RunStatus.RUNNING, ended=None))
    clock.advance(120)
    assert all_said(ws, late)
