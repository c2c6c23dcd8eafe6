"""A team's standard project, laid out around one model."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.operations.console import Answer, Console
from jupyter_mlops.settings import FOLDER, find_folder
from jupyter_mlops.workspace import open_workspace

__all__ = ["Project", "init"]

# Where each template goes; the first two words of a path may be the model's name.
_FILES = {
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "kpis.yaml": "kpis.yaml",
    "schedule.yaml": "schedule.yaml",
    "policy/model.yaml": "policy/{model}.yaml",
    "notebooks/train.ipynb": "notebooks/train.ipynb",
    "notebooks/review.ipynb": "notebooks/review.ipynb",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What ``init`` wrote, and what it left as it was."""

    folder: str
    model: str
    made: tuple[str, ...]
    kept: tuple[str, ...]


def init(console: Console, folder: str = ".", *, model: str = "demo") -> Answer:
    """Lay out a team's standard project: training notebook, review, policy, KPIs, schedule.

    Nothing that is there already is touched.

    Parameters
    ----------
    folder
        Where; it is made if need be.
    model
        The name of the model it is about.

    Raises
    ------
    Invalid
        The name is none that files and aliases could carry.
    Unavailable
        The folder cannot be written.
    """
    if not _NAME.fullmatch(model):
        raise Invalid(
            f"model: {model!r:.70} is not a name", remedy="Letters, digits, _ . - and a letter first."
        )
    from jupyter_mlops.registry.names import checked_name

    checked_name(model)
    place = (console.start or Path.cwd()) / _expanded(folder)
    source = resources.files("jupyter_mlops.operations") / "templates"
    made: list[str] = []
    kept: list[str] = []
    for template, target in _FILES.items():
        name = target.format(model=model)
        written = _write(place / name, source.joinpath(*template.split("/")), model)
        (made if written else kept).append(name)
    if console.workspace is None and find_folder(place) is None:
        # Now, and here: a notebook opened first would make it beside itself.
        open_workspace(place).store.close()
        made.append(f"{FOLDER}/")
    project = Project(folder=str(place), model=model, made=tuple(made), kept=tuple(kept))
    return Answer(value=project, text=_as_text(project, folder))


def _expanded(folder: str) -> Path:
    try:
        return Path(folder).expanduser()
    except RuntimeError:
        raise Invalid(
            f"{folder} is in the home of an account that is not here", remedy="Write the path out."
        ) from None


def _write(path: Path, template: Traversable, model: str) -> bool:
    text = template.read_text(encoding="utf-8").replace("__MODEL__", model)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)  # a file in its place is no folder that was there
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as out:  # never over what is there
            out.write(text)
            return True
    except OSError as failure:
        raise Unavailable(
            f"{path} cannot be written: {failure.strerror}",
            remedy="Give another folder: jupyter mlops init FOLDER.",
        ) from failure
    return False


def _as_text(project: Project, folder: str) -> str:
    lines = [f"{'made' if project.made else 'nothing new in'} {project.folder}"]
    lines += [f"  {name}" for name in project.made]
    lines += [f"  {name} (was there, left as it is)" for name in project.kept]
    there = project.folder if folder.startswith("~") else folder
    go = "" if folder in {"", "."} else f"cd {shlex.quote(there)} && "
    lines += ["", f"Next: {go}jupyter mlops run notebooks/train.ipynb --register {project.model}"]
    return "\n".join(lines)
