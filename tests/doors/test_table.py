"""The table is honest: every verb is a row or has a reason not to be, and every row can be said at each door."""

import dataclasses
import importlib
import inspect
import re
import typing
from datetime import datetime
from enum import Enum

import pytest

from jupyter_mlops.operations.binding import arguments_of, result_of, summary_of
from jupyter_mlops.operations.grammar import command_of
from jupyter_mlops.operations.kinds import item_of, members_of, without_none
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS, RESOURCES
from jupyter_mlops.operations.words import help_of
from jupyter_mlops.records.codec import schema_of
from jupyter_mlops.workspace import Workspace

PACKAGES = [
    "tracking",
    "registry",
    "datasets",
    "ledger",
    "jobs",
    "review",
    "serving",
    "monitoring",
    "automation",
    "releases",
    "reports",
    "transfer",
]  # fmt: skip
RESERVED = {"path", "token", "_xsrf", "no_track_activity"}

HANDLE = "a live run's handle calls it; from outside a run is not written to"
WITHIN = "takes a transaction: a part of other verbs"
LOCAL = "gives back an object of this process: a model, an open file, a live handle"
NO_WORKSPACE = "works on a record that is at hand, not on a workspace"
TURNS = "a process: see operations.processes"
# Every function a package hands on that is no operation, and why.
NOT_ROWS = {
    "automation.check_notebooks": TURNS,
    "automation.keep_schedules": TURNS,
    "automation.run_pipeline": TURNS,
    "automation.resume_sweep": TURNS,
    "automation.sweep_notebook": TURNS,
    "jobs.reproduce_run": TURNS,
    "automation.follow_up": "what tick does with an ended job",
    "automation.import_elyra": TURNS,
    "automation.run_notebook": TURNS,
    "automation.scheduler": TURNS,
    "automation.tick": TURNS,
    "datasets.load_data": LOCAL,
    "datasets.register_frame": "takes a frame of this process",
    "jobs.settle_jobs": "what tick does first",
    "ledger.check_chain": NO_WORKSPACE,
    "ledger.verify_chain": "a part of review.verify, which also recomputes the approvals",
    "monitoring.measure_drift": "takes a frame of this process",
    "registry.changed_parts": WITHIN,
    "registry.check_standing": "a part of load_model and of review.verify",
    "registry.evidence_digest": NO_WORKSPACE,
    "registry.evidence_parts": WITHIN,
    "registry.lapse_sentence": NO_WORKSPACE,
    "registry.lapse_within": WITHIN,
    "registry.load_model": LOCAL,
    "registry.manifest_bytes": NO_WORKSPACE,
    "registry.move_alias_within": WITHIN,
    "registry.policy_of": WITHIN,
    "registry.version_of": WITHIN,
    "review.as_junit": NO_WORKSPACE,
    "review.as_markdown": NO_WORKSPACE,
    "serving.append_predictions": "what the process that answers writes",
    "serving.deploy": "what serve does first",
    "serving.settle": "what the process that answers says of itself",
    "serving.swap": "what the process that answers says of itself",
    "transfer.export_bundle": TURNS,
    "transfer.import_bundle": TURNS,
    "transfer.import_mlflow": TURNS,
    "transfer.run_events": TURNS,
    "tracking.download_artifacts": TURNS,
    "tracking.finish_run": HANDLE,
    "tracking.load_data": LOCAL,
    "tracking.load_model": LOCAL,
    "tracking.log_artifact": HANDLE,
    "tracking.log_metrics": HANDLE,
    "tracking.log_model": HANDLE,
    "tracking.log_params": HANDLE,
    "tracking.open_artifact": LOCAL,
    "tracking.reopen_run": HANDLE,
    "tracking.settle_lost": "done by whoever lists runs next",
    "tracking.start_run": HANDLE,
    "tracking.autolog": "a switch of this process: %mlops autolog",
    "tracking.track": LOCAL,
    "tracking.current_run": LOCAL,
    "tracking.output": HANDLE,
}


def verbs():
    for package in PACKAGES:
        room = importlib.import_module(f"jupyter_mlops.{package}")
        for name in room.__all__:
            if inspect.isfunction(getattr(room, name)):
                yield f"{package}.{name}"


def test_every_verb_is_an_operation_or_has_a_reason_not_to_be():
    rows = {row.target for row in OPERATIONS}

    assert sorted(set(verbs()) - rows - set(NOT_ROWS)) == []


def test_no_reason_is_given_for_what_is_gone_or_is_a_row():
    rows = {row.target for row in OPERATIONS}

    assert sorted(name for name in NOT_ROWS if name in rows or name not in set(verbs())) == []


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_an_operation_takes_a_workspace_first(row):
    first = next(iter(inspect.signature(row.verb).parameters))

    assert typing.get_type_hints(row.verb)[first] is Workspace


def sayable(kind) -> bool:
    """Text, numbers, booleans, times, enums, records, and lists or mappings of these."""
    shape, item = item_of(kind)
    if shape != "one":
        return sayable(item)
    return all(
        member in (str, int, float, bool, datetime, object, type(None))
        or dataclasses.is_dataclass(member)
        or (isinstance(member, type) and issubclass(member, Enum))
        for member in members_of(item)
    )


@pytest.mark.parametrize("row", [*OPERATIONS, *PROCESSES], ids=lambda row: row.name)
def test_its_parameters_can_be_said_in_words_and_in_json(row):
    assert [a.name for a in arguments_of(row.verb) if not sayable(a.kind)] == []


@pytest.mark.parametrize("row", [r for r in OPERATIONS if r.action == "read"], ids=lambda row: row.name)
def test_its_parameters_do_not_collide_with_the_doors_own(row):
    assert [a.name for a in arguments_of(row.verb) if a.name in RESERVED] == []


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_its_path_names_parameters_that_are_one_text_each(row):
    kinds = {a.name: a.kind for a in arguments_of(row.verb)}

    for name in re.findall(r"\{(\w+)\}", row.path):
        assert item_of(kinds[name])[0] == "one"


@pytest.mark.parametrize("row", [*OPERATIONS, *PROCESSES], ids=lambda row: row.name)
def test_its_words_name_parameters_it_has(row):
    arguments = arguments_of(row.verb)
    records = [kind for a in arguments if dataclasses.is_dataclass(kind := without_none(a.kind))]
    known = {a.name for a in arguments} | {f.name for kind in records for f in dataclasses.fields(kind)}

    assert set(re.findall(r"\{(\w+)\}", row.words)) <= known


@pytest.mark.parametrize("row", [*OPERATIONS, *PROCESSES], ids=lambda row: row.name)
def test_its_help_begins_with_what_its_docstring_says_first(row):
    said = summary_of(row.verb)

    assert said
    assert said in " ".join(help_of(row).split())


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_its_answer_has_a_schema(row):
    schema = schema_of(result_of(row.verb), {})

    assert schema


def test_names_words_and_routes_are_each_used_once():
    rows = [*OPERATIONS, *PROCESSES]
    names = [row.name for row in rows]
    words = [command_of(row) for row in rows]
    routes = [(row.method, re.sub(r"\{\w+\}", "{}", row.path)) for row in OPERATIONS]

    assert len(set(names)) == len(names)
    assert len(set(words)) == len(words)
    assert len(set(routes)) == len(routes)


def test_reading_is_get_and_nothing_else_is():
    assert {row.action for row in OPERATIONS if row.method == "GET"} == {"read"}
    assert {row.action for row in OPERATIONS if row.method != "GET"} == {"write"}


def test_every_noun_has_a_resource_that_an_authorizer_can_tell_apart():
    assert {row.name.partition(".")[0] for row in OPERATIONS} <= set(RESOURCES)
    assert {row.resource for row in OPERATIONS} <= {f"jupyter_mlops:{name}" for name in RESOURCES.values()}
