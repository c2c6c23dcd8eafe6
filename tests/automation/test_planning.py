"""What would become of a pipeline's steps, said before anything runs, and what then becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from jupyter_mlops.automation import plan_pipeline, run_pipeline
from jupyter_mlops.automation.basis import basis_of, keep_basis
from jupyter_mlops.automation.passing import hand_over
from jupyter_mlops.automation.steps import read_pipeline
from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.jobs import find_jobs
from jupyter_mlops.jobs.submit import read_notebook
from jupyter_mlops.records.report import StepProspect
from jupyter_mlops.tracking import finish_run, log_artifact, start_run
from jupyter_mlops.tracking.outputs import output_files
from jupyter_mlops.workspace import Workspace

Write = Callable[..., Path]
RUN, SKIP, DEPENDS, FAIL, BLOCKED = StepProspect
CLEAN = "import jupyter_mlops as mlops\nopen('clean.txt', 'w').write(open('raw.txt').read())\nmlops.output('n', {})"
FILE = """
steps:
- {notebook: look.ipynb, needs: [train]}
- {notebook: train.ipynb, inputs: [clean.txt], parameters: {n: {from: clean.n}}, outputs: [model.txt]}
- {notebook: clean.ipynb, inputs: [raw.txt], parameters: {k: 1}}
"""


def edit(path: Path, source: str) -> None:
    notebook = nbformat.read(path, 4)
    notebook.cells[-1].source = source
    nbformat.write(notebook, path)


@pytest.fixture
def file(place: Workspace, write: Write) -> Path:
    root = place.settings.root
    (root / "raw.txt").write_text("1")
    write(CLEAN.format("7"), parameters="k = 0", name="clean.ipynb")
    write("open('model.txt', 'w').write(str(n))", parameters="n: int", name="train.ipynb")
    write("1", name="look.ipynb")
    (root / "p.yaml").write_text(FILE)
    return root / "p.yaml"


def test_before_the_first_run_every_step_would_run_also_where_what_it_reads_is_still_to_come(
    place: Workspace, file: Path
) -> None:
    plan = plan_pipeline(place, str(file))
    assert [(s.name, s.would, s.why, s.notebook, s.last) for s in plan.steps] == [
        (name, RUN, "it has not succeeded before", f"{name}.ipynb", None)
        for name in ("clean", "train", "look")
    ]
    assert find_jobs(place).total == 0
    assert _kept(place) == 0


@pytest.mark.kernel
def test_what_is_planned_is_what_then_happens(place: Workspace, file: Path) -> None:
    root = file.parent

    def planned() -> list[tuple[StepProspect, str]]:
        return [(step.would, step.why) for step in plan_pipeline(place, str(file)).steps]

    def ran() -> list[tuple[str, str]]:
        return [(str(step.status), step.why) for step in run_pipeline(place, str(file)).steps]

    assert {status for status, _ in ran()} == {"ran"}
    unchanged = (SKIP, "nothing has changed")
    assert planned() == [unchanged] * 3
    file.write_text(FILE.replace("k: 1", "k: 2"))
    first, second, third = planned()
    assert first == (RUN, "parameter k went from 1 to 2")
    assert second == (RUN, "step clean, which it needs, has changed")
    assert third == (DEPENDS, "depends on what train gives")
    assert [status for status, _ in ran()] == ["ran"] * 3
    assert planned() == [unchanged] * 3
    (root / "model.txt").unlink()
    assert planned() == [unchanged, (RUN, "its output model.txt is missing"), unchanged]
    assert [status for status, _ in ran()] == ["skipped", "ran", "skipped"]
    (root / "raw.txt").unlink()
    why = "step 'clean': there is no input 'raw.txt'"
    assert planned() == [
        (FAIL, why),
        (BLOCKED, "clean would not succeed"),
        (BLOCKED, "train would not succeed"),
    ]


def test_what_a_step_gives_that_would_run_is_not_known_before(place: Workspace, file: Path) -> None:
    """The first step would run though nothing it rests on has changed: only then is known whether it gives the same."""
    root, plan = file.parent, lambda: plan_pipeline(place, str(file))
    file.write_text(FILE.replace("{k: 1}}", "{k: 1}, outputs: [clean.txt]}"))
    (root / "clean.txt").write_text("1")
    (root / "model.txt").write_text("1")
    _pretend(place, file)
    kept = _kept(place)
    assert [step.would for step in plan().steps] == [SKIP] * 3
    (root / "clean.txt").unlink()
    assert [(step.would, step.why) for step in plan().steps] == [
        (RUN, "its output clean.txt is missing"),
        (DEPENDS, "depends on what clean gives"),
        (DEPENDS, "depends on what train gives"),
    ]
    edit(root / "look.ipynb", "2")
    assert [step.would for step in plan().steps] == [RUN, DEPENDS, RUN]
    assert plan().steps[2].why == "code cell 1 has changed"
    assert _kept(place) == kept > 0


def test_an_output_that_a_step_has_not_left_is_told_before(place: Workspace, file: Path) -> None:
    (file.parent / "clean.txt").write_text("1")
    (file.parent / "model.txt").write_text("1")
    _pretend(place, file)
    file.write_text(FILE.replace("clean.n}", "clean.m}"))
    assert [(step.would, step.why) for step in plan_pipeline(place, str(file)).steps] == [
        (SKIP, "nothing has changed"),
        (FAIL, "step 'clean' left no output 'm', which the parameter 'n' takes"),
        (BLOCKED, "train would not succeed"),
    ]


def test_a_file_that_a_step_would_take_is_not_copied_before(place: Workspace, write: Write) -> None:
    root = place.settings.root
    write("1", name="clean.ipynb")
    write("1", parameters="from pathlib import Path\ntable: Path", name="look.ipynb")
    (root / "p.yaml").write_text(
        "steps: [{notebook: clean.ipynb}, {notebook: look.ipynb, parameters: {table: {from: clean.table}}}]"
    )
    (root / "air.csv").write_text("a,b\n")
    pipeline = read_pipeline(place, str(root / "p.yaml"))
    _, notebook = read_notebook(place, str(root / "clean.ipynb"))
    run = start_run(place, name="clean", tags={"pipeline": "p", "step": "clean"}).id
    for left in output_files("table", root / "air.csv", experiment="p", workspace=lambda: place):
        log_artifact(place, run=run, content=left.content, name=left.name, media_type=left.media_type)
    finish_run(place, run=run)
    keep_basis(place, run, basis_of(pipeline, pipeline.steps[0], notebook, {}, {}))

    assert [step.would for step in plan_pipeline(place, str(root / "p.yaml")).steps] == [SKIP, RUN]
    assert not (root / ".mlops" / "passed").exists()
    handed = hand_over(place, pipeline.steps[1].taken, {"clean": run})
    assert Path(str(handed["table"])).is_relative_to(root / ".mlops" / "passed")


def test_what_a_run_would_refuse_at_once_is_refused(place: Workspace, file: Path) -> None:
    file.write_text("steps: [{notebook: clean.ipynb, parameters: {k: soon}}]")
    with pytest.raises(Invalid, match="parameter 'k' = 'soon'"):
        plan_pipeline(place, str(file))
    file.write_text("steps: [{notebook: none.ipynb}]")
    with pytest.raises(NotFound, match="none"):
        plan_pipeline(place, str(file))


def _kept(place: Workspace) -> int:
    return sum(file.is_file() for file in (place.settings.root / ".mlops" / "blobs").rglob("*"))


def _pretend(place: Workspace, file: Path) -> None:
    """Write the books as three successful jobs would have left them."""
    pipeline = read_pipeline(place, str(file))
    digests: dict[str, str] = {}
    for step in reversed(pipeline.steps):
        _, notebook = read_notebook(place, str(pipeline.folder / step.notebook))
        values = {**step.parameters, **dict.fromkeys(step.taken, 7)}
        basis = basis_of(pipeline, step, notebook, values, {need: digests[need] for need in step.needs})
        digests[step.name] = basis.digest
        run = start_run(place, name=step.name, tags={"pipeline": "p", "step": step.name})
        log_artifact(place, run=run.id, content=b"7", name="outputs/n.json", media_type="application/json")
        finish_run(place, run=run.id)
        keep_basis(place, run.id, basis)
