"""What a tracked cell has read, whole: many files, and data from an address that is scored on afterwards."""

from __future__ import annotations

import hashlib
import time

import pandas as pd
import pytest

from jupyter_mlops.magics import unload
from jupyter_mlops.tracking import find_runs
from jupyter_mlops.tracking.here import here
from tests.magics.shells import a_shell

ADDRESS = "memory://bucket/air.csv"
READERS = {
    "pandas": ("import pandas as pd", "pd.read_csv(path)"),
    "polars": ("import polars as pl", "pl.read_csv(path)"),
    "pyarrow": ("import pyarrow.csv as pc", "pc.read_csv(path)"),
    "numpy": ("import numpy as np", "np.loadtxt(path, skiprows=1)"),
    "open": ("", "open(path).read()"),
}


@pytest.fixture
def shell(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    with a_shell(tmp_path / "ipython") as shell:
        assert ran(shell, "%load_ext jupyter_mlops")
        yield shell
        unload(shell)


def ran(shell, code: str) -> bool:
    return bool(shell.run_cell(code, store_history=True).success)


def inputs_of(name: str):
    """Return the inputs of the run called *name* once every digest that is awaited was taken."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = find_runs(here(), f"name = '{name}'").items
        if found and found[0].ended and not any(one.is_awaited for one in found[0].inputs):
            return found[0].inputs
        time.sleep(0.02)
    raise AssertionError(f"{name}: {[run.inputs for run in find_runs(here())]}")


@pytest.mark.parametrize("reader", READERS)
def test_every_file_of_many_is_an_input_with_a_digest(shell, tmp_path, reader):
    (tmp_path / "data").mkdir()
    for number in range(230):
        (tmp_path / "data" / f"{number:03}.csv").write_text(f"a\n{number}\n")
    imports, read = READERS[reader]
    assert ran(shell, imports or "pass")
    cell = "for number in {}:\n    path = f'data/{{number:03}}.csv'\n    {}"
    assert ran(shell, f"%%track first\n{cell.format('range(230)', read)}")
    first = inputs_of("first")
    assert len(first) == 201
    assert all(one.digest for one in first)
    named = {one.name: one.digest for one in first[:200]}
    assert named["data/007.csv"] == hashlib.sha256(b"a\n7\n").hexdigest()
    assert first[200].name == "more files in data"
    order = "[*range(200), *reversed(range(200, 230))]"
    assert ran(shell, f"%%track turned\n{cell.format(order, read)}")
    assert inputs_of("turned") == first
    (tmp_path / "data" / "229.csv").write_text("a\n9\n")
    assert ran(shell, f"%%track changed\n{cell.format('range(230)', read)}")
    changed = inputs_of("changed")
    assert changed[:200] == first[:200]
    assert (changed[200].name, changed[200].size) == (first[200].name, first[200].size - 2)
    assert changed[200].digest not in {"", first[200].digest}


def test_of_an_address_the_address_is_kept_and_what_is_fitted_is_digested(shell, tmp_path):
    """The file system of the address lies in memory here: nothing that the hooks do could ask it for its bytes."""
    pd.DataFrame({"a": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.0]}).to_csv(ADDRESS, index=False)
    assert ran(shell, "import pandas as pd\nfrom sklearn.linear_model import Ridge")
    cell = "%%track {}\ndf = pd.read_csv('memory://bucket/air.csv')\nmodel = Ridge().fit(df[['a']], df['y'])"
    assert ran(shell, cell.format("first"))
    first = {(one.role, one.name): one for one in inputs_of("first")}
    read = first["read", ADDRESS]
    assert read.digest == ""
    assert "not on this machine's disks" in read.note
    assert first["train", "X"].digest
    pd.DataFrame({"a": [1.0, 2.0, 4.0], "y": [2.0, 4.0, 6.0]}).to_csv(ADDRESS, index=False)
    assert ran(shell, cell.format("other"))
    other = {(one.role, one.name): one for one in inputs_of("other")}
    assert other["read", ADDRESS] == read
    assert other["train", "X"].digest != first["train", "X"].digest
    assert other["train", "y"].digest == first["train", "y"].digest
