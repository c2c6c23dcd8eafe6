"""Why a model was not kept stands in a run's notes; who looks for it is told."""

from __future__ import annotations

from contracts.samples import run

from jupyter_mlops.errors import Untrusted
from jupyter_mlops.registry.refused import not_kept, refusals_in


def test_a_refusal_is_told_as_a_sentence_with_its_remedy() -> None:
    note = not_kept("best_estimator", Untrusted("it would run code", remedy="Use a plain function."))
    assert note == "the best estimator was not kept: it would run code. Use a plain function."
    assert refusals_in([run("a", notes=("seeds differ", note))]) == f"T{note[1:]}"
    assert refusals_in([run("a", notes=(not_kept("model", "why"),))]) == "The model was not kept: why."


def test_one_reason_is_told_once_and_only_a_few_of_many() -> None:
    runs = [run(f"r{n}", notes=(not_kept("model", "the same"), not_kept("model", n))) for n in range(9)]
    told = refusals_in(runs)
    assert told.count("the same") == 1
    assert told.count("was not kept") == 3


def test_other_notes_are_no_refusals() -> None:
    said = ("the model's own file a.ubj has 9 bytes and was not kept", "one was not kept: really")
    assert refusals_in([run("a", notes=said), run("b", notes=())]) == ""
