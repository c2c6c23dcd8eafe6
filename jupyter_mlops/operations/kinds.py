"""What a type annotation asks for: alternatives, many or one."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Union

__all__ = ["item_of", "members_of", "without_none"]


def members_of(kind: Any) -> tuple[Any, ...]:
    """Return the alternatives of a union; a type that is none is its only one."""
    return typing.get_args(kind) if typing.get_origin(kind) in (Union, types.UnionType) else (kind,)


def without_none(kind: Any) -> Any:
    """Return ``X`` for ``X | None``; any other type as it is."""
    members = tuple(m for m in members_of(kind) if m is not type(None))
    return members[0] if len(members) == 1 else Union[members]  # noqa: UP007  (a tuple, known only here)


def item_of(kind: Any) -> tuple[str, Any]:
    """Tell whether *kind* holds many: ``("list", item)``, ``("mapping", value)`` or ``("one", kind)``."""
    bare = without_none(kind)
    origin, inner = typing.get_origin(bare), typing.get_args(bare)
    if not isinstance(origin, type) or origin is types.UnionType:
        return "one", bare
    if issubclass(origin, Mapping):
        return "mapping", inner[1]
    return ("list", inner[0]) if issubclass(origin, (Sequence, set, frozenset)) else ("one", bare)
