"""A pipeline's file: read strictly, so that a typing error is told and not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.jobs.places import find_file
from jupyter_mlops.jobs.submit import checked_label
from jupyter_mlops.workspace import Workspace

__all__ = ["Pipeline", "Step", "Taken", "none_twice", "read_pipeline"]

_LISTS = ("needs", "inputs", "outputs")
_TOP = frozenset({"name", "experiment", "steps"})
_STEP = frozenset({"name", "notebook", "python", "parameters", "register", *_LISTS})
_FROM = "from"


@dataclass(frozen=True, slots=True)
class Taken:
    """Where the value of a parameter comes from: what a step leaves under a name."""

    step: str
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One notebook of a pipeline, or a script that is run as one."""

    name: str
    notebook: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    taken: Mapping[str, Taken] = field(default_factory=dict)  # parameters whose values other steps leave
    needs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    register: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Steps, and the folder from which their paths count."""

    name: str
    folder: Path
    experiment: str
    steps: tuple[Step, ...]
    within: Path | None = None  # what no input and no output may lie outside of; None: they may lie anywhere


def read_pipeline(ws: Workspace, file: str) -> Pipeline:
    """Read a pipeline from a YAML file.

    Raises
    ------
    NotFound
        There is no such file.
    Invalid
        Something in it is unknown, missing or of another type, its name or experiment is too long or not printable, or
        steps need each other in a circle.
    """
    import yaml

    path = find_file(ws.settings, file)
    try:
        text = path.read_text(encoding="utf-8")
        none_twice(yaml.compose(text, Loader=yaml.SafeLoader), file)
        data = yaml.safe_load(text)
    except Invalid:
        raise
    except FileNotFoundError:
        raise NotFound(
            f"there is no pipeline {file!r}", remedy="Give the path of the YAML file with its steps."
        ) from None
    except (
        yaml.YAMLError,
        ValueError,
        OSError,
        RecursionError,
    ) as failure:  # ValueError: no such date, no text
        raise Invalid(
            f"{file} cannot be read as YAML: {failure}",
            remedy="Mend the file where the message points; steps: is a list of name, notebook, needs.",
        ) from failure
    if not isinstance(data, dict) or not isinstance(data.get("steps"), list) or not data["steps"]:
        raise Invalid(
            f"{file} holds no steps", remedy="Write a list under 'steps:', each with a 'notebook:'."
        )
    _none_unknown(data, _TOP, file)
    read = tuple(_step(entry, number) for number, entry in enumerate(data["steps"], 1))
    names = [step.name for step in read]
    steps = tuple(_with_taken(step, names) for step in read)
    _check_needs(steps)
    name = checked_label("the pipeline's name", str(data.get("name") or path.stem)) or path.stem
    experiment = checked_label("the pipeline's experiment", str(data.get("experiment") or name)) or name
    return Pipeline(
        name=name,
        folder=path.parent,
        experiment=experiment,
        steps=steps,
        within=ws.settings.root.resolve() if ws.settings.confined else None,
    )


def none_twice(root: Any, file: str) -> None:
    """Refuse a document in which a key stands twice: YAML's readers let the last win, but it is a slip of the hand."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(getattr(node, "value", None), list):
            continue
        seen.add(id(node))  # an anchor may lead back to what holds it
        pairs = [item for item in node.value if isinstance(item, tuple)]
        keys = [key.value for key, _ in pairs if isinstance(key.value, str)]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise Invalid(f"{file}: {twice!r} stands twice in one place", remedy="Take one of the two out.")
        waiting += [value for _, value in pairs] if pairs else node.value


def _step(entry: object, number: int) -> Step:
    at = f"step {number}"
    if not isinstance(entry, dict):
        raise _nothing_to_run(at)
    notebook = _runs(entry, at)
    name = entry.get("name", PurePosixPath(notebook).stem)
    if not isinstance(name, str) or not name.isprintable() or not name:
        raise Invalid(
            f"{at} has no usable name: {name!r}",
            remedy="Give it a name of letters, digits, _ and -, unlike the others: name: train.",
        )
    _none_unknown(entry, _STEP, f"step {name!r}")
    parameters = entry.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise Invalid(
            f"step {name!r}: parameters must be names with values",
            remedy="Write them as names with values: parameters: {alpha: 0.1}.",
        )
    needs, inputs, outputs = (_texts(entry.get(key), f"step {name!r}: {key}") for key in _LISTS)
    register = entry.get("register") or ""
    return Step(
        name=name,
        notebook=notebook,
        parameters=parameters,
        needs=needs,
        inputs=inputs,
        outputs=outputs,
        register=str(register),
    )


def _runs(entry: Mapping[str, object], at: str) -> str:
    """Return the path of the notebook or script that a step runs."""
    notebook, script = entry.get("notebook"), entry.get("python")
    if notebook is not None and script is not None:
        raise Invalid(f"{at} names a notebook and a script", remedy="Make two steps of it.")
    if isinstance(script, str) and not script.endswith(".py"):
        raise Invalid(f"{at}: {script!r:.80} is no script of Python", remedy="Name a file that ends in .py.")
    path = notebook if script is None else script
    if not isinstance(path, str):
        raise _nothing_to_run(at)
    return path


def _nothing_to_run(at: str) -> Invalid:
    return Invalid(
        f"{at} names no notebook",
        remedy="Give it one, notebook: notebooks/train.ipynb, or a script, python: prepare.py.",
    )


def _with_taken(step: Step, names: Sequence[str]) -> Step:
    """Return *step* with those parameters apart that are ``{from: STEP.NAME}``; it needs these steps."""
    taken = {
        name: _taken(step, name, value[_FROM], names)
        for name, value in step.parameters.items()
        if isinstance(value, dict) and value.keys() == {_FROM}
    }
    given = {name: value for name, value in step.parameters.items() if name not in taken}
    needs = tuple(dict.fromkeys((*step.needs, *(source.step for source in taken.values()))))
    return replace(step, parameters=given, taken=taken, needs=needs)


def _taken(step: Step, parameter: str, source: object, names: Sequence[str]) -> Taken:
    at = f"step {step.name!r}: {parameter}"
    if not isinstance(source, str):
        raise Invalid(f"{at} is from {source!r:.80}, which is no text", remedy="Write {from: train.alpha}.")
    # A name may hold dots: of two steps that fit, the longer name is meant.
    fitting = [name for name in names if source.startswith(f"{name}.") and len(source) > len(name) + 1]
    if not fitting:
        raise Invalid(
            f"{at} is from {source!r:.80}, which names no step and what it leaves",
            remedy=f"Write STEP.NAME; steps: {', '.join(names)}.",
        )
    owner = max(fitting, key=len)
    return Taken(owner, source[len(owner) + 1 :])


def _texts(value: object, at: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else (value or [])
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise Invalid(f"{at} must be a list of texts", remedy="Write a list: [first, second].")
    return tuple(values)


def _none_unknown(entry: Mapping[object, object], known: frozenset[str], at: str) -> None:
    unknown = [str(key) for key in entry if key not in known]
    if unknown:
        raise Invalid(
            f"{at}: unknown {', '.join(map(repr, unknown))}", remedy=f"Known: {', '.join(sorted(known))}."
        )


def _check_needs(steps: Sequence[Step]) -> None:
    names = [step.name for step in steps]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Invalid(f"two steps are called {twice!r}", remedy="Give one of them another 'name:'.")
    for step in steps:
        missing = [need for need in step.needs if need not in names]
        if missing:
            raise Invalid(
                f"step {step.name!r} needs {missing[0]!r}, which is no step",
                remedy=f"Steps: {', '.join(names)}.",
            )
    left = {step.name: set(step.needs) for step in steps}
    while left:
        ready = [name for name, needs in left.items() if not needs & left.keys()]
        if not ready:
            raise Invalid(
                f"steps need each other in a circle: {', '.join(sorted(left))}",
                remedy="Take one of these names out of the needs of another.",
            )
        for name in ready:
            del left[name]
