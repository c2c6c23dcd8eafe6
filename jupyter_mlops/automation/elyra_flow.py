"""What an Elyra ``.pipeline`` file holds: its nodes, and which of them each waits for.

The file is JSON of the pipeline-flow schema 3.0, into which Elyra writes a version of its own, ``app_data.version``. The
versions differ in where a node keeps its settings and in what these are called; all of them are read here, so that
whoever asks sees one shape. Nodes that were grouped (a super node and its flow) are taken out of their group.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import Invalid

__all__ = ["ElyraFlow", "ElyraNode", "read_flow"]

_SCHEMA = "3."
_NEWEST = 8  # of Elyra's own versions; 0 is a file without one
_OLD_NAMES = {
    "notebook": "filename",
    "artifact": "filename",
    "docker_image": "runtime_image",
    "image": "runtime_image",
    "vars": "env_vars",
    "file_dependencies": "dependencies",
    "recursive_dependencies": "include_subdirectories",
}
_BOOKS = frozenset({"component_parameters", "component_source", "invalidNodeError", "label", "ui_data"})
_FIRST_OPERATION = "execute-notebook-node"  # in files without a version there was no other


@dataclass(frozen=True, slots=True, kw_only=True)
class ElyraNode:
    """One node: its name on the canvas, what kind of thing it executes, and its settings by their present names."""

    id: str
    label: str
    operation: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElyraFlow:
    """A file's nodes, in its order; ``data`` is what it says of itself as a whole."""

    version: int
    data: Mapping[str, Any]
    nodes: tuple[ElyraNode, ...]
    links: Mapping[str, tuple[str, ...]]  # from the id of whatever waits to the ids of what it waits for

    def waits_for(self, node: str, among: Collection[str]) -> tuple[str, ...]:
        """Return those of *among* that *node* waits for; what lies between is passed through."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        left = list(reversed(self.links.get(node, ())))
        while left:
            before = left.pop()
            if before in among:
                found[before] = None
            elif before not in seen:
                seen.add(before)
                left += reversed(self.links.get(before, ()))
        return tuple(found)


def read_flow(content: bytes, file: str) -> ElyraFlow:
    """Read an Elyra pipeline.

    Raises
    ------
    Invalid
        It is no JSON, no pipeline, of a schema or version that is not known here, or its links lead nowhere.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as failure:
        raise Invalid(
            f"{file} cannot be read as JSON: {failure}",
            remedy="Give the .pipeline file as Elyra's pipeline editor saved it.",
        ) from None
    flows = {str(flow.get("id")): flow for flow in _mappings(_mapping(data).get("pipelines"))}
    if _mapping(data).get("doc_type", "pipeline") != "pipeline" or not flows:
        raise Invalid(
            f"{file} is no Elyra pipeline: it holds no 'pipelines'",
            remedy="Give the .pipeline file as Elyra's pipeline editor saved it.",
        )
    _check_schema(str(data.get("version", "")), file)
    primary = flows.get(str(data.get("primary_pipeline")))
    if primary is None:
        raise Invalid(
            f"{file} names {data.get('primary_pipeline')!r} as its primary pipeline, which it does not hold",
            remedy=f"It holds {', '.join(flows)}: name one of these as 'primary_pipeline'.",
        )
    about = _mapping(primary.get("app_data"))
    version = _version(about.get("version", 0), file)
    graph = _Graph(flows, file)
    graph.add(str(primary.get("id")), frozenset())
    return ElyraFlow(
        version=version,
        data=about,
        nodes=tuple(_node(name, node, version) for name, node in graph.nodes.items()),
        links=graph.resolved(),
    )


def _check_schema(schema: str, file: str) -> None:
    if not schema.startswith(_SCHEMA):
        raise Invalid(
            f"{file} has version {schema!r} of the pipeline-flow schema; 3.0 is read here",
            remedy="Open the file in Elyra's pipeline editor and save it, which brings it up to date.",
        )


def _version(said: object, file: str) -> int:
    """Return Elyra's version of the file; a newer one may mean something else by the same names."""
    try:
        version = int(str(said))
    except ValueError:
        version = -1
    if not 0 <= version <= _NEWEST:
        raise Invalid(
            f"{file} has version {said!r} of Elyra's pipelines; 0 to {_NEWEST} are read here",
            remedy=f"Save it with an Elyra that writes version {_NEWEST} or an earlier one.",
        )
    return version


def _node(name: str, node: Mapping[str, Any], version: int) -> ElyraNode:
    about = _mapping(node.get("app_data"))
    own = _mapping(about["component_parameters"]) if "component_parameters" in about else about
    label = about.get("label") or _mapping(about.get("ui_data")).get("label") or own.get("label") or ""
    return ElyraNode(
        id=name,
        label=str(label),
        operation=str(node.get("op") or ("" if version else _FIRST_OPERATION)),
        settings={_OLD_NAMES.get(key, key): found for key, found in own.items() if key not in _BOOKS},
    )


class _Graph:
    """The nodes of a flow and of those inside it, and the links between them."""

    def __init__(self, flows: Mapping[str, Mapping[str, Any]], file: str) -> None:
        self._flows, self._file = flows, file
        self.nodes: dict[str, Mapping[str, Any]] = {}
        self._links: dict[str, list[tuple[str, str]]] = {}  # to node and port
        self._exits: dict[tuple[str, str], str] = {}  # a group's port: what inside of it is meant

    def add(self, name: str, outside: frozenset[str]) -> None:
        """Add the flow called *name*, which lies in those called *outside*."""
        if name not in self._flows or name in outside:
            raise Invalid(
                f"{self._file}: the group {name!r} {'holds itself' if name in outside else 'is not there'}",
                remedy="Take the group apart in Elyra's pipeline editor, or take it out.",
            )
        for node in _mappings(self._flows[name].get("nodes")):
            own = str(node.get("id"))
            if own in self._links:
                raise Invalid(
                    f"{self._file}: two nodes have the id {own!r}", remedy="Give one of them another 'id'."
                )
            self._links[own] = []
            if node.get("type") == "super_node":
                self._add_group(own, node, outside | {name})
                continue
            for port in _mappings(node.get("inputs")):
                self._links[own] += _ends(port)
            if node.get("type") != "binding":  # which only says where a link enters or leaves a group
                self.nodes[own] = node

    def _add_group(self, own: str, node: Mapping[str, Any], outside: frozenset[str]) -> None:
        before = set(self.nodes)
        self.add(str(_mapping(node.get("subflow_ref")).get("pipeline_id_ref")), outside)
        inside = [name for name in self.nodes if name not in before]
        self._links[own] += [(name, "") for name in inside]
        # A port names the binding inside; its own id begins with that of the node that is bound.
        for port in _mappings(node.get("inputs")):
            bound = str(port.get("id", "")).removesuffix("_inPort")
            for target in {str(port.get("subflow_node_ref")), bound} & self._links.keys():
                self._links[target] += _ends(port)
        for port in _mappings(node.get("outputs")):
            bound = str(port.get("id", "")).removesuffix("_outPort")
            target = bound if bound in self._links else str(port.get("subflow_node_ref"))
            if target in self._links:
                self._exits[own, str(port.get("id"))] = target

    def resolved(self) -> dict[str, tuple[str, ...]]:
        """Return the links by ids alone."""
        found = {
            name: tuple(dict.fromkeys(self._exits.get(end, end[0]) for end in ends))
            for name, ends in self._links.items()
        }
        for name, ends in found.items():
            lost = next((end for end in ends if end not in self._links), None)
            if lost is not None:
                raise Invalid(
                    f"{self._file}: the node {name!r} is linked to {lost!r}, which is not there",
                    remedy="Take the link out in Elyra's pipeline editor, and save the file.",
                )
        return found


def _ends(port: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for link in _mappings(port.get("links")):
        yield str(link.get("node_id_ref")), str(link.get("port_id_ref", ""))


def _mapping(thing: object) -> Mapping[str, Any]:
    return thing if isinstance(thing, dict) else {}


def _mappings(thing: object) -> list[Mapping[str, Any]]:
    return [item for item in thing if isinstance(item, dict)] if isinstance(thing, list) else []
