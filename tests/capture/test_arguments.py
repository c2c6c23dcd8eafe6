"""The arguments of a call."""

from __future__ import annotations

from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.world import Value


def test_all_values_count_whether_by_place_or_by_name() -> None:
    given = Arguments(values=[Value(frozenset({1})), Value()], keywords={"by": Value(frozenset({2, 3}))})
    assert given.every() == [Value(frozenset({1})), Value(), Value(frozenset({2, 3}))]
    assert given.regions() == {1, 2, 3}


def test_a_text_is_known_where_it_stands_first() -> None:
    assert Arguments(values=[Value(const="a"), Value(const="b")]).text() == "a"
    assert Arguments(values=[Value(frozenset({1}))]).text() is None
    assert Arguments(keywords={"path": Value(const="a")}).text() is None
    assert Arguments().regions() == frozenset()
