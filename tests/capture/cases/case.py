"""What one synthetic session is, and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from jupyter_mlops.records.run import Grade

NUMPY = "import numpy as np\nrng = np.random.default_rng(7)\nX = rng.normal(size=(40, 3))\ny = X @ [1.0, 2.0, 3.0]"
PANDAS = "import pandas as pd\ndf = pd.DataFrame({'a': [3, 1, 2], 'b': [1.0, 2.0, 4.0]})"


@dataclass
class Case:
    """Cells as they ran, (id, source); what the slice of the last one must hold."""

    name: str
    ran: list[tuple[str, str]]
    kept: list[str]
    grade: Grade = Grade.CLEAN
    document: list[str] = field(default_factory=list)
    same: bool = True  # run alone, the slice gives the same result


def whole(name: str, *cells: str) -> Case:
    """Return a session of which every cell is needed, the last one being the run."""
    ran = [(chr(ord("a") + i), source) for i, source in enumerate(cells)]
    return Case(name, ran, [f"{cell}:{i}" for i, (cell, _) in enumerate(ran, 1)])


def dropped(name: str, first: str, middle: str, last: str) -> Case:
    """Return a session whose middle cell changes nothing that the run rests on."""
    return Case(name, [("a", first), ("b", middle), ("c", last)], ["a:1", "c:3"])
