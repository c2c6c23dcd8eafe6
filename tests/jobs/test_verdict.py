"""Two runs of the same cells, part by part."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from typing import Any

import pytest
from contracts.samples import artifact, run
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.jobs.verdict import _same, compare_again
from jupyter_mlops.records.report import ReproductionVerdict
from jupyter_mlops.records.run import Grade, MetricPoint, Run, RunInput
from jupyter_mlops.records.source import Source
from jupyter_mlops.workspace import Workspace

SAME, WITHIN, DIFFERS = (
    ReproductionVerdict.IDENTICAL,
    ReproductionVerdict.WITHIN_TOLERANCE,
    ReproductionVerdict.DIFFERS,
)


def kept(
    ws: Workspace, metrics: dict[str, float], inputs: dict[str, str] | None = None, **changes: Any
) -> Run:
    seen = tuple(RunInput(name=name, role="train", digest=digest) for name, digest in (inputs or {}).items())
    made = run(ws.new_id(), inputs=seen, **changes)
    with ws.store.write() as tx:
        tx.runs.add(made)
        tx.metrics.append(
            [
                MetricPoint(owner=made.id, sequence=n, key=k, value=v, at=ws.now())
                for n, (k, v) in enumerate(metrics.items(), 1)
            ]
        )
        return tx.runs.get(made.id)


def with_environment(ws: Workspace, made: Run, python: str = "3.11.1", **packages: str) -> Run:
    told = {"python": python, "implementation": "CPython", "platform": "x", "cpus": 2, "packages": packages}
    digest = ws.blobs.put(io.BytesIO(json.dumps(told).encode()))
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(made.id), source=replace(made.source, environment=digest)))
        return tx.runs.get(made.id)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"mae": 1.0}, {"mae": 1.0}, SAME),
        ({"mae": 1.0}, {"mae": 1.0 + 1e-9}, WITHIN),
        ({"mae": 1.0}, {"mae": 1.1}, DIFFERS),
        ({"mae": 1.0}, {}, DIFFERS),
        ({"mae": 1.0}, {"mae": 1.0, "extra": 2.0}, SAME),
        ({"mae": 1.0, "train_mae": 0.5}, {"mae": 1.0}, SAME),
        ({"mae": 1.0, "train_mae": 0.5}, {"mae": 1.0, "train_mae": 0.6}, DIFFERS),
        ({"mae": math.nan}, {"mae": math.nan}, SAME),
        ({"mae": math.nan}, {"mae": 1.0}, DIFFERS),
        ({"mae": math.inf}, {"mae": math.inf}, SAME),
        ({"mae": math.inf}, {"mae": -math.inf}, DIFFERS),
        ({"mae": 0.0}, {"mae": -0.0}, SAME),
        ({"mae": 0.0}, {"mae": 1e-300}, DIFFERS),
        ({"mae": 1.0, "fit_seconds": 3.0, "epoch_time": 1.0}, {"mae": 1.0, "fit_seconds": 9.0}, SAME),
    ],
)
def test_metrics_are_compared_by_value_and_measured_times_are_not(
    ws: Workspace, before: dict[str, float], after: dict[str, float], verdict: ReproductionVerdict
) -> None:
    assert compare_again(ws, kept(ws, before), kept(ws, after), 1e-6).verdict is verdict


@given(st.floats(), st.floats(), st.floats(0, 1))
def test_two_values_are_compared_alike_from_either_side_and_with_themselves(
    a: float, b: float, tolerance: float
) -> None:
    assert _same(a, b, tolerance) is _same(b, a, tolerance)
    assert _same(a, a, tolerance) is SAME


def test_metrics_of_tracked_cells_count_as_those_of_their_run(ws: Workspace) -> None:
    one, two = kept(ws, {}), kept(ws, {})
    kept(ws, {"mae": 1.0}, parent=one.id)
    kept(ws, {"mae": 2.0}, parent=two.id)
    found = compare_again(ws, one, two, 0.0)
    assert (found.verdict, found.causes) == (DIFFERS, ("mae was 1 and is 2",))


def test_the_causes_are_told_the_likeliest_first(memory_ws: Workspace) -> None:
    ws = memory_ws
    one = kept(ws, {"mae": 1.0}, {"X": "a" * 64}, source=Source(outside=("the file raw.csv",)))
    two = kept(ws, {"mae": 2.0}, {"X": "b" * 64})
    one, two = with_environment(ws, one, numpy="1"), with_environment(ws, two, "3.12.0", numpy="2", new="1")
    found = compare_again(ws, one, two, 1e-6)
    assert found.causes == (
        "the data differ: train X",
        "Python was 3.11.1 and is 3.12.0",
        "new was absent and is 1",
        "numpy was 1 and is 2",
        "also rests on the file raw.csv, which is not part of the cells",
        "mae was 1 and is 2",
    )
    assert dict(found.parts) == {"input train X": "differs", "metric mae": "differs"}


def test_another_imported_file_comes_behind_the_data_and_before_the_packages(memory_ws: Workspace) -> None:
    ws = memory_ws
    one, two = (
        kept(ws, {"mae": mae}, {"X": digest * 64}, source=Source(modules={"helpers.py": digest * 64}))
        for mae, digest in ((1.0, "a"), (2.0, "b"))
    )
    one, two = with_environment(ws, one, numpy="1"), with_environment(ws, two, numpy="2")
    assert compare_again(ws, one, two, 0.0).causes == (
        "the data differ: train X",
        "module helpers.py was aaaaaa and is bbbbbb",
        "numpy was 1 and is 2",
        "mae was 1 and is 2",
    )


def with_inputs(ws: Workspace, *digests: str) -> Run:
    inputs = tuple(RunInput(name="X", role="train", digest=digest) for digest in digests)
    with ws.store.write() as tx:
        made = run(ws.new_id(), inputs=inputs)
        tx.runs.add(made)
    return made


def test_data_of_one_name_do_not_hide_each_other(memory_ws: Workspace) -> None:
    one, two = with_inputs(memory_ws, "a", "b"), with_inputs(memory_ws, "c", "a")
    assert dict(compare_again(memory_ws, one, two, 0.0).parts) == {
        "input train X #1": "identical", "input train X #2": "differs"
    }  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [("", ""), ("a", ""), ("", "a")])
def test_data_without_a_digest_are_not_called_identical(
    memory_ws: Workspace, before: str, after: str
) -> None:
    one, two = with_inputs(memory_ws, before), with_inputs(memory_ws, after)
    assert dict(compare_again(memory_ws, one, two, 0.0).parts) == {}


def test_of_many_packages_that_differ_a_few_are_named(memory_ws: Workspace) -> None:
    one = with_environment(memory_ws, kept(memory_ws, {"mae": 1.0}), **{f"p{n}": "1" for n in range(9)})
    two = with_environment(memory_ws, kept(memory_ws, {"mae": 2.0}), **{f"p{n}": "2" for n in range(9)})
    causes = compare_again(memory_ws, one, two, 0.0).causes
    assert causes[4:] == ("p4 was 1 and is 2", "4 more packages differ", "mae was 1 and is 2")


def test_an_environment_that_is_gone_is_no_cause(memory_ws: Workspace) -> None:
    one = kept(memory_ws, {"mae": 1.0}, source=Source(environment="0" * 64))
    assert compare_again(memory_ws, one, kept(memory_ws, {"mae": 2.0}), 0.0).causes == ("mae was 1 and is 2",)


def test_where_all_is_identical_nothing_is_a_cause(memory_ws: Workspace) -> None:
    one = with_environment(memory_ws, kept(memory_ws, {"mae": 1.0}, {"X": "a"}), numpy="1")
    two = with_environment(memory_ws, kept(memory_ws, {"mae": 1.0}, {"X": "a"}), numpy="2")
    found = compare_again(memory_ws, one, two, 0.0)
    assert (found.verdict, found.causes) == (SAME, ())


def test_data_that_only_one_of_the_two_saw_is_no_difference(memory_ws: Workspace) -> None:
    one, two = kept(memory_ws, {}, {"X": "a", "only": "b"}), kept(memory_ws, {}, {"X": "a", "new": "c"})
    assert dict(compare_again(memory_ws, one, two, 0.0).parts) == {"input train X": "identical"}


def test_a_run_that_measured_nothing_says_how_little_was_compared(memory_ws: Workspace) -> None:
    found = compare_again(memory_ws, kept(memory_ws, {}), kept(memory_ws, {}), 0.0)
    assert found.verdict is SAME
    assert found.causes == (
        "the run measured nothing and read no known data: only that it runs was compared",
    )


def with_model(ws: Workspace, made: Run, **files: str) -> Run:
    with ws.store.write() as tx:
        for name, digest in files.items():
            tx.artifacts.add(replace(artifact(made.id, f"models/model/{name}"), digest=digest))
        tx.artifacts.add(replace(artifact(made.id, "models/model/manifest.json"), digest=made.id))
    return made


def test_other_bytes_of_a_model_alone_are_a_difference_of_writing(memory_ws: Workspace) -> None:
    ws = memory_ws
    first, second, third = (
        with_model(ws, kept(ws, {"mae": 1.0}), skops=digest) for digest in ("a" * 64, "a" * 64, "b" * 64)
    )
    assert compare_again(ws, first, second, 0.0).verdict is SAME
    assert compare_again(ws, first, third, 0.0).verdict is WITHIN


def test_every_file_of_a_model_counts(memory_ws: Workspace) -> None:
    ws = memory_ws
    one = with_model(ws, kept(ws, {}), a="a" * 64, b="b" * 64)
    two = with_model(ws, kept(ws, {}), a="c" * 64, b="b" * 64)
    assert compare_again(ws, one, two, 0.0).verdict is WITHIN


def test_inputs_and_models_of_tracked_cells_count_as_those_of_their_run(memory_ws: Workspace) -> None:
    ws = memory_ws
    one, two = kept(ws, {}), kept(ws, {})
    for parent, digest in ((one, "a" * 64), (two, "b" * 64)):
        with_model(ws, kept(ws, {}, {"X": digest}, parent=parent.id, name="fit"), skops=digest)
    found = compare_again(ws, one, two, 0.0)
    assert dict(found.parts) == {"input train X": "differs", "model model of fit": "within_tolerance"}
    assert found.causes == ("the data differ: train X",)


def test_what_was_shown_is_a_part_of_the_verdict_and_named_behind_the_metrics(memory_ws: Workspace) -> None:
    from jupyter_mlops.tracking.log import log_artifact

    ws = memory_ws
    one, two = kept(ws, {"mae": 1.0}), kept(ws, {"mae": 2.0})
    for made, said in ((one, b"mae 1"), (two, b"mae 2")):
        log_artifact(ws, run=made.id, content=said, name="stdout.txt", media_type="text/plain")
    found = compare_again(ws, one, two, 0.0)
    assert dict(found.parts) == {"metric mae": "differs", "outputs": "differs"}
    assert found.causes == ("mae was 1 and is 2", "cell 1 stdout: was 1 and is 2")
    assert [one.part for one in found.outputs] == ["stdout"]


@pytest.mark.parametrize(
    ("grade", "cause"),
    [
        (Grade.STALE, "the session was stale: x was set by a cell that was edited"),
        (Grade.REORDERED, "the session was reordered: x was set by a cell that was edited"),
        (Grade.CLEAN, None),
        (Grade.UNKNOWN, None),
    ],
)
def test_a_session_with_hidden_state_is_a_cause_where_something_else_came_of_it(
    memory_ws: Workspace, grade: Grade, cause: str | None
) -> None:
    ws = memory_ws
    one = kept(ws, {"mae": 1.0}, grade=grade, grade_reason="x was set by a cell that was edited")
    causes = compare_again(ws, one, kept(ws, {"mae": 2.0}), 0.0).causes
    assert causes == tuple(filter(None, (cause, "mae was 1 and is 2")))
