"""What a pipeline's step depends on, part by part."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from clocks import Clock
from contracts.samples import run

from jupyter_mlops.automation.basis import Basis, basis_of, keep_basis, last_success
from jupyter_mlops.automation.steps import Pipeline, Step
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import delete_run, find_artifacts
from jupyter_mlops.workspace import Workspace

PLAIN = ("%%track\nx = 1", "y = x + 1")


def basis(
    folder: Path,
    *code: str,
    values: dict[str, object] | None = None,
    inputs: tuple[str, ...] = (),
    needs: dict[str, str] | None = None,
    said: str = "",
    **metadata: Any,
) -> Basis:
    cells = [{"cell_type": "code", "source": text} for text in code]
    notebook = {"metadata": metadata, "cells": [{"cell_type": "markdown", "source": said}, *cells]}
    step = Step(name="clean", notebook="clean.ipynb", inputs=inputs)
    pipeline = Pipeline(name="p", folder=folder, experiment="p", steps=(step,))
    return basis_of(pipeline, step, notebook, values or {}, needs or {})


def differing(first: Basis, second: Basis) -> set[str]:
    assert (first == second) is (first.digest == second.digest)
    return {f.name for f in fields(Basis) if getattr(first, f.name) != getattr(second, f.name)}


def test_comments_layout_empty_cells_and_other_words_change_nothing(tmp_path: Path) -> None:
    other = basis(tmp_path, "%%track\nx = 1  # so", "", "y = (x+1)", said="# other words")
    assert differing(basis(tmp_path, *PLAIN), other) == set()


@pytest.mark.parametrize(
    "code",
    [
        ("%%track\nx = 1", "y = x + 2"),
        ("y = x + 1", "%%track\nx = 1"),
        ("%%track\nx = 1", "y = x + 1", "1"),
        ("%%track\nx = 1",),
    ],
)
def test_other_code_or_another_order_is_another_basis(tmp_path: Path, code: tuple[str, ...]) -> None:
    assert differing(basis(tmp_path, *code), basis(tmp_path, *PLAIN)) == {"cells"}


def test_values_count_and_the_order_of_their_names_does_not(tmp_path: Path) -> None:
    first = basis(tmp_path, values={"a": 1, "b": [1, None]})
    assert differing(basis(tmp_path, values={"b": [1, None], "a": 1}), first) == set()
    assert differing(basis(tmp_path, values={"a": "1", "b": [1, None]}), first) == {"values"}


def test_input_files_count_by_name_and_content(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.csv").write_text("1")
    (tmp_path / "odd [1].csv").write_text("1")
    inputs = ("raw/*.csv", "odd [1].csv")
    first = basis(tmp_path, inputs=inputs)
    assert set(first.inputs) == {"raw/a.csv", "odd [1].csv"}
    (tmp_path / "raw" / "b.csv").write_text("1")
    added = basis(tmp_path, inputs=inputs)
    assert differing(first, added) == {"inputs"}
    (tmp_path / "raw" / "b.csv").rename(tmp_path / "raw" / "c.csv")
    assert differing(added, basis(tmp_path, inputs=inputs)) == {"inputs"}
    (tmp_path / "raw" / "c.csv").unlink()
    assert differing(basis(tmp_path, inputs=inputs), first) == set()
    (tmp_path / "odd [1].csv").write_text("2")
    assert differing(first, basis(tmp_path, inputs=inputs)) == {"inputs"}


def test_a_file_larger_than_one_block_counts_to_its_last_byte(tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(b"\x00" * (2 << 20) + b"\x01")
    first = basis(tmp_path, inputs=("large.bin",))
    large.write_bytes(b"\x00" * (2 << 20) + b"\x02")
    assert differing(first, basis(tmp_path, inputs=("large.bin",))) == {"inputs"}


@pytest.mark.parametrize("pattern", ["none.csv", "*.none", "", "/nowhere/*.csv", "**x/", "a\x00b", "."])
def test_an_input_that_is_not_there_is_named_with_where_it_was_looked_for(
    tmp_path: Path, pattern: str
) -> None:
    with pytest.raises(Invalid, match="step 'clean': there is no input") as refusal:
        basis(tmp_path, inputs=(pattern,))
    assert str(tmp_path) in refusal.value.remedy


def test_an_input_that_cannot_be_read_is_told_by_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raw.csv").write_text("1")

    def refuse(*_: object) -> None:  # whoever runs the tests may read everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(
        Invalid, match=r"step 'clean': the input 'raw\.csv' cannot be read: Permission denied"
    ):
        basis(tmp_path, inputs=("raw.csv",))


def test_a_step_depends_on_all_that_its_needs_depend_on(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text("1")
    need = basis(tmp_path, "1", values={"n": 1}, inputs=("raw.csv",))
    first = basis(tmp_path, needs={"raw": need.digest})
    assert differing(first, basis(tmp_path)) == {"needs"}
    other = basis(tmp_path, "1", values={"n": 2}, inputs=("raw.csv",))
    assert differing(first, basis(tmp_path, needs={"raw": other.digest})) == {"needs"}


def test_python_runs_in_this_interpreter_whatever_its_kernel_is_called_and_another_counts(
    tmp_path: Path,
) -> None:
    own = basis(tmp_path, kernelspec={"name": "of-another-machine", "language": "python"})
    assert differing(own, basis(tmp_path)) == set()
    other = basis(tmp_path, kernelspec={"name": "ir-4", "language": "R"})
    assert other.kernel == ("ir-4",)  # which is not installed here: nobody knows how it is started
    assert differing(own, other) == {"kernel"}


def test_of_another_language_layout_counts(tmp_path: Path) -> None:
    spoken = {"kernelspec": {"name": "ir-4", "language": "R"}}
    first, other = basis(tmp_path, "a <- b", **spoken), basis(tmp_path, "a < -b", **spoken)
    assert differing(first, other) == {"cells"}  # one assigns, the other compares


def test_a_pipelines_folder_need_not_be_the_projects(tmp_path: Path) -> None:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (tmp_path / "raw.csv").write_text("1")
    first = basis(folder, inputs=("../raw.csv",))
    (tmp_path / "raw.csv").write_text("2")
    assert differing(first, basis(folder, inputs=("../raw.csv",))) == {"inputs"}


def ran(ws: Workspace, clock: Clock, pipeline: str, step: str, status: RunStatus = RunStatus.FINISHED) -> str:
    clock.advance(60)
    made = run(ws.new_id(), status=status, started=ws.now(), tags={"pipeline": pipeline, "step": step})
    with ws.store.write() as tx:
        tx.runs.add(made)
    return made.id


def test_the_last_success_of_this_step_of_this_pipeline_is_found_with_its_basis(
    ws: Workspace, clock: Clock, tmp_path: Path
) -> None:
    first, second = basis(tmp_path, *PLAIN, values={"n": 1}), basis(tmp_path, *PLAIN)
    assert last_success(ws, "air", "clean") is None
    earlier = ran(ws, clock, "air", "clean")
    keep_basis(ws, earlier, first)
    later = ran(ws, clock, "air", "clean")
    keep_basis(ws, later, second)
    ran(ws, clock, "air", "clean")  # whose model could not be registered: that is no success
    keep_basis(ws, ran(ws, clock, "air", "clean", RunStatus.FAILED), first)
    keep_basis(ws, ran(ws, clock, "air", "train"), first)
    keep_basis(ws, ran(ws, clock, "water", "clean"), first)
    found = last_success(ws, "air", "clean")
    assert found is not None
    assert (found.run, found.basis) == (later, second)
    delete_run(ws, run=later)
    again = last_success(ws, "air", "clean")
    assert again is not None
    assert (again.run, again.basis) == (earlier, first)


def test_a_basis_that_another_version_wrote_is_known_to_be_none(
    ws: Workspace, clock: Clock, tmp_path: Path
) -> None:
    made = ran(ws, clock, "air", "clean")
    keep_basis(ws, made, basis(tmp_path))
    (file,) = find_artifacts(ws, run=made, folder="pipeline")
    for content in (b'{"shoe_size": 43}', b"[1]", b"\xff"):
        digest = ws.blobs.put(io.BytesIO(content))
        with ws.store.write() as tx:
            tx.artifacts.replace(type(file)(run=made, name=file.name, digest=digest, size=len(content)))
        found = last_success(ws, "air", "clean")
        assert found is not None
        assert (found.run, found.basis) == (made, None)
