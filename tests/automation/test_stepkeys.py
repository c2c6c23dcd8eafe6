"""What a pipeline's step depends on, as digests."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from pathlib import Path

import nbformat
import pytest
from clocks import Clock
from contracts.samples import run

from jupyter_mlops.automation.stepkeys import Key, changed_part, key_of, last_key
from jupyter_mlops.automation.steps import Pipeline, Step
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.job import JobSpec
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.workspace import Workspace

PLAIN = ("%%track\nx = 1", "y = x + 1")


def key(
    ws: Workspace,
    *code: str,
    values: dict[str, object] | None = None,
    inputs: tuple[str, ...] = (),
    needs: dict[str, Key] | None = None,
    said: str = "",
) -> Key:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell(said), *map(nbformat.v4.new_code_cell, code)]
    content = ws.blobs.put(io.BytesIO(nbformat.writes(notebook).encode()))
    step = Step(name="clean", notebook="clean.ipynb", inputs=inputs)
    pipeline = Pipeline(name="p", folder=ws.settings.root, experiment="p", steps=(step,))
    spec = JobSpec(notebook="clean.ipynb", content=content, parameters=values or {})
    return key_of(ws, pipeline, step, spec, needs or {})


def differing(first: Key, second: Key) -> set[str]:
    return {f.name for f in fields(Key) if getattr(first, f.name) != getattr(second, f.name)}


@pytest.mark.parametrize(
    "code",
    [
        ("%%track\nx = 1", "y = x+1"),
        ("%%track\nx = 1", "# why\ny = (x + 1)  # so"),
        ("%%track\nx = 1", "\n\ny = \\\n    x + 1\n"),
    ],
)
def test_layout_and_comments_change_nothing(memory_ws: Workspace, code: tuple[str, ...]) -> None:
    assert key(memory_ws, *code, said="# other words") == key(memory_ws, *PLAIN)


@pytest.mark.parametrize(
    "code",
    [
        ("%%track\nx = 1", "y = x + 2"),
        ("%%track\nx = 2", "y = x + 1"),
        ("y = x + 1", "%%track\nx = 1"),
        ("%%track\nx = 1", "y = x + 1", "1"),
        ("%%track\nx = 1",),
    ],
)
def test_other_code_or_another_order_is_another_key(memory_ws: Workspace, code: tuple[str, ...]) -> None:
    assert differing(key(memory_ws, *code), key(memory_ws, *PLAIN)) == {"code"}


def test_code_that_nobody_can_read_is_taken_as_it_stands(memory_ws: Workspace) -> None:
    for odd in ("a\x00b", "(" * 2000, "-" * 20_000 + "1"):
        assert differing(key(memory_ws, odd), key(memory_ws, odd + " ")) <= {"code"}
        assert key(memory_ws, odd) == key(memory_ws, odd)


def test_values_count_and_the_order_of_their_names_does_not(memory_ws: Workspace) -> None:
    first = key(memory_ws, *PLAIN, values={"a": 1, "b": [1, None]})
    assert key(memory_ws, *PLAIN, values={"b": [1, None], "a": 1}) == first
    assert differing(key(memory_ws, *PLAIN, values={"a": "1", "b": [1, None]}), first) == {"values"}


def test_input_files_count_by_name_and_content(memory_ws: Workspace) -> None:
    root = memory_ws.settings.root
    (root / "raw").mkdir()
    (root / "raw" / "a.csv").write_text("1")
    (root / "odd [1].csv").write_text("1")
    inputs = ("raw/*.csv", "odd [1].csv")
    first = key(memory_ws, *PLAIN, inputs=inputs)
    assert key(memory_ws, *PLAIN, inputs=inputs) == first
    (root / "raw" / "b.csv").write_text("1")
    added = key(memory_ws, *PLAIN, inputs=inputs)
    assert differing(first, added) == {"inputs"}
    (root / "raw" / "b.csv").rename(root / "raw" / "c.csv")
    assert differing(added, key(memory_ws, *PLAIN, inputs=inputs)) == {"inputs"}
    (root / "raw" / "c.csv").unlink()
    assert key(memory_ws, *PLAIN, inputs=inputs) == first
    (root / "odd [1].csv").write_text("2")
    assert differing(first, key(memory_ws, *PLAIN, inputs=inputs)) == {"inputs"}


def test_a_file_larger_than_one_block_counts_to_its_last_byte(memory_ws: Workspace) -> None:
    large = memory_ws.settings.root / "large.bin"
    large.write_bytes(b"\x00" * (2 << 20) + b"\x01")
    first = key(memory_ws, *PLAIN, inputs=("large.bin",))
    large.write_bytes(b"\x00" * (2 << 20) + b"\x02")
    assert differing(first, key(memory_ws, *PLAIN, inputs=("large.bin",))) == {"inputs"}


@pytest.mark.parametrize("pattern", ["none.csv", "*.none", "", "/nowhere/*.csv", "**x/", "a\x00b", "."])
def test_an_input_that_is_not_there_is_named_with_where_it_was_looked_for(
    memory_ws: Workspace, pattern: str
) -> None:
    with pytest.raises(Invalid, match="step 'clean': there is no input") as refusal:
        key(memory_ws, *PLAIN, inputs=(pattern,))
    assert str(memory_ws.settings.root) in refusal.value.remedy


def test_a_step_depends_on_all_that_its_needs_depend_on(memory_ws: Workspace) -> None:
    need = key(memory_ws, "1")
    first = key(memory_ws, *PLAIN, needs={"raw": need})
    assert differing(first, key(memory_ws, *PLAIN)) == {"needs"}
    for field in fields(Key):
        other = replace(need, **{field.name: "0" * 64})
        assert differing(first, key(memory_ws, *PLAIN, needs={"raw": other})) == {"needs"}


def test_the_first_part_that_changed_is_named_in_words(memory_ws: Workspace) -> None:
    now = key(memory_ws, *PLAIN)
    before = now.as_tags()
    assert changed_part(before, now) is None
    assert changed_part({**before, "other": "tag"}, now) is None
    assert changed_part({}, now) == changed_part({"other": "tag"}, now) == "it has not succeeded before"
    said = [changed_part({**before, f"key.{f.name}": "0"}, now) for f in fields(Key)]
    assert None not in said
    assert len(set(said)) == len(fields(Key))
    assert (
        changed_part({**before, "key.code": "0", "key.needs": "0"}, now) == "the notebook's code has changed"
    )


def test_a_key_from_before_a_part_was_added_counts_as_changed(memory_ws: Workspace) -> None:
    now = key(memory_ws, *PLAIN)
    before = now.as_tags()
    del before["key.environment"]
    assert changed_part(before, now) == "the interpreter or the packages have changed"


def test_the_last_success_of_this_step_of_this_pipeline_is_found(ws: Workspace, clock: Clock) -> None:
    def ran(pipeline: str, step: str, status: RunStatus) -> str:
        clock.advance(60)
        made = run(
            ws.new_id(),
            status=status,
            started=ws.now(),
            tags={"pipeline": pipeline, "step": step, "key.code": "c"},
        )
        with ws.store.write() as tx:
            tx.runs.add(made)
        return made.id

    assert last_key(ws, "air", "clean") == (None, {})
    ran("air", "clean", RunStatus.FINISHED)
    last = ran("air", "clean", RunStatus.FINISHED)
    ran("air", "clean", RunStatus.FAILED)
    ran("air", "train", RunStatus.FINISHED)
    ran("water", "clean", RunStatus.FINISHED)
    found, tags = last_key(ws, "air", "clean")
    assert found == last
    assert tags["key.code"] == "c"


def test_a_pipelines_folder_need_not_be_the_projects(memory_ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (tmp_path / "raw.csv").write_text("1")
    step = Step(name="clean", notebook="clean.ipynb", inputs=("../raw.csv",))
    pipeline = Pipeline(name="p", folder=folder, experiment="p", steps=(step,))
    content = memory_ws.blobs.put(io.BytesIO(nbformat.writes(nbformat.v4.new_notebook()).encode()))
    spec = JobSpec(notebook="clean.ipynb", content=content)
    first = key_of(memory_ws, pipeline, step, spec, {})
    (tmp_path / "raw.csv").write_text("2")
    assert differing(first, key_of(memory_ws, pipeline, step, spec, {})) == {"inputs"}
