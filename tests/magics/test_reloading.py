"""Files that are edited while a kernel runs, and what of them a run is said to rest on."""

from __future__ import annotations

import hashlib
import os
import time
from types import SimpleNamespace

import pytest

from jupyter_mlops.magics.reloading import reloads_of
from jupyter_mlops.records.source import ModuleNote
from jupyter_mlops.tracking import compare_runs, find_runs
from jupyter_mlops.workspace import open_workspace
from tests.magics.kernels import Kernel

FIRST, SECOND, THIRD = (f"def scale():\n    return {n}\n" for n in (1, 22, 333))
NAMES = ("one", "two", "three")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    write(tmp_path, FIRST, ago=100)
    return tmp_path


def write(project, text, ago=0):
    file = project / "helpers.py"
    file.write_text(text)
    os.utime(file, (time.time() - ago,) * 2)


def track(kernel, name):
    answer = kernel.execute(f"%%track {name} -e air\nrun.log_metric('mae', helpers.scale())", name)
    assert answer.status == "ok", answer
    # Its last words are said in the background; what is edited before would be told of this run, too.
    kernel.execute(
        "from jupyter_mlops import find_runs, workspace\n"
        "from jupyter_mlops.registry.settled import when_all_is_said\n"
        f"_ = [when_all_is_said(workspace(), run) for run in find_runs(workspace(), \"name = '{name}'\")]",
        store_history=False,
    )


def kept(project, *names):
    ws = open_workspace(project, environ={})
    try:
        runs = {run.name: run for run in find_runs(ws, "experiment = 'air'")}
        found = [runs[name] for name in names]
        compared = compare_runs(ws, [run.id for run in found]) if len(found) > 1 else None
    finally:
        ws.store.close()
    return found, compared


@pytest.mark.kernel
def test_a_file_edited_after_its_import_is_not_what_the_run_is_said_to_rest_on(project):
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute("import helpers", "c2")
        track(kernel, "one")
        write(project, SECOND)
        track(kernel, "two")
        kernel.execute("import importlib; importlib.reload(helpers)", "c3")
        track(kernel, "three")
        kernel.execute("import jupyter_mlops as mlops; mlops.find_runs(mlops.workspace())", "c4")
    (one, two, three), compared = kept(project, *NAMES)
    assert [run.metrics["mae"] for run in (one, two, three)] == [1, 1, 22]
    assert [run.source.modules["helpers.py"] for run in (one, two, three)] == [
        digest(FIRST), digest(FIRST), digest(SECOND)
    ]  # fmt: skip
    assert dict(two.source.module_notes) == {"helpers.py": ModuleNote.EDITED}
    assert "helpers.py was edited after its import" in two.notes
    assert (dict(one.source.module_notes), dict(three.source.module_notes)) == ({}, {})
    assert [[change.path for change in code.modules] for code in compared.code if code.modules] == [
        ["helpers.py"]
    ]
    assert "module helpers" in compared.headline


@pytest.mark.kernel
@pytest.mark.parametrize("ahead", [True, False])
def test_autoreload_gives_a_run_the_file_that_it_has_put_in_place(project, ahead):
    load = ["%load_ext autoreload\n%autoreload 2", "%load_ext jupyter_mlops"]
    with Kernel(project) as kernel:
        for number, code in enumerate(load if ahead else reversed(load)):
            kernel.execute(code, f"load{number}")
        kernel.execute("import helpers", "c2")
        kernel.execute("1", "c3")
        track(kernel, "one")
        write(project, SECOND)
        track(kernel, "two")
        write(project, THIRD + "broken(\n", ago=-2)
        kernel.execute("2", "c4")
        write(project, THIRD, ago=-4)
        track(kernel, "three")
        kernel.execute("import jupyter_mlops as mlops; mlops.find_runs(mlops.workspace())", "c5")
    found, _ = kept(project, *NAMES)
    assert [run.metrics["mae"] for run in found] == [1, 22, 333]
    assert [run.source.modules["helpers.py"] for run in found] == [digest(t) for t in (FIRST, SECOND, THIRD)]
    assert [dict(run.source.module_notes) for run in found] == [{}, {}, {}]


@pytest.mark.kernel
def test_a_file_edited_in_the_cell_that_imports_it_is_not_vouched_for_and_a_block_says_so_too(project):
    cell = f"import helpers, pathlib\npathlib.Path('helpers.py').write_text({SECOND!r})"
    block = "import jupyter_mlops as mlops\nwith mlops.track('one', experiment='air'):\n    helpers.scale()"
    with Kernel(project) as kernel:
        kernel.execute("%load_ext jupyter_mlops", "c1")
        kernel.execute(cell, "c2")
        kernel.execute(block, "c3")
        kernel.execute("mlops.find_runs(mlops.workspace())", "c4")
    (one,), _ = kept(project, "one")
    assert dict(one.source.module_notes) == {"helpers.py": ModuleNote.UNSURE}
    assert "helpers.py was edited around its import" in one.notes


def test_a_shell_without_autoreload_or_with_another_kind_of_it_tells_nothing():
    def shell(**found):
        return SimpleNamespace(magics_manager=SimpleNamespace(registry=found))

    def magics(**notes):
        return SimpleNamespace(_reloader=SimpleNamespace(**notes))

    assert reloads_of(SimpleNamespace())("helpers") is None
    assert reloads_of(shell())("helpers") is None
    assert reloads_of(shell(AutoreloadMagics=magics(notes={})))("helpers") is None
    told = reloads_of(
        shell(AutoreloadMagics=magics(modules_mtimes={"helpers": 5.0, "b": 7.0}, failed={"b.py": 7.0}))
    )
    assert (told("helpers"), told("b"), told("never")) == (5.0, None, None)
