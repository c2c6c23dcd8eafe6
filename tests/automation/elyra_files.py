"""Files as Elyra's pipeline editor saves them, in the shapes that its versions have had."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NOTEBOOK = "execute-notebook-node"
PYTHON = "execute-python-node"
R = "execute-r-node"


def port(name: str, *links: str | tuple[str, str], **more: Any) -> dict[str, Any]:
    """A port with links to whole nodes, or to a port of a group."""
    ends = [(link, "outPort") if isinstance(link, str) else link for link in links]
    made = [
        {"id": f"link-{name}-{number}", "node_id_ref": node, "port_id_ref": there}
        for number, (node, there) in enumerate(ends)
    ]
    ui = {"cardinality": {"min": 0, "max": -1}, "label": "Input Port"}
    return {"id": name, "app_data": {"ui_data": ui}, **({"links": made} if made else {}), **more}


def node(
    name: str, operation: str, *after: str | tuple[str, str], label: str = "", **settings: Any
) -> dict[str, Any]:
    """A node of version 4 and later."""
    said = {"dependencies": [], "include_subdirectories": False, "outputs": [], "env_vars": [], **settings}
    shown = label or Path(str(settings.get("filename", ""))).name
    return {
        "id": name,
        "type": "execution_node",
        "op": operation,
        "app_data": {
            "component_parameters": said,
            "label": label,
            "ui_data": {"label": shown, "image": "/static/elyra/notebook.svg", "x_pos": 40, "y_pos": 60},
        },
        "inputs": [port("inPort", *after)],
        "outputs": [port("outPort")],
    }


def old_node(name: str, *after: str, **settings: Any) -> dict[str, Any]:
    """A node of a version before 4: its settings stand in app_data itself."""
    found = node(name, NOTEBOOK, *after)
    label = Path(str(settings.get("filename") or settings.get("notebook"))).name
    found["app_data"] = {**settings, "invalidNodeError": None, "ui_data": {"label": label}}
    return found


def group(
    name: str, flow: str, inputs: list[dict[str, Any]], outputs: list[dict[str, Any]]
) -> dict[str, Any]:
    """A super node."""
    return {
        "id": name,
        "type": "super_node",
        "subflow_ref": {"pipeline_id_ref": flow},
        "app_data": {"ui_data": {"label": "Supernode"}},
        "inputs": inputs,
        "outputs": outputs,
    }


def binding(name: str, *after: str) -> dict[str, Any]:
    """Where a link enters or leaves a group."""
    return {
        "id": name,
        "type": "binding",
        "inputs": [port("inPort", *after)],
        "outputs": [port("outPort")],
        "app_data": {"ui_data": {}},
    }


def flow(*nodes: dict[str, Any], name: str = "primary", **about: Any) -> dict[str, Any]:
    return {"id": name, "nodes": list(nodes), "app_data": {"ui_data": {"comments": []}, **about}}


def document(*flows: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A whole file; the first flow is the primary one."""
    found = {
        "doc_type": "pipeline",
        "version": "3.0",
        "json_schema": "pipeline-flow-v3-schema.json",
        "id": "elyra-auto-generated-pipeline",
        "primary_pipeline": flows[0]["id"],
        "pipelines": list(flows),
        "schemas": [],
        **changed,
    }
    return {key: value for key, value in found.items() if value is not None}


def pipeline(*nodes: dict[str, Any], version: int = 8, **properties: Any) -> dict[str, Any]:
    """A file of the newest version with one flow."""
    return document(flow(*nodes, version=version, properties={"name": "air", **properties}))


def saved(place: Path, data: object) -> Path:
    place.write_text(json.dumps(data, indent=2), encoding="utf-8")
    return place
