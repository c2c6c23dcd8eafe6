"""What a notebook leaves for the next one, read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from contracts.samples import SPEC, run

from jupyter_mlops.automation import run_notebook
from jupyter_mlops.automation.passing import as_value, hand_over, job_outputs, run_outputs, taken_values
from jupyter_mlops.automation.steps import Taken
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.tracking.log import log_artifact
from jupyter_mlops.tracking.outputs import output_files
from jupyter_mlops.workspace import Workspace


def leave(ws: Workspace, owner: str, name: str, value: object) -> None:
    for file in output_files(name, value, experiment="air", workspace=lambda: ws):
        log_artifact(ws, run=owner, content=file.content, name=file.name, media_type=file.media_type)


def add(ws: Workspace, id: str, parent: str | None = None) -> str:  # noqa: A002
    with ws.store.write() as tx:
        tx.runs.add(run(id, parent=parent, started=ws.now()))
    return id


def test_the_results_of_a_run_are_its_own_and_those_of_the_runs_in_it(ws: Workspace) -> None:
    own = add(ws, "own")
    cell = add(ws, "cell", own)
    inner = add(ws, "inner", cell)
    leave(ws, inner, "deep/er", [1])
    leave(ws, cell, "alpha", 0.1)
    leave(ws, cell, "beta", 2)
    leave(ws, own, "alpha", 0.5)
    add(ws, "elsewhere")
    leave(ws, "elsewhere", "alpha", 9)
    assert run_outputs(ws, own) == {"alpha": 0.5, "beta": 2, "deep/er": [1]}


def test_a_job_that_never_began_left_nothing(ws: Workspace) -> None:
    job = Job(id="j", spec=SPEC, queued=ws.now(), actor=ws.actor)
    assert job_outputs(ws, job) == {}


def test_a_file_is_handed_over_as_the_path_of_a_copy_and_mended_if_somebody_wrote_into_it(
    sql_ws: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "air.csv").write_text("a,b\n")
    own = add(sql_ws, "own")
    leave(sql_ws, own, "table", tmp_path / "air.csv")
    (tmp_path / "air.csv").write_text("other")
    found = run_outputs(sql_ws, own)["table"]
    assert isinstance(found, Artifact)
    taken, runs = {"file": Taken("clean", "table"), "n": Taken("clean", "n")}, {"clean": own}
    leave(sql_ws, own, "n", 3)
    place = Path(str(as_value(sql_ws, found)))
    assert taken_values(sql_ws, taken, runs) == {"file": str(place), "n": 3}
    assert not place.parent.parent.exists()  # whoever only asks for the values has nothing written
    assert hand_over(sql_ws, taken, runs) == {"file": str(place), "n": 3}
    assert (place.name, place.read_text()) == ("air.csv", "a,b\n")
    assert place.parent.name == found.digest[:16]
    place.write_text("spoiled")
    hand_over(sql_ws, taken, runs)
    assert place.read_text() == "a,b\n"


def test_what_a_step_has_not_left_is_named_with_what_it_has(ws: Workspace) -> None:
    leave(ws, add(ws, "one"), "alpha", 0.1)
    add(ws, "two")
    runs = {"train": "one", "clean": "two"}
    assert taken_values(ws, {"x": Taken("train", "alpha")}, runs) == {"x": 0.1}
    with pytest.raises(
        Invalid, match="step 'train' left no output 'beta', which the parameter 'x'"
    ) as refused:
        taken_values(ws, {"x": Taken("train", "beta")}, runs)
    assert refused.value.remedy == "It left alpha."
    with pytest.raises(Invalid, match="step 'clean' left no output 'alpha'") as refused:
        taken_values(ws, {"x": Taken("clean", "alpha")}, runs)
    assert "mlops.output('alpha'" in refused.value.remedy


@pytest.mark.kernel
def test_what_a_cell_has_left_outlives_its_kernel(place: Workspace, write: Callable[..., Path]) -> None:
    write(
        "import jupyter_mlops as mlops, os, signal\nmlops.output('n_rows', 41757)",
        "with mlops.track('fit'):\n    mlops.output('alpha', {'best': 0.3})\n    os.kill(os.getpid(), signal.SIGKILL)",
    )
    report = run_notebook(place, notebook=str(place.settings.root / "train.ipynb"))
    assert report.status is JobStatus.FAILED
    assert job_outputs(place, read_job(place, report.job)) == {"n_rows": 41757, "alpha": {"best": 0.3}}
