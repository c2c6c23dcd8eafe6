"""The commands that are processes: they take time, speak while they work, or watch over a place.

Everything else is an operation of the table. The work is done below; here it is started and told.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.table import Row
from jupyter_mlops.operations.telling import (
    gates_summary,
    progress_line,
    run_summary,
    serving_line,
    tick_summary,
)

__all__ = [
    "PROCESSES",
    "check",
    "load_policy",
    "load_schedules",
    "run",
    "scheduler",
    "serve",
    "tick",
    "upgrade",
]

PROCESSES: tuple[Row, ...] = (
    Row("init", "init [{folder}]", "operations.projects.init"),
    Row("run", "run {notebook} -f {file} -o {output} --register {register_as}", "operations.processes.run"),
    Row("check", "check {reference}", "operations.processes.check"),
    Row("policy.load", "policy load {files}", "operations.processes.load_policy"),
    Row("schedule.load", "schedule load {file}", "operations.processes.load_schedules"),
    Row("serve", "serve {reference}", "operations.processes.serve"),
    Row("scheduler", "scheduler", "operations.processes.scheduler"),
    Row("tick", "tick", "operations.processes.tick"),
    Row("doctor", "doctor", "operations.doctor.doctor"),
    Row("upgrade", "upgrade", "operations.processes.upgrade"),
)


def run(  # noqa: PLR0913  (each is an option of the promised line)
    console: Console,
    notebook: str,
    *,
    parameters: Mapping[str, object] | None = None,
    file: str = "",
    output: str | None = None,
    experiment: str = "default",
    register_as: str | None = None,
    timeout: float | None = None,
) -> Answer:
    """Run a notebook as a job, wait for it, and register its model where that is asked.

    Parameters
    ----------
    notebook
        The notebook's path.
    parameters
        A value for a name of the notebook's parameters cell.
    file
        A YAML or JSON file with values; -p wins over it.
    output
        Where to put a copy of the executed notebook.
    experiment
        The name its runs are filed under.
    register_as
        The model to register under; its review is opened too.
    timeout
        Seconds the whole job may take.
    """
    from jupyter_mlops.automation import run_notebook

    values = {**(_mapping_in(console, file) if file else {}), **(parameters or {})}
    ws = console.open()
    try:
        report = run_notebook(
            ws,
            notebook=notebook,
            parameters=values,
            experiment=experiment,
            register_as=register_as,
            output=output,
            timeout=timeout,
            progress=lambda job: console.show(progress_line(job)),
        )
        failed = report.status.value != "succeeded"
        return Answer(value=report, text=run_summary(ws, report, register_as), code=1 if failed else 0)
    finally:
        ws.store.close()


def _read(console: Console, file: str) -> str:
    path = (console.start or Path.cwd()) / Path(file).expanduser()
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"there is no file {file}") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise Invalid(f"{file} cannot be read: {failure}") from None


def _yaml_in(console: Console, file: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(_read(console, file))
    except yaml.YAMLError as failure:
        raise Invalid(f"{file} is not YAML: {failure}") from None


def _mapping_in(console: Console, file: str) -> dict[str, object]:
    found = _yaml_in(console, file)
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise Invalid(f"{file} holds no names with values", remedy="Write one line for each: alpha: 0.3")
    return found


def check(
    console: Console, reference: str, *, alias: str = "champion", junit: str = "", markdown: str = ""
) -> Answer:
    """Compute the gates of a version, anywhere: exit code 1 where a required one does not pass.

    Parameters
    ----------
    reference
        The version.
    alias
        The name it would take.
    junit
        A file to write the gates to as JUnit XML, as build servers read it.
    markdown
        A file to write a summary to, as pull requests show it.
    """
    from jupyter_mlops.review import as_junit, as_markdown, check_version

    ws = console.look()
    try:
        report = check_version(ws, reference, alias)
    finally:
        ws.store.close()
    for file, write in ((junit, as_junit), (markdown, as_markdown)):
        if file:
            Path(file).write_text(write(report), encoding="utf-8")
    return Answer(value=report, text=gates_summary(report), code=0 if report.passed else 1)


def load_policy(console: Console, files: list[str], *, model: str = "") -> Answer:
    """Set a model's policy from files.

    Parameters
    ----------
    files
        YAML files that are read as one text: a policy, its KPIs.
    model
        The model; without it, the name of the first file.
    """
    from jupyter_mlops.render.text import as_text
    from jupyter_mlops.review import set_policy

    text = "\n".join(_read(console, file) for file in files)
    ws = console.open()
    try:
        policy = set_policy(ws, model or Path(files[0]).stem, text)
    finally:
        ws.store.close()
    return Answer(value=policy, text=as_text(policy))


def load_schedules(console: Console, file: str) -> Answer:
    """Keep the standing orders of a file; one that has a name already kept is replaced.

    Parameters
    ----------
    file
        A YAML list; each entry has what ``schedule add`` takes.
    """
    from jupyter_mlops.automation import add_schedule, remove_schedule
    from jupyter_mlops.operations.binding import from_json

    entries = _yaml_in(console, file)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid(f"{file} holds no list of schedules", remedy="Begin each with '- name: …'.")
    orders = [from_json(add_schedule, entry) for entry in entries]
    ws = console.open()
    kept = []
    try:
        for order in orders:
            with suppress(NotFound):
                remove_schedule(ws, order["name"])
            kept.append(add_schedule(ws, **order))
    finally:
        ws.store.close()
    lines = [f"kept {order.name}: {order.spec.notebook}" for order in kept]
    return Answer(
        value=tuple(kept), text="\n".join([*lines, "They run while a Jupyter server or 'scheduler' is up."])
    )


def tick(console: Console, *, workers: int = 2) -> Answer:
    """Do what is due now and return: for a cron line of your own. Safe to call twice.

    Parameters
    ----------
    workers
        How many jobs may be under way at once.
    """
    from jupyter_mlops import automation

    ws = console.open()
    try:
        report = automation.tick(ws, workers=workers)
    finally:
        ws.store.close()
    return Answer(value=report, text=tick_summary(report))


def serve(
    console: Console, reference: str, *, port: int = 0, host: str = "127.0.0.1", token: str = ""
) -> Answer:
    """Answer for a model over HTTP until stopped; an alias is followed when it moves.

    Parameters
    ----------
    reference
        What to serve: pm25@champion follows the alias, pm25:7 stays.
    port
        Where to listen; 0 takes a free one.
    host
        Where to listen; beyond this machine a token must be given.
    token
        What callers must show; without it a random one.
    """
    from jupyter_mlops.serving.app import serve as answer_for

    ws = console.open()
    try:
        answer_for(
            ws,
            reference,
            host=host,
            port=port,
            token=token,
            announce=lambda served: console.announce(Answer(value=served, text=serving_line(served))),
        )
    except KeyboardInterrupt:
        console.tell("stopped")
    finally:
        ws.store.close()
    return Answer(value=None, text="", told=True)


def scheduler(console: Console, *, interval: float = 5.0, workers: int = 2) -> Answer:
    """Keep work turning until stopped; needs no Jupyter server.

    Parameters
    ----------
    interval
        Seconds between two turns.
    workers
        How many jobs may be under way at once.
    """
    from jupyter_mlops import automation

    ws = console.open()
    console.tell(
        f"turning in {ws.settings.folder or ws.settings.store}; Ctrl-C stops it, jobs under way go on"
    )
    try:
        automation.scheduler(
            ws, interval=interval, workers=workers, report=lambda done: console.tell(tick_summary(done))
        )
    except KeyboardInterrupt:
        console.tell("stopped")
    finally:
        ws.store.close()
    return Answer(value=None, text="", told=True)


def upgrade(console: Console) -> Answer:
    """Bring a store written by an earlier version up to date; a backup is made first."""
    from jupyter_mlops.settings import read_settings
    from jupyter_mlops.store import upgrade_store

    settings = read_settings(console.workspace, start=console.start)
    upgraded = upgrade_store(settings.store)
    return Answer(value=upgraded, text=str(upgraded))
