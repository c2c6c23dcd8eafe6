"""The matrix: synthetic sessions with the slice and grade each must have, and the slice run again in a fresh kernel."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from jupyter_mlops.capture.slicing import slice_of
from jupyter_mlops.records.run import Grade
from tests.capture.sessions import Session, replayed, result_of, steps

NUMPY = "import numpy as np\nrng = np.random.default_rng(7)\nX = rng.normal(size=(40, 3))\ny = X @ [1.0, 2.0, 3.0]"
PANDAS = "import pandas as pd\ndf = pd.DataFrame({'a': [3, 1, 2], 'b': [1.0, 2.0, 4.0]})"


@dataclass
class Case:
    """Cells as they ran, (id, source); what the slice of the last one must hold."""

    name: str
    ran: list[tuple[str, str]]
    kept: list[str]
    grade: Grade = Grade.CLEAN
    document: list[str] = field(default_factory=list)
    same: bool = True  # run alone, the slice gives the same result


CASES = [
    Case(
        "looking_at_a_frame_is_dropped",
        [
            ("a", PANDAS),
            ("b", "df.head()"),
            ("c", "print(df.shape, len(df), df.describe())"),
            ("d", "result = df.a.sum()"),
        ],
        ["a:1", "d:4"],
    ),
    Case(
        "another_computation_is_dropped",
        [("a", PANDAS), ("b", "other = df.groupby('a').b.mean()\nother = other * 2"), ("c", "result = df.b.sum()")],
        ["a:1", "c:3"],
    ),
    Case(
        "an_assignment_to_a_column_is_kept",
        [("a", PANDAS), ("b", "df['c'] = df.a * 2"), ("c", "result = df.sum().tolist()")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_cell_run_twice_counts_once_when_it_only_assigns",
        [("a", "x = 1"), ("a", "x = 1"), ("b", "result = x")],
        ["a:2", "b:3"],
    ),
    Case(
        "a_cell_that_adds_counts_each_time_it_ran",
        [("a", "xs = []"), ("b", "xs.append(len(xs))"), ("b", "xs.append(len(xs))"), ("c", "result = xs")],
        ["a:1", "b:2", "b:3", "c:4"],
        Grade.REORDERED,
    ),
    Case(
        "edited_and_run_again_before_use_the_new_version_counts",
        [("a", "x = 1"), ("a", "x = 2"), ("b", "result = x * 10")],
        ["a:2", "b:3"],
    ),
    Case(
        "edited_and_run_again_after_use_is_stale",
        [("a", "x = 1"), ("b", "y = x * 10"), ("a", "x = 2"), ("c", "result = y")],
        ["a:1", "b:2", "c:4"],
        Grade.STALE,
    ),
    Case(
        "run_again_after_use_and_used_again_is_stale",
        [("a", "x = 1"), ("b", "y = x * 10"), ("a", "x = 2"), ("c", "result = y + x")],
        ["a:1", "b:2", "a:3", "c:4"],
        Grade.STALE,
    ),
    Case(
        "everything_run_again_in_order_is_clean",
        [("a", "x = 1"), ("b", "y = x"), ("a", "x = 2"), ("b", "y = x"), ("c", "result = y")],
        ["a:3", "b:4", "c:5"],
    ),
    Case(
        "run_against_the_order_of_the_document_is_reordered",
        [("b", "x = 2"), ("a", "y = x"), ("c", "result = y")],
        ["b:1", "a:2", "c:3"],
        Grade.REORDERED,
        ["a", "b", "c"],
    ),
    Case(
        "out_of_order_cells_that_do_not_matter_leave_it_clean",
        [("b", "z = 2"), ("a", "x = 1"), ("c", "result = x")],
        ["a:2", "c:3"],
        Grade.CLEAN,
        ["a", "b", "c"],
    ),
    Case(
        "a_name_built_in_stages_keeps_each_stage",
        [("a", "x = [1]"), ("b", "x = x + [2]"), ("c", "x += [3]"), ("d", "unused = 5"), ("e", "result = x")],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_change_through_an_alias_is_kept",
        [("a", "xs = [1]"), ("b", "ys = xs"), ("c", "ys.append(2)"), ("d", "result = sum(xs)")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_change_through_a_container_is_kept",
        [
            ("a", "xs = [1]"),
            ("b", "box = {'k': [xs]}"),
            ("c", "box['k'][0].append(2)"),
            ("d", "result = sum(xs)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_change_through_an_attribute_is_kept",
        [
            ("a", "class Box:\n    pass\nxs = [1]\nbox = Box()"),
            ("b", "box.inside = xs"),
            ("c", "box.inside.append(2)"),
            ("d", "result = sum(xs)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_change_through_a_view_is_kept",
        [("a", NUMPY), ("b", "v = X[:, 0]"), ("c", "v[0] = 100"), ("d", "result = X.sum()")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_change_to_a_copy_is_dropped",
        [("a", NUMPY), ("b", "v = X.copy()"), ("c", "v[0] = 100"), ("d", "result = X.sum()")],
        ["a:1", "d:4"],
    ),
    Case(
        "a_change_in_a_loop_over_aliases_is_kept",
        [("a", "xs, ys = [1], [2]"), ("b", "for each in (xs, ys):\n    each.append(9)"), ("c", "result = xs + ys")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_function_that_changes_its_argument_is_kept",
        [
            ("a", "def grow(items):\n    items.append(1)"),
            ("b", "xs = []"),
            ("c", "grow(xs)"),
            ("d", "result = len(xs)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_function_that_only_reads_its_argument_is_dropped",
        [
            ("a", "def total(items):\n    return sum(items)"),
            ("b", "xs = [1, 2]"),
            ("c", "print(total(xs))"),
            ("d", "result = len(xs)"),
        ],
        ["b:2", "d:4"],
    ),
    Case(
        "a_function_rests_on_the_names_it_takes_from_outside",
        [
            ("a", "factor = 3"),
            ("b", "def scale(x):\n    return inner(x)"),
            ("c", "def inner(x):\n    return x * factor"),
            ("d", "unused = 1"),
            ("e", "result = scale(2)"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_function_redefined_after_use_is_stale",
        [
            ("a", "def f(x):\n    return x + 1"),
            ("b", "y = f(1)"),
            ("a", "def f(x):\n    return x + 100"),
            ("c", "result = y"),
        ],
        ["a:1", "b:2", "c:4"],
        Grade.STALE,
    ),
    Case(
        "a_function_that_sets_a_global_is_kept",
        [
            ("a", "def prepare():\n    global scale\n    scale = 5"),
            ("b", "prepare()"),
            ("c", "result = scale * 2"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_closure_with_a_state_keeps_each_call",
        [
            ("a", "def counter():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n        return n\n    return up"),
            ("b", "tick = counter()"),
            ("c", "tick()"),
            ("d", "result = tick()"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_function_handed_to_another_is_called",
        [
            ("a", "xs = []"),
            ("b", "def note(x):\n    xs.append(x)\n    return x"),
            ("c", "list(map(note, [1, 2]))"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_function_handed_to_a_frame_is_called",
        [
            ("a", PANDAS),
            ("b", "seen = []"),
            ("c", "df.a.apply(lambda v: seen.append(v))"),
            ("d", "result = len(seen)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_generator_runs_when_it_is_taken_from",
        [
            ("a", "xs = []"),
            ("b", "def feed():\n    for i in range(3):\n        xs.append(i)\n        yield i"),
            ("c", "stream = feed()"),
            ("d", "next(stream)"),
            ("e", "result = len(xs)"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "an_iterator_that_was_used_up_is_kept",
        [("a", "stream = iter([1, 2, 3])"), ("b", "next(stream)"), ("c", "result = list(stream)")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_method_that_changes_its_object_is_kept_and_one_that_reads_is_not",
        [
            ("a", "class Bag:\n    def __init__(self):\n        self.items = []\n    def add(self, x):\n        self.items.append(x)\n    def size(self):\n        return len(self.items)"),
            ("b", "bag = Bag()"),
            ("c", "bag.add(1)"),
            ("d", "print(bag.size())"),
            ("e", "result = bag.size()"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_property_that_changes_its_object_is_kept",
        [
            ("a", "class Meter:\n    n = 0\n    @property\n    def value(self):\n        self.n += 1\n        return self.n"),
            ("b", "meter = Meter()"),
            ("c", "meter.value"),
            ("d", "result = meter.value"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "an_inherited_method_is_found",
        [
            ("a", "class Base:\n    def add(self, x):\n        self.items.append(x)"),
            ("b", "class Child(Base):\n    def __init__(self, items):\n        self.items = items"),
            ("c", "xs = []\nchild = Child(xs)"),
            ("d", "child.add(4)"),
            ("e", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
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
        "setattr_changes_its_object",
        [
            ("a", "class Box:\n    pass\nbox = Box()"),
            ("b", "setattr(box, 'x', 5)"),
            ("c", "result = box.x"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_star_import_is_kept",
        [("a", "from math import *"), ("b", "other = 1"), ("c", "result = floor(2.5)")],
        ["a:1", "c:3"],
    ),
    Case(
        "shuffling_in_place_is_kept",
        [
            ("a", "import random\nrandom.seed(3)"),
            ("b", "xs = list(range(10))"),
            ("c", "random.shuffle(xs)"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "every_draw_after_a_seed_counts",
        [
            ("a", "import numpy as np\nnp.random.seed(3)"),
            ("b", "unused = np.random.rand(5)"),
            ("c", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_new_seed_makes_earlier_draws_irrelevant",
        [
            ("a", "import numpy as np"),
            ("b", "np.random.seed(3)\nunused = np.random.rand(5)"),
            ("c", "np.random.seed(4)"),
            ("d", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "c:3", "d:4"],
    ),
    Case(
        "a_generator_object_counts_every_draw",
        [
            ("a", "import numpy as np\nrng = np.random.default_rng(1)"),
            ("b", "unused = rng.normal(size=3)"),
            ("c", "result = rng.normal(size=2).tolist()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_split_without_its_own_seed_draws_from_the_seeded_generator",
        [
            ("a", "import numpy as np\nfrom sklearn.model_selection import train_test_split\nnp.random.seed(1)"),
            ("b", "train_test_split([1, 2, 3, 4])"),
            ("c", "result = np.random.rand(2).tolist()"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "fitting_a_model_changes_the_model_and_not_its_data",
        [
            ("a", NUMPY),
            ("b", "from sklearn.linear_model import Ridge"),
            ("c", "other = Ridge(alpha=9).fit(X, y)\nprint(other.score(X, y))"),
            ("d", "model = Ridge()"),
            ("e", "model.fit(X, y)"),
            ("f", "result = model.coef_.tolist()"),
        ],
        ["a:1", "b:2", "d:4", "e:5", "f:6"],
    ),
    Case(
        "a_scaler_told_not_to_copy_changes_its_data",
        [
            ("a", NUMPY),
            ("b", "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler(copy=False)"),
            ("c", "scaler.fit_transform(X)"),
            ("d", "result = X.sum().round(6)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_pipeline_fits_what_it_holds",
        [
            ("a", NUMPY),
            ("b", "from sklearn.preprocessing import StandardScaler\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.linear_model import Ridge"),
            ("c", "scaler = StandardScaler()"),
            ("d", "pipe = make_pipeline(scaler, Ridge())"),
            ("e", "pipe.fit(X, y)"),
            ("f", "result = scaler.mean_.tolist()"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5", "f:6"],
    ),
    Case(
        "inplace_changes_its_frame",
        [("a", PANDAS), ("b", "df.sort_values('a', inplace=True)"), ("c", "result = df.b.tolist()")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_method_result_kept_for_oneself_is_dropped",
        [("a", PANDAS), ("b", "ordered = df.sort_values('a')\nordered['b'] = 0"), ("c", "result = df.b.tolist()")],
        ["a:1", "c:3"],
    ),
    Case(
        "a_masked_copy_changed_is_dropped",
        [("a", PANDAS), ("b", "big = df[df.a > 1]\nbig = big.assign(c=1)"), ("c", "result = df.b.tolist()")],
        ["a:1", "c:3"],
    ),
    Case(
        "an_output_array_is_changed",
        [("a", NUMPY), ("b", "np.multiply(y, 2, out=y)"), ("c", "result = y.sum()")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "drawing_is_dropped",
        [
            ("a", NUMPY),
            ("b", "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt"),
            ("c", "fig, ax = plt.subplots()\nax.plot(y)\nax.set_title('y')\nplt.close(fig)"),
            ("d", "result = y.sum()"),
        ],
        ["a:1", "d:4"],
    ),
    Case(
        "shell_lines_and_reporting_magics_that_only_look_are_dropped",
        [("a", "x = 2"), ("b", "!ls -l\n%matplotlib inline\n%whos"), ("c", "%time result = x + 1")],
        ["a:1", "c:3"],
    ),
    Case(
        "a_timed_cell_binds_nothing_for_sure",
        [("a", "x = 2"), ("b", "%%timeit\nx = 5"), ("c", "result = 1 if x else 0")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_cell_that_failed_without_touching_anything_is_dropped",
        [("a", "x = 2"), ("b", "1 / 0"), ("c", "result = x")],
        ["a:1", "c:3"],
    ),
    Case(
        "what_a_failed_cell_left_behind_is_not_trusted",
        [("a", "x = 1"), ("b", "x = 5\n1 / 0"), ("c", "result = x")],
        ["a:1", "b:2", "c:3"],
        Grade.UNKNOWN,
        same=False,
    ),
    Case(
        "a_cell_with_a_syntax_error_did_nothing",
        [("a", "x = 1"), ("b", "x = = 2"), ("c", "result = x")],
        ["a:1", "c:3"],
    ),
    Case(
        "what_a_cell_displayed_can_be_used",
        [("a", "xs = [1]"), ("b", "xs"), ("c", "other = 1"), ("d", "result = len(xs)")],
        ["a:1", "d:4"],
    ),
    Case(
        "a_library_that_was_patched_is_kept",
        [
            ("a", PANDAS),
            ("b", "pd.DataFrame.twice = lambda self: self * 2"),
            ("c", "other = 1"),
            ("d", "result = df.twice().a.tolist()"),
        ],
        ["a:1", "b:2", "d:4"],
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
        "a_partial_function_holds_its_arguments",
        [
            ("a", "from functools import partial\nxs = []"),
            ("b", "def put(items, x):\n    items.append(x)"),
            ("c", "push = partial(put, xs)"),
            ("d", "push(3)"),
            ("e", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
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
        "a_default_argument_keeps_its_state",
        [("a", "def f(x, seen=[]):\n    seen.append(x)\n    return seen"), ("b", "f(1)"), ("c", "result = f(2)")],
        ["a:1", "b:2", "c:3"],
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
        "a_recursive_function_changes_what_it_is_given",
        [
            ("a", "def walk(a, b, n):\n    if n:\n        walk(b, a, n - 1)\n    else:\n        a.append(n)"),
            ("b", "xs, ys = [], []"),
            ("c", "walk(xs, ys, 1)"),
            ("d", "result = ys"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "an_operator_of_the_notebooks_own_class_is_called",
        [
            ("a", "class Log:\n    def __init__(self, items):\n        self.items = items\n    def __add__(self, x):\n        self.items.append(x)\n        return self"),
            ("b", "xs = []\nlog = Log(xs)"),
            ("c", "log + 3"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_defaultdict_grows_by_being_read",
        [
            ("a", "from collections import defaultdict\nd = defaultdict(list)"),
            ("b", "d['k']"),
            ("c", "result = len(d)"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "an_exception_carries_what_it_was_made_with",
        [
            ("a", "xs = [1]"),
            ("b", "try:\n    raise ValueError(xs)\nexcept ValueError as e:\n    e.args[0].append(2)"),
            ("c", "result = xs"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_text_taken_apart_is_a_list_of_its_own",
        [("a", "words = 'a b'.split()"), ("b", "words.append('c')"), ("c", "result = words")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "what_a_context_hands_over_is_an_alias",
        [
            ("a", "class Lend:\n    def __init__(self, x):\n        self.x = x\n    def __enter__(self):\n        return self.x\n    def __exit__(self, *a):\n        pass"),
            ("b", "xs = [1]"),
            ("c", "with Lend(xs) as ys:\n    pass"),
            ("d", "ys.append(2)"),
            ("e", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "items_of_a_dictionary_are_aliases",
        [
            ("a", "d = {'k': [1]}"),
            ("b", "for key, value in sorted(d.items()):\n    value.append(2)"),
            ("c", "result = d"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_decorator_is_called",
        [
            ("a", "known = []\ndef register(f):\n    known.append(f.__name__)\n    return f"),
            ("b", "@register\ndef f():\n    return 1"),
            ("c", "result = known"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_method_put_into_one_object_counts",
        [
            ("a", "xs = []\nclass Box:\n    def go(self):\n        return 0\nbox = Box()"),
            ("b", "box.go = lambda: xs.append(1)"),
            ("c", "box.go()"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "an_option_of_a_library_reaches_its_objects",
        [
            ("a", NUMPY + "\nimport sklearn\nfrom sklearn.preprocessing import StandardScaler"),
            ("b", "sklearn.set_config(transform_output='pandas')"),
            ("c", "scaler = StandardScaler()"),
            ("d", "result = type(scaler.fit_transform(X)).__name__\nsklearn.set_config(transform_output='default')"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_class_in_a_stream_of_objects_is_followed",
        [
            ("a", "class Log:\n    def __init__(self, xs):\n        self.xs = xs\n    def __getitem__(self, i):\n        self.xs.append(i)"),
            ("b", "xs = []\nlogs = [Log(xs)]"),
            ("c", "for n, log in enumerate(logs):\n    log[n]"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_hyperparameter_dictionary_is_not_danger",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge"),
            ("b", "params = {'alpha': 3.0}\nother = Ridge(**params).fit(X, y)"),
            ("c", "result = X.sum()"),
        ],
        ["a:1", "c:3"],
    ),
    Case(
        "a_dictionary_that_says_do_not_copy_is",
        [
            ("a", NUMPY + "\nfrom sklearn.linear_model import Ridge"),
            ("b", "params = {'copy_X': False}\nother = Ridge(**params).fit(X, y)"),
            ("c", "result = X.shape"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_slice_holds_what_the_run_rests_on_and_is_graded(case: Case) -> None:
    session = Session(case.document)
    for cell, source in case.ran:
        session.run(cell, source)
    cut = session.slice()
    assert steps(cut) == case.kept
    assert (cut.grade, cut.reason) == (case.grade, cut.reason)
    if case.same:
        assert result_of(replayed(cut)) == result_of(session.namespace)


def test_the_session_of_thirty_cells_drops_exactly_the_five_irrelevant_ones() -> None:
    irrelevant = {
        "i1": "df.head()",
        "i2": "print(df.describe())",
        "i3": "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.hist(df.age)\nplt.close(fig)",
        "i4": "by_group = df.groupby('sex').income.mean()\nby_group.sort_values()",
        "i5": "trial = Ridge(alpha=100).fit(X_train, y_train)\nprint(mean_absolute_error(y_test, trial.predict(X_test)))",
    }
    needed = {
        "c1": "import numpy as np\nimport pandas as pd",
        "c2": "from sklearn.linear_model import Ridge\nfrom sklearn.metrics import mean_absolute_error\nfrom sklearn.model_selection import train_test_split",
        "c3": "SEED = 7",
        "c4": "rng = np.random.default_rng(SEED)",
        "c5": "n = 400",
        "c6": "age = rng.integers(18, 80, size=n)",
        "c7": "sex = rng.choice(['f', 'm'], size=n)",
        "c8": "income = 20 + 0.5 * age + rng.normal(size=n)",
        "c9": "df = pd.DataFrame({'age': age, 'sex': sex, 'income': income})",
        "c10": "df['age2'] = df['age'] ** 2",
        "c11": "def clean(frame):\n    frame = frame.copy()\n    frame['female'] = (frame.sex == 'f').astype(int)\n    return frame",
        "c12": "df = clean(df)",
        "c13": "features = ['age', 'age2']",
        "c14": "features.append('female')",
        "c15": "df.loc[df.age > 75, 'income'] = df.income.median()",
        "c16": "X = df[features]",
        "c17": "y = df['income']",
        "c18": "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=SEED)",
        "c19": "means = X_train.mean()",
        "c20": "scale = X_train.std()",
        "c21": "X_train = (X_train - means) / scale",
        "c22": "X_test = (X_test - means) / scale",
        "c23": "alpha = 0.3",
        "c24": "model = Ridge(alpha=alpha)",
        "c25": "model.fit(X_train, y_train)\nresult = mean_absolute_error(y_test, model.predict(X_test))",
    }
    order = [f"c{i}" for i in range(1, 11)] + ["i1", "i2"] + [f"c{i}" for i in range(11, 19)] + ["i3", "i4"]
    order += [f"c{i}" for i in range(19, 24)] + ["i5", "c24", "c25"]
    sources = needed | irrelevant
    assert len(order) == len(sources) == 30
    session = Session(order)
    for cell in order:
        for _ in range(2 if cell in {"c3", "c13", "c23"} else 1):  # three are run twice
            session.run(cell, sources[cell])
        if cell == "c20":
            session.delete("c5")  # one is deleted after it ran
    cut = session.slice()
    assert {cell.cell for cell in cut.cells} == set(needed)
    assert len(cut.cells) == 25
    assert (cut.grade, cut.reason) == (
        Grade.CLEAN,
        "the 25 cells this run rests on ran once each, from top to bottom",
    )
    assert result_of(replayed(cut)) == result_of(session.namespace)


def test_state_from_an_earlier_kernel_life_makes_the_grade_unknown() -> None:
    session = Session(already="x = 4")
    session.run("a", "result = x")
    cut = session.slice()
    assert (cut.grade, cut.reason) == (
        Grade.UNKNOWN,
        "cell 2 read 'x', and no recorded cell is known to have made it",
    )


def test_a_late_recording_is_no_harm_to_a_run_that_rests_on_nothing_earlier() -> None:
    session = Session(already="x = 4")
    session.run("a", "y = len([1])")
    session.run("b", "result = y")
    assert session.slice().grade is Grade.CLEAN


def test_a_late_recording_does_not_trust_a_name_bound_under_a_condition() -> None:
    session = Session(already="x = 4")
    session.run("a", "if len([]):\n    x = 5")
    session.run("b", "result = x")
    assert session.slice().grade is Grade.UNKNOWN


def test_a_name_from_a_startup_file_makes_the_grade_unknown_even_when_nothing_was_missed() -> None:
    session = Session()
    session.namespace["helper"] = 3
    session.run("a", "result = helper")
    assert session.slice().grade is Grade.UNKNOWN


def test_a_name_that_exists_nowhere_is_no_reason_for_doubt() -> None:
    session = Session()
    session.run("a", "def f():\n    return never_made\nresult = 1")
    assert session.slice().grade is Grade.CLEAN


def test_unknown_positions_make_the_grade_unknown() -> None:
    session = Session(ids=False)
    session.run("a", "x = 1")
    session.run("b", "result = x")
    cut = session.slice()
    assert (cut.grade, cut.reason) == (Grade.UNKNOWN, "where cell 1 stands in the notebook is not known")


def test_an_execution_that_was_not_recorded_makes_the_grade_unknown() -> None:
    session = Session()
    session.run("a", "x = 1")
    session.run("b", "y = 1")
    session.run("c", "result = x")
    chain = session.recorder.chain
    cut = slice_of((chain[0], chain[2]), 3, 3, blind=False, order=session.recorder.order)
    assert (cut.grade, cut.reason) == (
        Grade.UNKNOWN,
        "the execution number 2 of this session was not recorded",
    )


def test_a_run_of_several_cells_holds_them_all() -> None:
    session = Session()
    for cell, source in (("a", "x = 1"), ("b", "df = 2"), ("c", "y = 5"), ("d", "result = x")):
        session.run(cell, source)
    cut = slice_of(session.recorder.chain, 3, 4, blind=False, order=session.recorder.order)
    assert steps(cut) == ["a:1", "c:3", "d:4"]


def test_later_executions_change_nothing() -> None:
    session = Session()
    session.run("a", "x = 1")
    session.run("b", "result = x")
    before = session.slice(last=2)
    session.run("a", "x = 2")
    assert session.slice(last=2) == before


def test_inserting_cells_above_does_not_make_the_order_wrong() -> None:
    session = Session(["a", "b"])
    session.run("a", "x = 1")
    session.document.insert(0, "n")
    session.run("n", "note = 1")
    session.run("b", "result = x")
    assert session.slice().grade is Grade.CLEAN


def test_deleting_a_cell_does_not_make_the_order_wrong() -> None:
    session = Session(["a", "b", "c"])
    session.run("a", "x = 1")
    session.run("b", "y = x")
    session.delete("a")
    session.run("c", "result = y")
    cut = session.slice()
    assert (cut.grade, steps(cut)) == (Grade.CLEAN, ["a:1", "b:2", "c:3"])


def test_a_reason_names_cells_by_their_number() -> None:
    session = Session()
    for cell, source in (("a", "x = 1"), ("b", "y = x"), ("a", "x = 2"), ("c", "result = y")):
        session.run(cell, source)
    assert session.slice().reason == "cell 1 ran again, as 3, after this run had used it"


def test_what_lies_outside_the_namespace_is_listed() -> None:
    session = Session()
    session.run("a", "import os, time, subprocess\nimport numpy as np\nimport pandas as pd")
    session.run("b", "def load():\n    return pd.read_csv('data/x.csv'), os.environ['HOME'], time.time()")
    session.run(
        "c", "def draw():\n    return np.random.rand(3), open('notes.txt').read(), subprocess.run(['ls'])"
    )
    session.run("d", "unrelated = open('elsewhere.txt')")
    session.run("e", "result = load() if 0 else draw")
    session.run(
        "f", "!make data\nresult = (load, draw, load() if not 1 else None, draw() if not 1 else None)"
    )
    assert session.slice().outside == (
        "environment variables",
        "file data/x.csv",
        "file notes.txt",
        "files",
        "random numbers without a seed (numpy)",
        "the clock",
        "the shell",
        "the shell: make data",
    )


def test_a_file_written_by_a_cell_and_read_by_the_run_brings_the_cell_in(tmp_path) -> None:
    session = Session()
    folder = tmp_path.as_posix()
    session.run("a", "import pandas as pd")
    session.run("b", f"pd.DataFrame({{'a': [1]}}).to_csv('{folder}/made.csv', index=False)")
    session.run("c", f"pd.DataFrame({{'a': [1]}}).to_csv('{folder}/other.csv')")
    session.run("d", f"result = pd.read_csv('{folder}/made.csv').a.sum()")
    assert steps(session.slice()) == ["a:1", "b:2", "d:4"]


def test_a_magic_nobody_knows_keeps_everything_before_it() -> None:
    session = Session()
    session.run("a", "x = 1")
    session.run("b", "%strange_magic x")
    session.run("c", "other = 1")
    session.run("d", "result = x")
    assert steps(session.slice()) == ["a:1", "b:2", "d:4"]


def test_slicing_a_stored_chain_gives_what_the_recorder_gave() -> None:
    session = Session()
    for cell, source in (
        ("a", "xs = [1]"),
        ("b", "ys = xs"),
        ("c", "ys.append(1)"),
        ("d", "z = 0"),
        ("e", "result = xs"),
    ):
        session.run(cell, source)
    bare = [__import__("dataclasses").replace(cell, digest="") for cell in session.recorder.chain]
    cut = slice_of(bare, 5, 5, blind=False, order=session.recorder.order)
    assert steps(cut) == steps(session.slice()) == ["a:1", "b:2", "c:3", "e:5"]
