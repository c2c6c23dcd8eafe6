"""Where a served model answers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Served"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The address of a deployment, and the token that a caller must show."""

    deployment: str
    reference: str
    model: str
    version: int
    url: str
    token: str
