"""Notebooks that a program executed say on their cards what came after a cell's end, as those of a browser do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.magics.unheard import Unheard
from tests.magics.kernels import Kernel
from tests.magics.test_papermill import code_cells, execute
from tests.repositories import committed

pytestmark = pytest.mark.kernel

# Git that answers when it is told to, long after the cell's end.
SLOW = (
    "import threading, time\n"
    "%load_ext jupyter_mlops\n"
    "from jupyter_mlops.tracking import surroundings\n"
    "answers, ask = threading.Event(), surroundings.commit_now\n"
    "surroundings.commit_now = lambda root: (answers.wait(60), ask(root))[1]"
)
# The answer has come, and the card was amended by it: what is awaited, not a time.
ANSWERED = (
    "from jupyter_mlops.magics import session_of\n"
    "answers.set()\n"
    "(held,) = session_of(get_ipython())._unheard._cards\n"
    "deadline = time.monotonic() + 60\n"
    "while not held._unheard and time.monotonic() < deadline:\n    time.sleep(0.02)"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text("rate = 1\n")
    committed(tmp_path)
    return tmp_path


def card_of(cell: Any) -> str:
    return "\n".join(
        output.data["text/html"] for output in cell.outputs if output.output_type == "display_data"
    )


def test_the_commit_stands_on_the_card_of_a_cell_that_nothing_follows(project):
    (project / "model.py").write_text("rate = 2\n")
    commit = committed(project)
    # On a machine with much else to do git takes longer than a cell may wait for it.
    patient = "%load_ext jupyter_mlops\nfrom jupyter_mlops.magics import unheard\nunheard._COMMIT = 60.0"
    executed = execute(project, patient, "%%track one\na = 1", "%%track two\nb = 2")
    for cell in code_cells(executed)[1:]:
        assert f"git {commit[:7]}" in card_of(cell)


def test_what_comes_when_a_later_cell_runs_is_on_the_card_of_its_own(project):
    commit = committed(project)
    cells = (SLOW, "%%track early\na = 1", ANSWERED, "%%track late\nb = 2")
    executed = code_cells(execute(project, *cells))
    assert f"git {commit[:7]}" in card_of(executed[1])
    assert card_of(executed[2]) == ""
    assert "late" in card_of(executed[3])
    assert "early" not in card_of(executed[3])


def test_the_next_cell_finds_the_file_that_was_on_its_way(project):
    (project / "model.py").write_text("rate = 2\n")
    cells = (
        "%load_ext jupyter_mlops",
        "%%track one\na = 1",
        "%mlops artifacts {run.id}",
        "%%track two\nb = 2",
    )
    shown = code_cells(execute(project, *cells))[2]
    said = str(shown.outputs)
    assert "source/uncommitted.patch" in said, said


def test_a_person_in_front_of_the_cells_waits_for_nothing(project):
    with Kernel(project) as kernel:
        kernel.execute(SLOW, "c1")
        kernel.execute("%%track early\na = 1", "c2")
        kept = kernel.execute(
            "from jupyter_mlops.magics import session_of\nprint(len(session_of(get_ipython())._unheard._cards))",
            "c3",
        )
        kernel.execute("answers.set()", "c4")
    assert kept.stdout.strip() == "0"


def test_a_card_is_said_again_until_there_are_a_hundred_younger_ones():
    class Card:
        executed, said = True, 0

        def again(self) -> None:
            self.said += 1

    class Cell:
        waited = 0.0

        def wait_commit(self, seconds: float) -> None:
            self.waited += seconds

    unheard, cell, first = Unheard(), Cell(), Card()
    unheard.ends(first, cell)  # type: ignore[arg-type]
    unheard.tell()
    for _ in range(100):
        unheard.ends(Card(), Cell())  # type: ignore[arg-type]
    unheard.tell()
    assert first.said == 1
    assert 0 < cell.waited < 1
