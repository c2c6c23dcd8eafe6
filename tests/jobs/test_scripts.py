"""A script is run as a notebook: its cells, its parameters, and tracebacks that name its lines."""

from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import inspect_notebook
from jupyter_mlops.jobs.crew import run_attended
from jupyter_mlops.jobs.notebook import Notebook, parameters_of
from jupyter_mlops.jobs.scripts import from_script
from jupyter_mlops.jobs.submit import prepare_spec
from jupyter_mlops.records.job import JobOptions, JobStatus
from jupyter_mlops.workspace import Workspace

SCRIPT = '''"""Prepare."""
import sys

# %% parameters
rate: float = 0.5  # how much


# %% [markdown]
# # Words
#
# Some *more*.

#%% title, tags=["slow"]

text = """
# %% no cell
"""
'''


def cells(notebook: Notebook) -> list[tuple[str, str, int | None]]:
    return [
        (cell["cell_type"], cell["source"], cell["metadata"].get("mlops", {}).get("line"))
        for cell in notebook["cells"]
    ]


def test_marks_begin_cells_and_each_knows_where_it_stands() -> None:
    notebook = from_script(SCRIPT.encode(), "a.py")
    assert cells(notebook) == [
        ("code", '"""Prepare."""\nimport sys', 0),
        ("code", "rate: float = 0.5  # how much", 4),
        ("markdown", "# Words\n\nSome *more*.", None),
        ("code", 'text = """\n# %% no cell\n"""', 14),
    ]
    lines = SCRIPT.split("\n")
    for kind, source, before in cells(notebook):
        if kind == "code":
            assert lines[before : before + source.count("\n") + 1] == source.split("\n")
    assert [(p.name, p.default, p.help) for p in parameters_of(notebook)] == [("rate", 0.5, "how much")]


def test_a_script_without_marks_is_one_cell_and_has_no_parameters() -> None:
    notebook = from_script(b"\n\nrate = 0.5\n# %%% no mark\nprint(rate)\n", "a.py")
    assert cells(notebook) == [("code", "rate = 0.5\n# %%% no mark\nprint(rate)", 2)]
    assert parameters_of(notebook) == ()
    assert cells(from_script(b"", "a.py")) == []


def test_a_script_that_python_cannot_read_has_its_cells_all_the_same() -> None:
    assert cells(from_script(b"x = (\n# %%\ny = 1", "a.py")) == [("code", "x = (", 0), ("code", "y = 1", 2)]


def test_the_encoding_is_what_the_script_says() -> None:
    text = "# -*- coding: latin-1 -*-\nx = 'gr\xfc\xdfe'\r\ny = 1"
    (cell,) = from_script(text.encode("latin-1"), "a.py")["cells"]
    assert cell["source"].split("\n")[1:] == ["x = 'gr\xfc\xdfe'", "y = 1"]


@pytest.mark.parametrize("content", [b"x = '\xff\xfe'", b"# coding: no-such\n"], ids=["bytes", "unknown"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match=r"a\.py is not a script of Python"):
        from_script(content, "a.py")


@pytest.mark.kernel
def test_a_script_runs_as_a_job_and_its_traceback_names_its_lines(place: Workspace) -> None:
    script = place.settings.root / "steps" / "prepare.py"
    script.parent.mkdir()
    script.write_text(
        "# %% parameters\nrate = 0.5\n\n# %%\n"
        "import sys\nfrom pathlib import Path\n\n"
        "Path('seen.txt').write_text(f'{rate} {__name__} {Path(__file__).name} {len(sys.argv)}')\n\n\n"
        "def broken(x):\n    return 1 / x\n\n\n# %%\nbroken(0)\n"
    )
    assert [p.name for p in inspect_notebook(place, str(script))] == ["rate"]
    spec = prepare_spec(place, notebook=str(script), parameters={"rate": "0.25"}, options=JobOptions())
    script.write_text("edited meanwhile")
    job = run_attended(place, spec)
    assert (job.status, job.spec.notebook) == (JobStatus.FAILED, "steps/prepare.py")
    assert (script.parent / "seen.txt").read_text() == "0.25 __main__ prepare.py 1"
    assert job.error is not None
    assert "steps/prepare.py:16\n" in job.error.traceback
    assert "---> 16 broken(0)" in job.error.traceback
    assert "steps/prepare.py:12, in broken(x)" in job.error.traceback
    assert "---> 12     return 1 / x" in job.error.traceback
