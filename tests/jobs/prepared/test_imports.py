"""Which packages a notebook imports before it does anything else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_mlops.jobs.prepared.imports import installed_roots, leading_imports

CASES = [
    (["import numpy"], ["numpy"]),
    (["import numpy as np, json", "import pandas"], ["numpy", "json", "pandas"]),
    (["import sklearn.linear_model"], ["sklearn.linear_model"]),
    (["'''What it is.'''\nfrom __future__ import annotations\nimport numpy"], ["numpy"]),
    (["alpha: float = 0.1\nname, other = 1, 2\nimport numpy"], []),
    (["alpha: float = 0.1\nname = [-1, {'a': (2,)}]\nimport numpy"], ["numpy"]),
    (["def f(x=1):\n    return g(x)\nimport numpy"], ["numpy"]),
    (["def f(x=g()):\n    return x\nimport numpy"], []),
    (["@g\ndef f(): ...\nimport numpy"], []),
    (["class A: ...\nimport numpy"], []),
    (["import warnings\nwarnings.filterwarnings('ignore')\nimport numpy"], ["warnings", "numpy"]),
    (["import os\nos.environ['OMP_NUM_THREADS'] = '1'\nimport numpy"], ["os"]),
    (["import os\nos.putenv('A', '1')\nimport numpy"], ["os"]),
    (["if False:\n    import numpy"], []),
    (["try:\n    import numpy\nexcept ImportError:\n    pass\nimport pandas"], []),
    (["def f():\n    import numpy"], []),
    (["import a_project_of_mine", "import numpy"], []),
    (["from . import mine", "import numpy"], []),
    (["import numpy, a_project_of_mine"], []),
    (["%load_ext jupyter_mlops\nimport numpy"], ["jupyter_mlops.magics", "numpy"]),
    (["%matplotlib inline", "import numpy"], ["numpy"]),
    (["%env OMP_NUM_THREADS=1", "import numpy"], []),
    (["!pip install numpy", "import numpy"], []),
    (["%load_ext mine", "import numpy"], []),
    (["%%time\nimport numpy", "import pandas"], []),
    (["import json", "import numpy\n1 +", "import pandas"], ["json"]),  # of what cannot be read nothing runs
    (["", "import numpy"], ["numpy"]),
    ([], []),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "expected"), CASES, ids=range(len(CASES)))
def test_only_what_nothing_before_it_could_change_is_taken(sources, expected) -> None:
    assert [module for module, _ in leading_imports(sources)] == expected


def test_names_are_taken_from_a_module_together_and_each_once() -> None:
    sources = ["from sklearn.svm import SVC\nfrom sklearn.svm import SVR, SVC", "import sklearn.svm"]

    assert leading_imports(sources) == (("sklearn.svm", ("SVC", "SVR")),)


def test_pythons_own_modules_and_installed_packages_lie_under_the_roots() -> None:
    import numpy as np

    import jupyter_mlops

    for module in (os, np, jupyter_mlops):
        assert str(module.__file__).startswith(installed_roots())
    assert not str(Path(__file__)).startswith(installed_roots())
