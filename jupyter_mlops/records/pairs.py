"""Objects of JSON in which no name stands twice: two readers may choose differently between two values of one name."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.errors import Invalid

__all__ = ["each_once"]


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return *pairs* as a dictionary; for the ``object_pairs_hook`` of ``json.loads``.

    Raises
    ------
    Invalid
        A name stands in them twice.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Invalid(f"an object has the key {name!r:.80} twice", remedy="Leave one of the two out.")
        found[name] = value
    return found
