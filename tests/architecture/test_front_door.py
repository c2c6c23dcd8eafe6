"""What ``import jupyter_mlops`` gives, and how little it drags along."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_mlops as mlops

HOUSE = Path(__file__).parents[2]
HEAVY = {
    "IPython", "alembic", "anywidget", "ipywidgets", "jupyter_client", "jupyter_server", "joblib", "matplotlib", "nbclient",
    "nbconvert", "nbformat", "numpy", "obstore", "pandas", "papermill", "polars", "psutil", "pyarrow", "requests", "scipy",
    "skops", "sklearn", "sqlalchemy", "starlette", "tornado", "traitlets", "uvicorn", "yaml",
}  # fmt: skip


def loaded_after(statement: str, *, beside: str = "pass") -> set[str]:
    """The top names of ``sys.modules`` that *statement* adds in a fresh interpreter, beyond those of *beside*."""
    program = (
        "import sys, json\n"
        f"{beside}\nbefore = set(sys.modules)\n{statement}\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in set(sys.modules) - before})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import jupyter_mlops") & HEAVY == set()


def test_importing_the_package_loads_none_of_its_own_rooms():
    program = "import sys, jupyter_mlops; print([m for m in sys.modules if m.startswith('jupyter_mlops.')])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "words", [["--help"], ["runs", "--help"], ["review"], ["run", "--help"], ["--version"]]
)
def test_help_in_the_shell_loads_nothing_heavy(words):
    statement = f"from jupyter_mlops.cli import main\nmain({words!r})"

    assert loaded_after(statement) & HEAVY == set()


def test_the_server_extension_loads_no_store_and_no_engine():
    beside = (
        "import jupyter_server.serverapp, jupyter_server.extension.application, jupyter_server.auth.decorator"
    )
    statement = (
        "import jupyter_mlops\n"
        "app = jupyter_mlops._jupyter_server_extension_points()[0]['app']\n"
        "from jupyter_mlops.server.handlers import routes\nassert routes()"
    )

    assert loaded_after(statement, beside=beside) & HEAVY == set()


def test_loading_the_notebook_extension_loads_nothing_heavy():
    beside = "from IPython.testing.globalipapp import start_ipython\nshell = start_ipython()\nimport ipykernel, traitlets"
    statement = "shell.run_line_magic('load_ext', 'jupyter_mlops')\nassert 'mlops' in shell.magics_manager.magics['line']"

    assert loaded_after(statement, beside=beside) & (HEAVY - {"IPython", "traitlets"}) == set()


PROMISED = [
    "Secret", "workspace", "track", "find_runs", "load_model", "autolog", "current_run", "output", "load_data",
    "load_ipython_extension", "unload_ipython_extension", "_jupyter_server_extension_points", "_jupyter_labextension_paths",
]  # fmt: skip


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_name_is_there_and_can_be_called(name):
    assert callable(getattr(mlops, name))


def test_every_operation_is_a_function_of_the_package_too():
    from jupyter_mlops.operations.table import OPERATIONS

    missing = [
        row.target
        for row in OPERATIONS
        if getattr(mlops, row.target.rpartition(".")[2], None) is not row.verb
    ]

    assert missing == []


def test_the_version_is_a_text():
    assert mlops.__version__


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_thing"):
        mlops.no_such_thing  # noqa: B018


def test_the_module_of_workspaces_does_not_hide_the_function(tmp_path):
    from jupyter_mlops.workspace import Workspace

    assert isinstance(mlops.workspace("memory://"), Workspace)
    assert "workspace" in dir(mlops)
