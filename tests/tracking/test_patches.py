"""The patch of what was not committed: a file of each run that was made with it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking import compare_runs, find_artifacts, find_runs, open_artifact
from jupyter_mlops.tracking.patches import PATCH, patch_files, patch_note, patch_notes, take_patch
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.magics.kernels import Kernel
from tests.repositories import committed, git

SCRIPT = """
import sys, jupyter_mlops as mlops, pkg.helpers
for name in ("first", "second"):
    with mlops.track(name) as run:
        run.log_metric("mae", pkg.helpers.scale())
    open("pkg/helpers.py", "a").write("# edited while it ran\\n")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "pkg").mkdir(parents=True)
    (folder / "train.py").write_text(SCRIPT)
    (folder / "conf.yaml").write_text("rate: 1\n")
    (folder / "pkg" / "helpers.py").write_text("def scale():\n    return 1.0\n")
    (folder / ".gitignore").write_text(".mlops/\n__pycache__/\n")
    (folder / "work.ipynb").write_text("{}")
    committed(folder)
    return folder


def script(project: Path, text: str = "train.py") -> None:
    done = subprocess.run(
        [sys.executable, text], cwd=project, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def patch_of(ws: Workspace, run: Run) -> bytes | None:
    names = {file.name: file for file in find_artifacts(ws, run=run.id)}
    if PATCH not in names:
        return None
    assert names[PATCH].digest == run.source.patch
    with open_artifact(ws, run=run.id, name=PATCH) as file:
        return file.read()


@pytest.fixture
def opened(project: Path):
    made = []

    def opening() -> Workspace:
        made.append(open_workspace(project, environ={}))
        return made[-1]

    yield opening
    for ws in made:
        ws.store.close()


def fresh(project: Path, run: Run, patch: bytes) -> Path:
    """Return a fresh checkout of the run's commit with its patch applied."""
    place = project.parent / run.id
    git(project.parent, "clone", "-q", str(project), str(place))
    git(place, "checkout", "-q", run.source.commit or "")
    (project.parent / "it.patch").write_bytes(patch)
    git(place, "apply", "../it.patch")
    return place


def test_runs_of_a_script_keep_the_changes_it_was_started_with_once(project, opened):
    (project / "pkg" / "helpers.py").write_text("def scale():\n    return 2.0\n")
    script(project)
    ws = opened()
    first, second = find_runs(ws, order="started")
    patch = patch_of(ws, first)
    assert patch is not None
    assert patch_of(ws, second) == patch
    made = fresh(project, first, patch)
    assert (made / "pkg" / "helpers.py").read_text() == "def scale():\n    return 2.0\n"
    assert first.notes == ()


def test_where_all_is_committed_and_where_it_is_switched_off_there_is_none(project, opened):
    script(project)
    (project / ".mlops" / "config.toml").write_text("uncommitted = false\n")
    script(project)  # it edits its helpers itself
    ws = opened()
    runs = find_runs(ws, order="started")
    assert [patch_of(ws, run) for run in runs] == [None] * 4
    assert [bool(run.source.dirty) for run in runs] == [False, False, True, True]


FITS = """
import jupyter_mlops as mlops, numpy as np
from sklearn.linear_model import Ridge
mlops.autolog()
Ridge().fit(np.ones((3, 1)), np.ones(3))
"""


def test_a_fit_outside_a_block_keeps_them_too_and_its_own_file_where_that_is_new(project, opened):
    (project / "fits.py").write_text(FITS)
    script(project, "fits.py")
    ws = opened()
    (run,) = find_runs(ws)
    assert (fresh(project, run, patch_of(ws, run)) / "fits.py").read_text() == FITS


# Behind what looks around.
SETTLED = """
import threading
from jupyter_mlops.tracking.pulse import in_background
done = threading.Event()
in_background(done.set)
assert done.wait(60)
mlops.find_runs(mlops.workspace())
"""
CELLS = (
    "%load_ext jupyter_mlops\nimport jupyter_mlops as mlops, pkg.helpers",
    "%%track cell\nrun.log_metric('x', pkg.helpers.scale())",
    "with mlops.track('block') as inner:\n    inner.log_metric('x', 1.0)",
    SETTLED,
)


@pytest.mark.kernel
def test_cells_and_blocks_in_cells_keep_them_as_they_are_then_and_never_the_notebooks_file(project, opened):
    (project / "work.ipynb").write_text("{1}")
    (project / "conf.yaml").write_text("rate: 2\napi_key: hunter2\n")
    with Kernel(project) as kernel:
        for text in CELLS:
            answer = kernel.execute(text)
            assert answer.status == "ok", answer
        (project / "conf.yaml").write_text("rate: 3\n")
        kernel.execute("%%track later\nrun.log_metric('x', 1.0)")
        kernel.execute(CELLS[-1])
    ws = opened()
    runs = {run.name: run for run in find_runs(ws)}
    cell, block, later = (patch_of(ws, runs[name]) for name in ("cell", "block", "later"))
    assert cell is not None
    assert cell == block
    assert b"hunter2" not in cell
    assert b"work.ipynb" not in cell
    said = (
        "uncommitted changes: secrets were left out where *** stands, so conf.yaml cannot be applied as it is"
    )
    assert [runs[name].notes for name in ("cell", "block", "later")] == [(said,), (said,), ()]
    made = fresh(project, runs["later"], later)
    assert (made / "conf.yaml").read_text() == "rate: 3\n"
    told = compare_runs(ws, [runs["cell"].id, runs["later"].id])
    assert [row.name for row in told.environment] == ["changed files"]


def test_what_this_process_has_not_taken_is_no_file(project, sql_ws):
    commit = git(project, "rev-parse", "HEAD")
    assert take_patch(project, commit) is None
    assert patch_files(sql_ws, None) == patch_files(sql_ws, "0" * 64) == ()
    (project / "conf.yaml").write_text("rate: 2\n")
    digest = take_patch(project, commit)
    (file,) = patch_files(sql_ws, digest)
    assert (file.name, file.digest, sql_ws.blobs.has(digest)) == (PATCH, digest, True)
    assert patch_note(sql_ws, digest)["said"] == []
    off = replace(sql_ws, settings=replace(sql_ws.settings, uncommitted=False))
    assert (patch_files(off, digest), patch_notes(off, digest), patch_note(off, digest)) == ((), (), {})
    for number in range(20):  # no process holds on to all it has ever taken
        (project / "conf.yaml").write_text(f"rate: 1{number}\n")
        take_patch(project, commit)
    assert patch_files(sql_ws, digest) == ()
