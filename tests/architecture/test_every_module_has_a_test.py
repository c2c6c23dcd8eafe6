"""One test file for each module, found without a search: ``jobs/crew.py`` is tested in ``tests/jobs/test_crew.py``.

What people reach from outside is tested through its doors: a module of ``operations``, ``server`` or ``magics``, or
one that stands in no package, may have its file in ``tests/doors`` instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE, TESTS = ROOT / "jupyter_mlops", ROOT / "tests"
BEHIND_DOORS = frozenset({"magics", "operations", "server"})
_LEFT_OUT = frozenset({"_labextension", "migrations"})


def modules() -> Iterator[str]:
    """Every module by its path in the house; packages' own files hand on what others make."""
    for path in sorted(HOUSE.rglob("*.py")):
        inside = path.relative_to(HOUSE)
        if path.name != "__init__.py" and _LEFT_OUT.isdisjoint(inside.parts):
            yield inside.as_posix()


def places(module: str) -> list[Path]:
    """Where the tests of *module* may stand."""
    inside = Path(module)
    found = [TESTS / inside.parent / f"test_{inside.name}"]
    if inside.parent == Path() or inside.parts[0] in BEHIND_DOORS:
        # cli.py: doors/test_cli.py; server/clock.py: doors/test_clock.py or doors/test_server_clock.py
        whole = "_".join((*inside.parts[:-1], inside.stem)).strip("_")
        found += [TESTS / "doors" / f"test_{name}.py" for name in (inside.stem.strip("_"), whole)]
    return found


def has_tests(module: str) -> bool:
    return any(place.is_file() for place in places(module))


def test_every_module_has_a_test_file() -> None:
    without = [module for module in modules() if not has_tests(module)]
    assert without == [], f"write {', '.join(str(places(module)[0].relative_to(ROOT)) for module in without)}"


def test_a_file_of_tests_holds_some() -> None:
    empty = [
        str(place.relative_to(ROOT))
        for module in modules()
        for place in places(module)
        if place.is_file() and not re.search(r"def test_|^class Test", place.read_text("utf-8"), re.MULTILINE)
    ]
    assert empty == []


@pytest.mark.parametrize(
    ("module", "place"),
    [
        ("jobs/crew.py", "jobs/test_crew.py"),
        ("jobs/engines/dask.py", "jobs/engines/test_dask.py"),
        ("errors.py", "test_errors.py"),
        ("cli.py", "doors/test_cli.py"),
        ("server/clock.py", "doors/test_server_clock.py"),
        ("operations/words.py", "doors/test_words.py"),
        ("magics/mlops.py", "doors/test_magics_mlops.py"),
        ("__main__.py", "doors/test_main.py"),
    ],
)
def test_a_modules_tests_are_found_by_its_name(module: str, place: str) -> None:
    assert TESTS / place in places(module)


def test_a_test_beside_its_package_is_not_taken_for_the_modules_own() -> None:
    assert TESTS / "doors" / "test_crew.py" not in places("jobs/crew.py")
    assert not has_tests("jobs/no_such_module.py")
