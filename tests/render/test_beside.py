"""What only a watcher knows of a run: each part adds its own words to the card, and none has to be there."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.model import Manifest, ModelFile, Signature, SignatureColumn
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.render.beside import Beside, Curve
from jupyter_mlops.render.card import run_blocks
from jupyter_mlops.render.text import as_text, text_of
from tests.render.records_shown import a_run

RUN = a_run(metrics={"mae": 41.2, "r2": 0.9})  # it rests on the executions 2, 4 and 7
MODEL = Manifest(
    format="skops",
    kind="sklearn.linear_model.Ridge",
    files=(ModelFile(path="a", digest="d", size=1500), ModelFile(path="b", digest="d", size=500)),
    signature=Signature(inputs=(SignatureColumn(name="TEMP", dtype="float64"),)),
)
PARTS = {
    "steps": (Beside(steps=1200), ["1,200"]),
    "curves": (Beside(curves=(Curve(name="mae", points=((0, 60.0), (1, 41.2)), last=41.2),)), ["█▁", "60 → 41.2"]),
    "previous": (Beside(previous={"mae": 42.2}, previous_name="the run before"), ["−1 ▲ better", "the run before"]),
    "outputs": (Beside(outputs=(Artifact(run="r", name="figures/a.png", digest="d", size=3),)), ["1 figure"]),
    "model": (Beside(model=MODEL), ["skops 2.0 kB", "1 column"]),
    "counts": (Beside(counts=(3, 5, 8)), ["In [3], [5], [8]"]),
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
