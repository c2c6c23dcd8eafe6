"""Imported files of a project."""

from __future__ import annotations

import hashlib
import sys

import pytest

from jupyter_mlops.capture.modules import imported_modules


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "a_part_of_mine").mkdir()
    (tmp_path / "a_part_of_mine" / "__init__.py").write_text("")
    (tmp_path / "a_part_of_mine" / "columns.py").write_text("x = 1\n")
    (tmp_path / "never_imported.py").write_text("")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("a_part_of_mine")]:
        del sys.modules[name]


def test_files_that_were_imported_are_named_with_the_digest_of_what_they_hold_now(project):
    import a_part_of_mine.columns

    assert a_part_of_mine.columns.x == 1
    file = project / "a_part_of_mine" / "columns.py"
    before = imported_modules(project)
    assert set(before) == {"a_part_of_mine/__init__.py", "a_part_of_mine/columns.py"}
    assert before["a_part_of_mine/columns.py"] == hashlib.sha256(b"x = 1\n").hexdigest()
    file.write_text("x = 2  # edited\n")
    assert imported_modules(project)["a_part_of_mine/columns.py"] != before["a_part_of_mine/columns.py"]


def test_installed_packages_and_hidden_folders_do_not_count(tmp_path):
    found = imported_modules(tmp_path.parent.parent)
    assert not [name for name in found if "site-packages" in name]
    everything = imported_modules(tmp_path.__class__(sys.prefix))
    assert not [name for name in everything if "site-packages" in name]
