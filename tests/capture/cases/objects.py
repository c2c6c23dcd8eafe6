"""Objects changed through aliases, containers, views, methods."""

from __future__ import annotations

from jupyter_mlops.records.run import Grade
from tests.capture.cases.case import Case

CASES = [
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
        "a_change_in_a_loop_over_aliases_is_kept",
        [("a", "xs, ys = [1], [2]"), ("b", "for each in (xs, ys):\n    each.append(9)"), ("c", "result = xs + ys")],
        ["a:1", "b:2", "c:3"],
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
        "slots_and_class_attributes_are_shared",
        [
            ("a", "class Conf:\n    seen = []"),
            ("b", "one, two = Conf(), Conf()"),
            ("c", "one.seen.append(1)"),
            ("d", "result = two.seen"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_class_attribute_set_later_reaches_its_objects",
        [
            ("a", "class Conf:\n    rate = 1"),
            ("b", "conf = Conf()"),
            ("c", "Conf.rate = 5"),
            ("d", "result = conf.rate"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_method_replaced_on_the_class_counts",
        [
            ("a", "class F:\n    def go(self):\n        return 1"),
            ("b", "f = F()"),
            ("c", "F.go = lambda self: 2"),
            ("d", "result = f.go()"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_class_defined_again_leaves_old_objects_alone",
        [
            ("a", "class F:\n    def go(self):\n        return 1"),
            ("b", "f = F()"),
            ("a", "class F:\n    def go(self):\n        return 2"),
            ("c", "result = f.go()"),
        ],
        ["a:1", "b:2", "c:4"],
        Grade.STALE,
    ),
    Case(
        "a_deep_copy_is_dropped",
        [
            ("a", "import copy\nd = {'k': [1]}"),
            ("b", "e = copy.deepcopy(d)\ne['k'].append(2)"),
            ("c", "result = d"),
        ],
        ["a:1", "c:3"],
    ),
    Case(
        "a_shallow_copy_shares_what_is_inside",
        [("a", "d = {'k': [1]}"), ("b", "e = dict(d)"), ("c", "e['k'].append(2)"), ("d", "result = d")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_dataclass_holds_what_it_was_made_with",
        [
            ("a", "from dataclasses import dataclass\n@dataclass\nclass Conf:\n    xs: list"),
            ("b", "xs = [1]"),
            ("c", "conf = Conf(xs)"),
            ("d", "conf.xs.append(2)"),
            ("e", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4", "e:5"],
    ),
    Case(
        "a_pair_taken_by_its_place_is_an_alias",
        [
            ("a", "xs = [1]"),
            ("b", "pairs = list(zip([xs], 'a'))"),
            ("c", "pairs[0][0].append(2)"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "an_item_taken_by_its_place_is_an_alias",
        [("a", "d = {'k': [1]}"), ("b", "list(d.items())[0][1].append(2)"), ("c", "result = d")],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "a_dictionary_spread_into_another_shares_its_values",
        [
            ("a", "xs = [1]"),
            ("b", "d = {**{'k': xs}, 'j': 2}"),
            ("c", "d['k'].append(2)"),
            ("d", "result = xs"),
        ],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "a_dictionary_made_of_pairs_shares_its_values",
        [("a", "xs = [1]"), ("b", "d = dict([('k', xs)])"), ("c", "d['k'].append(2)"), ("d", "result = xs")],
        ["a:1", "b:2", "c:3", "d:4"],
    ),
    Case(
        "what_itertools_hands_on_is_an_alias",
        [
            ("a", "import itertools\nxs = [1]"),
            ("b", "next(itertools.repeat(xs)).append(2)"),
            ("c", "result = xs"),
        ],
        ["a:1", "b:2", "c:3"],
    ),
    Case(
        "which_names_there_are_is_asked_of_every_cell",
        [("a", "model = 1"), ("b", "if 'model' not in dir():\n    model = 2"), ("c", "result = model")],
        ["a:1", "b:2", "c:3"],
    ),
]  # fmt: skip
