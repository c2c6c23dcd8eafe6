"""One version as the books have it: its manifest, its run, the cells that ran, the environment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.codec import decode
from jupyter_mlops.records.model import Manifest, ModelVersion
from jupyter_mlops.records.reproduced import Reproduced
from jupyter_mlops.records.review import Side
from jupyter_mlops.records.run import Grade, Run, RunInput
from jupyter_mlops.records.source import CellExecution, Environment
from jupyter_mlops.store.protocol import Blobs, Transaction
from jupyter_mlops.tracking.matching import matched_inputs
from jupyter_mlops.tracking.reproduced import reproduced_in

__all__ = ["Subject", "authors_of", "read_subject", "same_person", "side_of"]

T = TypeVar("T")
_BASELINE = "baseline_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A version with everything a reviewer compares; what is missing from the books is None or empty."""

    version: ModelVersion
    manifest: Manifest | None
    run: Run | None
    cells: tuple[CellExecution, ...]
    environment: Environment | None
    reproduced: Reproduced | None = None

    @property
    def reference(self) -> str:
        """The notation every door takes, ``name:7``."""
        return self.version.reference

    @property
    def metrics(self) -> Mapping[str, float]:
        """Last values, without those of the simple baseline."""
        values = self.run.metrics if self.run else {}
        return {name: value for name, value in values.items() if not name.startswith(_BASELINE)}

    @property
    def baseline(self) -> Mapping[str, float]:
        """Metrics of a simple model that the run logged as ``baseline_<name>``, under ``<name>``."""
        values = self.run.metrics if self.run else {}
        return {name[len(_BASELINE) :]: value for name, value in values.items() if name.startswith(_BASELINE)}

    @property
    def inputs(self) -> tuple[RunInput, ...]:
        """The data the run fitted and scored on."""
        return self.run.inputs if self.run else ()

    @property
    def authors(self) -> tuple[str, ...]:
        """Who made it: the account of the run, and the one that registered it where that is another."""
        return _made_by(self.version, self.run)

    @property
    def params(self) -> Mapping[str, str]:
        """What the run logged, first what its author set, then hyperparameters that only the file has."""
        logged = {name: _text(value) for name, value in (self.run.params if self.run else {}).items()}
        return logged | {
            k: v for k, v in (self.manifest.params if self.manifest else {}).items() if k not in logged
        }

    @property
    def packages(self) -> Mapping[str, str]:
        """What the kernel had installed, else what the file says it needs."""
        if self.environment is not None:
            return self.environment.packages
        return self.manifest.requirements if self.manifest else {}


def same_person(one: str, other: str) -> bool:
    """Tell whether two account names are one person's: case and look-alike code points make nobody a second."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    from unicodedata import normalize

    return normalize("NFKC", name).strip().casefold()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def read_subject(tx: Transaction, blobs: Blobs, model: str, version: int) -> Subject:
    """Return the version and what it rests on; ``NotFound`` where there is no such version."""
    kept = tx.versions.get(model, version)
    run = _run(tx, kept.run)
    return Subject(
        version=kept,
        manifest=_decoded(Manifest, blobs, kept.digest),
        run=run,
        cells=tuple(tx.cells.read(run.id)) if run else (),
        environment=_decoded(Environment, blobs, run.source.environment if run else None),
        reproduced=reproduced_in(tx, run.id) if run else None,
    )


def authors_of(tx: Transaction, model: str, version: int) -> tuple[str, ...]:
    """Return who made the version, as ``Subject.authors`` does, without reading all that it rests on."""
    kept = tx.versions.get(model, version)
    return _made_by(kept, _run(tx, kept.run))


def _made_by(version: ModelVersion, run: Run | None) -> tuple[str, ...]:
    names = [run.actor.name] if run else []
    if not any(same_person(name, version.actor.name) for name in names):
        names.append(version.actor.name)
    return tuple(names)


def _run(tx: Transaction, run: str | None) -> Run | None:
    if run is None:
        return None
    try:
        return tx.runs.get(run)
    except NotFound:
        return None


def _decoded(kind: type[T], blobs: Blobs, digest: str | None) -> T | None:
    """A damaged or missing blob is a finding of the checks, not a reason to show no evidence at all."""
    if not digest:
        return None
    try:
        with blobs.open(digest) as content:
            return decode(kind, json.loads(content.read()))
    except (NotFound, Invalid, ValueError, RecursionError):
        return None


def side_of(subject: Subject) -> Side:
    """Return what the screen shows of one of the two that are compared."""
    version, run = subject.version, subject.run
    return Side(
        version=version.version,
        digest=version.digest,
        run=version.run,
        run_name=run.name if run else "",
        grade=run.grade if run else Grade.UNKNOWN,
        grade_reason=run.grade_reason if run else "the run that made it is not in the books",
        kind=version.kind,
        format=version.format,
        size=version.size,
        author=", ".join(subject.authors),
        created=version.created,
        params=subject.params,
        data=_named_data(subject.inputs),
        commit=run.source.commit if run else None,
        # only what the file itself needs: a kernel has hundreds, and the changes name those that differ
        packages=subject.manifest.requirements if subject.manifest else {},
        modules=run.source.modules if run else {},
        seeds=run.source.seeds if run else (),
    )


def _named_data(inputs: tuple[RunInput, ...]) -> Mapping[str, str]:
    roles = Counter(name for name, _ in {(item.name, item.role) for item in inputs})
    named: dict[str, str] = {}
    for found in matched_inputs([inputs]):
        role = f" ({found.role})" if roles[found.name] > 1 else ""
        number = f" #{found.number}" if found.number is not None else ""
        named |= {f"{found.name}{role}{number}": item.digest for item in found.items if item is not None}
    return named
