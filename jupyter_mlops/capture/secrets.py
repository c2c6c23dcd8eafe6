"""Masking what must not be kept: passwords, tokens and keys, in the source of a cell and in what else is kept of it.

Texts may be long and anybody's. Every pattern looks from a word that a secret has about it, a bounded way in each
direction and never twice over the same stretch, so that a text costs what its length says, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mlops.capture.known_secrets import mask_known
from jupyter_mlops.capture.secret_looks import MASK, mask_formed
from jupyter_mlops.capture.secret_names import NAMED, SHOWN, NameLook, mask_named, says_secret
from jupyter_mlops.capture.secret_references import is_reference

__all__ = ["MASK", "Masked", "is_secret", "mask_secrets", "mask_shown", "mask_tokens"]

# Most values of parameters: a word or a number, shorter than any token.
_HARMLESS = re.compile(r"[a-z0-9. ]{0,35}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text that may be kept, and how many values in it were replaced by three asterisks."""

    text: str
    found: int = 0


def mask_secrets(source: str) -> Masked:
    """Return *source* with the values of obvious secrets replaced; names and line numbers stay."""
    return _masked(source, NAMED, source=True)


def mask_tokens(text: str) -> Masked:
    """Return *text* with what has the form of a secret replaced, whatever it is called.

    Tokens, keys, and passwords in addresses. For pages and drawings: their scripts have names that would be taken for more.
    """
    return _masked(text, ())


def mask_shown(text: str) -> Masked:
    """Return *text*, which a cell has shown, with secrets replaced: by their form, and by names where these say enough.

    That is in a dict or JSON, in a line of the environment, in an address and in a connection string.
    """
    return _masked(text, SHOWN)


def is_secret(name: str, value: object) -> bool:
    """Tell whether *value* must not be kept because of the *name* it has; what says nothing (None, "") may be."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and value in {"", MASK}):
        return False
    if is_reference(value):
        return False
    named, counted = says_secret(name)
    return named and (isinstance(value, str) or not counted)


def _masked(text: str, named: Sequence[NameLook], *, source: bool = False) -> Masked:
    text, known = mask_known(text)
    if _HARMLESS.fullmatch(text):
        return Masked(text=text)
    low, found, formed = _in_small_letters(text), 0, 0
    if named:
        text, found = mask_named(text, low, named, source=source)
    # What was masked hints at no more than it did.
    text, formed = mask_formed(text, low)
    return Masked(text=text, found=known + found + formed)


def _in_small_letters(text: str) -> str:
    """Return *text* in small letters, each in its old place: a few letters become two."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
