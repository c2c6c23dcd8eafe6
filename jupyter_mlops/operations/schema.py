"""The whole wire as one JSON document: every record as JSON Schema, every operation with its parameters.

The browser's types are generated from it: ``python -m jupyter_mlops.operations.schema``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from jupyter_mlops.operations.binding import arguments_of, result_of, summary_of
from jupyter_mlops.operations.table import OPERATIONS, Operation
from jupyter_mlops.records.codec import encode, schema_of

__all__ = ["main", "wire"]


def wire() -> dict[str, Any]:
    """Return the document: ``$defs`` of the records, ``operations`` by name, ``error`` as every door says it."""
    definitions: dict[str, Any] = {}
    operations = {row.name: _operation(row, definitions) for row in OPERATIONS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "base": "jupyter-mlops/api/",
        "operations": operations,
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "remedy": {"type": "string"},
                "data": {"type": "object", "additionalProperties": {}},
            },
            "required": ["code", "message", "remedy", "data"],
        },
        "$defs": dict(sorted(definitions.items())),
    }


def _operation(row: Operation, definitions: dict[str, Any]) -> dict[str, Any]:
    arguments = arguments_of(row.verb)
    return {
        "description": summary_of(row.verb),
        "method": row.method,
        "path": row.path,
        "action": row.action,
        "resource": row.resource,
        "parameters": {
            a.name: {
                **schema_of(a.kind, definitions),
                **_said(a.help),
                **({} if a.required else _default(a.default)),
            }
            for a in arguments
        },
        "required": [a.name for a in arguments if a.required],
        "result": schema_of(result_of(row.verb), definitions),
    }


def _said(text: str) -> dict[str, Any]:
    return {"description": text} if text else {}


def _default(value: object) -> dict[str, Any]:
    return {"default": encode(value)}


def main() -> None:
    """Write the document to standard output."""
    sys.stdout.write(json.dumps(wire(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
