"""One test file for each module, found without a search: ``jobs/crew.py`` is tested in ``tests/jobs/test_crew.py``.

What people reach from outside is tested through its doors: a module of ``operations``, ``server`` or ``magics``, or
one that stands in no package, may have its file in ``tests/doors`` instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE, TESTS = ROOT / "jupyter_mlops", ROOT / "tests"
BEHIND_DOORS = frozenset({"magics", "operations", "server"})
_LEFT_OUT = frozenset({"_labextension", "migrations"})

# The modules that have none yet, each with what exercises it until then. This list only gets shorter: a module that
# has gained its file must leave it, and a new module cannot join it.
WAITING: dict[str, tuple[str, str]] = {
    ".": (
        "__main__",
        "Started as a program by tests/doors/test_processes.py.",
    ),
    "capture/estimators": (
        "boosting fits observer seen training",
        "Reached through real fits: tests/capture/estimators.",
    ),
    "magics": (
        "display track",
        "Reached in real kernels: tests/magics/test_kernel.py, tests/magics/test_session.py.",
    ),
    "operations": (
        (
            "attending checkups configuration console doctor files grammar kinds naming notebooks notes "
            "projects reading reference schema telling workspaces"
        ),
        "Reached through every door: tests/doors/test_same_answer.py, tests/doors/test_cli.py.",
    ),
    "render": (
        (
            "beside blocks empty figures groups happened html origins others parameters reviews runs "
            "states text views words"
        ),
        "Reached with one record of each kind: tests/render/test_render.py, tests/render/test_lists.py.",
    ),
    "server": (
        "app handlers",
        "Reached through a real server: tests/doors/test_server.py.",
    ),
    "store": (
        (
            "cursors fields journal_files journal_records matching memory_series memory_state pending "
            "protocol series shelves"
        ),
        "Reached through the contract of all stores: tests/contracts/store.py, tests/store/test_agreement.py.",
    ),
    "store/sql": (
        "dialect filters mapping metrics series session store tables transaction",
        "Reached through the contract of all stores: tests/contracts/store.py, tests/store/sql.",
    ),
    "tracking": (
        (
            "cells code editing finding handle harvest_children harvested lease live log models "
            "opening shortcuts"
        ),
        "Reached through runs as people keep them: tests/tracking/test_runs.py, tests/tracking/test_active.py.",
    ),
    "transfer": (
        "foreign",
        "Plain values, made and read by tests/transfer/test_mlflow_database.py and test_mlflow_folder.py.",
    ),
    "widgets": (
        "base compare curves front run showing thumbnails",
        "Reached in real kernels: tests/widgets/test_kernel.py, tests/widgets/test_runs.py.",
    ),
}


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


def waiting() -> list[str]:
    return [
        f"{package}/{name}.py".removeprefix("./")
        for package, (names, _) in WAITING.items()
        for name in names.split()
    ]


def test_every_module_has_a_test_file_but_those_that_are_known_to_wait() -> None:
    without = [module for module in modules() if not has_tests(module) and module not in waiting()]
    assert without == [], f"write {', '.join(str(places(module)[0].relative_to(ROOT)) for module in without)}"


def test_the_list_of_those_that_wait_only_gets_shorter() -> None:
    there = set(modules())
    assert [module for module in waiting() if has_tests(module)] == [], (
        "has its file now: take it off the list"
    )
    assert [module for module in waiting() if module not in there] == [], (
        "is no module any more: take it off the list"
    )
    assert len(waiting()) == len(set(waiting())) <= 97


@pytest.mark.parametrize("package", WAITING)
def test_each_that_waits_says_what_exercises_it_until_then(package: str) -> None:
    named = [word.strip(",.") for word in WAITING[package][1].split() if word.startswith("tests/")]
    assert named
    assert all((ROOT / name).exists() for name in named)


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
