"""What README and tutorial tell their readers to type, typed as it stands: read out of the pages, so that a changed page is tested."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest
from magics.kernels import Answer, Kernel

from journeys.fences import Fence, fences_of, spans_of
from journeys.installed import HOUSE, Terminal
from jupyter_mlops.magics.mlops import _ROWS
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.words import read_words
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.registry import find_aliases, find_versions
from jupyter_mlops.review import find_reviews
from jupyter_mlops.tracking import find_runs, get_run
from jupyter_mlops.workspace import Workspace, open_workspace

README, TUTORIAL = HOUSE / "README.md", HOUSE / "docs" / "tutorial.md"


def in_kernel(kernel: Kernel, text: str) -> Answer:
    answer = kernel.execute(text, cell=f"c{abs(hash(text))}")
    assert answer.status == "ok", (text, answer.errors)
    return answer


def with_own_ids(text: str, ids: Mapping[str, str]) -> str:
    return re.sub("|".join(map(re.escape, ids)) or "$^", lambda found: ids[found.group()], text)


def ids_in(page: Path) -> list[str]:
    """The six characters that stand for an id of the reader's own."""
    text = "\n".join(fence.text for fence in fences_of(page))
    return list(dict.fromkeys(re.findall(r"\b(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{6}\b", text)))


def known_now(ws: Workspace, page: Path, ids: Mapping[str, str]) -> dict[str, str]:
    """The reader's own ids for those of the page: tracked runs in the order they began, then the open reviews."""
    runs = [run.id[-6:] for run in find_runs(ws, "name = 'baseline'", order="started")]
    mine = [*runs, *(review.id[-6:] for review in find_reviews(ws, "status = 'open'"))]
    free = [own for own in mine if own not in ids.values()]
    return {**ids, **dict(zip([name for name in ids_in(page) if name not in ids], free, strict=False))}


def type_cell(kernel: Kernel, fence: Fence, ids: Mapping[str, str]) -> Answer:
    return in_kernel(kernel, with_own_ids(fence.text, ids))


@pytest.mark.kernel
def test_the_readmes_first_use_ends_in_an_open_review(tmp_path: Path) -> None:
    cells = [fence for fence in fences_of(README) if fence.for_notebook]
    assert [fence.text.split()[0] for fence in cells] == ["%load_ext", "%%track", "%mlops", "%mlops"]
    assert sum(bool(line.strip()) for fence in cells for line in fence.text.splitlines()) <= 10
    with Kernel(tmp_path) as kernel:
        type_cell(kernel, cells[0], {})
        assert "baseline" in type_cell(kernel, cells[1], {}).text
        ws = open_workspace(tmp_path, environ={})
        ids = known_now(ws, README, {})
        assert len(ids) == 1
        for fence in cells[2:]:
            type_cell(kernel, fence, ids)
    (review,) = find_reviews(ws, "status = 'open'")
    assert (review.model, review.version) == ("diabetes", 1)
    (found,) = find_runs(ws, "metrics.mae < 60")
    assert found.name == "baseline"
    ws.store.close()


@pytest.mark.kernel
def test_the_tutorial_goes_from_an_empty_folder_to_a_model_loaded_by_name(tmp_path: Path, bin_: Path) -> None:
    prompt = Terminal(tmp_path, bin_)
    typed = list(fences_of(TUTORIAL))
    laid_out = typed.pop(0)
    for line in laid_out.text.splitlines():
        prompt.type(line)
    assert prompt.folder == tmp_path / "air"
    ws = open_workspace(prompt.folder, environ={})
    ids: dict[str, str] = {}
    last = Answer()
    with Kernel(prompt.folder) as kernel:
        for fence in typed:
            ids = known_now(ws, TUTORIAL, ids)
            if fence.language == "yaml":
                name = re.match(r"# (\S+)\n", fence.text)
                assert name, fence.text
                (prompt.folder / name[1]).write_text(fence.text, encoding="utf-8")
            elif fence.for_shell:
                for line in fence.text.splitlines():
                    prompt.type(with_own_ids(line, ids))
            else:
                for line in fence.text.splitlines() if fence.text.startswith("%mlops") else [fence.text]:
                    last = in_kernel(kernel, with_own_ids(line, ids))
        assert last.status == "ok"
        in_kernel(kernel, "assert hasattr(model, 'predict')")
    assert list(ids) == ids_in(TUTORIAL)
    by_hand, by_job = find_versions(ws, model="air")
    assert (by_hand.version, by_hand.run[-6:]) == (2, ids["a3f91c"])
    assert (by_job.version, get_run(ws, by_job.run).name) == (1, "boosting")
    assert get_run(ws, by_job.run).job
    decided = [(one.id[-6:], one.version, [d.verdict for d in one.decisions]) for one in find_reviews(ws)]
    assert sorted(decided, key=lambda one: one[1]) == [
        (ids["8kh41x"], 1, [Verdict.APPROVE]),
        (ids["5nq7rb"], 2, [Verdict.REJECT]),
    ]
    assert find_aliases(ws, model="air")[0].version == 1
    assert (
        get_run(ws, by_hand.run).metrics["mae"] > get_run(ws, by_job.run).metrics["mae"]
    )  # as the page says
    ws.store.close()


@pytest.mark.parametrize("page", [README, TUTORIAL], ids=["README", "tutorial"])
def test_every_command_a_sentence_names_is_one(page: Path) -> None:
    for span in spans_of(page, "jupyter mlops ", "%mlops "):
        words = shlex.split(span.replace("…", ""))
        rows = _ROWS if words[0] == "%mlops" else (*PROCESSES, *OPERATIONS)
        assert read_words(words[1 if words[0] == "%mlops" else 2 :], rows), span
