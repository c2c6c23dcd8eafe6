"""The names of models and aliases, and the notation that refers to them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from jupyter_mlops.errors import Invalid

__all__ = ["Reference", "checked_alias", "checked_name", "read_reference"]

MAXIMUM = 100
# ASCII only: two names that look alike must be one name.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_RESERVED = frozenset({"latest"})
_VERSION_LIKE = re.compile(r"[vV]?\d+")
_REMEDY = "Write a version as pm25:2, an alias as pm25@champion."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference as it was written: a version, an alias, or the bare model."""

    model: str
    version: int | None = None
    alias: str | None = None


def checked_name(name: str, *, what: str = "model") -> str:
    """Return *name* if a model or alias may be called so.

    Raises
    ------
    Invalid
        Its length is not 1 to 100, it holds other characters than ``A-Z a-z 0-9 - _ .``, or it is reserved.
    """
    if not 1 <= len(name) <= MAXIMUM:
        raise Invalid(
            f"a {what} name has 1 to {MAXIMUM} characters; this one has {len(name)}",
            remedy=f"Give a name of 1 to {MAXIMUM} characters.",
        )
    if not _NAME.fullmatch(name):
        wrong = sorted({_shown(c) for c in name if not re.fullmatch(r"[A-Za-z0-9._-]", c)})
        why = f"it holds {', '.join(wrong)}" if wrong else "it begins with . - or _, or ends with a dot"
        raise Invalid(
            f"a {what} cannot be called {name!r}: {why}",
            remedy="Use the letters A to Z, digits, and - _ . inside, such as pm25 or churn-eu.",
        )
    if name.casefold() in _RESERVED:
        raise Invalid(
            f"the {what} name {name!r} is reserved", remedy="Choose a name that says what it is for."
        )
    return name


def _shown(character: str) -> str:
    name = unicodedata.name(character, "")
    return repr(character) if character.isascii() or not name else f"{character!r} ({name.lower()})"


def checked_alias(name: str) -> str:
    """Return *name* if an alias may be called so; one that reads like a version number may not."""
    if _VERSION_LIKE.fullmatch(name):
        raise Invalid(
            f"an alias cannot be called {name!r}: it would hide a version number",
            remedy="Choose a word such as champion or challenger.",
        )
    return checked_name(name, what="alias")


def read_reference(text: str) -> Reference:
    """Read ``pm25:2``, ``pm25@champion`` or ``pm25``.

    Raises
    ------
    Invalid
        It is none of these.
    """
    if "@" in text:
        model, _, alias = text.partition("@")
        return Reference(model=checked_name(model), alias=checked_name(alias, what="alias"))
    model, colon, number = text.partition(":")
    if not colon:
        return Reference(model=checked_name(model))
    if not re.fullmatch(r"[1-9][0-9]{0,9}", number):
        raise Invalid(f"{text!r} does not name a version: {number!r} is not a number from 1", remedy=_REMEDY)
    return Reference(model=checked_name(model), version=int(number))
