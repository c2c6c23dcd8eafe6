"""A recorded run, run again in a fresh kernel."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.jobs import reproduce_run, submit_job
from jupyter_mlops.jobs.launcher import launch, wait_for
from jupyter_mlops.jobs.reproduce import _redirected
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import JobOptions
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.reproduced import ReproductionVerdict, RunIn
from jupyter_mlops.tracking.runs import finish_run, start_run


@pytest.mark.parametrize(
    ("line", "became"),
    [
        ("%%track base", "%%track base -e air/reproductions --on-rerun fork"),
        (
            "%%track base -e air --on-rerun continue --tag a=b",
            "%%track base --tag a=b -e air/reproductions --on-rerun fork",
        ),
        ("%%track base --resume a3f91c", "%%track base -e air/reproductions --on-rerun fork"),
        ("%%track --resume a3f91c", "%%track resumed -e air/reproductions --on-rerun fork"),
        ("%%track base --experiment=air", "%%track base -e air/reproductions --on-rerun fork"),
    ],
)
def test_a_tracked_cell_run_again_cannot_touch_the_run_it_repeats(line, became) -> None:
    import json

    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": f"{line}\nx = 1",
            }
        ],
    }

    cells = json.loads(_redirected(json.dumps(content).encode(), "air/reproductions"))["cells"]

    assert ["".join(c["source"]) for c in cells] == ["%load_ext jupyter_mlops", f"{became}\nx = 1"]


def test_what_was_not_recorded_cannot_be_run_again(ws) -> None:
    run = start_run(ws, name="script")
    with pytest.raises(Invalid, match="has not ended"):
        reproduce_run(ws, run.id)
    finish_run(ws, run=run.id)
    with pytest.raises(Invalid, match="no cells"):
        reproduce_run(ws, run.id)
    with pytest.raises(NotFound):
        reproduce_run(ws, "zzzz")


CELLS = (
    "%load_ext jupyter_mlops",
    "values = [1.0, 2.0, scale]",
    "unused = 5",
    "%%track mean -e air --on-rerun replace\nrun.log_metric('mean', sum(values) / len(values))",
)


@pytest.mark.kernel
def test_a_tracked_cell_is_rebuilt_from_its_slice_and_found_identical(place, write) -> None:
    job = submit_job(
        place,
        notebook=str(write(*CELLS, parameters="scale = 1.0")),
        parameters={"scale": 4.0},
        experiment="air",
    )
    wait_for(place, launch(place, job.id))
    with place.store.read() as tx:
        (tracked,) = tx.runs.find(Query(where=equal(name="mean")))

    found = reproduce_run(place, tracked.id)

    with place.store.read() as tx:
        verdict, original = tx.runs.get(found.run), tx.runs.get(tracked.id)
        (event,) = tx.events.read(kind="run.reproduced")
    assert (found.verdict, dict(found.parts)) == (ReproductionVerdict.IDENTICAL, {"metric mean": "identical"})
    assert original == tracked
    assert (verdict.tags["reproduces"], verdict.tags["verdict"]) == (tracked.id, "identical")
    assert verdict.experiment == "air/reproductions"
    assert (event.subject, event.data["verdict"]) == (tracked.id, "identical")


@pytest.mark.kernel
def test_a_whole_job_is_run_again_and_a_difference_is_told(place, write) -> None:
    path = write(
        "%load_ext jupyter_mlops",
        "%%track luck\nimport random\nrun.log_metric('luck', random.random())",
    )
    job = wait_for(place, launch(place, submit_job(place, notebook=str(path)).id))

    found = reproduce_run(place, job.run)

    assert found.verdict is ReproductionVerdict.DIFFERS
    assert any(cause.startswith("luck was ") for cause in found.causes)


@pytest.mark.kernel
def test_what_no_longer_runs_says_at_which_cell(place, write) -> None:
    data = place.settings.root / "data.txt"
    data.write_text("1")
    job = run_job(
        place, write("x = 1", "open('data.txt').read()"), options=JobOptions(retries=2, retry=("notebook=2",))
    )
    data.unlink()

    found = reproduce_run(place, job.run)

    assert found.verdict is ReproductionVerdict.DOES_NOT_RUN
    assert (found.error.kind, found.error.index) == ("FileNotFoundError", 1)
    assert "cell 2 (cell-1): FileNotFoundError" in found.causes[0]
    again = read_job(place, found.job).spec
    assert (again.retries, again.retry) == (0, ()), "that it fails is the answer, and is not tried away"


@pytest.mark.kernel
def test_an_imported_file_that_is_another_now_is_named_as_the_cause(place, write) -> None:
    helpers = place.settings.root / "helpers.py"
    helpers.write_text("def scale():\n    return 1.0\n")
    path = write(
        "%load_ext jupyter_mlops",
        "import random, helpers",
        "%%track mean -e air\nrandom.seed(1)\nrun.log_metric('mean', helpers.scale())",
    )
    job = wait_for(place, launch(place, submit_job(place, notebook=str(path)).id))
    with place.store.read() as tx:
        (tracked,) = tx.runs.find(Query(where=equal(name="mean")))
        whole = tx.runs.get(job.run)
    assert dict(whole.source.modules) == dict(tracked.source.modules)
    assert whole.source.seeds == ("random.seed(1)",)
    helpers.write_text("def scale():\n    return 2.25\n")

    of_cell, of_job = reproduce_run(place, tracked.id), reproduce_run(place, job.run)

    for found in (of_cell, of_job):
        assert found.verdict is ReproductionVerdict.DIFFERS
        assert found.causes[0].startswith("module helpers.py was ")
        assert found.causes[-1] == "mean was 1 and is 2.25"


def run_job(place, path, **given):
    return wait_for(place, launch(place, submit_job(place, notebook=str(path), **given).id))


@pytest.mark.kernel
def test_unchanged_a_notebook_with_tables_figures_and_a_model_is_identical_and_a_changed_row_names_the_data(
    place, write
) -> None:
    data = place.settings.root / "air.csv"
    rows = [f"{n},{2 * n + n % 3}" for n in range(40)]
    data.write_text("\n".join(["x,y", *rows]) + "\n")
    path = write(
        "%load_ext jupyter_mlops\n%matplotlib inline",
        "import datetime, time, pandas as pd\nfrom sklearn.linear_model import Ridge",
        "frame = pd.read_csv('air.csv')\nprint('read at', datetime.datetime.now(), object())",
        "frame.describe()",
        "%%track fit -e air\nmodel = Ridge().fit(frame[['x']], frame['y'])\n"
        "run.log_metric('score', model.score(frame[['x']], frame['y']))\nrun.log_model(model, data=frame[['x']])",
        "frame.plot(x='x', y='y');",
    )
    job = run_job(place, path)
    with place.store.read() as tx:
        (tracked,) = tx.runs.find(Query(where=equal(name="fit")))

    whole, cell = reproduce_run(place, job.run), reproduce_run(place, tracked.id)
    data.write_text("\n".join(["x,y", *rows[:-1], "39,1000"]) + "\n")
    changed = reproduce_run(place, job.run)

    assert (whole.verdict, whole.outputs) == (ReproductionVerdict.IDENTICAL, ()), whole.causes
    assert whole.parts["outputs"] == "identical"
    assert cell.verdict is ReproductionVerdict.IDENTICAL, cell.causes
    assert cell.parts["model model"] == "identical"
    assert changed.verdict is ReproductionVerdict.DIFFERS
    assert changed.causes[0].startswith("the data differ: ")
    said = [str(one) for one in changed.outputs]
    assert any(text.startswith("cell 4 display: table row 2 (mean) column y: was ") for text in said), said
    assert any(text.startswith("cell 6 display: was ") or "drawn differs" in text for text in said), said


@pytest.mark.kernel
def test_another_seed_is_within_a_tolerance_that_is_given(place, write) -> None:
    path = write(
        "%load_ext jupyter_mlops",
        "import os, random\nrandom.seed(os.getpid())",  # another one each time
        "%%track mean -e air\nmean = sum(random.random() for _ in range(100_000)) / 100_000\n"
        "run.log_metric('mean', mean)\nprint('mean is', mean)",
    )
    run_job(place, path)
    with place.store.read() as tx:
        (tracked,) = tx.runs.find(Query(where=equal(name="mean")))

    near, far = reproduce_run(place, tracked.id, tolerance=0.05), reproduce_run(place, tracked.id)

    assert near.verdict is ReproductionVerdict.WITHIN_TOLERANCE, near.causes
    assert far.verdict is ReproductionVerdict.DIFFERS
    assert (near.parts["metric mean"], near.parts["outputs"]) == ("within_tolerance", "within_tolerance")
    assert str(far.outputs[0]).startswith("cell 3 stdout: was 0.")


def demo(folder: Path, version: str, value: float) -> Path:
    """Lay out an installed package of one module, as pip would."""
    shutil.rmtree(folder, ignore_errors=True)
    info = folder / f"mlopsdemo-{version}.dist-info"
    info.mkdir(parents=True)
    (folder / "mlopsdemo.py").write_text(f"value = {value}\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: mlopsdemo\nVersion: {version}\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    (info / "RECORD").write_text("")
    return folder


def wheel_of(folder: Path, package: Path, version: str) -> None:
    folder.mkdir()
    with zipfile.ZipFile(folder / f"mlopsdemo-{version}-py3-none-any.whl", "w") as wheel:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                wheel.write(path, path.relative_to(package).as_posix())


@pytest.mark.kernel
def test_a_bumped_package_is_named_and_the_recorded_one_is_installed_where_that_is_asked_for(
    place, write, tmp_path, monkeypatch
) -> None:
    before = os.environ.get("PYTHONPATH", "")
    package = demo(tmp_path / "packages", "1.0", 2.5)
    wheel_of(tmp_path / "wheels", package, "1.0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(package), before])))
    job = run_job(place, write("import mlopsdemo", "print('value', mlopsdemo.value)"))

    demo(package, "2.0", 3.5)
    bumped = reproduce_run(place, job.run)
    monkeypatch.setenv("PYTHONPATH", before)
    gone = reproduce_run(place, job.run)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    told: list[str] = []
    recreated = reproduce_run(place, job.run, environment=RunIn.RECREATE, tell=told.append)

    assert (bumped.verdict, bumped.causes) == (
        ReproductionVerdict.DIFFERS,
        ("mlopsdemo was 1.0 and is 2.0", "cell 2 stdout: was 2.5 and is 3.5"),
    )
    assert (gone.verdict, gone.error.kind) == (ReproductionVerdict.DOES_NOT_RUN, "ModuleNotFoundError")
    assert "mlopsdemo was 1.0 and is absent" in gone.causes
    assert recreated.verdict is ReproductionVerdict.IDENTICAL, recreated.causes
    assert recreated.environment == "the recorded environment, recreated with mlopsdemo==1.0"
    assert told == [f"runs in {recreated.environment}"]


@pytest.mark.kernel
def test_a_file_that_is_gone_is_put_back_by_its_digest_before_anything_runs(place, write) -> None:
    data = place.settings.root / "data.txt"
    data.write_text("3")
    path = write(
        "%load_ext jupyter_mlops", "%%track n -e air\nrun.log_metric('n', float(open('data.txt').read()))"
    )
    run_job(place, path)
    with place.store.read() as tx:
        (tracked,) = tx.runs.find(Query(where=equal(name="n")))
    with data.open("rb") as file:
        place.blobs.put(file)
    data.unlink()
    told: list[str] = []

    found = reproduce_run(place, tracked.id, tell=told.append)

    assert found.verdict is ReproductionVerdict.IDENTICAL, found.causes
    assert found.parts["input read data.txt"] == "identical"
    assert told[1].startswith("data.txt was gone and was put back from the workspace")
    assert found.inputs == (told[1],)
    assert data.read_text() == "3"
