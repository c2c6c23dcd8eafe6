"""A package that hands on the names of its modules, each imported when it is first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["hand_on"]


def hand_on(package: str, places: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return a module's ``__getattr__`` and ``__dir__``.

    Parameters
    ----------
    package
        The package's ``__name__``.
    places
        For each name the module of the package that it is found in.
    """

    def found(name: str) -> Any:
        place = places.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{place}"), name)
        setattr(sys.modules[package], name, value)  # the next time nobody asks here
        return value

    def known() -> list[str]:
        return sorted({*vars(sys.modules[package]), *places})

    return found, known
