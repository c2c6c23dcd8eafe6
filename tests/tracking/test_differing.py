"""What two runs were made with beside their cells and data."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from contracts.samples import run

from jupyter_mlops.records.run import RunInput
from jupyter_mlops.records.source import Environment, ModuleNote, Source
from jupyter_mlops.tracking.differing import (
    FACTS,
    changed_files,
    differing,
    machine_facts,
    module_changes,
    seeds_by_call,
)

UNSURE, EDITED = ModuleNote.UNSURE.value, ModuleNote.EDITED.value


def imported(digest: str, note: str = "", session: str = "s") -> Source:
    notes = {"helpers.py": note} if note else {}
    return Source(modules={"helpers.py": digest}, module_notes=notes, session=session)


@pytest.mark.parametrize(
    ("old", "new", "kind", "note"),
    [
        (imported("a"), imported("a"), None, ""),
        (imported("a"), imported("b"), "edited", ""),
        (imported("a"), Source(), "removed", ""),
        (Source(), imported("b", UNSURE), "added", UNSURE),
        (imported("a"), imported("b", UNSURE), "edited", UNSURE),
        (imported("a"), imported("a", EDITED), None, ""),  # what ran is the same
        (imported("a"), imported("a", UNSURE), "unsure", UNSURE),
        (imported("a", UNSURE), imported("a", UNSURE, "t"), "unsure", UNSURE),
        (imported("a", UNSURE), imported("a", UNSURE), None, ""),  # one session has imported it once
    ],
)
def test_an_imported_file_is_the_same_only_where_that_is_known(
    old: Source, new: Source, kind: str | None, note: str
) -> None:
    assert [(change.kind, change.note) for change in module_changes(old, new)] == (
        [(kind, note)] if kind else []
    )


def test_seeds_are_told_by_the_call() -> None:
    seeds = ("numpy.random.seed(0)", "Forest(random_state=f(1))", "odd")
    assert seeds_by_call(Source(seeds=seeds)) == {
        "numpy.random.seed": "0", "Forest": "random_state=f(1)", "odd": ""
    }  # fmt: skip


def test_what_an_older_record_of_a_machine_leaves_out_is_no_fact() -> None:
    old = Environment(python="3.11.1", implementation="CPython", platform="Linux", cpus=None)
    new = dataclasses.replace(old, cpus=2, processor="chip")
    assert set(machine_facts(old)) == {"python", "implementation", "platform"}
    assert machine_facts(new)["gpus"] == "none"
    assert set(machine_facts(new)) == set(FACTS)


def test_changed_files_are_those_that_nothing_else_compares() -> None:
    source: dict[str, Any] = {"notebook": "air.ipynb", "modules": {"air/helpers.py": "a"}}
    dirty = ("air.ipynb", "deep/air/helpers.py", "out.csv", "xair.ipynb")
    written = (RunInput(name="out.csv", role="write", digest="a"),)
    assert changed_files(run("r", source=Source(dirty=dirty, **source), written=written)) == "xair.ipynb"
    assert changed_files(run("r", source=Source(dirty=dirty[:2], **source))) is None
    many = changed_files(run("r", source=Source(dirty=tuple(f"f{n:02}" for n in range(30)))))
    assert many is not None
    assert many.endswith("f19, 10 more")
    assert changed_files(run("r", source=Source(dirty=("a.yaml",), patch="1f" * 32))) == (
        "a.yaml (patch 1f1f1f1f)"
    )
    assert changed_files(run("r", source=Source(dirty=dirty[:2], patch="1f" * 32, **source))) is None


def test_values_that_differ_are_told_by_name() -> None:
    assert list(differing({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": "5"})) == [
        ("a", "1", None), ("c", "3", "4"), ("d", None, "5")
    ]  # fmt: skip
