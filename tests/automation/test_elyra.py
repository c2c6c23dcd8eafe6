"""A pipeline that was drawn in Elyra becomes a file of steps; what such a file cannot say is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from jupyter_mlops.automation import import_elyra, run_pipeline
from jupyter_mlops.automation.steps import Step, read_pipeline
from jupyter_mlops.errors import Conflict, Invalid, NotFound, Unavailable
from jupyter_mlops.records.pipeline import ImportedPipeline
from jupyter_mlops.records.report import StepStatus
from jupyter_mlops.workspace import Workspace
from tests.automation.elyra_files import NOTEBOOK, PYTHON, R, document, flow, node, old_node, pipeline, saved


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the files that the pipelines of these tests name."""
    for name in ("clean.ipynb", "notebooks/train.ipynb", "notebooks/look.py", "raw.csv", "data/a.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    return tmp_path


def imported(ws: Workspace, folder: Path, data: object, output: str = "") -> ImportedPipeline:
    source = saved(folder / "air.pipeline", data)
    return import_elyra(ws, str(source), str(folder / output) if output else "")


CLEAN = node(
    "id-1", NOTEBOOK, label="Clean it", filename="clean.ipynb", dependencies=["raw.csv"], outputs=["data/clean.csv"]
)  # fmt: skip
TRAIN = node(
    "id-2", NOTEBOOK, "id-1", filename="notebooks/train.ipynb",
    dependencies=["../data/*.csv"], outputs=["models/m.pkl"],
)  # fmt: skip


def test_what_was_drawn_is_what_the_file_of_steps_says(memory_ws: Workspace, files: Path) -> None:
    found = imported(memory_ws, files, pipeline(TRAIN, CLEAN))
    read = read_pipeline(memory_ws, str(files / "air.yaml"))

    assert (read.name, read.experiment) == ("air", "air")
    assert read.steps == (
        Step(name="Clean it", notebook="clean.ipynb", inputs=("raw.csv",), outputs=("data/clean.csv",)),
        Step(
            name="train",
            notebook="notebooks/train.ipynb",
            needs=("Clean it",),
            inputs=("data/*.csv",),
            outputs=("notebooks/models/m.pkl",),
        ),
    )
    assert found.notes == ()
    assert [(step.name, step.notebook, step.needs) for step in found.steps] == [
        (step.name, step.notebook, step.needs) for step in read.steps
    ]
    assert (found.source, found.file) == (str(files / "air.pipeline"), str(files / "air.yaml"))


def test_paths_count_from_where_the_file_is_written(memory_ws: Workspace, files: Path) -> None:
    (files / "flows").mkdir()
    imported(memory_ws, files, pipeline(CLEAN, TRAIN), "flows/air.yaml")

    clean, train = read_pipeline(memory_ws, str(files / "flows/air.yaml")).steps
    assert (clean.notebook, clean.inputs) == ("../clean.ipynb", ("../raw.csv",))
    assert (train.notebook, train.inputs) == ("../notebooks/train.ipynb", ("../data/*.csv",))


@pytest.mark.parametrize(
    ("deep", "patterns"), [(False, ["data/*", "*.csv"]), (True, ["data/**/*", "**/*.csv"])]
)
def test_a_folder_stands_for_the_files_in_it(
    memory_ws: Workspace, files: Path, deep: bool, patterns: list[str]
) -> None:
    drawn = node(
        "a", NOTEBOOK, filename="clean.ipynb", dependencies=["data", "*.csv", ""], include_subdirectories=deep
    )
    assert imported(memory_ws, files, pipeline(drawn)).notes == ()
    (step,) = read_pipeline(memory_ws, str(files / "air.yaml")).steps
    assert list(step.inputs) == patterns


def test_a_python_file_becomes_a_step_of_its_own_kind(memory_ws: Workspace, files: Path) -> None:
    drawn = node("id-3", PYTHON, "id-1", filename="notebooks/look.py")
    found = imported(memory_ws, files, pipeline(CLEAN, drawn))

    written = yaml.safe_load((files / "air.yaml").read_text(encoding="utf-8"))
    assert written["steps"][1] == {"name": "look", "python": "notebooks/look.py", "needs": ["Clean it"]}
    assert found.steps[1].notebook == "notebooks/look.py"


def test_what_has_no_place_in_a_file_of_steps_is_named_one_by_one(memory_ws: Workspace, files: Path) -> None:
    drawn = node(
        "id-1", NOTEBOOK, label="train", filename="notebooks/train.ipynb",
        runtime_image="tensorflow/tensorflow:2.8.0", cpu=2, gpu=0, memory=4,
        env_vars=[{"env_var": "TOKEN", "value": "hunter2"}, {"env_var": "YEAR", "value": "2026"}],
        kubernetes_secrets=[{"env_var": "KEY", "name": "secret-1", "key": "k"}],
        kubernetes_shared_mem_size={"size": 0.5}, mounted_volumes=[{"path": "/data", "pvc_name": "claim"}],
        kubernetes_tolerations=[{"operator": "Exists"}], kubernetes_pod_labels=[],
    )  # fmt: skip
    about = {
        "version": 8,
        "runtime_type": "KUBEFLOW_PIPELINES",
        "ui_data": {"comments": [{"id": "c", "content": "look\nhere \x07"}, "x", {}]},
        "properties": {
            "name": "air",
            "runtime": "Kubeflow Pipelines",
            "description": "All of it",
            "pipeline_defaults": {
                "env_vars": [{"env_var": "ZONE", "value": "hunter2"}],
                "mounted_volumes": [],
            },
            "pipeline_parameters": [{"name": "depth", "default_value": {"type": "Integer", "value": 3}}],
        },
    }
    said = (
        "train: runtime image tensorflow/tensorflow:2.8.0 is not taken over",
        "train: CPUs 2 is not taken over",
        "train: memory in GB 4 is not taken over",
        "train: environment variable TOKEN is not taken over",
        "train: environment variable YEAR is not taken over",
        "train: kubernetes secrets KEY is not taken over",
        "train: kubernetes shared mem size size 0.5 is not taken over",
        "train: mounted volumes /data is not taken over",
        "train: kubernetes tolerations operator is not taken over",
        "for every step: environment variable ZONE is not taken over",
        "of the pipeline: pipeline parameters depth is not taken over",
        "of the pipeline: description All of it is not taken over",
        "it was made for KUBEFLOW_PIPELINES; here its steps run as jobs",
        "a comment is not taken over: look here",
    )
    found = imported(memory_ws, files, document({**flow(drawn), "app_data": about}))
    text = (files / "air.yaml").read_text(encoding="utf-8")

    assert sorted(found.notes) == sorted(said)
    assert all(f"# {line}\n" in text for line in said)
    assert "hunter2" not in text + str(found)
    assert read_pipeline(memory_ws, str(files / "air.yaml")).name == "air"


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"TOKEN": "hunter2", "PIN": 4711}, ["variable TOKEN", "variable PIN"]),
        ("TOKEN=hunter2\nOTHER=hunter2==", ["variable TOKEN"]),
        ('{"TOKEN": "hunter2"}', ["variables without a name"]),
        ("!hunter2", ["variables without a name"]),
        (4711, ["variables without a name"]),
        ([["TOKEN", "hunter2"], "TOKEN: hunter2", "OTHER=hunter2"], ["variables without a name", "variable OTHER"]),
        ([{"env_var": {"TOKEN": "hunter2"}}, {"ZONE": "hunter2"}], ["variables without a name", "variable ZONE"]),
    ],
)  # fmt: skip
def test_of_environment_variables_no_value_is_told_in_whatever_form_they_stand(
    memory_ws: Workspace, files: Path, variables: object, names: list[str]
) -> None:
    drawn = node(
        "a", NOTEBOOK, filename="clean.ipynb", env_vars=variables, kubernetes_odd={"pass": "hunter2"}
    )
    found = imported(memory_ws, files, pipeline(drawn, pipeline_defaults={"env_vars": variables}))
    text = (files / "air.yaml").read_text(encoding="utf-8") + str(found)

    assert "hunter2" not in text
    assert "4711" not in text
    assert [note for note in found.notes if "environment" in note] == [
        f"{at}: environment {name} is not taken over" for at in ("clean", "for every step") for name in names
    ]
    assert "clean: kubernetes odd pass is not taken over" in found.notes


def test_what_is_told_of_a_drawing_does_nothing_to_a_terminal_and_its_names_can_be_run(
    memory_ws: Workspace, files: Path
) -> None:
    odd = "a\x1b[2J\x9b1m\u202eb" + "c" * 300
    (files / "o\x1bdd.ipynb").write_text("{}", encoding="utf-8")
    drawn = node(
        "a", NOTEBOOK, filename="o\x1bdd.ipynb", dependencies=["\x1b[2J.csv"], runtime_image=odd, label="o\x1bdd.ipynb"
    )  # fmt: skip
    about = {"version": 8, "runtime_type": odd, "properties": {"name": odd}}
    found = imported(memory_ws, files, document({**flow(drawn, node("r", R, label=odd)), "app_data": about}))

    assert len(found.notes) == 4
    assert all(note.isprintable() for note in found.notes)
    assert [step.name for step in found.steps] == ["o dd"]
    assert read_pipeline(memory_ws, found.file).name == found.name
    assert len(found.name) == 200
    with pytest.raises(NotFound) as refused:
        imported(memory_ws, files, pipeline(node("a", NOTEBOOK, filename="\x1b[2J.ipynb")), "b.yaml")
    assert refused.value.message.isprintable()


def test_what_is_left_out_leaves_the_order_of_what_stays(memory_ws: Workspace, files: Path) -> None:
    found = imported(
        memory_ws,
        files,
        pipeline(
            CLEAN,
            node("r", R, "id-1", filename="fit.r"),
            node("k", "elyra-kfp-examples-catalog:a08014f9252f", "r", label="Download data", url="x"),
            node("t", NOTEBOOK, "k", filename="notebooks/train.ipynb"),
        ),
    )

    assert [(step.name, step.needs) for step in found.steps] == [("Clean it", ()), ("train", ("Clean it",))]
    rest = "is left out; what waits for it waits for what it waited for"
    assert found.notes == (f"the R script 'fit.r' {rest}", f"the component 'Download data' {rest}")


def test_an_old_file_is_looked_for_beside_the_pipeline_too(memory_ws: Workspace, files: Path) -> None:
    old = old_node("a", filename="/elsewhere/work/clean.ipynb", vars=["TOKEN=hunter2", "EMPTY"])
    found = imported(memory_ws, files, document(flow(old, version=1, title="old", name="air")))

    assert found.steps[0].notebook == "clean.ipynb"
    assert found.notes == (
        "clean: environment variable TOKEN is not taken over",
        "clean: environment variable EMPTY is not taken over",
    )
    with pytest.raises(NotFound, match="no file /elsewhere/work/clean.ipynb of 'clean'"):
        imported(memory_ws, files, document(flow(old, version=2)), "other.yaml")


def test_nodes_of_one_file_have_names_of_their_own(memory_ws: Workspace, files: Path) -> None:
    nodes = [node(name, NOTEBOOK, filename="clean.ipynb") for name in "ab"]
    named = node("c", NOTEBOOK, filename="clean.ipynb", label="clean-2")
    found = imported(memory_ws, files, pipeline(*nodes, named, name=""))

    assert [step.name for step in found.steps] == ["clean", "clean-2", "clean-2-2"]
    assert (found.name, len(read_pipeline(memory_ws, found.file).steps)) == ("air", 3)


@pytest.mark.parametrize("label", ["a: b", "- x", "# y", "{z}", "'q'", "yes", "3", "ü → ö", "a\x07b"])
def test_a_name_means_the_same_in_the_file_whatever_stands_in_it(
    memory_ws: Workspace, files: Path, label: str
) -> None:
    found = imported(memory_ws, files, pipeline(node("a", NOTEBOOK, filename="clean.ipynb", label=label)))

    assert found.steps[0].name == label.replace("\x07", " ")
    assert read_pipeline(memory_ws, found.file).steps[0].name == found.steps[0].name


def test_an_input_that_nothing_makes_is_named(memory_ws: Workspace, files: Path) -> None:
    drawn = node(
        "b", NOTEBOOK, "id-1", filename="notebooks/train.ipynb", dependencies=["../data/clean.csv", "lost.csv", "["]
    )  # fmt: skip
    found = imported(memory_ws, files, pipeline(CLEAN, drawn))

    assert found.notes == (
        "train: its input notebooks/lost.csv is not there, and no step makes it",
        "train: its input notebooks/[ is not there, and no step makes it",
    )


def test_files_that_are_not_there_are_named_together(memory_ws: Workspace, files: Path) -> None:
    gone = node("a", NOTEBOOK, filename="gone.ipynb")
    with pytest.raises(NotFound, match="no file gone.ipynb of 'gone', no file of 'empty'"):
        imported(memory_ws, files, pipeline(gone, CLEAN, node("b", PYTHON, label="empty")))
    with pytest.raises(NotFound, match=r"no pipeline 'none\.pipeline'"):
        import_elyra(memory_ws, "none.pipeline")
    assert not (files / "air.yaml").exists()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_confined_workspace_tells_nothing_of_what_lies_outside(
    memory_ws: Workspace, files: Path, is_there: bool
) -> None:
    root = files / "project"
    root.mkdir()
    (root / "clean.ipynb").write_text("{}", encoding="utf-8")
    outside = files / "outside"
    if is_there:
        outside.mkdir()
        (outside / "a.ipynb").write_text("{}", encoding="utf-8")
    confined = replace(memory_ws, settings=replace(memory_ws.settings, confined=True, root=root))
    reads = node("a", NOTEBOOK, filename="clean.ipynb", dependencies=["../outside", "../outside/a*"])
    found = imported(confined, root, pipeline(reads))

    (step,) = read_pipeline(confined, found.file).steps
    assert step.inputs == ("../outside", "../outside/a*")
    assert found.notes == tuple(
        f"clean: its input {text} is not there, and no step makes it" for text in step.inputs
    )
    with pytest.raises(NotFound, match=r"no file \.\./outside/a\.ipynb of 'a'"):
        imported(confined, root, pipeline(node("a", NOTEBOOK, filename="../outside/a.ipynb")), "b.yaml")


def test_a_circle_is_told_by_its_names(memory_ws: Workspace, files: Path) -> None:
    nodes = [
        node("a", NOTEBOOK, "r", filename="clean.ipynb"),
        node("r", R, "b", filename="x.r"),
        node("b", NOTEBOOK, "a", filename="notebooks/train.ipynb"),
    ]
    with pytest.raises(Invalid, match="in a circle: (clean → train → clean|train → clean → train)"):
        imported(memory_ws, files, pipeline(*nodes))
    assert not (files / "air.yaml").exists()


def test_a_pipeline_without_anything_to_run_says_what_it_has(memory_ws: Workspace, files: Path) -> None:
    with pytest.raises(Invalid, match=r"no notebook and no Python file: the R script 'fit\.r' is left out"):
        imported(memory_ws, files, pipeline(node("r", R, filename="fit.r")))
    with pytest.raises(Invalid, match="it is empty"):
        imported(memory_ws, files, pipeline())


def test_a_file_that_is_there_stays_as_it_is(memory_ws: Workspace, files: Path) -> None:
    (files / "air.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict, match=r"a file air\.yaml already"):
        imported(memory_ws, files, pipeline(CLEAN))
    assert (files / "air.yaml").read_text(encoding="utf-8") == "mine"


def test_a_place_that_cannot_be_written_is_told(memory_ws: Workspace, files: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        imported(memory_ws, files, pipeline(CLEAN), "nowhere/air.yaml")


@pytest.mark.kernel
def test_what_was_imported_runs(place: Workspace, write) -> None:
    root = place.settings.root
    write("open('clean.txt', 'w').write('1')", name="clean.ipynb")
    write("assert open('clean.txt').read() == '1'", name="train.ipynb")
    drawn = pipeline(
        node("b", NOTEBOOK, "a", filename="train.ipynb", dependencies=["clean.txt"]),
        node("a", NOTEBOOK, filename="clean.ipynb", outputs=["clean.txt"]),
    )
    found = import_elyra(place, str(saved(root / "air.pipeline", drawn)))

    assert found.notes == ()
    report = run_pipeline(place, found.file)
    assert [(step.name, step.status) for step in report.steps] == [
        ("clean", StepStatus.RAN),
        ("train", StepStatus.RAN),
    ]
