"""Why a run and its repetition may differ."""

from __future__ import annotations

import io
import json
from typing import Any

from contracts.samples import run

from jupyter_mlops.jobs.causes import surrounding_causes
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.source import Environment, ModuleNote, Source
from jupyter_mlops.workspace import Workspace

UNSURE = ModuleNote.UNSURE.value


def causes(ws: Workspace, before: Source, after: Source) -> tuple[str, ...]:
    return surrounding_causes(ws, run("r1", source=before), run("r2", source=after))


def kept(ws: Workspace, **changes: Any) -> str:
    told: dict[str, Any] = {
        "python": "3.11.1", "implementation": "CPython", "platform": "Linux", "cpus": 2, "processor": "chip",
    }  # fmt: skip
    taken = Environment(**{**told, **changes})
    return ws.blobs.put(io.BytesIO(json.dumps(encode(taken)).encode()))


def test_the_likeliest_cause_comes_first(memory_ws: Workspace) -> None:
    ws = memory_ws
    before = Source(
        modules={"helpers.py": "a" * 64}, seeds=("random.seed(1)",), variables={"STATION": "north"},
        environment=kept(ws, packages={"numpy": "1"}),
    )  # fmt: skip
    after = Source(
        modules={"helpers.py": "b" * 64, "new.py": "c" * 64}, seeds=("random.seed(2)",), variables={},
        environment=kept(ws, packages={"numpy": "2"}, python="3.12.0", processor="other", gpus=("A100",), platform="Mac"),
    )  # fmt: skip
    assert causes(ws, before, after) == (
        "module helpers.py was aaaaaa and is bbbbbb",
        "module new.py was absent and is cccccc",
        "seed random.seed was 1 and is 2",
        "variable STATION was north and is absent",
        "Python was 3.11.1 and is 3.12.0",
        "numpy was 1 and is 2",
        "the platform was Linux and is Mac",
        "the processor was chip and is other",
        "the graphics processor was none and is A100",
    )


def test_where_nothing_differs_nothing_is_a_cause(memory_ws: Workspace) -> None:
    same = Source(
        modules={"a.py": "a"}, seeds=("seed(1)",), variables={"A": "1"}, environment=kept(memory_ws)
    )
    assert causes(memory_ws, same, same) == ()


def test_what_other_cells_of_the_session_had_imported_is_told_only_beside_a_change(
    memory_ws: Workspace,
) -> None:
    both, one = {"a.py": "a" * 64, "b.py": "b" * 64}, {"a.py": "a" * 64}
    assert causes(memory_ws, Source(modules=both), Source(modules=one)) == ()
    assert causes(memory_ws, Source(modules=both), Source(modules={"a.py": "c" * 64})) == (
        "module a.py was aaaaaa and is cccccc",
        "module b.py was bbbbbb and is absent",
    )
    # Of a run that says nothing of imported files, as older records do not, nothing is known.
    assert causes(memory_ws, Source(), Source(modules=both)) == ()


def test_a_file_that_was_edited_around_its_import_may_be_the_cause(memory_ws: Workspace) -> None:
    doubtful = Source(modules={"a.py": "a" * 64}, module_notes={"a.py": UNSURE}, session="s")
    (told,) = causes(memory_ws, doubtful, Source(modules={"a.py": "a" * 64}))
    assert told == "module a.py was edited around its import, and what ran may not be what it holds"
    (told,) = causes(memory_ws, doubtful, Source(modules={"a.py": "b" * 64}))
    assert told == "module a.py was aaaaaa and is bbbbbb (edited around its import)"


def test_a_seed_of_a_cell_that_is_not_run_again_counts_where_all_code_uses_it(memory_ws: Workspace) -> None:
    before = Source(seeds=("numpy.random.seed(0)", "train_test_split(random_state=0)", "default_rng(1)"))
    assert causes(memory_ws, before, Source()) == ("seed numpy.random.seed was 0 and is absent",)


def test_of_many_a_few_are_named(memory_ws: Workspace) -> None:
    before, after = ({f"m{n}.py": f"{side}{n}" for n in range(9)} for side in "ab")
    told = causes(memory_ws, Source(modules=before), Source(modules=after))
    assert (len(told), told[-1]) == (6, "4 more modules differ")


def test_an_environment_that_is_gone_is_no_cause(memory_ws: Workspace) -> None:
    gone = Source(environment="0" * 64)
    assert causes(memory_ws, gone, Source(environment=kept(memory_ws))) == ()
