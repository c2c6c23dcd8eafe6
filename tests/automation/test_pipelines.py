"""Notebooks that need each other; what has not changed is not run again."""

from __future__ import annotations

from dataclasses import replace

import nbformat
import pytest

from jupyter_mlops.automation import plan_pipeline, run_pipeline
from jupyter_mlops.automation.basis import basis_of
from jupyter_mlops.automation.pipelines import missing_output
from jupyter_mlops.automation.steps import read_pipeline
from jupyter_mlops.errors import Forbidden, Invalid
from jupyter_mlops.jobs.submit import read_notebook
from jupyter_mlops.records.report import StepStatus


def edit(path, text: str) -> None:
    notebook = nbformat.read(path, 4)
    notebook.cells[-1].source = text
    nbformat.write(notebook, path)


@pytest.mark.kernel
def test_steps_run_in_order_and_only_what_has_changed_runs_again(place, write) -> None:
    root = place.settings.root
    (root / "raw.txt").write_text("1")
    clean = write(
        "open('clean.txt', 'w').write(open('raw.txt').read() * n)", parameters="n = 2", name="clean.ipynb"
    )
    write("assert open('clean.txt').read()", name="train.ipynb")
    (root / "air.yaml").write_text(
        "steps:\n"
        "  - {notebook: train.ipynb, needs: [clean]}\n"
        "  - {notebook: clean.ipynb, parameters: {n: 3}, inputs: [raw.txt], outputs: [clean.txt]}\n"
    )

    def run() -> list[tuple[str, StepStatus, str]]:
        return [(s.name, s.status, s.why) for s in run_pipeline(place, str(root / "air.yaml")).steps]

    ran, skipped = StepStatus.RAN, StepStatus.SKIPPED
    assert run() == [
        ("clean", ran, "it has not succeeded before"),
        ("train", ran, "it has not succeeded before"),
    ]
    assert (root / "clean.txt").read_text() == "111"
    assert run() == [("clean", skipped, "nothing has changed"), ("train", skipped, "nothing has changed")]
    edit(clean, "open('clean.txt', 'w').write( open('raw.txt').read() * n )  # a comment")
    assert [status for _, status, _ in run()] == [skipped, skipped]
    (root / "raw.txt").write_text("2")
    assert run() == [
        ("clean", ran, "input raw.txt has changed"),
        ("train", ran, "step clean, which it needs, has changed"),
    ]
    (root / "clean.txt").unlink()
    assert run()[0] == ("clean", ran, "its output clean.txt is missing")


@pytest.mark.kernel
def test_a_step_that_fails_blocks_what_needs_it_and_nothing_else(place, write) -> None:
    root = place.settings.root
    write("1 / 0", name="a.ipynb")
    write("1", name="b.ipynb")
    write("1", name="c.ipynb")
    (root / "p.yaml").write_text(
        "name: p\nsteps:\n  - {notebook: a.ipynb}\n  - {notebook: b.ipynb, needs: [a]}\n  - {notebook: c.ipynb}\n"
    )

    report = run_pipeline(place, str(root / "p.yaml"))

    assert report.ok is False
    assert {s.name: s.status for s in report.steps} == {
        "a": StepStatus.FAILED,
        "b": StepStatus.BLOCKED,
        "c": StepStatus.RAN,
    }
    assert {s.name: s.error and s.error.kind for s in report.steps} == {
        "a": "ZeroDivisionError",
        "b": None,
        "c": None,
    }
    assert {s.name: s.needs for s in report.steps} == {"a": (), "b": ("a",), "c": ()}
    assert {s.name: s.seconds is not None for s in report.steps} == {"a": True, "b": False, "c": True}
    edit(root / "a.ipynb", "1")  # it goes on where it failed
    again = run_pipeline(place, str(root / "p.yaml"))
    assert {s.name: s.status for s in again.steps} == {
        "a": StepStatus.RAN,
        "b": StepStatus.RAN,
        "c": StepStatus.SKIPPED,
    }


@pytest.mark.kernel
def test_a_step_takes_what_another_leaves_also_where_that_is_passed_over(place, write) -> None:
    root = place.settings.root
    train = root / "train.py"
    train.write_text("import jupyter_mlops as mlops\nmlops.output('alpha', 0.5)\nmlops.output('day', 'soon')")
    look = write(
        "open('seen.txt', 'w').write(repr(alpha))", parameters="alpha: float = ...", name="look.ipynb"
    )
    file = root / "p.yaml"
    steps = "steps:\n- {notebook: look.ipynb, parameters: {alpha: {from: train.%s}}}\n- python: train.py\n"
    file.write_text(steps % "alpha")

    def run() -> list[tuple[str, StepStatus, str]]:
        return [(s.name, s.status, s.why) for s in run_pipeline(place, str(file)).steps]

    ran, skipped, failed = StepStatus.RAN, StepStatus.SKIPPED, StepStatus.FAILED
    assert [(name, status) for name, status, _ in run()] == [("train", ran), ("look", ran)]
    assert (root / "seen.txt").read_text() == "0.5"
    assert [status for _, status, _ in run()] == [skipped, skipped]
    edit(look, "open('seen.txt', 'w').write(repr(alpha + 1))")
    assert [status for _, status, _ in run()] == [skipped, ran]
    assert (root / "seen.txt").read_text() == "1.5"
    file.write_text(steps % "beta")
    assert run()[1] == (
        "look",
        failed,
        "step 'train' left no output 'beta', which the parameter 'alpha' takes",
    )
    assert run_pipeline(place, str(file)).steps[1].error.remedy == "It left alpha, day."
    file.write_text(steps % "day")
    assert "parameter 'alpha' = 'soon': it must be a number" in run()[1][2]
    train.write_text("import jupyter_mlops as mlops\nmlops.output('day', 0.75)")
    assert [status for _, status, _ in run()] == [ran, ran]
    assert (root / "seen.txt").read_text() == "1.75"


@pytest.mark.kernel
def test_a_frame_and_a_file_are_passed_as_they_were_left(place, write) -> None:
    root = place.settings.root
    write(
        "import jupyter_mlops as mlops, pandas as pd\nfrom pathlib import Path",
        "mlops.output('rows', pd.DataFrame({'pm': [1.5, 2.5]}))\n"
        "Path('model.bin').write_text('first')\nmlops.output('model', Path('model.bin'))\n"
        "Path('model.bin').write_text('later')",
        name="train.ipynb",
    )
    write(
        "import jupyter_mlops as mlops\n"
        "said = f\"{rows} {mlops.load_data(rows)['pm'].sum()} {model.name} {model.read_text()}\"\n"
        "open('seen.txt', 'w').write(said)",
        parameters="from pathlib import Path\nrows: str\nmodel: Path",
        name="look.ipynb",
    )
    (root / "p.yaml").write_text(
        "name: air\nsteps:\n- notebook: train.ipynb\n- notebook: look.ipynb\n"
        "  parameters: {rows: {from: train.rows}, model: {from: train.model}}\n"
    )
    assert run_pipeline(place, str(root / "p.yaml")).ok
    assert (root / "seen.txt").read_text() == "air.rows:1 4.0 model.bin first"


def test_a_value_that_comes_later_must_be_declared(place, write) -> None:
    write("1", name="train.ipynb")
    write("1", parameters="alpha = 1", name="look.ipynb")
    (place.settings.root / "p.yaml").write_text(
        "steps: [{notebook: train.ipynb}, {notebook: look.ipynb, parameters: {beta: {from: train.b}}}]"
    )
    with pytest.raises(Invalid, match="'beta' is not declared"):
        run_pipeline(place, str(place.settings.root / "p.yaml"))


@pytest.mark.kernel
def test_a_step_whose_input_is_not_there_fails_alone_as_the_plan_says(place, write) -> None:
    root = place.settings.root
    for name in ("a", "b", "c"):
        write("1", name=f"{name}.ipynb")
    file = root / "p.yaml"
    file.write_text(
        "steps:\n- {notebook: a.ipynb, inputs: [missing.csv]}\n- {notebook: b.ipynb, needs: a}\n- notebook: c.ipynb\n"
    )
    planned = {step.name: str(step.would) for step in plan_pipeline(place, str(file)).steps}
    report = run_pipeline(place, str(file))

    assert planned == {"a": "fail", "b": "blocked", "c": "run"}
    assert report.ok is False
    assert {step.name: (step.status, step.why) for step in report.steps} == {
        "a": (StepStatus.FAILED, "step 'a': there is no input 'missing.csv'"),
        "b": (StepStatus.BLOCKED, "a did not succeed"),
        "c": (StepStatus.RAN, "it has not succeeded before"),
    }
    assert report.steps[0].error.remedy == f"Paths count from {root}."


@pytest.mark.kernel
def test_an_absolute_output_that_is_missing_is_told(place, write) -> None:
    root = place.settings.root
    write("1", name="a.ipynb")
    (root / "p.yaml").write_text(f"steps: [{{notebook: a.ipynb, outputs: [{root / 'none' / '*.csv'}]}}]")
    assert [run_pipeline(place, str(root / "p.yaml")).ok for _ in range(2)] == [True, True]
    (step,) = plan_pipeline(place, str(root / "p.yaml")).steps
    assert step.why == f"its output {root / 'none' / '*.csv'} is missing"


@pytest.mark.parametrize("name", ["secret.csv", "none.csv"])
@pytest.mark.parametrize("key", ["inputs", "outputs"])
def test_a_confined_workspace_reads_nothing_outside_its_root(place, write, key: str, name: str) -> None:
    root = place.settings.root
    (root.parent / "secret.csv").write_text("1")
    write("1", name="a.ipynb")
    (root / "p.yaml").write_text(f"steps: [{{notebook: a.ipynb, {key}: [../{name}]}}]")
    confined = replace(place, settings=replace(place.settings, confined=True))
    pipeline = read_pipeline(confined, "p.yaml")
    _, notebook = read_notebook(confined, "a.ipynb")
    (step,) = pipeline.steps
    with pytest.raises(Forbidden, match=f"'../{name}' lies outside the project's folder"):
        if key == "inputs":
            basis_of(pipeline, step, notebook, {}, {})
        else:
            missing_output(pipeline, step)
    if key == "inputs":
        (told,) = run_pipeline(confined, "p.yaml").steps
        assert (told.status, told.error.kind) == (StepStatus.FAILED, "Forbidden")
