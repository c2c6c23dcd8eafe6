"""What is called without a call in the source: special methods, and what classes do when they are made."""

from __future__ import annotations

from tests.capture.cases.case import Case, dropped, whole


def _special(method: str, *, arguments: str = "", answer: str = "None") -> str:
    return f"seen = []\nclass Own:\n    def {method}(self{arguments}):\n        seen.append(1)\n        return {answer}\nown = Own()"


RESULT = "result = len(seen)"
# Each is called by what its second cell does.
_METHODS = {
    "a_text_formats_what_it_holds": ("__format__", ", spec", "'x'", "f'{own}'"),
    "a_text_shows_what_a_list_holds": ("__repr__", "", "'x'", "f'{[own]}'"),
    "a_dictionary_hashes_its_keys": ("__hash__", "", "1", "{own: 1}"),
    "a_set_hashes_its_elements": ("__hash__", "", "1", "{own}"),
    "a_set_comprehension_hashes_its_elements": ("__hash__", "", "1", "{x for x in [own]}"),
    "an_assignment_to_a_key_hashes_it": ("__hash__", "", "1", "{}.get(own)\nd = {}\nd[own] = 1"),
    "an_index_is_asked_for_its_number": ("__index__", "", "0", "[3][own]"),
    "a_slice_asks_its_ends_for_their_number": ("__index__", "", "0", "[3][own:]"),
    "a_condition_asks_for_the_length": ("__len__", "", "1", "if own:\n    pass"),
    "a_condition_asks_for_the_truth": ("__bool__", "", "True", "if own:\n    pass"),
    "a_loop_asks_for_the_truth": ("__bool__", "", "False", "while own:\n    pass"),
    "not_asks_for_the_truth": ("__bool__", "", "False", "not own"),
    "and_asks_for_the_truth": ("__bool__", "", "False", "own and 1"),
    "a_choice_asks_for_the_truth": ("__bool__", "", "False", "1 if own else 2"),
    "a_comprehension_asks_for_the_truth": ("__bool__", "", "True", "[1 for x in [1] if own]"),
    "an_assertion_asks_for_the_truth": ("__bool__", "", "True", "assert own"),
    "a_guard_asks_for_the_truth": ("__bool__", "", "True", "match 1:\n    case 1 if own:\n        pass"),
    "looking_for_something_in_a_list_compares_it": ("__eq__", ", other", "True", "[own].index(3)"),
    "in_compares_with_what_is_inside": ("__eq__", ", other", "True", "3 in [own]"),
    "comparing_lists_compares_what_is_inside": ("__eq__", ", other", "True", "[own] == [1]"),
    "a_pattern_compares_with_its_subject": (
        "__eq__",
        ", other",
        "True",
        "match own:\n    case 1:\n        pass",
    ),
    "sorting_in_place_compares_what_is_inside": ("__lt__", ", other", "True", "xs = [own, own]\nxs.sort()"),
    "two_stars_ask_for_the_keys": ("keys", "", "[]", "{**own}"),
    "two_stars_of_a_call_ask_for_the_keys": ("keys", "", "[]", "dict(**own)"),
    "deleting_an_attribute_asks_its_object": ("__delattr__", ", name", "None", "del own.x"),
    "an_attribute_that_is_asked_for_may_be_made": ("__getattr__", ", name", "1", "hasattr(own, 'x')"),
    "an_object_tells_of_its_class": ("__contains__", ", x", "True", "1 in own"),
    "an_operator_from_the_right_is_called": ("__radd__", ", x", "self", "1 + own"),
}
CASES: list[Case] = [
    *(
        whole(name, _special(method, arguments=arguments, answer=answer), told, RESULT)
        for name, (method, arguments, answer, told) in _METHODS.items()
    ),
    whole(
        "the_width_of_a_format_is_computed", "seen = []", "f'{1:{seen.append(1) or 5}}'", RESULT
    ),
    # the end of objects
    whole("deleting_the_last_name_ends_an_object", _special("__del__"), "del own", RESULT),
    whole("binding_the_last_name_anew_ends_an_object", _special("__del__"), "own = None", RESULT),
    whole("emptying_a_list_ends_what_it_held", f"{_special('__del__')}\nxs = [own]\ndel own", "xs.clear()", RESULT),
    whole(
        "an_object_that_a_function_made_ends_with_it",
        f"{_special('__del__')}\nkept = own\ndef make():\n    Own()",
        "make()",
        RESULT,
    ),
    whole(
        "an_end_that_is_inherited_sets_a_global",
        "n = 0\nclass Base:\n    def __del__(self):\n        global n\n        n += 1\nclass Own(Base):\n    pass\nown = Own()",
        "own = 1",
        "result = n",
    ),
    whole(
        "deleting_a_generator_runs_what_it_does_at_last",
        "seen = []\ndef feed():\n    try:\n        yield 1\n    finally:\n        seen.append(1)\nstream = feed()\nnext(stream)",
        "del stream",
        RESULT,
    ),
    # classes
    whole(
        "a_metaclass_is_called_with_the_class",
        "seen = []\nclass Meta(type):\n    def __init__(cls, *args):\n        seen.append(cls.__name__)",
        "class Own(metaclass=Meta):\n    pass",
        "result = sorted(seen)",
    ),
    whole(
        "a_metaclass_is_inherited",
        "seen = []\nclass Meta(type):\n    def __new__(meta, *args):\n        seen.append(args[0])\n        return super().__new__(meta, *args)",
        "class Base(metaclass=Meta):\n    pass",
        "class Own(Base):\n    pass",
        "result = sorted(seen)",
    ),
    whole(
        "a_metaclass_makes_the_instances",
        "seen = []\nclass Meta(type):\n    def __call__(cls):\n        seen.append(1)\n        return super().__call__()\nclass Own(metaclass=Meta):\n    pass",
        "Own()",
        RESULT,
    ),
    whole(
        "a_metaclass_answers_for_its_class",
        "seen = []\nclass Meta(type):\n    def __iter__(cls):\n        seen.append(1)\n        return iter([])\nclass Own(metaclass=Meta):\n    pass",
        "for x in Own:\n    pass",
        RESULT,
    ),
    whole(
        "a_function_may_be_a_metaclass",
        "seen = []\ndef made(name, bases, body):\n    seen.append(name)\n    return type(name, bases, body)",
        "class Own(metaclass=made):\n    pass",
        RESULT,
    ),
    whole(
        "a_base_hears_of_a_class_and_of_its_keywords",
        "seen = []\nclass Base:\n    def __init_subclass__(cls, to, **rest):\n        to.append(cls.__name__)",
        "class Own(Base, to=seen):\n    pass",
        RESULT,
    ),
    whole(
        "a_descriptor_hears_its_name",
        "seen = []\nclass Field:\n    def __set_name__(self, owner, name):\n        seen.append(name)",
        "class Own:\n    x = Field()",
        RESULT,
    ),
    whole(
        "a_descriptor_of_a_class_is_asked",
        "seen = []\nclass Field:\n    def __get__(self, owner, cls):\n        seen.append(1)\nclass Own:\n    x = Field()",
        "Own.x",
        RESULT,
    ),
    whole(
        "a_property_may_be_made_of_a_function",
        "seen = []\ndef get(self):\n    seen.append(1)\nclass Own:\n    x = property(get)\nown = Own()",
        "own.x",
        RESULT,
    ),
    whole(
        "the_method_of_a_base_writes_to_what_the_class_shares",
        "class Base:\n    seen = []\n    def __init__(self):\n        self.seen.append(1)\nclass Own(Base):\n    def __init__(self):\n        super().__init__()",
        "Own()",
        "result = len(Base.seen)",
    ),
    whole(
        "a_class_is_reached_through_its_instance",
        "class Own:\n    n = 0\nown = Own()",
        "type(own).n += 1",
        "own.__class__.n += 1",
        "result = Own.n",
    ),
    whole(
        "a_class_gives_what_it_made_before",
        "class Own:\n    only = None\n    def __new__(cls):\n        if cls.only is None:\n            cls.only = super().__new__(cls)\n        return cls.only\nown = Own()",
        "Own().x = 5",
        "result = own.x",
    ),
    whole(
        "a_class_knows_those_derived_from_it",
        "class Base:\n    pass",
        "class Own(Base):\n    pass",
        "result = [c.__name__ for c in Base.__subclasses__()]",
    ),
    whole(
        "a_decorator_inside_a_class_is_called",
        "seen = []\ndef note(f):\n    seen.append(1)\n    return f",
        "class Own:\n    @note\n    def go(self):\n        pass",
        RESULT,
    ),
    whole(
        "a_field_of_a_dataclass_is_made_by_a_function",
        "from dataclasses import dataclass, field\nseen = []\ndef make():\n    seen.append(1)\n    return 1\n@dataclass\nclass Own:\n    x: int = field(default_factory=make)",
        "Own()",
        RESULT,
    ),
    whole(
        "a_class_that_is_raised_is_instantiated",
        "seen = []\nclass Error(Exception):\n    def __init__(self, *args):\n        seen.append(1)",
        "try:\n    raise Error\nexcept Error:\n    pass",
        RESULT,
    ),
    # coroutines and contexts
    whole(
        "a_coroutine_runs_when_it_is_awaited",
        "import asyncio\nseen = []\nasync def go():\n    seen.append(1)\nwaiting = go()",
        "asyncio.run(waiting)",
        RESULT,
    ),
    whole(
        "a_context_that_was_made_before_runs_when_it_is_entered",
        "from contextlib import contextmanager\nseen = []\n@contextmanager\ndef around():\n    seen.append(1)\n    yield\ncontext = around()",
        "with context:\n    pass",
        RESULT,
    ),
    whole(
        "a_generator_is_used_up_by_an_operator",
        "seen = []\nxs = []\ndef feed():\n    seen.append(1)\n    yield 1\nstream = feed()",
        "xs += stream",
        RESULT,
    ),
    whole(
        "a_cached_function_gives_the_same_object_again",
        "from functools import cache\n@cache\ndef items():\n    return []",
        "items().append(1)",
        "result = items()",
    ),
    # the other side
    dropped(
        "an_object_that_only_looks_at_itself_is_dropped",
        "class Own:\n    def __init__(self):\n        self.x = [1]\n    def __repr__(self):\n        return 'own'\n    def __eq__(self, other):\n        return self.x == other.x\n    def __hash__(self):\n        return 1\nown = Own()",
        "print(f'{own}', own == own, {own: 1}, own in [own], type(own).__name__)\nif own:\n    print('there')",
        "result = own.x",
    ),
    dropped(
        "an_instance_of_a_derived_class_is_dropped",
        "class Base:\n    def __init__(self):\n        self.x = [1]\nclass Own(Base):\n    def __init__(self):\n        super().__init__()\nown = Own()",
        "other = Own()",
        "result = own.x",
    ),
]  # fmt: skip
