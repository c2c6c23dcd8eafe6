"""Where a secret is to be found: ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/NAME``. Only this is ever kept."""

from __future__ import annotations

import re

__all__ = ["FORM", "checked_reference", "is_reference"]

FORM = r"^(env:[A-Za-z_][A-Za-z0-9_]{0,199}|file:[^\x00-\x1f\x7f]{1,1000}|keyring:[^/\x00-\x1f\x7f]{1,200}/[^\x00-\x1f\x7f]{1,200})$"
_FORM = re.compile(FORM)


def is_reference(value: object) -> bool:
    """Tell whether *value* says where a secret is to be found, and so is none itself."""
    return isinstance(value, str) and _FORM.fullmatch(value) is not None


def checked_reference(value: object) -> str:
    """Return *value* if it says where a secret is to be found.

    Raises
    ------
    ValueError
        It does not. The message does not hold the value, which may be the secret itself.
    """
    if isinstance(value, str) and _FORM.fullmatch(value.strip()):
        return str.__str__(value.strip())
    raise ValueError(
        "must say where the secret is, never the secret itself: env:NAME, file:PATH or keyring:SERVICE/NAME"
    )
