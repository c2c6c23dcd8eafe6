"""Runs as OpenLineage events, for tools that draw lineage across systems.

Plain dictionaries in the shape of its specification 2-0-2; nothing here sends them anywhere.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

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
    return begun, _event(found, _ENDS[found.status], found.ended.isoformat(), namespace)


def _event(run: Run, kind: str, at: str, namespace: str) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": at,
        "producer": _PRODUCER,
        "schemaURL": _SCHEMA,
        "run": {"runId": _uuid(run.id), "facets": _run_facets(run, kind)},
        "job": {"namespace": namespace, "name": f"{run.experiment}.{run.name}"},
        "inputs": [
            {
                "namespace": namespace,
                "name": given.name,
                "facets": {"version": _facet("DatasetVersionDatasetFacet", {"datasetVersion": given.digest})},
            }
            for given in run.inputs
        ],
        "outputs": [],
    }


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
