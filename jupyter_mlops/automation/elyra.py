"""A pipeline that was drawn in Elyra's pipeline editor, written as a pipeline's file.

What runs a notebook or a Python file becomes a step. Whatever else the drawing says is told by name, and stands as
comments in the file that is written: somebody who moves a pipeline must know what does not move with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_mlops.automation.elyra_flow import ElyraFlow, ElyraNode, read_flow
from jupyter_mlops.automation.named_paths import paths_named
from jupyter_mlops.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from jupyter_mlops.jobs.places import find_output, read_bounded
from jupyter_mlops.records.pipeline import ImportedPipeline, StepView
from jupyter_mlops.workspace import Workspace

__all__ = ["import_elyra"]

_KEYS = {
    "execute-notebook-node": "notebook",
    "execute-python-node": "python",
    "execute-python-script-node": "python",
}
_R = frozenset({"execute-r-node", "execute-r-script-node"})
_TAKEN = frozenset({"filename", "dependencies", "include_subdirectories", "outputs"})
_OF_ITEMS = ("env_var", "path", "key", "name")  # by which an entry of a list is named
_WORDS = {"env_vars": "environment variable", "cpu": "CPUs", "gpu": "GPUs", "memory": "memory in GB"}
_VARIABLES = "env_vars"  # of these nothing but the names is told, in whatever form they are written
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")  # a name of one
_LONGEST = 200  # characters of a note, and of a name as runs and experiments have them
_BY_FOLDER = 2  # the version of Elyra's since which paths count from the pipeline's folder


def import_elyra(ws: Workspace, file: str, output: str = "") -> ImportedPipeline:
    """Write an Elyra ``.pipeline`` file as a pipeline's YAML file.

    Values of environment variables are told nowhere: they may be secrets.

    Parameters
    ----------
    file
        The ``.pipeline`` file.
    output
        The YAML file to write, never over one that is there; by default beside *file*, under its name.

    Raises
    ------
    NotFound
        The file, a notebook or a Python file is not there.
    Invalid
        It is no Elyra pipeline that is known here, nodes wait for each other in a circle, or none can be run here.
    Conflict
        There is a file under the name of the output.
    """
    source = find_output(ws.settings, file)
    if not source.exists():
        raise NotFound(
            f"there is no pipeline {file!r}", remedy="Give the path of the .pipeline file that Elyra saved."
        )
    flow = read_flow(read_bounded(source), file)
    place = find_output(ws.settings, output or str(source.with_suffix(".yaml")))
    kept = {node.id: node for node in flow.nodes if node.operation in _KEYS}
    if not kept:
        raise Invalid(
            f"{file} holds no notebook and no Python file: {'; '.join(_left_out(flow)) or 'it is empty'}",
            remedy="Give a pipeline with nodes that run notebooks or Python files.",
        )
    names = dict(zip(kept, _names(list(kept.values())), strict=True))
    needs = {name: flow.waits_for(name, kept) for name in kept}
    order = _in_order(needs, names, file)
    within = ws.settings.root.resolve() if ws.settings.confined else None
    files = _files(source.parent, flow, kept, names, within)
    steps = [
        _step(
            names[node], _KEYS[kept[node].operation], files[node], kept[node].settings, place.parent, within
        )
        | {"needs": [names[before] for before in needs[node]]}
        for node in order
    ]
    notes = tuple(map(_short, (*_notes(flow, names), *_missing(steps, place.parent, within))))
    said = str(flow.data.get("name") or _of(flow.data, "properties").get("name") or "")
    name = _name(said) or _name(source.stem)
    _write(place, _text(source.name, name, steps, notes), output or place.name)
    return ImportedPipeline(
        source=str(source),
        file=str(place),
        name=name,
        steps=tuple(_view(step) for step in steps),
        notes=notes,
    )


def _names(nodes: Sequence[ElyraNode]) -> Iterator[str]:
    """A node that nobody named is called like its file, which may be in a pipeline several times."""
    given: set[str] = set()
    for node in nodes:
        file = PurePosixPath(str(node.settings.get("filename") or ""))
        label = _name(node.label)
        name = first = (_name(file.stem) or "step") if label in {"", _name(file.name)} else label
        number = 1
        while name in given:
            number += 1
            name = f"{first}-{number}"
        given.add(name)
        yield name


def _name(text: str) -> str:
    """Return *text* as a step or a pipeline may be called: printable, and not too long for its runs and experiment."""
    return _plain(text).strip()[:_LONGEST].strip()


def _in_order(needs: Mapping[str, tuple[str, ...]], names: Mapping[str, str], file: str) -> list[str]:
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as failure:
        circle = " → ".join(names[node] for node in failure.args[1])
        raise Invalid(
            f"{file}: nodes wait for each other in a circle: {circle}",
            remedy="Take one of the links between them out in Elyra's pipeline editor.",
        ) from None


def _files(
    folder: Path,
    flow: ElyraFlow,
    kept: Mapping[str, ElyraNode],
    names: Mapping[str, str],
    within: Path | None,
) -> dict[str, Path]:
    found: dict[str, Path] = {}
    missing = []
    for node in kept.values():
        said = str(node.settings.get("filename") or "")
        places = [folder / said] if said else []
        if flow.version < _BY_FOLDER and said:
            places.append(folder / PurePosixPath(said).name)  # Elyra looks there for it, too
        found[node.id] = next(
            (path for path in places if _is_there(folder, str(path), within) and path.is_file()), folder
        )
        if found[node.id] is folder:
            missing.append(f"{_short(said) or 'no file'} of {names[node.id]!r}")
    if missing:
        raise NotFound(
            f"there is no file {', '.join(missing)}",
            remedy=f"Paths count from {folder}: put the files there, or mend the nodes in Elyra's pipeline editor.",
        )
    return found


def _step(
    name: str, key: str, path: Path, settings: Mapping[str, Any], folder: Path, within: Path | None
) -> dict[str, Any]:
    """Elyra's paths count from the folder of the notebook, a pipeline's from that of its own file."""
    deep = settings.get("include_subdirectories") is True
    reads = [_pattern(path.parent, text, within, deep=deep) for text in _texts(settings.get("dependencies"))]
    writes = _texts(settings.get("outputs"))
    return {
        "name": name,
        key: _seen_from(folder, path),
        "needs": [],
        "inputs": [_seen_from(folder, path.parent / text) for text in reads],
        "outputs": [_seen_from(folder, path.parent / text) for text in writes],
    }


def _pattern(folder: Path, text: str, within: Path | None, *, deep: bool) -> str:
    """A folder stands for the files in it; Elyra looks into those below it for each node, not for each path."""
    path = PurePosixPath(text)
    if _is_there(folder, text, within) and (folder / text).is_dir():
        path /= "*"
    if deep and "*" in path.name:
        path = path.parent / "**" / path.name
    return str(path)


def _seen_from(folder: Path, path: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return path.as_posix()


def _texts(found: object) -> list[str]:
    return [text for text in found if isinstance(text, str) and text] if isinstance(found, list) else []


def _of(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _view(step: Mapping[str, Any]) -> StepView:
    return StepView(
        name=step["name"], notebook=step.get("notebook") or step["python"], needs=tuple(step["needs"])
    )


# --- what is not taken over ---------------------------------------------------------------------------------------


def _notes(flow: ElyraFlow, names: Mapping[str, str]) -> Iterator[str]:
    yield from _left_out(flow)
    for node in flow.nodes:
        if node.id in names:
            yield from (f"{names[node.id]}: {said} is not taken over" for said in _untaken(node.settings))
    properties = _of(flow.data, "properties")
    for said in _untaken(_of(properties, "pipeline_defaults")):
        yield f"for every step: {said} is not taken over"
    for said in _untaken({key: properties.get(key) for key in ("pipeline_parameters", "description")}):
        yield f"of the pipeline: {said} is not taken over"
    runtime = flow.data.get("runtime_type") or flow.data.get("runtime")
    if runtime:
        yield f"it was made for {runtime}; here its steps run as jobs"
    for comment in _of(flow.data, "ui_data").get("comments") or ():
        if isinstance(comment, dict) and comment.get("content"):
            yield f"a comment is not taken over: {comment['content']}"


def _left_out(flow: ElyraFlow) -> Iterator[str]:
    for node in flow.nodes:
        if node.operation in _KEYS:
            continue
        kind = "R script" if node.operation in _R else "component"
        name = node.label or node.settings.get("filename") or node.operation or node.id
        yield _short(f"the {kind} {name!r} is left out; what waits for it waits for what it waited for")


def _untaken(settings: Mapping[str, Any]) -> Iterator[str]:
    """Name the settings that a step has no key for; one that is empty, zero or false says nothing."""
    for key, found in settings.items():
        if key in _TAKEN or not found:
            continue
        word = _WORDS.get(key, key.replace("_", " "))
        if key == _VARIABLES:
            yield from (f"{word} {name}" if name else f"{word}s without a name" for name in _variables(found))
        elif isinstance(found, list):
            yield from (_short(f"{word} {_name_of(item)}") for item in found if item)
        elif isinstance(found, dict):
            yield _short(f"{word} {', '.join(_with_number(name, said) for name, said in found.items())}")
        else:
            yield _short(f"{word} {found}")


def _variables(found: object) -> Iterator[str]:
    """Yield the names of environment variables; an empty one for what is in no known form, since it may be a value."""
    if isinstance(found, dict):
        found = list(found)
    elif isinstance(found, list):
        found = [_name_of(item) if isinstance(item, (str, dict)) else "" for item in found if item]
    else:  # a text: what stands behind its first value may belong to that
        name, stands, _ = str(found).partition("=")
        found = [name if stands else ""]
    names = [str(name).strip() for name in found]
    yield from dict.fromkeys(name if _VARIABLE.fullmatch(name) else "" for name in names)


def _with_number(name: object, said: object) -> str:
    """A size says what is not taken over; a text in a mapping may be anything, a password too."""
    return f"{name} {said}" if isinstance(said, (int, float)) else str(name)


def _name_of(item: object) -> str:
    """Before version 8 an entry was ``NAME=VALUE``; its value may be a secret."""
    if isinstance(item, dict):
        return str(next((item[key] for key in _OF_ITEMS if item.get(key)), ", ".join(map(str, item))))
    return str(item).partition("=")[0]


def _short(text: str) -> str:
    """On one line and without control characters, so that it can stand in a comment and do nothing to a terminal."""
    line = " ".join(_plain(text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _missing(steps: Sequence[Mapping[str, Any]], folder: Path, within: Path | None) -> Iterator[str]:
    made = [text for step in steps for text in step["outputs"]]
    for step in steps:
        for text in step["inputs"]:
            if not any(fnmatchcase(one, text) or fnmatchcase(text, one) for one in made) and not _is_there(
                folder, text, within
            ):
                yield f"{step['name']}: its input {text} is not there, and no step makes it"


def _is_there(folder: Path, pattern: str, within: Path | None) -> bool:
    """What lies outside a confined workspace is not there for it, whatever is there."""
    try:
        return next(paths_named(folder, pattern, within), None) is not None
    except Forbidden:
        return False


# --- the file that is written -------------------------------------------------------------------------------------


def _text(source: str, name: str, steps: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> str:
    import yaml

    head = [f"Made from {source}, an Elyra pipeline.", *notes]
    body = {"name": name, "steps": [{key: said for key, said in step.items() if said} for step in steps]}
    return "".join(f"# {_plain(line)}\n" for line in head) + yaml.safe_dump(
        body, sort_keys=False, allow_unicode=True, width=10_000
    )


def _plain(line: str) -> str:
    """YAML takes no control characters, in comments either."""
    return "".join(c if c.isprintable() else " " for c in line)


def _write(place: Path, text: str, said: str) -> None:
    try:
        with place.open("x", encoding="utf-8") as out:  # never over what is there
            out.write(text)
    except FileExistsError:
        raise Conflict(
            f"there is a file {said} already", remedy="Give another output, or move that file away."
        ) from None
    except OSError as failure:
        raise Unavailable(
            f"{said} cannot be written: {failure.strerror}", remedy="Give another output."
        ) from failure
