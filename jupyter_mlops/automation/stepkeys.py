"""What a pipeline's step depends on, as digests: equal keys mean that running it again would tell nothing new."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from jupyter_mlops.automation.steps import Pipeline, Step
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.notebook import code_cells, from_bytes
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.job import JobSpec
from jupyter_mlops.records.query import And, Comparison, Field, Operator, Query, Scope, equal
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking.environment import this_environment
from jupyter_mlops.workspace import Workspace

__all__ = ["Key", "changed_part", "key_of", "last_key"]

_CHUNK = 1 << 20
_WORDS = {
    "code": "the notebook's code has changed",
    "values": "its values have changed",
    "inputs": "its input files have changed",
    "environment": "the interpreter or the packages have changed",
    "needs": "a step it needs has changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The digests of everything a step depends on."""

    code: str
    values: str
    inputs: str
    environment: str
    needs: str

    def as_tags(self) -> dict[str, str]:
        """Return the key as tags of a run."""
        return {f"key.{f.name}": getattr(self, f.name) for f in fields(self)}


def key_of(ws: Workspace, pipeline: Pipeline, step: Step, spec: JobSpec, needs: Mapping[str, Key]) -> Key:
    """Return the key of a step as things stand now.

    Comments and layout of the code do not count, nor do Markdown cells and outputs.

    Raises
    ------
    Invalid
        An input file does not exist.
    """
    with ws.blobs.open(spec.content) as file:
        notebook = from_bytes(file.read(), spec.notebook)
    environment = this_environment()
    return Key(
        code=_digest([_normal(cell["source"]) for cell in code_cells(notebook)]),
        values=_digest(dict(spec.parameters)),
        inputs=_digest(dict(_inputs(pipeline.folder, step))),
        environment=_digest([platform.python_version(), dict(environment.packages)]),
        needs=_digest({name: key.as_tags() for name, key in needs.items()}),
    )


def last_key(ws: Workspace, pipeline: str, step: str) -> tuple[str | None, Mapping[str, str]]:
    """Return the run in which the step last succeeded and the key it had; nothing where it never did."""
    tags = [
        Comparison(Field(Scope.TAGS, name), Operator.EQUAL, value)
        for name, value in (("pipeline", pipeline), ("step", step))
    ]
    where = And((equal(status=str(RunStatus.FINISHED)), *tags))
    with ws.store.read() as tx:
        found = tx.runs.find(Query(where=where, limit=1))
    return (found[0].id, found[0].tags) if len(found) else (None, {})


def changed_part(before: Mapping[str, str], now: Key) -> str | None:
    """Return the sentence that names the first part that is not as it was; None: all are."""
    tags = now.as_tags()
    if not any(name in before for name in tags):
        return "it has not succeeded before"
    return next(
        (_WORDS[f.name] for f in fields(now) if before.get(f"key.{f.name}") != tags[f"key.{f.name}"]), None
    )


def _digest(value: object) -> str:
    return hashlib.sha256(canonical(json.loads(json.dumps(value)))).hexdigest()


def _normal(source: str) -> str:
    """Return code without comments and layout; what Python cannot read (magics) stays as it is."""
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last: nested too deep
        return source


def _inputs(folder: Path, step: Step) -> Iterator[tuple[str, str]]:
    for pattern in step.inputs:
        files = _files(folder, pattern)
        if not files:
            raise Invalid(
                f"step {step.name!r}: there is no input {pattern!r}", remedy=f"Paths count from {folder}."
            )
        for path in files:
            yield (
                path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path),
                _file_digest(path),
            )


def _files(folder: Path, pattern: str) -> list[Path]:
    try:
        found = [folder / pattern] if (folder / pattern).is_file() else sorted(folder.glob(pattern))
        return [path for path in found if path.is_file()]
    except (ValueError, IndexError, NotImplementedError, OSError):  # what glob says to a pattern that is none
        return []


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()
