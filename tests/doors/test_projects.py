"""``init``: a project whose files work as they are laid out, around whatever its model is called."""

from __future__ import annotations

import shlex
import subprocess
from importlib import resources
from pathlib import Path

import nbformat
import pytest

from doors.voices import Voices
from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.operations.console import Console
from jupyter_mlops.operations.files import load_policy, load_schedules
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.projects import Project, init
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.words import read_words
from jupyter_mlops.review import get_policy
from jupyter_mlops.workspace import open_workspace


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Voices().console(tmp_path)


def laid_out(console: Console, folder: str = ".", model: str = "demo") -> Project:
    project = init(console, folder, model=model).value
    assert isinstance(project, Project)
    return project


# Words that YAML takes for something else, and names at the edge of what the registry allows.
@pytest.mark.parametrize("model", ["pm25", "null", "yes", "on", "NaN", "churn-eu", "a_b.c", "x-", "n" * 64])
def test_the_files_work_whatever_the_model_is_called(console: Console, tmp_path: Path, model: str) -> None:
    laid_out(console, model=model)

    policy = load_policy(console, [f"policy/{model}.yaml", "kpis.yaml"]).value
    (order,) = load_schedules(console, "schedule.yaml").value

    assert order.spec.register_as == model
    ws = open_workspace(tmp_path, environ={})
    assert get_policy(ws, model) == policy
    ws.store.close()


@pytest.mark.parametrize("model", ["latest", "Latest", "a.", "1st", "", "a\n", "café", "n" * 65, ".."])
def test_a_name_that_could_not_be_registered_later_is_refused_now(
    console: Console, tmp_path: Path, model: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        init(console, model=model)

    assert refusal.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_every_template_is_laid_out_and_every_notebook_is_one_that_was_not_run(
    console: Console, tmp_path: Path
) -> None:
    project = laid_out(console)

    place = Path(str(resources.files("jupyter_mlops.operations") / "templates"))
    templates = [path for path in place.rglob("*") if path.is_file()]
    assert len([name for name in project.made if not name.endswith("/")]) == len(templates)
    books = [nbformat.read(path, as_version=4) for path in (tmp_path / "notebooks").glob("*.ipynb")]
    assert len(books) == 2
    for book in books:
        nbformat.validate(book)
        code = [cell for cell in book.cells if cell.cell_type == "code"]
        assert all(cell.execution_count is None and not cell.outputs for cell in code)


def test_every_command_in_its_readme_is_one(console: Console, tmp_path: Path) -> None:
    laid_out(console, model="pm25")
    said = [
        shlex.split(line, comments=True)
        for line in (tmp_path / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("    jupyter mlops ")
    ]

    rows = {read_words(words[2:], (*PROCESSES, *OPERATIONS)).row.name for words in said}

    assert {"policy.load", "schedule.load", "doctor", "run", "run.find"} <= rows


@pytest.mark.parametrize("folder", ["team", "our team's", "deep/er"])
def test_what_is_next_can_be_typed_as_it_stands(console: Console, tmp_path: Path, folder: str) -> None:
    text = init(console, folder, model="pm25").text

    go, _, command = text.splitlines()[-1].removeprefix("Next: ").rpartition(" && ")
    done = subprocess.run(
        ["sh", "-c", f"{go} && pwd"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == tmp_path / folder
    request = read_words(shlex.split(command)[2:], PROCESSES)
    assert request.arguments["register_as"] == "pm25"
    assert (tmp_path / folder / request.arguments["notebook"]).is_file()


def test_here_needs_no_going(console: Console) -> None:
    assert "cd " not in init(console).text


def test_what_was_there_is_told_apart_from_what_was_made(console: Console, tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "demo.yaml").write_text("quorum: 3\n", encoding="utf-8")

    answer = init(console)

    assert answer.value.kept == ("policy/demo.yaml",)
    assert "policy/demo.yaml" not in answer.value.made
    assert (tmp_path / "policy" / "demo.yaml").read_text(encoding="utf-8") == "quorum: 3\n"
    again = init(console)
    assert (again.value.made, set(again.value.kept)) == (
        (),
        {*answer.value.kept, *answer.value.made} - {".mlops/"},
    )
    assert again.code == 0


def test_a_file_where_a_folder_must_stand_is_refused_and_not_told_as_kept(
    console: Console, tmp_path: Path
) -> None:
    (tmp_path / "notebooks").write_text("my notes", encoding="utf-8")

    with pytest.raises(Unavailable) as refusal:
        init(console)

    assert str(tmp_path / "notebooks") in refusal.value.message
    assert "init FOLDER" in refusal.value.remedy
    assert (tmp_path / "notebooks").read_text(encoding="utf-8") == "my notes"


def test_a_project_gets_a_workspace_of_its_own_but_where_one_is_found_or_named(
    console: Console, tmp_path: Path
) -> None:
    assert ".mlops/" in laid_out(console, "first").made
    assert (tmp_path / "first" / ".mlops" / "store.db").is_file()

    assert ".mlops/" not in laid_out(console, "first/inner").made
    assert not (tmp_path / "first" / "inner" / ".mlops").exists()

    named = Voices().console(tmp_path, workspace=str(tmp_path / "first"))
    assert ".mlops/" not in laid_out(named, "second").made
    assert not (tmp_path / "second" / ".mlops").exists()


def test_the_home_of_nobody_is_refused(console: Console) -> None:
    with pytest.raises(Invalid):
        init(console, "~nobody-of-this-name/team")
