"""skops comes without PyTorch and its like, knows all of scikit-learn's estimators, and leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys

NAMES = ["SKLEARN_ESTIMATOR_TYPE_NAMES", "SKLEARN_INTERNAL_TYPE_NAMES", "NUMPY_UFUNC_TYPE_NAMES"]
OURS = "from jupyter_mlops.formats.importing import skops_module\nskops_module()"
TELLS = f"""
import json, sys
from skops.io import _trusted_types as types
names = {{name: sorted(getattr(types, name, ())) for name in {NAMES}}}
bridges = [name for name in sys.modules if "array_api_compat." in name]
print(json.dumps([names, bridges, sorted(sys.modules)]))
"""


def told(first: str) -> tuple[dict[str, list[str]], list[str], set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", f"{first}\n{TELLS}"], capture_output=True, text=True, check=True
    )
    names, bridges, modules = json.loads(done.stdout.splitlines()[-1])
    return names, bridges, set(modules)


def test_it_knows_what_it_would_know_without_us_and_imports_no_library_of_arrays() -> None:
    names, bridges, modules = told(OURS)
    assert names == told("import skops.io")[0]
    assert len(names["SKLEARN_ESTIMATOR_TYPE_NAMES"]) > 150
    assert not {"torch", "dask", "cupy"} & modules
    assert not {name for name in bridges if name.rpartition(".")[2] in {"torch", "dask", "cupy"}}


def test_a_bridge_that_was_passed_over_can_be_imported_afterwards() -> None:
    bridge = "sklearn.externals.array_api_compat.dask"
    later = f"{OURS}\nimport importlib\nassert importlib.import_module({bridge!r}).__file__"
    assert bridge in told(later)[1]


def test_a_library_that_is_in_use_is_looked_through_as_ever() -> None:
    assert any(name.endswith(".dask") for name in told(f"import dask\n{OURS}")[1])
