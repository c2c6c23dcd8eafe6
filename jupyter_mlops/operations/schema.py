"""The whole wire as one JSON document: every record as JSON Schema, every operation with its parameters.

The browser's types are generated from it: ``python -m jupyter_mlops.operations.schema``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from jupyter_mlops.operations.binding import Argument, arguments_of, result_of, summary_of
from jupyter_mlops.operations.table import BASE, OPERATIONS, Operation
from jupyter_mlops.records.codec import encode, schema_of

__all__ = ["main", "wire"]


def wire() -> dict[str, Any]:
    """Return the document: ``$defs`` of the records, the list of ``operations``, ``error`` as the server says it."""
    definitions: dict[str, Any] = {}
    operations = [_operation(row, definitions) for row in OPERATIONS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "base": BASE,
        "operations": operations,
        "error": _ERROR,
        "$defs": dict(sorted(definitions.items())),
    }


_ERROR = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "remedy": {"type": "string"},
        "data": {"type": "object", "additionalProperties": {}},
    },
    "required": ["code", "message", "remedy", "data"],
}


def _operation(row: Operation, definitions: dict[str, Any]) -> dict[str, Any]:
    arguments = arguments_of(row.verb)
    return {
        "name": row.name,
        "description": summary_of(row.verb),
        "method": row.method,
        "path": row.path,
        "action": row.action,
        "resource": row.resource,
        "parameters": {
            "type": "object",
            "properties": {argument.name: _property(argument, definitions) for argument in arguments},
            "required": [argument.name for argument in arguments if argument.required],
            "additionalProperties": False,
        },
        "result": schema_of(result_of(row.verb), definitions),
    }


def _property(argument: Argument, definitions: dict[str, Any]) -> dict[str, Any]:
    said = {"description": argument.help} if argument.help else {}
    default = {} if argument.required else {"default": encode(argument.default)}
    return {**schema_of(argument.kind, definitions), **said, **default}


def main() -> None:
    """Write the document to standard output."""
    sys.stdout.write(json.dumps(wire(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
