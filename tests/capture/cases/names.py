"""Names: bound, bound again, deleted, taken apart."""

from __future__ import annotations

from jupyter_mlops.records.run import Grade
from tests.capture.cases.case import Case

CASES = [
    Case(
        "a_name_built_in_stages_keeps_each_stage",
        [("a", "x = [1]"), ("b", "x = x + [2]"), ("c", "x += [3]"), ("d", "unused = 5"), ("e", "result = x")],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_condition_leaves_both_ways_open",
        [("a", "x = 1"), ("b", "if len(str(1)) == 2:\n    x = 2"), ("c", "result = x")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "names_of_a_comprehension_stay_inside",
        [("a", "i = 5"), ("b", "squares = [i * i for i in range(3)]"), ("c", "result = i")],
        ["a:1", "c:3"],
    ),
    Case(
        "a_walrus_reaches_out_of_a_comprehension",
        [("a", "last = 0"), ("b", "seen = [last := i for i in range(4)]"), ("c", "result = last")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "deleting_and_making_anew",
        [("a", "x = 1"), ("b", "del x"), ("c", "x = 3"), ("d", "result = x")],
        ["c:3", "d:4"],
    ),
    Case(
        "an_item_deleted_is_kept",
        [("a", "d = {'a': 1, 'b': 2}"), ("b", "del d['a']"), ("c", "result = d")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "with_for_and_except_bind_their_names",
        [
            ("a", "import io"),
            ("b", "with io.StringIO('3') as f:\n    text = f.read()"),
            ("c", "for n in range(int(text)):\n    pass"),
            ("d", "result = n"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "exec_with_a_known_text_is_read",
        [("a", "x = 1"), ("b", "exec('x = x + 1')"), ("c", "other = 3"), ("d", "result = x")],
        ["a:1", "b:2", "d:4"],
    ),
    Case(
        "exec_with_an_unknown_text_keeps_everything_before",
        [("a", "x = 1"), ("b", "code = 'x = x' + ' + 1'"), ("c", "exec(code)"), ("d", "other = 3"), ("e", "result = x")],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_name_made_by_globals_is_found",
        [("a", "z = 4"), ("b", "globals()['x' + ''] = z"), ("c", "other = 3"), ("d", "result = x")],
        ["a:1", "b:2", "d:4"],
    ),
    Case(
        "an_alias_made_by_exec_reaches_back",
        [("a", "xs = [1]"), ("b", "exec('ys = ' + 'xs')"), ("c", "ys.append(2)"), ("d", "result = xs")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_star_import_is_kept",
        [("a", "from math import *"), ("b", "other = 1"), ("c", "result = floor(2.5)")],
        ["a:1", "c:3"],
    ),
    Case(
        "parallel_assignment_keeps_names_apart",
        [("a", "xs, ys = [1], [2]"), ("b", "ys.append(3)"), ("c", "result = xs")],
        ["a:1", "c:3"],
    ),
    Case(
        "swapping_names_swaps_objects",
        [("a", "xs, ys = [1], [2]"), ("b", "xs, ys = ys, xs"), ("c", "ys.append(3)"), ("d", "result = xs + ys")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_matched_name_is_an_alias",
        [
            ("a", "xs = [1, 2]"),
            ("b", "match {'k': xs}:\n    case {'k': found}:\n        found.append(3)"),
            ("c", "result = xs"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "shell_lines_and_reporting_magics_that_only_look_are_dropped",
        [("a", "x = 2"), ("b", "!ls -l\n%matplotlib inline\n%whos"), ("c", "%time result = x + 1")],
        ["a:1", "c:3"],
    ),
    Case(
        "a_timed_cell_binds_nothing_for_sure",
        [("a", "x = 2"), ("b", "%%timeit -n 1 -r 1\nx = 5"), ("c", "result = 1 if x else 0")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "what_a_cell_displayed_can_be_used",
        [("a", "xs = [1]"), ("b", "xs"), ("c", "other = 1"), ("d", "result = len(xs)")],
        ["a:1", "d:4"],
    ),
    Case(
        "environment_variables_reach_everybody",
        [
            ("a", "import os\nos.environ['MLOPS_TEST_SEED'] = '4'"),
            ("b", "other = 1"),
            ("c", "result = 2"),
        ],
        ["a:1", "c:3"],
    ),
    Case(
        "await_binds_like_anything_else",
        [
            ("a", "import asyncio\nxs = []"),
            ("b", "async def feed(n):\n    xs.append(n)\n    return n"),
            ("c", "job = feed(2)\nasyncio.run(job)"),
            ("d", "other = 1"),
            ("e", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_loop_over_an_async_generator_runs_it",
        [
            ("a", "import asyncio\nxs = []"),
            ("b", "async def feed():\n    for i in range(2):\n        xs.append(i)\n        yield i"),
            ("c", "async def drain():\n    async for i in feed():\n        xs.append(-i)"),
            ("d", "asyncio.run(drain())"),
            ("e", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "an_augmented_assignment_of_a_number_needs_the_number",
        [("a", "n = 1"), ("b", "n += 2"), ("c", "m = 7"), ("d", "n *= 3"), ("e", "result = n")],
        ["a:1", "b:2", "d:4", "e:5"],
    ),
    Case(
        "an_augmented_item_changes_its_container",
        [("a", "d = {'k': 1}"), ("b", "alias = d"), ("c", "alias['k'] += 4"), ("d", "result = d")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "an_augmented_list_changes_its_alias",
        [("a", "xs = [1]"), ("b", "ys = xs"), ("c", "ys += [2]"), ("d", "result = xs")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_global_deleted_in_a_function_is_gone",
        [
            ("a", "x = 1"),
            ("b", "def drop():\n    global x\n    del x"),
            ("c", "drop()"),
            ("d", "result = 'x' in dir()"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_name_bound_in_try_may_be_either",
        [
            ("a", "x = 1"),
            ("b", "try:\n    x = int('no')\nexcept ValueError:\n    y = 2"),
            ("c", "result = x"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_finally_always_runs",
        [("a", "xs = []"), ("b", "try:\n    pass\nfinally:\n    xs.append(1)"), ("c", "result = xs")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_context_manager_of_the_notebook_changes_what_it_holds",
        [
            ("a", "from contextlib import contextmanager\nxs = []"),
            ("b", "@contextmanager\ndef noted():\n    xs.append(1)\n    yield\n    xs.append(2)"),
            ("c", "with noted():\n    pass"),
            ("d", "other = 2"),
            ("e", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "suppress_leaves_both_ways_open",
        [
            ("a", "from contextlib import suppress\nx = 1"),
            ("b", "with suppress(ValueError):\n    x = int('no')"),
            ("c", "result = x"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "globals_with_a_known_name_binds_it",
        [("a", "z = 4"), ("b", "globals()['x'] = z"), ("c", "other = 3"), ("d", "result = x")],
        ["a:1", "b:2", "d:4"],
    ),
    Case(
        "a_match_with_a_class_reads_its_attributes",
        [
            ("a", "class P:\n    __match_args__ = ('x',)\n    def __init__(self, x):\n        self.x = x"),
            ("b", "p = P([1])"),
            ("c", "match p:\n    case P(found):\n        found.append(2)"),
            ("d", "result = p.x"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_lambda_looks_its_names_up_when_it_is_called",
        [("a", "k = 1"), ("b", "f = lambda x: x + k"), ("a", "k = 5"), ("c", "result = f(1)")],
        ["b:2", "a:3", "c:4"],
        Grade.REORDERED,
    ),
    Case(
        "a_lambda_default_is_taken_when_it_is_made",
        [("a", "k = 1"), ("b", "f = lambda x, k=k: x + k"), ("a", "k = 5"), ("c", "result = f(1)")],
        ["a:1", "b:2", "c:4"],
        Grade.STALE,
    ),
    Case(
        "a_type_hint_alone_binds_nothing",
        [("a", "x = 1"), ("b", "x: int"), ("c", "result = x")],
        ["a:1", "c:3"],
    ),
    Case(
        "a_star_import_hides_an_earlier_name",
        [("a", "floor = 3"), ("b", "from math import *"), ("c", "result = floor(2.5)")],
        ["a:1", "b:2", "c:3"],
    ),
]  # fmt: skip
