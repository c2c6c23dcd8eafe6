"""What a decision is bound to: one digest for each part of the evidence, recomputed from the books every time.

Nothing here trusts a digest that stands beside what it describes: bytes are hashed again, records are encoded again.
A part that cannot be read has the digest ``missing``, so that a loss shows as a change and not as a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.essence import essence
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.model import ModelVersion
from jupyter_mlops.records.review import Review
from jupyter_mlops.records.run import Run
from jupyter_mlops.registry.finding import held_alias, policy_of
from jupyter_mlops.registry.manifests import digest_of, hash_blob, read_manifest
from jupyter_mlops.store.protocol import Blobs, Digest, Transaction

__all__ = ["CURRENT", "MISSING", "changed_parts", "evidence_digest", "evidence_parts"]

MISSING = "missing"
CURRENT = -1
# Points beyond this are represented by their summaries: a check at every load must not read millions of rows.
_POINTS = 20_000


def evidence_parts(
    tx: Transaction, blobs: Blobs, *, model: str, version: int, alias: str, champion: int | None = CURRENT
) -> Mapping[str, Digest]:
    """Return the digest of each part of the evidence for moving *alias* to *version*.

    Parameters
    ----------
    tx, blobs
        The books as they stand.
    model, version, alias
        What is to be promoted, and to what.
    champion
        The version the candidate was compared with; by default the one *alias* points at now. A review that was
        approved gives the one it was opened against, because by then the alias points at the candidate itself.

    Returns
    -------
    ``model``, ``cells``, ``data``, ``metrics``, ``grade``, ``environment``, ``champion`` and ``policy``, each with 64
    hex digits or ``missing``.
    """
    if champion == CURRENT:
        held = held_alias(tx, model, alias)
        champion = held.version if held is not None else None
    candidate = tx.versions.get(model, version)
    run = _run(tx, candidate)
    of_run: dict[str, Callable[[Run], Digest]] = {
        "cells": lambda r: _cells(tx, r),
        "data": _data,
        "metrics": lambda r: _metrics(tx, r),
        "grade": lambda r: _digest(r.grade.value),
        "environment": lambda r: _environment(blobs, r),
    }
    parts = {name: _settled(part, run) for name, part in of_run.items()}
    return {
        "model": _model(blobs, candidate),
        **parts,
        "champion": _champion(tx, model, champion),
        "policy": _digest(essence(policy_of(tx, model))),
    }


def evidence_digest(parts: Mapping[str, Digest]) -> Digest:
    """Return the one digest that stands for *parts*: what a decision signs."""
    return _digest(dict(parts))


def changed_parts(tx: Transaction, blobs: Blobs, review: Review) -> tuple[str, ...]:
    """Return the names of the parts that are no longer what *review* was decided on, in the order of the evidence."""
    was = review.evidence.parts
    against = review.evidence.champion
    try:
        now = evidence_parts(
            tx,
            blobs,
            model=review.model,
            version=review.version,
            alias=review.alias,
            champion=None if against is None else against.version,
        )
    except MlopsError:  # the version itself is gone
        return tuple(was) or ("model",)
    changed = [name for name in now if now[name] != was.get(name)]
    if changed:
        before = _as_before(tx, blobs, review)
        changed = [name for name in changed if before.get(name, now[name]) != was.get(name)]
    if evidence_digest(was) != review.evidence_digest and not changed:
        # Somebody wrote new parts into the review: they agree with the books, but they are not what was signed.
        changed = ["evidence"]
    return tuple(changed)


def _as_before(tx: Transaction, blobs: Blobs, review: Review) -> Mapping[str, Digest]:
    """Return the parts as reviews signed them before imported files, seeds and variables were among them.

    What is signed now says also that there were none, so that it never equals this: an old review is held against what it signed,
    and to a new one nothing can be added.
    """
    try:
        run = _run(tx, tx.versions.get(review.model, review.version))
    except MlopsError:
        return {}
    return {
        "cells": _settled(lambda r: _cells(tx, r, before=True), run),
        "environment": _settled(lambda r: _environment(blobs, r, before=True), run),
    }


def _digest(value: object) -> Digest:
    return digest_of(canonical(value))


def _settled(part: Callable[[Run], Digest], run: Run | None) -> Digest:
    if run is None:
        return MISSING
    try:
        return part(run)
    except (MlopsError, OSError, ValueError):
        return MISSING


def _run(tx: Transaction, version: ModelVersion) -> Run | None:
    try:
        return tx.runs.get(version.run) if version.run else None
    except MlopsError:
        return None


def _model(blobs: Blobs, version: ModelVersion) -> Digest:
    try:
        manifest = read_manifest(blobs, version.digest, version.reference)
    except (MlopsError, OSError):
        return MISSING
    files = {file.path: _hashed(blobs, file.digest) for file in manifest.files}
    golden = _hashed(blobs, manifest.golden) if manifest.golden else None
    return _digest({"record": essence(version), "files": files, "golden": golden})


def _hashed(blobs: Blobs, digest: Digest) -> Digest:
    try:
        return hash_blob(blobs, digest)
    except (MlopsError, OSError):
        return MISSING


def _cells(tx: Transaction, run: Run, *, before: bool = False) -> Digest:
    cells = [essence(cell) for cell in tx.cells.read(run.id)]
    source = run.source
    said: dict[str, object] = {"cells": cells, "rests_on": list(source.rests_on), "notebook": source.notebook}
    if not before:
        said |= {"modules": dict(source.modules), "module_notes": dict(source.module_notes)}
    return _digest(said)


def _data(run: Run) -> Digest:
    return _digest([essence(given) for given in run.inputs])


def _metrics(tx: Transaction, run: Run) -> Digest:
    # Not the mean: its last bits depend on the order in which a store adds up.
    kept = ("last", "step", "minimum", "maximum", "count")
    summaries = tx.metrics.summaries(run.id)
    told = {key: [encode(getattr(summary, name)) for name in kept] for key, summary in summaries.items()}
    points = sum(summary.count for summary in summaries.values())
    try:
        read = tx.metrics.read(run.id, limit=_POINTS) if points <= _POINTS else ()
    except MlopsError:  # damaged, and said so by their checksum
        return MISSING
    return _digest(
        {"last": encode(run.metrics), "summaries": told, "points": [essence(point) for point in read]}
    )


def _environment(blobs: Blobs, run: Run, *, before: bool = False) -> Digest:
    source = run.source
    given = [] if before else [list(source.seeds), dict(source.variables)]
    content = _hashed(blobs, source.environment) if source.environment else None
    return (
        MISSING
        if content == MISSING
        else _digest([content, source.python, source.commit, list(source.dirty), *given])
    )


def _champion(tx: Transaction, model: str, champion: int | None) -> Digest:
    if champion is None:
        return _digest(None)
    try:
        held = tx.versions.get(model, champion)
    except MlopsError:
        return MISSING
    return _digest([held.version, held.digest])
