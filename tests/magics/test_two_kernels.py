"""Two kernels, two processes, one workspace: neither one's cells are taken for the other's, also while both are in one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_mlops.records.run import Grade, RunStatus
from jupyter_mlops.review import verify
from jupyter_mlops.tracking import run_cells
from tests.magics.kernels import Answer, Kernel
from tests.magics.test_kernel import last, opened

pytestmark = pytest.mark.kernel

ORDER = ["c1", "c2", "c3", "c4"]
# Each says that it is there and waits for the other: both runs are open at once.
MEETING = """%%track {own}
import pathlib, time
pathlib.Path('{own}.here').touch()
deadline = time.monotonic() + 60
while not pathlib.Path('{other}.here').exists() and time.monotonic() < deadline:
    time.sleep(0.01)
met = pathlib.Path('{other}.here').exists()
for step in range(500):
    run.log_metric('y', y + step, step=step)
run.log_params(who='{own}', met=met)"""


def test_each_run_has_the_chain_and_the_grade_of_its_own_kernel(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    with Kernel(tmp_path) as one, Kernel(tmp_path) as other, ThreadPoolExecutor(2) as both:

        def each(cell: str, first: str, second: str) -> None:
            sent = [both.submit(one.execute, first, cell), both.submit(other.execute, second, cell)]
            answers: list[Answer] = [answer.result() for answer in sent]
            assert [answer.status for answer in answers] == ["ok", "ok"], answers

        # The same notebook opened twice: the ids are the same, and so are the names.
        each("c1", "%load_ext jupyter_mlops", "%load_ext jupyter_mlops")
        one.report(order=ORDER)
        other.report(order=ORDER)
        each("c2", "x = 1", "x = 10")
        each("c3", "y = x", "y = x")
        other.execute("x = 20", "c2")  # makes what the other kernel's run rests on stale, and only that
        each("c4", MEETING.format(own="one", other="other"), MEETING.format(own="other", other="one"))

    first, second = last(tmp_path, "one"), last(tmp_path, "other")
    assert {run.status for run in (first, second)} == {RunStatus.FINISHED}
    assert (first.params["met"], second.params["met"]) == (True, True)
    assert (first.grade, second.grade) == (Grade.CLEAN, Grade.STALE), (
        first.grade_reason,
        second.grade_reason,
    )
    assert (first.metrics["y"], second.metrics["y"]) == (500.0, 509.0)
    assert first.source.session != second.source.session
    assert (first.source.executed, second.source.executed) == (4, 5)
    ws = opened(tmp_path)
    texts = [[cell.source for cell in run_cells(ws, run=run.id)][:2] for run in (first, second)]
    verified = verify(ws)
    ws.store.close()
    assert texts == [["x = 1", "y = x"], ["x = 10", "y = x"]]
    assert verified.ok, verified.problem
