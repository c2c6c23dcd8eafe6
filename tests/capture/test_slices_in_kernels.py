"""The matrix once more: each slice is executed alone, cell by cell, in a fresh kernel, and the same result comes out."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.capture.cases import CASES
from tests.capture.cases.case import Case
from tests.capture.nursery import Died, Nursery, nursery
from tests.capture.sessions import Session, result_of

pytestmark = pytest.mark.kernel

RESULT = "repr(result)"
ALONE = [case for case in CASES if case.same]


@pytest.fixture(scope="module")
def kernels() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


def as_typed(sources: Iterable[str]) -> list[str]:
    """Return cells as they are typed into a notebook, whose loop of events runs already; the files they ask for come first."""
    cells = [source.replace("asyncio.run(", "await (") for source in sources]
    files = dict.fromkeys(name for cell in cells for name in re.findall(r"^%run (\S+)", cell, re.MULTILINE))
    return [*(f"open({name!r}, 'w').close()" for name in files), *cells]


@pytest.mark.parametrize("case", ALONE, ids=[case.name for case in ALONE])
def test_the_slice_alone_in_a_fresh_kernel_comes_to_the_same(
    case: Case, kernels: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    session = Session.of(case.ran, case.document)
    found = kernels.values(as_typed(cell.source for cell in session.slice().cells), RESULT)
    if found != [result_of(session.namespace)]:
        # A kernel shows what a cell ends with, and keeps it: what counts its uses comes to more there, also in the whole session.
        assert found == kernels.values(as_typed(source for _, source in case.ran), RESULT)


def test_a_kernel_knows_of_none_before_it_and_is_one(kernels: Nursery) -> None:
    shell = "type(get_ipython()).__name__"
    assert kernels.values(["x = 1", "open('left', 'w').close()"], shell, "repr(x)") == [
        "ZMQInteractiveShell",
        "1",
    ]
    names = "repr([name for name in globals() if name in {'x', 'result', 'np', 'pd'}])"
    assert kernels.values(["import os"], names, "repr(os.listdir())") == ["[]", "[]"]


def test_a_cell_that_fails_or_ends_its_kernel_is_told_and_the_next_kernel_is_whole(
    kernels: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Died, match="cell 2: NameError: name 'missing' is not defined"):
        kernels.values(["x = 1", "missing"], RESULT)
    monkeypatch.setattr("tests.capture.nursery.PATIENCE", 0.5)
    for endless in ("import os\nos._exit(3)", "while True:\n    pass"):
        with pytest.raises(Died, match="Timeout"):
            kernels.values([endless], RESULT)
    monkeypatch.undo()
    assert kernels.values(["result = 5"], RESULT) == ["5"]


def test_nothing_was_running_when_the_first_kernel_was_forked(kernels: Nursery) -> None:
    assert kernels.threads == 1


def test_every_kernel_is_gone_with_the_process_that_forked_it() -> None:
    with nursery() as found:
        (child,) = found.values(["import os"], "str(os.getpid())")
        waiting = found.waiting
        with pytest.raises(ProcessLookupError):
            os.kill(int(child), 0)
    with pytest.raises(ProcessLookupError):
        os.kill(waiting, 0)
