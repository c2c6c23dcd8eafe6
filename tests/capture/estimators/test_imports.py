"""Being told of an import, without a trace of it."""

from __future__ import annotations

import importlib
import sys

import pytest

from jupyter_mlops.capture.estimators.imports import ImportWatch


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "watched_module.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "watched_module"
    sys.modules.pop("watched_module", None)


@pytest.fixture
def told():
    return []


@pytest.fixture
def watch(module, told):
    watch = ImportWatch((module, "no_such_module"), told.append)
    watch.start()
    yield watch
    watch.stop()


def test_the_watcher_is_told_once_after_the_import(watch, module, told):
    assert told == []
    loaded = importlib.import_module(module)
    assert told == [loaded]
    importlib.reload(loaded)
    assert told == [loaded]
    assert type(loaded.__loader__).__name__ == "SourceFileLoader"
    assert loaded.__spec__.loader is loaded.__loader__


def test_what_is_loaded_already_is_told_at_once(module, told):
    loaded = importlib.import_module(module)
    watch = ImportWatch((module,), told.append)
    watch.start()
    watch.stop()
    assert told == [loaded]


def test_after_the_stop_nobody_is_told_and_nothing_is_left(watch, module, told):
    watch.stop()
    importlib.import_module(module)
    assert told == []
    assert watch not in sys.meta_path


def test_a_module_that_is_not_there_is_missing_as_ever(watch):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_module")
