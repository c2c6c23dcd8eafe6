"""Two texts as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.jobs.outputs.rules import SAME, Rules
from jupyter_mlops.jobs.outputs.texts import compare_texts

RULES = Rules()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\n", "a\n\nb"),
        ("done in 3.2 s", "done in 11 s"),
        ("{'a': 1, 'b': [2]}", "{'b': [2], 'a': 1}"),
        ("{'x', 'y'}", "{'y', 'x'}"),
        ("<A at 0x7fffffff>", "<A at 0x7ffffff0>"),
        ("\x1b[1mx\x1b[0m", "x"),
    ],
)
def test_what_says_the_same_is_identical(before, after) -> None:
    assert compare_texts(before, after, RULES) == SAME


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("mae 1.5", "mae 1.75", "was 1.5 and is 1.75"),
        ("a 1\nb  2", "a 1\nb 12", "line 2 was 2 and is 12"),
        ("a", "b", "was a and is b"),
        ("version 1.9.0", "version 1.9.1", "was version 1.9.0 and is version 1.9.1"),
        ("a", "a\nb", "line 2 is new: b"),
        ("a\nb", "a", "line 2 is gone: b"),
        ("", "warned", "is new: warned"),
        ("{'a': [1, 2]}", "{'a': [1, 3]}", "a[1] was 2 and is 3"),
        (
            "    mean\nx  1.0\ny  2.0",
            "    mean\nx  1.0\ny  3.0",
            "table row 2 (y) column mean: was 2.0 and is 3.0",
        ),
    ],
)
def test_the_first_difference_is_named(before, after, says) -> None:
    found = compare_texts(before, after, RULES)
    assert (found.differs, found.says) == (True, says)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mae 0.123456789, n 3", "mae 0.123456788, n 3"),
        ("{'a': 1.0}", "{'a': 1.0000001}"),
        ("mean  1.00000001\n-------", "mean 1.0\n---"),
        ("    mean\nx  1.0\ny  2.0", "    mean\nx  1.0\ny  2.0000001"),
    ],
)
def test_numbers_may_be_a_little_apart(before, after) -> None:
    found = compare_texts(before, after, RULES)
    assert found.verdict == "within_tolerance"
    assert compare_texts(before, after, Rules(relative=0, absolute=0)).differs


def test_a_later_difference_is_not_hidden_by_an_earlier_one_that_is_small() -> None:
    found = compare_texts("a 1.0\nb 1", "a 1.00000001\nb 2", RULES)
    assert found.says == "line 2 was 1 and is 2"


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_can_be_compared_and_a_text_with_itself_is_the_same(one, two) -> None:
    assert compare_texts(one, one, RULES) is SAME
    found, turned = compare_texts(one, two, RULES), compare_texts(two, one, RULES)
    assert found.verdict is turned.verdict
    assert bool(found.says) is (found is not SAME)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("n 1234567890123456789", "n 1234567890123456788", "within_tolerance"),
        (f"n {10**400}", f"n {10**400 + 1}", "differs"),
        (f"n {10**2000}", f"n {10**2000 + 1}", "differs"),
        ("n 1e400", "n 1e500", "differs"),
        ("[1e400, 2]", "[1e500, 2]", "differs"),
        ("(1e400, 2)", "(1e500, 2)", "differs"),
        ("n 1e400 a", "n 1e400 a ", "identical"),
        ("n 007", "n 7", "identical"),
        ("acc: 93% | f1: 0.81 | auc 0.9", "acc: 12% | f1: 0.10 | auc 0.2", "differs"),
        ("a ███ 3", "a ████████ 9", "differs"),
        ("a ███ 3", "a ████████ 3", "identical"),
        ("1" * 1_000_000 + "x 1", "1" * 1_000_000 + "x 2", "differs"),
    ],
)
def test_no_result_is_taken_for_another(before, after, verdict) -> None:
    assert compare_texts(before, after, RULES).verdict == verdict
