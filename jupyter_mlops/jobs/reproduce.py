"""A recorded run, run again: the same cells, in a fresh kernel, and what came of them compared."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.crew import run_attended
from jupyter_mlops.jobs.environments import place_for
from jupyter_mlops.jobs.inputs import settle_inputs
from jupyter_mlops.jobs.notebook import as_submitted, from_bytes
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.jobs.verdict import Comparison, compare_again, whole_run
from jupyter_mlops.records.job import Job, JobSpec, JobStatus
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.report import Reproduction
from jupyter_mlops.records.reproduced import ReproductionVerdict, RunIn
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.slice import SliceForm
from jupyter_mlops.tracking.finding import get_run
from jupyter_mlops.tracking.slices import slice_run
from jupyter_mlops.workspace import Workspace

__all__ = ["reproduce_run"]

_TRACK = re.compile(r"\A\s*%%track\b(.*)")
_LOAD = "%load_ext jupyter_mlops"
_JOINED = ("--experiment=", "--on-rerun=", "--resume=")
_VALUED = frozenset({"-e", "--experiment", "--on-rerun", "--resume"})


def reproduce_run(
    ws: Workspace,
    run: str,
    *,
    tolerance: float = 1e-6,
    timeout: float | None = None,
    environment: RunIn = RunIn.THIS,
    tell: Callable[[str], None] | None = None,
    progress: Callable[[Job], None] | None = None,
) -> Reproduction:
    """Run a recorded run again in a fresh kernel and say whether the same comes of it.

    A notebook is rebuilt from the cells the run rests on, as they were executed, with the values they were executed
    with. The run of a whole job is run again from the notebook as it was submitted. The verdict is itself a run, in
    the experiment's folder ``reproductions``, tagged with the run it judges.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    tolerance
        The relative difference up to which two numbers are called equal within tolerance: metrics, predictions, and
        those that cells showed.
    timeout
        Seconds the new run may take.
    environment
        ``this``, or ``recreate`` for the recorded one: a virtual environment with the recorded packages.
    tell
        Called, before anything runs, with each sentence on the environment and on files that are not as they were.
    progress
        Called with the job at each of its changes.

    Returns
    -------
    Reproduction
        ``identical``, ``within_tolerance``, ``differs`` (with causes) or ``does_not_run`` (with the cell).

    Raises
    ------
    NotFound
        There is no such run.
    Invalid
        No cells were recorded with it, or it has not ended.
    Unavailable
        Its environment cannot be recreated here.
    """
    original = get_run(ws, run)
    if original.ended is None:
        raise Invalid(f"run {original.short} has not ended", remedy="Wait for its end, then reproduce it.")
    spec = _spec_of(ws, original)
    place = place_for(ws, original, environment)
    inputs = settle_inputs(ws, whole_run(ws, original))
    if tell is not None:
        for sentence in (f"runs in {place.says}", *inputs):
            tell(sentence)
    job = run_attended(ws, replace(spec, timeout=timeout), progress=progress, python=place.python)
    again = _counterpart(ws, original, job)
    found = compare_again(ws, original, again, tolerance, job.notebook) if again is not None else Comparison()
    if job.status is not JobStatus.SUCCEEDED:
        found = replace(
            found, verdict=ReproductionVerdict.DOES_NOT_RUN, causes=(_why(job), *inputs, *found.causes)
        )
    kept = _keep(ws, original, job, found, told={"tolerance": tolerance, "environment": place.says})
    return replace(kept, environment=place.says, inputs=inputs)


def _spec_of(ws: Workspace, run: Run) -> JobSpec:
    tags = {"reproduces": run.id}
    experiment = f"{run.experiment}/reproductions"
    if run.job is not None:
        job = read_job(ws, run.job)
        if job.run == run.id:
            bare = replace(job.spec, register_as=None, review_for=None, output=None, parent=None)
            bare = replace(bare, retries=0, retry=())  # that it fails is the answer
            content = ws.blobs.put(io.BytesIO(_redirected(_read(ws, bare.content), experiment)))
            return replace(bare, content=content, experiment=experiment, name=f"{run.name} again", tags=tags)
    text = slice_run(ws, run.id, to=SliceForm.NOTEBOOK).text.encode()
    if not any(cell["cell_type"] == "code" for cell in json.loads(text)["cells"]):
        raise Invalid(
            f"no cells were recorded with run {run.short}",
            remedy="Only what ran in a notebook can be run again.",
        )
    return JobSpec(
        notebook=run.source.notebook or "slice.ipynb",
        content=ws.blobs.put(io.BytesIO(_redirected(text, experiment))),
        experiment=experiment,
        name=f"{run.name} again",
        folder=str(_folder(ws, run)),
        tags=tags,
    )


def _read(ws: Workspace, digest: str) -> bytes:
    with ws.blobs.open(digest) as file:
        return file.read()


def _folder(ws: Workspace, run: Run) -> Path:
    root = ws.settings.root
    place = (root / run.source.notebook).parent if run.source.notebook else root
    return place if place.is_dir() else root


def _redirected(content: bytes, experiment: str) -> bytes:
    """Return the notebook with its tracked cells filed under *experiment*, and the extension loaded first.

    Under its own name and experiment a tracked cell could continue or replace the very run it shall be compared with.
    """
    notebook = from_bytes(content, "the recorded notebook")
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        cell["source"] = _TRACK.sub(lambda found: _track_line(found[1], experiment), cell["source"], count=1)
    tracked = any(cell["source"].startswith("%%track") for cell in code)
    if tracked and not any(_LOAD in cell["source"] for cell in code):
        first = {"cell_type": "code", "id": "load-extension", "metadata": {}, "source": _LOAD, "outputs": []}
        notebook["cells"].insert(0, {**first, "execution_count": None})
    return as_submitted(notebook)


def _track_line(rest: str, experiment: str) -> str:
    try:
        words = shlex.split(rest)
    except ValueError:
        return f"%%track{rest}"  # it would fail in its own words
    kept: list[str] = []
    skip = False
    for word in words:
        if not skip and word not in _VALUED and not word.startswith(_JOINED):
            kept.append(word)
        skip = not skip and word in _VALUED
    if "--resume" in words and (not kept or kept[0].startswith("-")):
        kept.insert(0, "resumed")  # a run that went on needs no name of its own; a reproduction never goes on
    return shlex.join(["%%track", *kept, "-e", experiment, "--on-rerun", "fork"])


def _counterpart(ws: Workspace, original: Run, job: Job) -> Run | None:
    """Return what the original is compared with: the job's run, or the tracked cell of the same name in it."""
    if job.run is None:
        return None
    with ws.store.read() as tx:
        own = tx.runs.get(job.run)
        children = list(tx.runs.find(Query(where=equal(parent=job.run), limit=1000)))
    if original.job is not None and read_job(ws, original.job).run == original.id:
        return own
    named = [run for run in children if run.name == original.name] or children
    return max(named, key=lambda run: (run.started, run.id)) if named else own


def _why(job: Job) -> str:
    error = job.error
    if error is None:
        return f"the job is {job.status}"
    where = f"cell {error.index + 1} ({error.cell}): " if error.index is not None else ""
    return f"{where}{error.kind}: {error.message}"


def _keep(
    ws: Workspace, original: Run, job: Job, found: Comparison, told: Mapping[str, object]
) -> Reproduction:
    """Write the verdict to the new run, and to the ledger, where cards and reviews read it."""
    with ws.store.write() as tx:
        if job.run is not None:
            kept = tx.runs.get(job.run)
            tags = {**kept.tags, "reproduces": original.id, "verdict": str(found.verdict)}
            tx.runs.replace(replace(kept, tags=tags, notes=(*kept.notes, *found.causes)))
        tx.events.append(
            [
                ws.event(
                    "run.reproduced",
                    original.id,
                    verdict=str(found.verdict),
                    run=job.run,
                    causes=list(found.causes),
                    **told,
                )
            ]
        )
    return Reproduction(
        verdict=found.verdict,
        run=job.run or "",
        of=original.id,
        causes=found.causes,
        parts=found.parts,
        job=job.id,
        error=job.error,
        outputs=found.outputs,
    )
