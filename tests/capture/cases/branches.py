"""Bodies of conditions and loops: what is surely bound inside them, and what may be afterwards."""

from __future__ import annotations

from tests.capture.cases.case import NUMPY, Case

CASES = [
    Case(
        "the_variable_of_a_loop_does_not_lead_to_the_loop_before",
        [
            ("a", "values = [1, 2, 3]"),
            ("b", "for v in values:\n    w = v + 1\n    print(w)"),
            ("c", "total = 0\nfor v in values:\n    w = v * 2\n    total += w"),
            ("d", "result = total"),
        ],
        ["a:1", "c:3", "d:4"],
    ),
    Case(
        "a_loop_that_may_not_have_turned_leaves_what_was_there",
        [
            ("a", "values = []"),
            ("b", "v = 7"),
            ("c", "for v in values:\n    pass"),
            ("d", "result = v"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "what_a_loop_left_by_break_bound_before_is_not_forgotten",
        [
            ("a", "base = [1]"),
            ("b", "for n in range(3):\n    kept = base\n    if n == 1:\n        break\n    kept = [n]"),
            ("c", "kept.append(5)"),
            ("d", "result = len(base)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "the_second_round_of_a_loop_finds_what_the_first_left",
        [
            ("a", "base = [1]"),
            ("b", "last = []"),
            ("c", "for n in range(2):\n    last.append(n)\n    last = base"),
            ("d", "result = len(base)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_name_that_both_ways_bind_does_not_lead_to_what_it_was_before",
        [
            ("a", "n = 4"),
            ("b", "kind = 'unknown'"),
            ("c", "if n % 2:\n    kind = 'odd'\nelse:\n    kind = 'even'"),
            ("d", "result = kind"),
        ],
        ["a:1", "c:3", "d:4"],
    ),
    Case(
        "a_name_that_one_way_binds_does",
        [
            ("a", "n = 4"),
            ("b", "kind = 'even'"),
            ("c", "if n % 2:\n    kind = 'odd'"),
            ("d", "result = kind"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "three_ways_that_all_bind_are_like_two",
        [
            ("a", "n = 4"),
            ("b", "kind = None"),
            (
                "c",
                "if n > 9:\n    kind = 'big'\nelif n > 5:\n    kind = 'middling'\nelse:\n    kind = 'small'",
            ),
            ("d", "result = kind"),
        ],
        ["a:1", "c:3", "d:4"],
    ),
    Case(
        "three_ways_of_which_one_does_not_bind_are_not",
        [
            ("a", "n = 4"),
            ("b", "kind = 'small'"),
            ("c", "if n > 9:\n    kind = 'big'\nelif n > 5:\n    pass\nelse:\n    kind = 'tiny'"),
            ("d", "result = kind"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "what_stood_before_a_failure_is_what_the_handler_finds",
        [
            ("a", "base = [1]"),
            ("b", "try:\n    held = base\n    held = [1 / 0]\nexcept ZeroDivisionError:\n    held.append(2)"),
            ("c", "result = len(base)"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_function_called_under_a_condition_may_bind_over_what_was_bound_there",
        [
            ("a", "base = [1]"),
            ("b", "def swap(on):\n    global held\n    if on:\n        held = base"),
            ("c", "for n in range(2):\n    held = []\n    swap(n)\n    held.append(n)"),
            ("d", "result = len(base)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "the_stages_of_a_model_are_tables_that_change_nothing",
        [
            ("a", NUMPY + "\nfrom sklearn.ensemble import GradientBoostingRegressor"),
            ("b", "model = GradientBoostingRegressor(n_estimators=3, random_state=0).fit(X, y)"),
            (
                "c",
                "for step, part in enumerate(model.staged_predict(X)):\n    print(step, np.abs(part - y).mean())",
            ),
            ("d", "result = float(model.predict(X).sum())"),
        ],
        ["a:1", "b:2", "d:4"],
    ),
    Case(
        "stages_are_computed_from_the_model_as_it_is_when_they_are_asked_for",
        [
            ("a", NUMPY + "\nfrom sklearn.ensemble import GradientBoostingRegressor"),
            ("b", "model = GradientBoostingRegressor(n_estimators=3, random_state=0).fit(X, y)"),
            ("c", "stages = model.staged_predict(X)"),
            ("d", "model.fit(X, y * 2)"),
            ("e", "result = float(next(stages).sum())"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
]
