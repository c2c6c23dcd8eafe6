"""The contracts of ``pyproject.toml`` hold: who may import whom."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def test_no_floor_imports_one_above_it():
    program = Path(sys.executable).with_name("lint-imports")
    found = str(program) if program.exists() else shutil.which("lint-imports")
    assert found, "import-linter is not installed: pip install 'jupyter-mlops[test]'"

    done = subprocess.run(
        [found, "--no-cache"],
        cwd=HOUSE,
        env=os.environ | {"PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_module_has_a_name_that_says_nothing():
    empty = {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "core",
        "misc",
        "base_utils",
        "manager",
        "client",
    }

    assert [p for p in (HOUSE / "jupyter_mlops").rglob("*.py") if p.stem in empty] == []
