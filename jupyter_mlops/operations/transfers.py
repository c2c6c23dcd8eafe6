"""The commands that carry runs and workspaces from place to place: they read and write files of the person who types."""

from __future__ import annotations

import json
import shlex

from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.files import place_of
from jupyter_mlops.records.pipeline import ImportedPipeline
from jupyter_mlops.records.transfer import Exported, Imported
from jupyter_mlops.store.shelves import SHELVES

__all__ = ["download", "export", "openlineage", "take_in", "take_in_elyra", "take_in_mlflow"]


def export(console: Console, file: str, *, query: str | None = None) -> Answer:
    """Write the whole workspace, or some of its runs, into one file.

    Parameters
    ----------
    file
        The file to write; never over one that is there.
    query
        Only the runs this query finds, with all that belongs to them. For example: metrics.mae < 42
    """
    from jupyter_mlops.transfer import export_bundle

    with console.opened(read=True) as ws:
        exported = export_bundle(ws, file=str(place_of(console, file)), runs=query)
    return Answer(value=exported, text=_exported(exported))


def download(console: Console, run: str, *, name: str | None = None, output: str = ".") -> Answer:
    """Write files of a run into a folder, under their own names.

    Parameters
    ----------
    run
        The run: its id or the end of it.
    name
        One of its files, or a folder of them such as figures; without it all of them.
    output
        The folder; by default the one you are in. Never over a file that is there.
    """
    from jupyter_mlops.tracking import download_artifacts

    with console.opened(read=True) as ws:
        files = download_artifacts(ws, run, name=name, into=place_of(console, output))
    shown = "\n".join(f"  {file.name}  {file.size:,} bytes" for file in files)
    return Answer(
        value=files, text=f"✓ {len(files)} file{'' if len(files) == 1 else 's'} in {output}\n{shown}".rstrip()
    )


def openlineage(console: Console, run: str, *, namespace: str = "jupyter-mlops") -> Answer:
    """Print the OpenLineage events of a run, one a line: where its data came from, and what was made of them.

    Parameters
    ----------
    run
        The run: its id or the end of it.
    namespace
        The name under which the receiving system files our jobs and data.
    """
    from jupyter_mlops.transfer import run_events

    with console.opened(read=True) as ws:
        events = run_events(ws, run, namespace=namespace)
    return Answer(value=list(events), text="\n".join(json.dumps(event) for event in events))


def take_in(console: Console, file: str) -> Answer:
    """Bring in what was exported elsewhere: all that is new, or nothing where something differs.

    Parameters
    ----------
    file
        A file that ``export`` wrote.
    """
    from jupyter_mlops.transfer import import_bundle

    with console.opened() as ws:
        imported = import_bundle(ws, file=str(place_of(console, file)))
    return Answer(value=imported, text=_imported(imported, file))


def take_in_mlflow(console: Console, source: str, *, artifacts: str = "") -> Answer:
    """Bring runs, metrics, files and models out of an MLflow store, which is only read.

    Parameters
    ----------
    source
        ``mlflow.db``, an ``mlruns`` folder, or the URL of MLflow's PostgreSQL database.
    artifacts
        The folder of MLflow's files, if they do not lie beside the store.
    """
    from jupyter_mlops.transfer import import_mlflow

    place = source if "://" in source else str(place_of(console, source))
    with console.opened() as ws:
        imported = import_mlflow(
            ws, source=place, artifacts=str(place_of(console, artifacts)) if artifacts else ""
        )
    # An address may hold a password, which the record leaves out.
    return Answer(value=imported, text=_imported(imported, imported.source if "://" in source else source))


def take_in_elyra(console: Console, file: str, *, output: str = "") -> Answer:
    """Write an Elyra pipeline as a file of steps, and name what such a file cannot say.

    Parameters
    ----------
    file
        The ``.pipeline`` file of Elyra's pipeline editor.
    output
        The YAML file to write, never over one that is there; by default beside the other, under its name.
    """
    from jupyter_mlops.automation import import_elyra

    to = str(place_of(console, output)) if output else ""
    with console.opened() as ws:
        imported = import_elyra(ws, str(place_of(console, file)), to)
    return Answer(value=imported, text=_drawn_up(imported, file, output or imported.file))


def _exported(exported: Exported) -> str:
    lines = [
        f"✓ {'the whole workspace' if exported.whole else 'runs'} in {exported.file} ({exported.size / 1e6:,.1f} MB)",
        f"  records  {_counts(exported.records)}",
        f"  files    {exported.blobs}",
        f"  digest   {exported.digest}",
    ]
    if exported.head is not None and exported.whole:
        lines.append(f"  ledger   ends at line {exported.head.sequence}, {exported.head.digest}")
    if exported.missing:
        lines.append(f"  missing  {len(exported.missing)} files whose bytes are gone here too")
    return "\n".join([*lines, "", f"Next: jupyter mlops --workspace FOLDER import {exported.file}"])


def _imported(imported: Imported, typed: str) -> str:
    new = _counts(imported.added)
    lines = [f"✓ imported {typed}" if new else f"✓ {typed}: nothing new"]
    if new:
        lines.append(f"  new      {new}")
    if here := _counts(imported.present):
        lines.append(f"  here     {here}")
    lines.append(f"  digest   {imported.digest}")
    told = {"replayed": "as it was, line by line", "sealed": "checked, and kept sealed beside this one's own"}
    if imported.history in told:
        lines.append(f"  ledger   {told[imported.history]}")
    lines += [f"  note     {note}" for note in imported.notes]
    return "\n".join([*lines, "", "Next: jupyter mlops runs"])


def _drawn_up(imported: ImportedPipeline, source: str, file: str) -> str:
    width = max(len(step.name) for step in imported.steps)
    lines = [f"✓ {source} is {file}"]
    for step in imported.steps:
        after = f"  after {', '.join(step.needs)}" if step.needs else ""
        lines.append(f"  {step.name:{width}}  {step.notebook}{after}")
    lines += [f"  note: {note}" for note in imported.notes]
    return "\n".join([*lines, "", f"Next: jupyter mlops pipeline run {shlex.quote(file)}"])


def _counts(counts: object) -> str:
    assert hasattr(counts, "items")
    said = {name: shelf.several for name, shelf in SHELVES.items()}
    return " · ".join(f"{count:,} {said.get(kind, kind)}" for kind, count in counts.items() if count)
