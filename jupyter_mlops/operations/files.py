"""The commands that read what a team keeps in files, or write what a build server reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.operations.binding import from_json
from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.operations.telling import gates_summary

__all__ = ["check", "load_policy", "load_schedules", "mapping_in", "place_of"]


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

    with console.opened(read=True) as ws:
        report = check_version(ws, reference, alias)
    for file, body in ((junit, as_junit), (markdown, as_markdown)):
        if file:
            _write(console, file, body(report))
    return Answer(value=report, text=gates_summary(report), code=0 if report.passed else 1)


def load_policy(console: Console, files: list[str], *, model: str = "") -> Answer:
    """Set a model's policy from files.

    Parameters
    ----------
    files
        YAML files that are read as one text: a policy, its KPIs; docs/files.md tells their keys.
    model
        The model; without it, the one that the text names, else the name of the first file.
    """
    from jupyter_mlops.render.text import as_text
    from jupyter_mlops.review import set_policy
    from jupyter_mlops.review.policy_text import model_named

    text = "\n".join(_read(console, file) for file in files)
    with console.opened() as ws:
        policy = set_policy(ws, model or model_named(text) or Path(files[0]).stem, text=text)
    return Answer(value=policy, text=as_text(policy))


def load_schedules(console: Console, file: str) -> Answer:
    """Keep the schedules of a file; one that has a name already kept is replaced.

    Parameters
    ----------
    file
        A YAML list; each entry has what ``schedule add`` takes, by the keys that docs/files.md tells.
    """
    from jupyter_mlops.automation import add_schedule, keep_schedules

    entries = _yaml_in(console, file)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid(f"{file} holds no list of schedules", remedy="Begin each with '- name: …'.")
    orders = [from_json(add_schedule, entry) for entry in entries]
    with console.opened() as ws:
        kept = keep_schedules(ws, orders)
    lines = [f"kept {order.name}: {order.spec.notebook}" for order in kept]
    lines.append("They run while a Jupyter server or 'jupyter mlops scheduler' is up.")
    return Answer(value=kept, text="\n".join(lines))


def mapping_in(console: Console, file: str) -> dict[str, object]:
    """Return the names and values of a YAML or JSON file."""
    found = _yaml_in(console, file)
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise Invalid(f"{file} holds no names with values", remedy="Write one line for each: alpha: 0.3")
    return found


def _yaml_in(console: Console, file: str) -> Any:
    import yaml

    from jupyter_mlops.automation.steps import none_twice

    text = _read(console, file)
    try:
        none_twice(yaml.compose(text, Loader=yaml.SafeLoader), file)
        return yaml.safe_load(text)
    except Invalid:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as failure:
        # A ValueError is a day that is in no calendar.
        raise Invalid(
            f"{file} is not YAML: {failure}", remedy="Mend the file where the message points."
        ) from None


def place_of(console: Console, file: str) -> Path:
    """Return where *file* lies, seen from where the command was given.

    Raises
    ------
    NotFound
        It is in the home folder of an account that is not here.
    """
    try:
        return (console.start or Path.cwd()) / Path(file).expanduser()
    except RuntimeError:
        raise NotFound(
            f"{file} is in the home of an account that is not here", remedy="Write the path out."
        ) from None


def _read(console: Console, file: str) -> str:
    try:
        return place_of(console, file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(
            f"there is no file {file}",
            remedy=f"Check the path; it counts from {place_of(console, '.').resolve()}.",
        ) from None
    except (OSError, ValueError) as failure:  # ValueError: other bytes than text, a path that is none
        raise Invalid(
            f"{file} cannot be read: {failure}",
            remedy="Check that the file is there and that this account may read it.",
        ) from None


def _write(console: Console, file: str, text: str) -> None:
    try:
        place_of(console, file).write_text(text, encoding="utf-8")
    except OSError as failure:
        raise Unavailable(
            f"{file} cannot be written: {failure.strerror}", remedy="Give another place."
        ) from failure
