"""Runs as OpenLineage events, for tools that draw lineage across systems.

Plain dictionaries in the shape of its specification 2-0-2; nothing here sends them anywhere.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from jupyter_mlops.records.query import equal, query
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.tracking import get_run
from jupyter_mlops.workspace import Workspace

__all__ = ["run_events"]

_PRODUCER = "urn:jupyter-mlops"  # a URI, as the specification asks; nothing is fetched from it
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_ENDS = {
    RunStatus.FINISHED: "COMPLETE",
    RunStatus.FAILED: "FAIL",
    RunStatus.CANCELLED: "ABORT",
    RunStatus.LOST: "ABORT",
}


def run_events(ws: Workspace, run: str, *, namespace: str = "jupyter-mlops") -> tuple[dict[str, Any], ...]:
    """Return the events of a run: its start and, once it has ended, how.

    Parameters
    ----------
    run
        The run's id or its tail.
    namespace
        The name under which the receiving system files our jobs and data.
    """
    found = get_run(ws, run)
    begun = _event(found, "START", found.started.isoformat(), namespace)
    if found.ended is None:
        return (begun,)
    outputs = _outputs(ws, found, namespace)
    return begun, _event(found, _ENDS[found.status], found.ended.isoformat(), namespace, outputs)


def _event(
    run: Run, kind: str, at: str, namespace: str, outputs: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": at,
        "producer": _PRODUCER,
        "schemaURL": _SCHEMA,
        "run": {"runId": _uuid(run.id), "facets": _run_facets(run, kind)},
        "job": {"namespace": namespace, "name": f"{run.experiment}.{run.name}"},
        "inputs": [_dataset(namespace, given.name, given.digest) for given in run.inputs],
        "outputs": list(outputs),
    }


def _dataset(namespace: str, name: str, digest: str) -> dict[str, Any]:
    version = {"version": _facet("DatasetVersionDatasetFacet", {"datasetVersion": digest})} if digest else {}
    return {"namespace": namespace, "name": name, "facets": version}


def _outputs(ws: Workspace, run: Run, namespace: str) -> list[dict[str, Any]]:
    """What others may go on with: the files that its cells wrote, and the models that were registered from it."""
    with ws.store.read() as tx:
        versions = tx.versions.find(query(limit=1000, also=equal(run=run.id)))
    return [
        *(_dataset(namespace, given.name, given.digest) for given in run.written),
        *(_dataset(namespace, f"models/{version.model}", version.digest) for version in versions),
    ]


def _run_facets(run: Run, kind: str) -> dict[str, Any]:
    if kind != "FAIL" or run.error is None:
        return {}
    said = {
        "message": f"{run.error.kind}: {run.error.message}",
        "programmingLanguage": "Python",
        "stackTrace": run.error.traceback,
    }
    return {"errorMessage": _facet("ErrorMessageRunFacet", said)}


def _facet(name: str, values: dict[str, Any]) -> dict[str, Any]:
    schema = f"https://openlineage.io/spec/facets/1-0-1/{name}.json#/$defs/{name}"
    return {"_producer": _PRODUCER, "_schemaURL": schema, **values}


def _uuid(run: str) -> str:
    """Its runs are named by UUID: the same run gives the same one, on any machine."""
    return str(uuid.UUID(bytes=hashlib.sha256(run.encode()).digest()[:16], version=5))
