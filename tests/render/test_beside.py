"""What only a watcher knows of a run: each part adds its own words to the card, and none has to be there."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from jupyter_mlops.records.artifact import ENVIRONMENT, Artifact
from jupyter_mlops.records.beside import KeptModel, Relative, RunBeside
from jupyter_mlops.records.comparison import MetricRow
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.reproduced import Reproduced, ReproductionVerdict
from jupyter_mlops.records.run import DocumentState, Grade, Run, RunError, RunStatus
from jupyter_mlops.records.source import Environment
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render.beside import Beside, Curve, name_before
from jupyter_mlops.render.card import run_blocks
from jupyter_mlops.render.text import as_text, text_of
from tests.render.records_shown import a_run

RUN = a_run(metrics={"mae": 41.2, "r2": 0.9})  # it rests on the executions 2, 4 and 7
MODEL = KeptModel(name="model", format="skops", kind="sklearn.linear_model.Ridge", size=2000, columns=1)
RAN = Environment(
    python="3.12.3", implementation="CPython", platform="Linux", cpus=8, packages={"numpy": "2.1.0"}
)
PARTS = {
    "steps": (Beside(steps=1200), ["1,200"]),
    "curves": (Beside(curves=(Curve(name="mae", points=((0, 60.0), (1, 41.2)), last=41.2),)), ["█▁", "60 → 41.2"]),
    "previous": (Beside(previous={"mae": 42.2}, previous_name="the run before"), ["−1 ▲ better", "the run before"]),
    "outputs": (Beside(outputs=(Artifact(run="r", name="figures/a.png", digest="d", size=3),)), ["1 figure"]),
    "models": (Beside(models=(MODEL,)), ["skops 2.0 kB, 1 column"]),
    "counts": (Beside(counts=(3, 5, 8)), ["In [3], [5], [8]"]),
    "environment": (Beside(environment=RAN), ["Environment: Python 3.12.3 · Linux · 8 CPUs · 1 package"]),
    "elapsed": (Beside(elapsed=65.0), ["1 min 5 s so far"]),
}  # fmt: skip


def card(beside: Beside, run: Run = RUN) -> str:
    return text_of(run_blocks(run, beside))


@pytest.mark.parametrize(("beside", "words"), PARTS.values(), ids=PARTS)
def test_each_part_adds_its_own_words_and_no_other_part_is_needed_for_it(
    beside: Beside, words: list[str]
) -> None:
    bare = as_text(RUN)

    assert all(word in card(beside) for word in words)
    assert not any(word in bare for word in words)
    assert card(Beside()) == bare


def test_all_parts_together_say_what_each_says_alone() -> None:
    given = {
        field.name: getattr(beside, field.name)
        for beside, _ in PARTS.values()
        for field in dataclasses.fields(beside)
        if getattr(beside, field.name) != getattr(Beside(), field.name)
    }
    whole = card(Beside(**given))

    # Beside a curve there is the way that a figure has gone.
    assert [word for _, words in PARTS.values() for word in words if word not in whole] == []


@pytest.mark.parametrize("counts", [(), (3,), (3, None, 8), (3, 5, 8, 9)])
def test_cells_are_called_by_their_numbers_only_where_the_number_of_each_is_known(
    counts: tuple[int | None, ...],
) -> None:
    assert "3 cells of 11 executions" in card(Beside(counts=counts))
    assert "In [" not in card(Beside(counts=counts))


def test_a_run_before_it_that_measured_something_else_is_not_compared_with() -> None:
    assert "the run before" not in card(Beside(previous={"accuracy": 0.9}, previous_name="the run before"))


def test_a_curve_of_which_no_point_is_left_still_tells_its_last_value() -> None:
    shown = card(Beside(curves=(Curve(name="mae", points=(), last=41.2),)))

    assert "41.2 → 41.2" in shown
    assert shown.count("mae ↓") == 1


def test_a_live_card_pulses_with_the_beat_and_stands_still_without_one() -> None:
    live = replace(RUN, status=RunStatus.RUNNING, ended=None)
    signs = [card(Beside(beat=beat), live)[0] for beat in (1, 2, 3, 4)]

    assert signs[0] == signs[2] != signs[1] == signs[3]
    assert card(Beside(), live) == as_text(live)


def test_it_is_a_value_whose_parts_are_given_by_name() -> None:
    beside, _ = PARTS["curves"]

    assert replace(beside, steps=3).curves == beside.curves
    with pytest.raises(dataclasses.FrozenInstanceError):
        beside.steps = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        Beside(1.0)  # type: ignore[misc]


def test_a_failure_names_the_cell_by_its_number_where_the_card_does_not_stand_under_it() -> None:
    failed = replace(
        RUN, status=RunStatus.FAILED, error=RunError(kind="KeyError", message="'x'", line=3, code="fit(X)")
    )

    assert "line 3 of the cell: fit(X)" in card(Beside(), failed)
    assert "line 3 of In [7]: fit(X)" in card(Beside(failed=7), failed)


def test_several_models_are_told_apart_by_their_names_and_their_files_are_not_listed_twice() -> None:
    files = [
        Artifact(run="r", name=name, digest="d", size=3)
        for name in ("models/model/model.skops", "models/odd/model.skops", "files/a.csv", "figures/a.png")
    ]
    other = replace(MODEL, name="small", columns=0)

    assert "model: skops 2.0 kB, 1 column · small: skops 2.0 kB" in card(Beside(models=(MODEL, other)))
    shown = card(Beside(models=(MODEL, other), outputs=tuple(files)))
    assert "1 figure · models/odd/model.skops 3 B · files/a.csv 3 B" in shown


def test_the_list_of_packages_is_neither_an_output_nor_an_uncommitted_change() -> None:
    listed = Artifact(run="r", name=ENVIRONMENT, digest="d", size=9000)
    patch = Artifact(run="r", name="source/uncommitted.patch", digest="d", size=1200)

    assert card(Beside(outputs=(listed,), has_files=1)) == as_text(RUN)
    shown = card(Beside(outputs=(listed, patch), has_files=2))
    assert "uncommitted  source/uncommitted.patch 1.2 kB\n" in shown
    assert "environment.txt" not in shown


def test_a_run_that_goes_on_has_no_fold_of_its_packages() -> None:
    assert "Environment" not in card(Beside(environment=RAN), replace(RUN, status=RunStatus.RUNNING))


def test_what_the_books_tell_of_a_stored_run_is_drawn_as_what_was_seen_of_it() -> None:
    told = RunBeside(
        run=RUN.id,
        before="0" * 20 + "b4f0re",
        metrics=(
            MetricRow(name="mae", values=(42.2, 41.2), direction=Direction.LOWER, best=1, difference=-1.0),
            MetricRow(name="r2", values=(None, 0.9), direction=Direction.HIGHER),
        ),
        counts=(3, 5, 8),
        failed=8,
        steps=1200,
        models=(MODEL,),
    )
    curve = Curve(name="loss", points=((0, 2.0), (1, 1.0)), last=1.0)
    files = (Artifact(run="r", name="figures/a.png", digest="d", size=3),)
    seen = Beside(
        steps=1200,
        curves=(curve,),
        previous={"mae": 42.2},
        previous_name="the run before, b4f0re",
        outputs=files,
        models=(MODEL,),
        counts=(3, 5, 8),
        failed=8,
    )

    assert Beside.of(told, outputs=files, curves=[curve]) == seen
    assert name_before(told.before or "") == seen.previous_name
    assert card(Beside.of(RunBeside(run=RUN.id))) == as_text(RUN)


def test_asked_for_alone_it_says_its_words_of_the_card() -> None:
    row = MetricRow(name="mae", values=(42.2, 41.2), direction=Direction.LOWER, best=1, difference=-1.0)
    told = RunBeside(run="0" * 26, before="1" * 26, metrics=(row,), counts=(2, 7), failed=7, models=(MODEL,))
    text = as_text(told)

    assert "environment" not in text
    assert "environment  Python 3.12.3 · Linux" in as_text(replace(told, environment=RAN))
    for words in (
        "Beside the run 000000",
        "mae ↓",
        "41.2  (−1 ▲ better)",
        "the run before, 111111",
        "In [2], [7]",
        "failed at  In [7]",
        "skops 2.0 kB, 1 column",
    ):
        assert words in text
    assert text.count("the run before") == 1
    alone = replace(told, metrics=(replace(row, values=(None, 41.2), best=None, difference=None),))
    assert "before     the run before, 111111" in as_text(alone)
    assert "Nothing: no run before it" in as_text(RunBeside(run="0" * 26))


def test_what_came_of_it_when_it_was_run_again_is_told_on_both_cards() -> None:
    again = Reproduced(
        verdict=ReproductionVerdict.DIFFERS,
        run="0" * 20 + "d3f1aa",
        at=RUN.started,
        cause="the data differ: X",
    )
    told = RunBeside(run=RUN.id, reproduced=again)
    for said in (card(Beside.of(told)), as_text(told)):
        assert "run again  ✕ differs in d3f1aa: the data differ: X" in said
    for verdict, run, words in (
        (ReproductionVerdict.IDENTICAL, again.run, "✓ identical in d3f1aa"),
        (ReproductionVerdict.WITHIN_TOLERANCE, again.run, "✓ within tolerance in d3f1aa"),
        (ReproductionVerdict.DOES_NOT_RUN, None, "✕ does not run"),
    ):
        one = replace(again, verdict=verdict, run=run, cause="")
        assert card(Beside(reproduced=one)).count(f"run again  {words}\n") == 1


def test_kin_are_told_in_one_line_each_and_the_rest_counted():
    def relative(number: int, **more: object) -> Relative:
        said = {"status": RunStatus.FINISHED, "metric": "mae", "value": 41.25, **more}
        return Relative(run=f"{number:026}", name=f"trial {number}", **said)

    stale = RunTrust(grade=Grade.STALE, grade_reason="why", document=DocumentState.ORPHANED)
    told = RunBeside(
        run=RUN.id,
        parent=relative(99, metric="", value=None, trust=RunTrust(grade=Grade.CLEAN)),
        children=(
            relative(1, status=RunStatus.FAILED, trust=stale),
            *(relative(number) for number in range(2, 8)),
        ),
        has_children=12,
    )
    for said in (card(Beside.of(told)), as_text(told)):
        line = next(line for line in said.splitlines() if "its runs" in line)
        assert "trial 1 (000001) failed ⚠ stale, orphaned mae" in line
        assert "trial 6 (000006) mae" in line
        assert "trial 7" not in line
        assert line.endswith("(+6)")
        assert "trial 99 (000099) ✓ clean" in next(line for line in said.splitlines() if "part of" in line)
