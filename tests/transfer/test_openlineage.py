"""Runs as events for tools that draw lineage."""

import json
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from contracts.samples import full_run, run

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.run import RunError, RunInput, RunStatus
from jupyter_mlops.tracking import finish_run, start_run
from jupyter_mlops.transfer.openlineage import run_events
from tests.registry.books import registered


def kept(ws, **changes):
    made = run(ws.new_id(), **changes)
    with ws.store.write() as tx:
        tx.runs.add(made)
    return made


def test_a_run_is_told_as_start_and_end_under_one_id(memory_ws, clock):
    begun = start_run(memory_ws, name="first", experiment="air")
    assert [event["eventType"] for event in run_events(memory_ws, begun.id)] == ["START"]

    clock.advance(5)
    finish_run(memory_ws, run=begun.id)
    start, end = run_events(memory_ws, begun.id)

    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert start["job"] == end["job"] == {"namespace": "jupyter-mlops", "name": "air.first"}
    assert end["eventTime"] == (begun.started + timedelta(seconds=5)).isoformat()
    json.dumps([start, end])


def test_a_failed_run_carries_its_error(memory_ws):
    begun = start_run(memory_ws, name="first")
    finish_run(
        memory_ws,
        run=begun.id,
        status=RunStatus.FAILED,
        error=RunError(kind="ValueError", message="no", traceback="T"),
    )

    end = run_events(memory_ws, begun.id)[-1]

    assert end["eventType"] == "FAIL"
    assert end["run"]["facets"]["errorMessage"]["message"] == "ValueError: no"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (RunStatus.FINISHED, "COMPLETE"),
        (RunStatus.FAILED, "FAIL"),
        (RunStatus.CANCELLED, "ABORT"),
        (RunStatus.LOST, "ABORT"),
    ],
)
def test_every_end_has_a_name_in_the_specification(memory_ws, clock, status, told):
    made = kept(memory_ws, status=status, ended=clock() + timedelta(days=1))

    assert [event["eventType"] for event in run_events(memory_ws, made.id)] == ["START", told]


def test_only_a_failure_carries_an_error(memory_ws, clock):
    error = RunError(kind="KeyboardInterrupt", message="")
    made = kept(memory_ws, status=RunStatus.CANCELLED, ended=clock(), error=error)

    assert [event["run"]["facets"] for event in run_events(memory_ws, made.id)] == [{}, {}]


def test_each_input_is_told_with_its_version_in_the_namespace_that_was_asked_for(memory_ws):
    inputs = (
        RunInput(name="X", role="train", digest="ab" * 32),
        RunInput(name="raw.csv", role="read", digest="c"),
    )
    made = kept(memory_ws, inputs=inputs)

    (event,) = run_events(memory_ws, made.id, namespace="prod")

    assert [(i["namespace"], i["name"]) for i in event["inputs"]] == [("prod", "X"), ("prod", "raw.csv")]
    assert event["inputs"][0]["facets"]["version"]["datasetVersion"] == "ab" * 32
    assert event["job"]["namespace"] == "prod"


def test_an_event_has_what_the_specification_requires_and_is_json(memory_ws):
    with memory_ws.store.write() as tx:
        tx.runs.add(full_run())

    for event in run_events(memory_ws, "r1"):
        assert {"eventTime", "producer", "schemaURL", "run", "job"} <= set(event)
        assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
        for facet in event["run"]["facets"].values():
            assert {"_producer", "_schemaURL"} <= set(facet)
        assert json.loads(json.dumps(event, allow_nan=False)) == event


def test_the_same_run_has_the_same_uuid_everywhere_and_another_has_another(memory_ws):
    ids = [run_events(memory_ws, kept(memory_ws).id)[0]["run"]["runId"] for _ in range(3)]

    assert len({uuid.UUID(one).int for one in ids}) == 3
    with memory_ws.store.write() as tx:
        tx.runs.add(run("01jqa3f91c"))
    assert run_events(memory_ws, "01jqa3f91c")[0]["run"]["runId"] == "ffb3b470-0570-598f-9077-c97802f5b9fd"


def test_a_run_may_be_named_by_its_tail_and_one_that_is_not_there_is_not_found(memory_ws):
    made = kept(memory_ws)

    assert run_events(memory_ws, made.id[-8:]) == run_events(memory_ws, made.id)
    with pytest.raises(NotFound):
        run_events(memory_ws, "nowhere")


@pytest.mark.usefixtures("no_round_trip")
def test_what_a_run_wrote_and_the_models_made_of_it_are_told_at_its_end(ws):
    version = registered(ws)
    with ws.store.write() as tx:
        made = tx.runs.get(version.run)
        tx.runs.replace(replace(made, written=(RunInput(name="out.csv", role="write", digest=""),)))

    start, end = run_events(ws, version.run)

    assert start["outputs"] == []
    assert [one["name"] for one in end["outputs"]] == ["out.csv", "models/pm25"]
    assert end["outputs"][0]["facets"] == {}
    assert end["outputs"][1]["facets"]["version"]["datasetVersion"] == version.digest
