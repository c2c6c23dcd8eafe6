"""A pipeline's file, read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlops.automation.steps import Step, Taken, read_pipeline
from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.workspace import Workspace


def read(ws: Workspace, folder: Path, text: str):
    (folder / "p.yaml").write_text(text, encoding="utf-8")
    return read_pipeline(ws, str(folder / "p.yaml"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no steps"),
        ("steps: []", "no steps"),
        ("steps: {a: b}", "no steps"),
        ("[1]", "no steps"),
        ("steps: [{name: a}]", "names no notebook"),
        ("steps: [a.ipynb]", "step 1 names no notebook"),
        ("steps: [{notebook: 3}]", "names no notebook"),
        ("steps: [{python: 3}]", "names no notebook"),
        ("steps: [{notebook: a.ipynb, python: a.py}]", "step 1 names a notebook and a script"),
        ("steps: [{python: a.ipynb}]", "'a.ipynb' is no script of Python"),
        ("steps: [{notebook: a.ipynb, name: 3}]", "no usable name: 3"),
        ("steps: [{notebook: a.ipynb, name: ''}]", "no usable name"),
        ('steps: [{notebook: a.ipynb, name: "a\\nb"}]', "no usable name"),
        ("steps: [{notebook: a.ipynb, need: [b]}]", "unknown 'need'"),
        ("step: 1\nsteps: [{notebook: a.ipynb}]", "unknown 'step'"),
        ("steps: [{notebook: a.ipynb}, {notebook: a.ipynb}]", "two steps are called 'a'"),
        ("steps: [{notebook: a.ipynb, needs: [b]}]", "'b', which is no step"),
        ("steps: [{notebook: a.ipynb, needs: a}]", "circle: a"),
        ("steps: [{notebook: a.ipynb, needs: b}, {notebook: b.ipynb, needs: [a]}]", "circle: a, b"),
        ("steps: [{notebook: a.ipynb, needs: {b: 1}}]", "list of texts"),
        ("steps: [{notebook: a.ipynb, inputs: [1]}]", "inputs must be a list of texts"),
        ("steps: [{notebook: a.ipynb, parameters: [1]}]", "names with values"),
        ("steps: [{notebook: a.ipynb, parameters: {x: {from: 3}}}]", "x is from 3, which is no text"),
        ("steps: [{notebook: a.ipynb, parameters: {x: {from: b.y}}}]", "from 'b.y', which names no step"),
        ("steps: [{notebook: a.ipynb, parameters: {x: {from: a.}}}]", "from 'a.', which names no step"),
        ("steps: [{notebook: a.ipynb, parameters: {x: {from: a.x}}}]", "circle: a"),
        ("steps: [{notebook: a.ipynb, taken: {x: 1}}]", "unknown 'taken'"),
        (f"name: {'x' * 201}\nsteps: [{{notebook: a.ipynb}}]", "the pipeline's name 'x+' must be at most 200"),
        ('name: "a\\e[2Jb"\nsteps: [{notebook: a.ipynb}]', "the pipeline's name .* printable"),
        ('experiment: "a\\nb"\nsteps: [{notebook: a.ipynb}]', "the pipeline's experiment .* printable"),
        ("steps: [", "YAML"),
        ("!!python/object/apply:os.system ['true']", "YAML"),
        ("steps: [{notebook: a.ipynb, parameters: {day: 2026-02-31}}]", "YAML"),
        ("[" * 5000, "YAML"),
        ("steps: [{notebook: a.ipynb, notebook: b.ipynb}]", "'notebook' stands twice"),
        ("steps: [{notebook: a.ipynb}]\nsteps: [{notebook: b.ipynb}]", "'steps' stands twice"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told_and_not_run(
    memory_ws: Workspace, tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        read(memory_ws, tmp_path, text)


def test_a_file_that_is_not_there_is_not_found(memory_ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"p\.yaml"):
        read_pipeline(memory_ws, str(tmp_path / "p.yaml"))


def test_bytes_that_are_no_text_are_told(memory_ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(b"\xff\xfe\x00steps")
    with pytest.raises(Invalid, match="cannot be read"):
        read_pipeline(memory_ws, str(tmp_path / "p.yaml"))


def test_a_step_is_called_like_its_notebook_and_a_pipeline_like_its_file(
    memory_ws: Workspace, tmp_path: Path
) -> None:
    found = read(memory_ws, tmp_path, "steps: [{notebook: sub/train.v2.ipynb}]")
    assert (found.name, found.experiment, found.folder) == ("p", "p", tmp_path)
    assert found.steps == (Step(name="train.v2", notebook="sub/train.v2.ipynb"),)
    (step,) = read(memory_ws, tmp_path, "steps: [{python: sub/clean.py}]").steps
    assert step == Step(name="clean", notebook="sub/clean.py")


def test_what_is_said_of_a_step_is_kept(memory_ws: Workspace, tmp_path: Path) -> None:
    text = (
        "name: air\nexperiment: nightly\nsteps:\n"
        "- {notebook: a.ipynb, name: größe, parameters: {n: 3, names: [x]}, inputs: raw.csv, outputs: [o.csv], register: pm25}\n"
        "- {notebook: b.ipynb, needs: größe}\n"
    )
    found = read(memory_ws, tmp_path, text)
    first, second = found.steps
    assert (found.name, found.experiment) == ("air", "nightly")
    assert (first.name, dict(first.parameters), first.inputs) == (
        "größe",
        {"n": 3, "names": ["x"]},
        ("raw.csv",),
    )
    assert (first.outputs, first.register, second.needs) == (("o.csv",), "pm25", ("größe",))


def test_what_is_taken_from_a_step_needs_that_step(memory_ws: Workspace, tmp_path: Path) -> None:
    text = (
        "steps:\n"
        "- {notebook: train.ipynb}\n"
        "- {notebook: train.v2.ipynb}\n"
        "- {notebook: raw.ipynb}\n"
        "- notebook: look.ipynb\n"
        "  needs: [raw]\n"
        "  parameters: {n: 3, a: {from: train.v2.alpha}, b: {from: train.best/one.x}, c: {from: x, to: y}}\n"
    )
    step = read(memory_ws, tmp_path, text).steps[-1]
    assert step.taken == {"a": Taken("train.v2", "alpha"), "b": Taken("train", "best/one.x")}
    assert step.parameters == {"n": 3, "c": {"from": "x", "to": "y"}}
    assert step.needs == ("raw", "train.v2", "train")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef"), max_size=3), min_size=1, max_size=6
    )
)
def test_steps_are_taken_exactly_where_they_can_be_put_in_an_order(
    memory_ws: Workspace, tmp_path: Path, needs: dict[str, set[str]]
) -> None:
    from graphlib import CycleError, TopologicalSorter

    steps = [{"notebook": f"{name}.ipynb", "needs": sorted(wanted)} for name, wanted in needs.items()]
    known = all(wanted <= needs.keys() for wanted in needs.values())
    try:
        TopologicalSorter(needs).prepare()
        ordered = True
    except CycleError:
        ordered = False
    if known and ordered:
        assert [s.name for s in read(memory_ws, tmp_path, yaml.safe_dump({"steps": steps})).steps] == list(
            needs
        )
    else:
        with pytest.raises(Invalid, match="circle" if known else "is no step"):
            read(memory_ws, tmp_path, yaml.safe_dump({"steps": steps}))
