"""Functions, closures, generators, decorators."""

from __future__ import annotations

from tests.capture.cases.case import Case

CASES = [
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
        "a_default_argument_keeps_its_state",
        [("a", "def f(x, seen=[]):\n    seen.append(x)\n    return seen"), ("b", "f(1)"), ("c", "result = f(2)")],
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
        "a_decorator_is_called",
        [
            ("a", "known = []\ndef register(f):\n    known.append(f.__name__)\n    return f"),
            ("b", "@register\ndef f():\n    return 1"),
            ("c", "result = known"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_decorated_function_keeps_its_memory",
        [
            ("a", "from functools import lru_cache\nseen = []"),
            ("b", "@lru_cache\ndef f(x):\n    seen.append(x)\n    return x"),
            ("c", "f(1)"),
            ("d", "f(1)\nresult = seen"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_decorator_that_wraps_is_called_with_each_call",
        [
            ("a", "log = []"),
            ("b", "def noted(f):\n    def inside(*a):\n        log.append(a)\n        return f(*a)\n    return inside"),
            ("c", "@noted\ndef g(x):\n    return x"),
            ("d", "g(3)"),
            ("e", "result = log"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "a_generator_kept_across_cells_goes_on",
        [
            ("a", "def count():\n    n = 0\n    while True:\n        yield n\n        n += 1"),
            ("b", "stream = count()"),
            ("c", "next(stream)"),
            ("d", "other = 3"),
            ("e", "result = next(stream)"),
        ],
        ["a:1", "b:2", "c:3", "e:5"],
    ),
    Case(
        "a_generator_expression_reads_its_names_late",
        [
            ("a", "k = 1\nxs = [1, 2]"),
            ("b", "stream = (x + k for x in xs)"),
            ("c", "xs.append(3)"),
            ("d", "result = list(stream)"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "star_arguments_are_aliases",
        [
            ("a", "def grow(*items, **named):\n    for each in items:\n        each.append(1)\n    for each in named.values():\n        each.append(2)"),
            ("b", "xs, ys = [], []"),
            ("c", "grow(*[xs], **{'y': ys})"),
            ("d", "result = xs, ys"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
]  # fmt: skip
