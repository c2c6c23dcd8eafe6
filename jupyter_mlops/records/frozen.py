"""Read-only values: what makes a record safe to hand around."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

__all__ = ["freeze_mappings", "read_only"]

V = TypeVar("V")


def read_only(mapping: Mapping[str, V]) -> Mapping[str, V]:
    """Return a read-only copy of *mapping*, in which later changes to the original do not show.

    A read-only one is taken as it is: it came from here.
    """
    return mapping if isinstance(mapping, MappingProxyType) else MappingProxyType(dict(mapping))


def freeze_mappings(record: object, *names: str) -> None:
    """Replace the mappings called *names* of a frozen dataclass by read-only copies; for ``__post_init__``."""
    for name in names:
        object.__setattr__(record, name, read_only(getattr(record, name)))
