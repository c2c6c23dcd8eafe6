"""Replaced attributes, and the way back: every change is undone to the very object that stood there before."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

__all__ = ["ABSENT", "Patches"]

ABSENT: Any = object()


class Patches:
    """A list of replaced attributes and names."""

    def __init__(self) -> None:
        self._attributes: list[tuple[Any, str, Any, Any]] = []
        self._names: list[tuple[MutableMapping[str, Any], str, Any, Any]] = []

    def attribute(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace ``owner.name`` by ``make(what owner itself holds there, or ABSENT)``."""
        before = vars(owner).get(name, ABSENT)
        after = make(before)
        setattr(owner, name, after)
        self._attributes.append((owner, name, before, after))

    def name(self, namespace: MutableMapping[str, Any], name: str, after: Any) -> None:
        """Replace a name in a namespace."""
        self._names.append((namespace, name, namespace[name], after))
        namespace[name] = after

    def undo(self) -> tuple[str, ...]:
        """Put everything back; return what somebody else had replaced meanwhile and so was left alone."""
        left = []
        for owner, name, before, after in reversed(self._attributes):
            if vars(owner).get(name, ABSENT) is not after:
                left.append(f"{getattr(owner, '__name__', owner)}.{name}")
            elif before is ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        for namespace, name, before, after in reversed(self._names):
            # A user who bound the name anew meant it.
            if namespace.get(name) is after:
                namespace[name] = before
        self._attributes.clear()
        self._names.clear()
        return tuple(left)
