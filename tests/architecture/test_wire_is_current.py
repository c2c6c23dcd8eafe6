"""The browser's types are what the Python side says: nobody edits them, nobody forgets to write them again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from jupyter_mlops.operations.binding import arguments_of
from jupyter_mlops.operations.schema import wire
from jupyter_mlops.operations.table import OPERATIONS

LABEXTENSION = Path(__file__).parents[2] / "labextension"


def node() -> str:
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "Node.js is not installed: pip install 'jupyter-mlops[test]'"
    return found


def test_the_browsers_types_are_what_the_records_say():
    done = subprocess.run(
        [node(), "scripts/wire.mjs", "-", "--check"],
        cwd=LABEXTENSION,
        input=json.dumps(wire()),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_operation_is_on_the_wire_with_its_parameters():
    said = {row["name"]: row for row in wire()["operations"]}

    for row in OPERATIONS:
        parameters = said[row.name]["parameters"]
        assert list(parameters["properties"]) == [a.name for a in arguments_of(row.verb)]
        assert parameters["required"] == [a.name for a in arguments_of(row.verb) if a.required]
        assert (said[row.name]["method"], said[row.name]["path"]) == (row.method, row.path)


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_leads_somewhere():
    document = wire()

    assert {ref.rpartition("/")[2] for ref in references(document)} <= set(document["$defs"])


def test_the_document_is_json():
    assert json.loads(json.dumps(wire())) == wire()
