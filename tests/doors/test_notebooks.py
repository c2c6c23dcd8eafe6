"""The commands that run notebooks: what was asked for reaches the kernel, the wait is told, the exit code says how it went."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from doors.voices import Voices
from jupyter_mlops.errors import Invalid, MlopsError, NotFound
from jupyter_mlops.jobs import find_jobs, get_job
from jupyter_mlops.operations.notebooks import check_folder, reproduce, resume, run, run_pipeline, sweep
from jupyter_mlops.records.job import JobOptions, JobStatus
from jupyter_mlops.records.report import ReproductionVerdict, StepStatus
from jupyter_mlops.tracking import finish_run, get_run, start_run
from jupyter_mlops.workspace import Workspace, open_workspace

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a notebook: a cell of parameters if one is given, and the cells behind it."""

    def written(*cells: str, parameters: str | None = None, name: str = "train.ipynb") -> Path:
        book = nbformat.v4.new_notebook()
        if parameters is not None:
            book.cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
        book.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(book, tmp_path / name)
        return tmp_path / name

    return written


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    ws = open_workspace(tmp_path, environ={})
    yield ws
    ws.store.close()


def printed(path: str | None) -> str:
    """What the cells of an executed notebook printed."""
    assert path is not None
    book = nbformat.read(path, as_version=4)
    return "".join(output.get("text", "") for cell in book.cells for output in cell.get("outputs", ()))


# --- one notebook --------------------------------------------------------------------------------------------------


@pytest.mark.kernel
def test_what_is_said_on_the_line_wins_over_the_file_and_that_over_the_notebook(
    ws: Workspace, write: Write, tmp_path: Path
) -> None:
    write("print(alpha, steps, name)", parameters="alpha: float = 0.1\nsteps: int = 1\nname: str = 'own'")
    (tmp_path / "values.yaml").write_text("alpha: 0.2\nsteps: 2\n", encoding="utf-8")
    voices = Voices()

    answer = run(
        voices.console(tmp_path),
        str(tmp_path / "train.ipynb"),
        parameters={"steps": "3"},
        file="values.yaml",
        options=JobOptions(output=str(tmp_path / "done.ipynb")),
        experiment="air",
    )

    assert answer.code == 0
    assert answer.value.notebook == str(tmp_path / "done.ipynb")
    assert "0.2 3 own" in printed(answer.value.notebook)
    job = get_job(ws, answer.value.job)
    assert job.spec.experiment == "air"
    assert len(voices.shown) > 1
    assert "succeeded" in voices.shown[-1]
    assert not any("ended ·" in line for line in voices.shown)  # one job alone is not counted
    assert voices.told == []  # on standard output stands the answer only


@pytest.mark.kernel
def test_each_cell_that_has_begun_is_told_once_however_quickly_it_went_by(
    ws: Workspace, write: Write, tmp_path: Path
) -> None:
    path = write("a = 1", "b = 2", "import time; time.sleep(1.2)", "c = 3", "d = 4")
    voices = Voices()

    assert run(voices.console(tmp_path), str(path)).code == 0

    told: list[int] = []
    for line in voices.shown:
        for first, last in re.findall(r"cells? (\d+)(?:-(\d+))? of 5", line):
            told += range(int(first), int(last or first) + 1)
    assert told == [1, 2, 3, 4, 5]


@pytest.mark.kernel
def test_a_notebook_that_fails_is_an_answer_with_its_exit_code_and_no_error_of_ours(
    ws: Workspace, write: Write, tmp_path: Path
) -> None:
    path = write("print('before')", "raise ValueError('too small')")

    answer = run(Voices().console(tmp_path), str(path), register_as="pm25")

    assert (answer.code, answer.value.status, answer.value.version) == (1, JobStatus.FAILED, None)
    assert "ValueError: too small" in answer.text
    assert "before" in printed(answer.value.notebook)


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"parameters": {"alpha": "much"}}, Invalid, "alpha"),
        ({"parameters": {"beta": "1"}}, Invalid, "beta"),
        ({"file": "none.yaml"}, NotFound, "none.yaml"),
        ({"file": "list.yaml"}, Invalid, "list.yaml"),
        ({"register_as": "a/b"}, Invalid, "a/b"),
        ({"options": JobOptions(timeout=-1.0)}, Invalid, "-1"),
    ],
)
def test_what_cannot_be_run_is_refused_before_a_job_is_made(
    ws: Workspace, write: Write, tmp_path: Path, given: dict, kind: type[MlopsError], said: str
) -> None:
    path = write("alpha", parameters="alpha: float = 0.1")
    (tmp_path / "list.yaml").write_text("- a\n", encoding="utf-8")

    with pytest.raises(kind) as refusal:
        run(Voices().console(tmp_path), str(path), **given)

    assert said in refusal.value.message
    assert refusal.value.remedy
    assert find_jobs(ws).total == 0


# --- many ----------------------------------------------------------------------------------------------------------


@pytest.mark.kernel
def test_a_sweep_counts_those_that_have_ended_and_fails_with_one_of_them(
    ws: Workspace, write: Write, tmp_path: Path
) -> None:
    path = write("1 / a", parameters="a: int = 1")
    voices = Voices()

    answer = sweep(voices.console(tmp_path), str(path), parameters={"a": "1,0"})

    assert answer.code == 1
    assert {(row.parameters["a"], row.status) for row in answer.value.rows} == {
        (1, JobStatus.SUCCEEDED),
        (0, JobStatus.FAILED),
    }
    job = answer.value.job[-6:]
    assert voices.told[0].startswith(f"sweep {job}: Ctrl-C stops it, jupyter mlops resume {job}")
    assert any("failed: cell 3: ZeroDivisionError" in line for line in voices.told)
    assert any(line.startswith(f"sweep {job}: 0 done · ") for line in voices.shown)

    again = resume(voices.console(tmp_path), job)

    assert (again.code, again.value.tally.succeeded, again.value.tally.failed) == (1, 1, 1)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({}, "at least one"), ({"a": "1,x"}, "a"), ({"b": "1,2"}, "b"), ({"a": "1,"}, "a")],
)
def test_a_sweep_with_a_wrong_value_starts_none_of_its_combinations(
    ws: Workspace, write: Write, tmp_path: Path, parameters: dict[str, str], said: str
) -> None:
    path = write("a", parameters="a: int = 1")

    with pytest.raises(Invalid, match=said):
        sweep(Voices().console(tmp_path), str(path), parameters=parameters)

    assert find_jobs(ws).total == 0


@pytest.mark.kernel
def test_a_pipeline_fails_with_its_step_and_what_needs_it_is_not_run(
    ws: Workspace, write: Write, tmp_path: Path
) -> None:
    write("1 / 0", name="bad.ipynb")
    write("1 + 1", name="good.ipynb")
    (tmp_path / "flow.yaml").write_text(
        "name: flow\nsteps:\n"
        "  - {name: first, notebook: bad.ipynb}\n"
        "  - {name: second, notebook: good.ipynb, needs: [first]}\n",
        encoding="utf-8",
    )

    answer = run_pipeline(Voices().console(tmp_path), str(tmp_path / "flow.yaml"))

    assert answer.code == 1
    assert {step.name: step.status for step in answer.value.steps} == {
        "first": StepStatus.FAILED,
        "second": StepStatus.BLOCKED,
    }
    assert find_jobs(ws).total == 1


@pytest.mark.kernel
@pytest.mark.parametrize(("cell", "code"), [("1 + 1", 0), ("1 / 0", 1)])
def test_a_folder_passes_only_whole(tmp_path: Path, write: Write, cell: str, code: int) -> None:
    (tmp_path / "books").mkdir()
    write(cell, name="books/a.ipynb")
    voices = Voices()

    answer = check_folder(voices.console(tmp_path), str(tmp_path / "books"))

    assert answer.code == code
    assert (answer.value.passed, answer.value.failed) == (1 - code, code)
    assert voices.shown


def test_a_folder_without_a_notebook_is_not_told_as_one_that_passed(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()

    for folder in ("books", "none"):
        with pytest.raises((Invalid, NotFound)) as refusal:
            check_folder(Voices().console(tmp_path), str(tmp_path / folder))
        assert folder in refusal.value.message


# --- again ---------------------------------------------------------------------------------------------------------


@pytest.mark.kernel
def test_a_run_that_comes_out_otherwise_is_an_answer_that_fails(
    ws: Workspace, write: Write, tmp_path: Path
) -> None:
    """The file that it reads is another one by then."""
    (tmp_path / "n.txt").write_text("1", encoding="utf-8")
    path = write(
        "%load_ext jupyter_mlops",
        "%%track t\nrun.log_metric('n', float(open('n.txt').read()))",
    )
    first = run(Voices().console(tmp_path), str(path))
    assert first.code == 0, first.text
    (tmp_path / "n.txt").write_text("2", encoding="utf-8")

    answer = reproduce(Voices().console(tmp_path), first.value.run)

    assert (answer.code, answer.value.verdict) == (1, ReproductionVerdict.DIFFERS)
    assert get_run(ws, answer.value.run).id != first.value.run


def test_a_run_that_cannot_be_run_again_is_refused(ws: Workspace, tmp_path: Path) -> None:
    without = finish_run(ws, run=start_run(ws, name="made by hand").id)

    with pytest.raises((Invalid, NotFound)) as refusal:
        reproduce(Voices().console(tmp_path), without.id)
    assert refusal.value.remedy
    with pytest.raises(NotFound):
        reproduce(Voices().console(tmp_path), "nothing-there")
