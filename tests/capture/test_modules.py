"""Imported files of a project, and what stood in them when they were imported."""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
import time
import types

import pytest

from jupyter_mlops.capture import modules
from jupyter_mlops.capture.modules import follow_reloads, imported, loads, look_at_imports
from jupyter_mlops.records.source import ModuleNote

FIRST, SECOND = "x = 1\n", "x = 2  # edited\n"
YEAR = 365 * 24 * 3600


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def watch(monkeypatch):
    """As in a process that has not looked yet."""
    fresh = modules._Watch()
    monkeypatch.setattr(modules, "_watch", fresh)
    monkeypatch.setattr(
        modules, "_READING", 60
    )  # at its first look it finds all that the test's process has imported
    return fresh


@pytest.fixture
def project(tmp_path, monkeypatch, watch):
    before = set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)  # whatever the environment says
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "a_part_of_mine").mkdir()
    (tmp_path / "a_part_of_mine" / "__init__.py").write_text("")
    (tmp_path / "a_part_of_mine" / "columns.py").write_text(FIRST)
    (tmp_path / "never_imported.py").write_text("")
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


COLUMNS = "a_part_of_mine/columns.py"


def edit(project, text=SECOND, later=5):
    """Edit the imported file, as a person does: some seconds later."""
    file = project / COLUMNS
    file.write_text(text)
    at = time.time() + later
    os.utime(file, (at, at))


def test_files_that_were_imported_are_named_with_the_digest_of_what_they_held(project):
    look_at_imports()
    import a_part_of_mine.columns

    assert a_part_of_mine.columns.x == 1
    found = imported(project)
    assert found.digests == {"a_part_of_mine/__init__.py": digest(""), COLUMNS: digest(FIRST)}
    assert found.notes == {}


def test_an_edit_after_the_import_changes_nothing_but_is_told(project):
    import a_part_of_mine.columns  # noqa: F401

    look_at_imports()
    edit(project)
    look_at_imports()
    found = imported(project)
    assert found.digests[COLUMNS] == digest(FIRST)
    assert found.notes == {COLUMNS: ModuleNote.EDITED}
    edit(project, FIRST, later=9)
    assert imported(project).notes == {}  # it was taken back


def test_a_file_that_is_gone_was_edited_too(project):
    import a_part_of_mine.columns  # noqa: F401

    look_at_imports()
    (project / COLUMNS).unlink()
    found = imported(project)
    assert (found.digests[COLUMNS], found.notes) == (digest(FIRST), {COLUMNS: ModuleNote.EDITED})


def test_what_was_imported_at_a_time_is_told_of_that_time_also_later(project):
    import a_part_of_mine.columns

    then = loads()
    edit(project)
    importlib.reload(a_part_of_mine.columns)
    assert imported(project).digests[COLUMNS] == digest(SECOND)
    found = imported(project, then)
    assert (found.digests[COLUMNS], found.notes) == (digest(FIRST), {COLUMNS: ModuleNote.EDITED})


def test_a_reload_and_a_second_import_give_the_digest_of_what_they_brought(project):
    import a_part_of_mine.columns

    look_at_imports()
    edit(project)
    importlib.reload(a_part_of_mine.columns)
    found = imported(project)
    assert (found.digests[COLUMNS], found.notes) == (digest(SECOND), {})
    edit(project, "x = 3\n", later=9)
    del sys.modules["a_part_of_mine.columns"]
    importlib.import_module("a_part_of_mine.columns")
    assert imported(project).digests[COLUMNS] == digest("x = 3\n")


def test_a_reload_that_fails_leaves_what_was_imported(project):
    import a_part_of_mine.columns

    look_at_imports()
    edit(project, "x = = 2\n")
    with pytest.raises(SyntaxError):
        importlib.reload(a_part_of_mine.columns)
    found = imported(project)
    assert (found.digests[COLUMNS], found.notes) == (digest(FIRST), {COLUMNS: ModuleNote.EDITED})
    edit(project, SECOND, later=9)
    importlib.reload(a_part_of_mine.columns)
    found = imported(project)
    assert (found.digests[COLUMNS], found.notes) == (digest(SECOND), {})


def test_a_file_edited_between_its_import_and_the_first_look_is_not_vouched_for(project):
    look_at_imports()
    import a_part_of_mine.columns  # noqa: F401

    edit(project)
    found = imported(project)
    assert (found.digests[COLUMNS], found.notes) == (digest(SECOND), {COLUMNS: ModuleNote.UNSURE})


@pytest.mark.parametrize("looked", [True, False])
def test_without_compiled_code_a_file_older_than_the_import_is_vouched_for(project, monkeypatch, looked):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    os.utime(project / COLUMNS, (time.time() - YEAR,) * 2)
    if looked:
        look_at_imports()
    import a_part_of_mine.columns  # noqa: F401

    assert COLUMNS not in imported(project).notes
    edit(project)
    modules._watch = modules._Watch()  # as if nobody had looked before the edit
    assert imported(project).notes[COLUMNS] == ModuleNote.UNSURE


def test_a_file_that_is_gone_at_the_first_look_has_no_digest(project):
    import a_part_of_mine.columns  # noqa: F401

    (project / COLUMNS).unlink()
    found = imported(project)
    assert (found.digests[COLUMNS], found.notes) == ("", {COLUMNS: ModuleNote.UNSURE})


def test_what_could_not_be_read_in_time_is_read_when_it_is_asked_for(project, monkeypatch):
    monkeypatch.setattr(modules, "_READING", -1)
    import a_part_of_mine.columns  # noqa: F401

    look_at_imports()
    assert [load.path for load in modules._watch.loads.values() if load.digest == ""]
    assert imported(project).digests[COLUMNS] == digest(FIRST)


def test_a_reloader_that_patches_in_place_is_believed(project):
    at: dict[str, float] = {}
    follow_reloads(at.get)
    file = project / COLUMNS
    import a_part_of_mine.columns  # noqa: F401

    look_at_imports()
    at["a_part_of_mine.columns"] = file.stat().st_mtime  # seen for the first time: nothing was reloaded
    look_at_imports()
    edit(project)
    look_at_imports()
    assert imported(project).notes == {COLUMNS: ModuleNote.EDITED}
    at["a_part_of_mine.columns"] = file.stat().st_mtime
    found = imported(project)
    assert (found.digests[COLUMNS], found.notes) == (digest(SECOND), {})
    at["a_part_of_mine.columns"] += 100  # what it put in place was edited again meanwhile
    assert imported(project).notes == {COLUMNS: ModuleNote.UNSURE}


def test_what_other_packages_put_among_the_modules_is_left_alone(project, monkeypatch):
    class Asked(types.ModuleType):
        def __getattribute__(self, name):
            raise AssertionError(name)

    class Slots:
        __slots__ = ()

        @property
        def __class__(self):
            raise AssertionError

    monkeypatch.setitem(sys.modules, "one_that_loads_itself", Asked("one"))
    monkeypatch.setitem(sys.modules, "no_module", Slots())
    monkeypatch.setitem(sys.modules, "nothing", None)
    import a_part_of_mine.columns  # noqa: F401

    assert COLUMNS in imported(project).digests


def test_installed_packages_hidden_folders_and_this_package_do_not_count(tmp_path, watch):
    everything = imported(tmp_path.__class__("/")).digests
    assert not [name for name in everything if "site-packages" in name]
    assert not [name for name in everything if name.endswith("capture/modules.py")]
    assert not [name for name in everything if "/." in name]


def test_a_look_where_nothing_is_new_costs_little(project):
    import a_part_of_mine.columns  # noqa: F401

    look_at_imports()
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        look_at_imports()
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.003


def test_the_start_of_a_process_is_known_well_enough_to_tell_an_edit_before_it_from_one_after(tmp_path):
    program = (
        "import sys, time; sys.dont_write_bytecode = True; from pathlib import Path\n"
        "late = Path('late.py'); late.write_text('x = 1')\n"
        "import early, late as module\n"
        "time.sleep(0.1)\n"
        "late.write_text('x = 22')\n"
        "from jupyter_mlops.capture.modules import imported\n"
        "print(sorted(imported(Path.cwd()).notes.items()))"
    )
    (tmp_path / "early.py").write_text("x = 1")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[('late.py', 'edited around its import')]"
