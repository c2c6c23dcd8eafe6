"""How tests are shared out: each is run once, and a test that takes its worker with it fails once and holds nothing up."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.conftest import ByFile


class Worker:
    """As xdist's: it runs a test when it knows the one behind it, or that there is none."""

    def __init__(self) -> None:
        self.gateway = SimpleNamespace(id="gw")
        self.waiting: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.waiting += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    def next(self) -> int | None:
        return self.waiting.pop(0) if len(self.waiting) > 1 or (self.waiting and self.shutting_down) else None


def played(files: int, each: int, crash: int | None) -> tuple[list[str], list[str], bool]:
    """Share out so many *files* of *each* tests; the first worker is gone at its test number *crash*, and is replaced."""
    names = [f"tests/test_{file:02}.py::test_{test}" for file in range(files) for test in range(each)]
    config = SimpleNamespace(option=SimpleNamespace(), getvalue=lambda _: ["2*popen"])
    sharing = ByFile(config)  # type: ignore[arg-type]
    workers = [Worker(), Worker()]
    for worker in workers:
        sharing.add_node(worker)
        sharing.add_node_collection(worker, names)
    sharing.schedule()
    ran: list[str] = []
    crashed: list[str] = []
    begun, still = 0, False
    while not still:
        still = True
        for place in (0, 1):
            worker = workers[place]
            at = worker.next()
            if at is None:
                continue
            still = False
            begun += place == 0
            if place == 0 and begun == crash:
                crashed.append(str(sharing.remove_node(worker)))
                assert crashed == [names[at]]
                workers[0] = another = Worker()
                sharing.add_node(another)
                sharing.add_node_collection(another, names)
                sharing.schedule()
            else:
                ran.append(names[at])
                sharing.mark_test_complete(worker, at)
    return ran, crashed, sharing.tests_finished and sorted(ran + crashed) == names


@pytest.mark.parametrize(("files", "each"), [(12, 4), (10, 2), (20, 1), (4, 10), (2, 1)])
def test_each_test_is_run_once_whenever_a_worker_is_lost(files: int, each: int) -> None:
    ran, crashed, done = played(files, each, None)
    assert (len(ran), crashed, done) == (files * each, [], True)
    for crash in range(1, files * each // 2):
        ran, crashed, done = played(files, each, crash)
        assert (len(ran), len(crashed), done) == (files * each - 1, 1, True), crash
