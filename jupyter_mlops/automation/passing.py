"""What a notebook leaves for the next one: its named results, read back and handed over as values of parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from jupyter_mlops.automation.followup import runs_under
from jupyter_mlops.automation.steps import Taken
from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.places import passed_folder, write_whole
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.job import Job
from jupyter_mlops.tracking.finding import find_artifacts
from jupyter_mlops.tracking.outputs import FOLDER, REFERENCE
from jupyter_mlops.workspace import Workspace

__all__ = ["as_value", "hand_over", "job_outputs", "run_outputs", "taken_values"]


def job_outputs(ws: Workspace, job: Job) -> Mapping[str, object]:
    """Return the named results of a job's last execution, by name; see ``run_outputs``."""
    return {} if job.run is None else run_outputs(ws, job.run)


def run_outputs(ws: Workspace, run: str) -> Mapping[str, object]:
    """Return what ``mlops.output`` left in a run and in those under it; what lies in the run itself goes before theirs.

    A value is as JSON has it, a dataset its reference (``air.clean:3``), a file its artifact.
    """
    with ws.store.read() as tx:
        own, *others = runs_under(tx, run)
    found: dict[str, object] = {}
    for one in (*others, own):
        for file in find_artifacts(ws, run=one.id, folder=FOLDER):
            if file.name.endswith(".json"):
                found[file.name.removeprefix(FOLDER).removesuffix(".json")] = _read(ws, file)
    return found


def _read(ws: Workspace, file: Artifact) -> object:
    with ws.blobs.open(file.digest) as content:
        said = json.loads(content.read())
    if file.media_type != REFERENCE:
        return said
    if "dataset" in said:
        return said["dataset"]
    with ws.store.read() as tx:
        return tx.artifacts.get(file.run, said["file"])


def taken_values(
    ws: Workspace, taken: Mapping[str, Taken], runs: Mapping[str, str | None]
) -> dict[str, object]:
    """Return the values that a step takes from others, by parameter; *runs* are those in which these last succeeded.

    Nothing is written: ``hand_over`` puts the files where these values say that they are.

    Raises
    ------
    Invalid
        A step has not left what is taken from it.
    """
    return {name: as_value(ws, found) for name, found in _left(ws, taken, runs).items()}


def hand_over(ws: Workspace, taken: Mapping[str, Taken], runs: Mapping[str, str | None]) -> dict[str, object]:
    """Return the same as ``taken_values``, with a copy of each file where its path leads: for a step that is to run.

    Raises
    ------
    Invalid
        A step has not left what is taken from it.
    """
    values = {}
    for name, found in _left(ws, taken, runs).items():
        values[name] = as_value(ws, found)
        if isinstance(found, Artifact):
            _write_copy(ws, found)
    return values


def _left(ws: Workspace, taken: Mapping[str, Taken], runs: Mapping[str, str | None]) -> dict[str, object]:
    left: dict[str, Mapping[str, object]] = {}
    for step in {source.step for source in taken.values()}:
        run = runs.get(step)
        left[step] = {} if run is None else run_outputs(ws, run)
    for name, source in taken.items():
        if source.output not in left[source.step]:
            known = ", ".join(sorted(left[source.step]))
            raise Invalid(
                f"step {source.step!r} left no output {source.output!r}, which the parameter {name!r} takes",
                remedy=f"It left {known}."
                if known
                else f"It left none: say mlops.output({source.output!r}, …) in it.",
            )
    return {name: left[source.step][source.output] for name, source in taken.items()}


def as_value(ws: Workspace, found: object) -> object:
    """Return a result as a parameter can take it: a file as the path of a copy, which says by its folder what is in it."""
    return str(_place(ws, found)) if isinstance(found, Artifact) else found


def _place(ws: Workspace, file: Artifact) -> Path:
    return passed_folder(ws.settings, file.digest) / file.name.rpartition("/")[2]


def _write_copy(ws: Workspace, found: Artifact) -> None:
    place = _place(ws, found)
    if (
        not place.exists() or _digest(place.read_bytes()) != found.digest
    ):  # a notebook may have written into it
        with ws.blobs.open(found.digest) as content:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(place, content.read())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
