"""What a pipeline's step depends on, part by part: an equal basis means that running it again would tell nothing new."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mlops.automation.named_paths import paths_named
from jupyter_mlops.automation.plain_code import plain_code
from jupyter_mlops.automation.steps import Pipeline, Step
from jupyter_mlops.errors import Forbidden, Invalid, MlopsError
from jupyter_mlops.jobs.notebook import code_cells, language_of
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.query import And, Comparison, Field, Operator, Query, Scope, equal
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking.environment import this_environment
from jupyter_mlops.tracking.log import keep_note
from jupyter_mlops.workspace import Workspace

__all__ = ["Basis", "Success", "basis_of", "keep_basis", "last_success"]

_CHUNK = 1 << 20
_NAME = "pipeline/basis.json"  # of the file with the run of a step that succeeded
_LENGTH = (
    32  # hexadecimal digits: shorter than what names the bytes of a file, so that nobody looks for these
)
_OWN = ("python3",)  # whatever a notebook of Python calls its kernel, it runs in this interpreter's


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """All that a step depends on: digests, and what people call what they are of."""

    cells: tuple[str, ...] = ()  # of the code cells, in their order
    values: Mapping[str, object] = field(default_factory=dict)  # of its parameters, as far as they were given
    inputs: Mapping[str, str] = field(default_factory=dict)  # file to digest
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    kernel: tuple[str, ...] = ()  # its name and, of any but this interpreter's own, how it is started
    needs: Mapping[str, str] = field(default_factory=dict)  # step to the digest of its basis

    @property
    def digest(self) -> str:
        """One digest of all of it."""
        return _digest(canonical(encode(self)))


@dataclass(frozen=True, slots=True)
class Success:
    """When a step last succeeded: in which run, and on what basis; None where that cannot be read."""

    run: str
    basis: Basis | None


def basis_of(
    pipeline: Pipeline,
    step: Step,
    notebook: Mapping[str, Any],
    values: Mapping[str, object],
    needs: Mapping[str, str],
) -> Basis:
    """Return what a step depends on as things stand now.

    Comments and layout of the code do not count, nor do Markdown cells and outputs.

    Parameters
    ----------
    notebook, values
        What would be run, and with what.
    needs
        Digests of the bases of the steps it needs.

    Raises
    ------
    Invalid
        An input file does not exist, or cannot be read.
    Forbidden
        The workspace is confined, and an input lies outside of it.
    """
    environment = this_environment()
    # Of no other language is known what its layout means.
    plain = plain_code if language_of(notebook) == "python" else str
    return Basis(
        cells=tuple(_digest(plain(cell["source"]).encode(errors="replace")) for cell in code_cells(notebook)),
        values=json.loads(json.dumps(dict(values))),
        inputs=dict(_inputs(pipeline, step)),
        python=platform.python_version(),
        packages=dict(environment.packages),
        kernel=_kernel(notebook),
        needs=dict(needs),
    )


def keep_basis(ws: Workspace, run: str, basis: Basis) -> None:
    """Remember with a step's run that it succeeded, and on what *basis*."""
    import io

    content = canonical(encode(basis))
    artifact = Artifact(
        run=run,
        name=_NAME,
        digest=ws.blobs.put(io.BytesIO(content)),
        size=len(content),
        media_type="application/json",
    )
    # Both in one note: whoever finds the tag finds the file.
    keep_note(ws, run, {"artifact": encode(artifact), "tags": {"basis": basis.digest}})


def last_success(ws: Workspace, pipeline: str, step: str) -> Success | None:
    """Return when the step last succeeded; None where it never did, or its run was deleted."""
    tags = [
        Comparison(Field(Scope.TAGS, name), Operator.EQUAL, value)
        for name, value in (("pipeline", pipeline), ("step", step))
    ]
    known = Comparison(Field(Scope.TAGS, "basis"), Operator.LIKE, "%")
    kept = Comparison(Field(Scope.ATTRIBUTE, "deleted"), Operator.NULL, None)
    where = And((equal(status=str(RunStatus.FINISHED)), *tags, known, kept))
    with ws.store.read() as tx:
        found = tx.runs.find(Query(where=where, limit=1))
        if not len(found):
            return None
        run = found[0].id
        artifact = tx.artifacts.get(run, _NAME)
    try:
        with ws.blobs.open(artifact.digest) as file:
            return Success(run, decode(Basis, json.loads(file.read())))
    except (MlopsError, ValueError, RecursionError):  # another version wrote it, or its bytes are gone
        return Success(run, None)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_LENGTH]


def _kernel(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    if language_of(notebook) == "python":
        return _OWN
    from jupyter_mlops.jobs.kernels import starts_with

    name = str(notebook["metadata"].get("kernelspec", {}).get("name") or _OWN[0])
    return name, *starts_with(name)


def _inputs(pipeline: Pipeline, step: Step) -> Iterator[tuple[str, str]]:
    folder = pipeline.folder
    for pattern in step.inputs:
        try:
            named = sorted(paths_named(folder, pattern, pipeline.within))
            found = {path: _file_digest(path) for path in named if path.is_file()}
        except Forbidden:  # which is an OSError as well
            raise
        except OSError as failure:
            raise Invalid(
                f"step {step.name!r}: the input {pattern!r} cannot be read: {failure.strerror}",
                remedy="Look at who may read it, or name another file.",
            ) from failure
        if not found:
            raise Invalid(
                f"step {step.name!r}: there is no input {pattern!r}", remedy=f"Paths count from {folder}."
            )
        for path, digest in found.items():
            yield (path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)), digest


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()[:_LENGTH]
