"""Versions with what they rest on, without any books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.samples import run, version

from jupyter_mlops.records.model import Manifest, ModelFile, Signature, SignatureColumn
from jupyter_mlops.records.run import Grade, RunInput
from jupyter_mlops.records.source import Environment, Source
from jupyter_mlops.review.sides import Subject


def signature(**columns: str) -> Signature:
    return Signature(inputs=tuple(SignatureColumn(name=name, dtype=dtype) for name, dtype in columns.items()))


def environment(python: str = "3.11.7", platform: str = "Linux", **packages: str) -> Environment:
    return Environment(python=python, implementation="CPython", platform=platform, cpus=2, packages=packages)


def data(name: str, role: str, digest: str, rows: int | None = None, **columns: str) -> RunInput:
    return RunInput(name=name, role=role, digest=digest, rows=rows, columns=columns)


def subject(  # noqa: PLR0913
    number: int = 2,
    *,
    metrics: Mapping[str, float] | None = None,
    inputs: tuple[RunInput, ...] = (),
    params: Mapping[str, Any] | None = None,
    takes: Signature | None = None,
    surroundings: Environment | None = None,
    commit: str | None = None,
    without_run: bool = False,
    **of_run: Any,
) -> Subject:
    made = run(
        f"r{number}", metrics=metrics or {}, inputs=inputs, params=params or {},
        **{"grade": Grade.CLEAN, "source": Source(commit=commit), **of_run},
    )  # fmt: skip
    manifest = Manifest(
        format="skops",
        kind="Ridge",
        files=(ModelFile(path="m", digest="a" * 64, size=1),),
        requirements={"numpy": "2"},
    )
    return Subject(
        version=version("pm25", number, signature=takes or signature(dewp="float64")),
        manifest=manifest,
        run=None if without_run else made,
        cells=(),
        environment=surroundings,
    )
