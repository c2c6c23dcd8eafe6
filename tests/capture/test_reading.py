"""Names, files and generators as one execution reads them."""

from __future__ import annotations

from contextlib import suppress

import pytest

from jupyter_mlops.capture.reading import Exhausted
from jupyter_mlops.capture.statements import Statements
from jupyter_mlops.capture.syntax import parse_cell
from jupyter_mlops.capture.world import World
from tests.capture.reads import read, rests


def test_a_name_bound_again_hides_the_first() -> None:
    assert rests("x = 1", "x = 2", "x") == {2}


def test_a_name_bound_under_a_condition_hides_nothing() -> None:
    assert rests("x = 1", "if input():\n    x = 2", "x") == {1, 2}


def test_a_name_deleted_is_gone() -> None:
    assert read("x = 1", "del x", "x").unseen == {"x"}


def test_what_a_cell_displayed_is_found_by_its_number() -> None:
    assert rests("1 + 1", "x = []\nx", "_2") == {2}
    assert rests("x = []\nx", "y = []\ny", "_") == {1, 2}


def test_a_file_is_known_by_its_name() -> None:
    first = "open('a.csv', 'w').write('1')"
    assert rests(first, "open('b.csv', 'w').write('1')", "open('data/a.csv').read()") == {1}
    assert rests(first, "name = 'a.csv'", "open(name).read()") == {1, 2}


def test_draws_count_from_a_seed_on() -> None:
    imports = "import random"
    assert rests(imports, "random.random()", "random.random()") == {1}
    assert rests(imports, "random.seed(1)", "random.random()", "random.random()") == {1, 2, 3}
    assert rests(imports, "random.random()", "random.seed(2)", "random.random()") == {1, 3}
    assert read(imports, "random.random()").outside == {"random numbers without a seed (random)"}


def test_what_reaches_everybody_is_kept_until_it_is_done_again() -> None:
    assert rests("import os", "os.environ['A'] = '1'", "x = 1") == {2}
    assert rests("%cd a", "%cd a", "x = 1") == {2}


def test_which_names_there_are_rests_on_every_cell() -> None:
    assert rests("x = 1", "y = 2", "z = dir()") == {1, 2}


def test_a_file_outside_is_named_without_the_password_of_its_address() -> None:
    found = read('import pandas as pd\npd.read_csv("https://u:hunter2@h/d.csv")').outside
    assert "file https://u:***@h/d.csv" in found


def test_a_web_that_takes_long_to_go_through_ends_the_reading_and_counts_as_opaque() -> None:
    reader = Statements(World(), 1)
    reader.spend()
    reader.world.walked += 1_000_000
    with pytest.raises(Exhausted):
        reader.spend()


def test_a_web_of_callbacks_is_read_in_a_bounded_way() -> None:
    classes = "\n".join(
        f"class C{n}(Base):\n    def __init__(self, *others):\n        self.others = others\n        run(self, others)\n"
        f"    def go(self, x):\n        for o in self.others:\n            o.go(run(x, o, self))\n        return [self, x]"
        for n in range(12)
    )
    made = "\n".join(f"c{n} = C{n}(*found)\nfound = found + [c{n}]\nrun(c{n}.go, found)" for n in range(12))
    world = World()
    for number, source in enumerate(("from library import Base, run\nfound = []", classes, made), 1):
        reader = Statements(world, number)
        with suppress(Exhausted):
            reader.read_cell(parse_cell(source).tree)
        assert world.walked < 1_500_000 * number
