"""What of a record goes into a digest: everything that somebody set, no field that only has its default, and none that is derived.

A record may gain a field with a default in a later version; the digests taken of it before must still hold then, or
every approval ever given would lapse with the upgrade.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from jupyter_mlops.records.codec import encode

__all__ = ["essence"]


def essence(value: object) -> Any:
    """Return *value* as JSON-ready data, like ``codec.encode``, without the fields of records that have their default."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: essence(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not (field.metadata.get("derived") or _has_default(field, getattr(value, field.name)))
        }
    if isinstance(value, Mapping):
        return {str(key): essence(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [essence(item) for item in value]
    return encode(value)


def _has_default(field: dataclasses.Field[Any], value: object) -> bool:
    if field.default is not dataclasses.MISSING:
        # 1 equals True, and 0.0 equals 0: which of them it is may matter.
        return type(value) is type(field.default) and bool(value == field.default)
    return field.default_factory is not dataclasses.MISSING and bool(value == field.default_factory())
