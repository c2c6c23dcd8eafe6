"""Models and their immutable, numbered versions."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.model import Manifest, Model, ModelVersion
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.trust import trust_in
from jupyter_mlops.registry.finding import known_model, last_versions, refuse_twin, run_of, version_of
from jupyter_mlops.registry.graded import with_trust
from jupyter_mlops.registry.manifests import read_manifest
from jupyter_mlops.registry.names import checked_name
from jupyter_mlops.registry.quarantine import admit
from jupyter_mlops.registry.refused import refusals_in
from jupyter_mlops.registry.settled import when_all_is_said
from jupyter_mlops.registry.shelves import with_shelves
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.workspace import Workspace

__all__ = ["find_models", "find_versions", "get_model", "get_version", "register_version"]

_MOST_CHILDREN = 1_000
_SHOWN = 10


def find_models(
    ws: Workspace, query: str = "", *, order: str = "name", limit: int = 100, cursor: str | None = None
) -> Page[Model]:
    """Find registered models, by name."""
    with ws.store.read() as tx:
        page = tx.models.find(asked(query, order=order, limit=limit, cursor=cursor, now=ws.now(), of=Model))
        return replace(page, items=with_shelves(tx, page.items))


def get_model(ws: Workspace, model: str) -> Model:
    """Show a model: its newest version, its aliases, the grades of their runs, and how many of its reviews are open."""
    with ws.store.read() as tx:
        (found,) = with_shelves(tx, [known_model(tx, checked_name(model))])
        return found


def find_versions(
    ws: Workspace,
    model: str = "",
    *,
    query: str = "",
    order: str = "version desc",
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ModelVersion]:
    """Find versions, the highest number first; of one model, or of all. Each says how far its run can be trusted."""
    with ws.store.read() as tx:
        if model:
            known_model(tx, checked_name(model))
        also = where(model=model) if model else None
        page = tx.versions.find(
            asked(query, order=order, limit=limit, cursor=cursor, also=also, now=ws.now(), of=ModelVersion)
        )
        return replace(page, items=with_trust(tx, page.items))


def get_version(ws: Workspace, reference: str) -> ModelVersion:
    """Show a version of a model: what it takes and gives, what it was trained on, its size, its run and that one's grade.

    Raises
    ------
    NotFound
        There is nothing under that name; the remedy lists what there is.
    Invalid
        It is no reference, or a bare name with several versions.
    """
    with ws.store.read() as tx:
        return with_trust(tx, [version_of(tx, reference)[0]])[0]


def register_version(ws: Workspace, *, model: str, run: str, artifact: str = "model") -> ModelVersion:
    """Register a model that a run logged, as the next version of a name.

    The model is first rebuilt from its bytes in a clean process, under a time limit, and asked about its golden rows:
    what could not be loaded later is not registered now. The same bytes of the same run are registered once; asking
    again returns the version they have.

    Parameters
    ----------
    model
        The name to register it under; a new one makes a new model.
    run
        The run that logged it: its id, or a unique tail of at least four characters. Of a run with children (a
        notebook executed as a job) it is the one child that logged such a model.
    artifact
        The name it was logged under.

    Raises
    ------
    Invalid
        The name is not allowed, or several children of the run logged such a model.
    NotFound
        There is no such run, it logged no such model, or bytes of it are gone.
    Untrusted
        Loading it would execute code, its bytes were changed, or it does not answer as it did.
    """
    name = checked_name(model)
    with ws.store.read() as tx:
        refuse_twin(tx, name)
        made_by, logged = _logged_by(tx, run_of(tx, run), artifact)
        known = _already(tx, name, made_by.id, logged.digest)
    if known is not None:
        return replace(known, trust=trust_in([made_by]))
    made_by = when_all_is_said(ws, made_by)
    manifest = read_manifest(ws.blobs, logged.digest, f"the model {artifact!r} of run {made_by.short}")
    proof = admit(ws, manifest)
    with ws.store.write() as tx:
        known = _already(tx, name, made_by.id, logged.digest)
        kept = known or _add(tx, ws, name, made_by, logged.digest, manifest, proof)
        return replace(kept, trust=trust_in([made_by]))


def _logged_by(tx: Transaction, run: Run, artifact: str) -> tuple[Run, Artifact]:
    """Return who logged the model: the run itself or, where its tracked cells did, the one child that has it."""
    own = _found(tx, run, artifact)
    if own is not None:
        return run, own
    children = tx.runs.find(asked(order="started asc", limit=_MOST_CHILDREN, also=where(parent=run.id)))
    having = [(child, found) for child in children if (found := _found(tx, child, artifact)) is not None]
    if len(having) > 1:
        raise Invalid(
            f"{len(having)} runs inside run {run.short} ({run.name}) logged a model {artifact!r}",
            remedy=f"Register one of them: {', '.join(f'{c.short} ({c.name})' for c, _ in having[:_SHOWN])}.",
            data={"run": run.id, "artifact": artifact, "runs": [child.id for child, _ in having]},
        )
    if not having:
        raise _nothing_logged(tx, run, artifact, refusals_in((run, *children)))
    return having[0]


def _found(tx: Transaction, run: Run, artifact: str) -> Artifact | None:
    try:
        return tx.artifacts.get(run.id, f"models/{artifact}/manifest.json")
    except NotFound:
        return None


def _nothing_logged(tx: Transaction, run: Run, artifact: str, refused: str) -> NotFound:
    logged = tx.artifacts.find(asked("name like 'models/%/manifest.json'", limit=100, also=where(run=run.id)))
    names = [found.name.split("/")[1] for found in logged]
    said = (
        f"It logged {', '.join(names)}: name one with --artifact." if names else "It logged no model at all."
    )
    how = refused or "A model is logged by run.log_model(model), or by itself when autolog sees it fitted."
    return NotFound(
        f"run {run.short} ({run.name}) logged no model {artifact!r}",
        remedy=f"{said} {how}",
        data={"run": run.id, "artifact": artifact, "logged": names},
    )


def _already(tx: Transaction, model: str, run: str, digest: str) -> ModelVersion | None:
    page = tx.versions.find(asked(limit=1, also=where(model=model, run=run, digest=digest)))
    return page[0] if page.total else None


def _add(
    tx: Transaction, ws: Workspace, model: str, run: Run, digest: str, manifest: Manifest, proof: str
) -> ModelVersion:
    refuse_twin(tx, model)
    events = []
    try:
        tx.models.get(model)
    except NotFound:
        tx.models.add(Model(name=model, created=ws.now(), actor=ws.actor))
        events.append(ws.event("model.created", model))
    newest = last_versions(tx, model, 1)
    version = ModelVersion(
        model=model,
        version=newest[0].version + 1 if newest.total else 1,
        digest=digest,
        format=manifest.format,
        kind=manifest.kind,
        size=sum(file.size for file in manifest.files),
        signature=manifest.signature,
        profile=manifest.profile,
        run=run.id,
        created=ws.now(),
        actor=ws.actor,
    )
    tx.versions.add(version)
    told = {
        "digest": digest,
        "run": run.id,
        "format": manifest.format,
        "estimator": manifest.kind,
        "proof": proof,
    }
    events.append(ws.event("version.registered", version.reference, **told, types=list(manifest.types)))
    tx.events.append(events)
    return version
