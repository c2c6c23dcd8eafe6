"""The verdict on what was run again."""

from __future__ import annotations

import itertools

import pytest
from contracts.records import RecordContract

from jupyter_mlops.records import reproduced
from jupyter_mlops.records.reproduced import OutputDifference, ReproductionVerdict, at_least, worst_verdict


class TestRecords(RecordContract):
    module = reproduced
    required = {"OutputDifference": "cell id part verdict says", "Reproduced": "verdict run at"}


@pytest.mark.parametrize("verdicts", list(itertools.permutations(ReproductionVerdict, 2)))
def test_the_worse_of_two_verdicts_counts_in_either_order(verdicts) -> None:
    order = list(ReproductionVerdict)
    assert at_least(*verdicts) is (order.index(verdicts[0]) < order.index(verdicts[1]))
    assert at_least(verdicts[0], verdicts[0])
    assert worst_verdict(verdicts) is order[max(map(order.index, verdicts))]


def test_of_no_parts_at_all_nothing_differs() -> None:
    assert worst_verdict(()) is ReproductionVerdict.IDENTICAL


def test_a_difference_of_outputs_is_one_sentence_that_begins_with_the_cell() -> None:
    found = OutputDifference(
        cell=5, id="a", part="display", verdict=ReproductionVerdict.DIFFERS, says="was 1 and is 2"
    )
    assert str(found) == "cell 5 display: was 1 and is 2"
