"""Which parameters a reader wants to see: those somebody set, before those a library filled in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from jupyter_mlops.render.words import value

__all__ = ["hidden", "listed", "ordered_names", "says_little", "told_apart", "whole"]

# [('scale', StandardScaler()), …], <function f at 0x…>, Ridge(alpha=1); a tuple of numbers is a setting.
_OBJECT = re.compile(r"\s*(\[\(['\"]|<.* at 0x|<(class|function|bound|built-in) |\[?[A-Za-z_][\w.]*\()")
# How an estimator works, not what it learns.
_SELDOM = frozenset(
    {
        "verbose",
        "steps",
        "memory",
        "transform_input",
        "n_jobs",
        "copy",
        "copy_X",
        "warm_start",
        "validate",
        "model_class",
    }
)
_ROOM = 100  # characters for a value that looks like another one when it is shortened
_UNSET = ("None", "null")  # as Python and as JSON write it


def says_little(item: object) -> bool:
    """True for what is not set, and for the text form of an object: its own parameters stand beside it."""
    return item is None or (isinstance(item, str) and (item in _UNSET or _OBJECT.match(item) is not None))


def hidden(items: Sequence[object]) -> bool:
    """True where none of a parameter's values says something; a None beside a number does."""
    return all(says_little(item) for item in items) or any(
        says_little(item) and item is not None and item != "None" for item in items
    )


def whole(item: object) -> str:
    """Return a value's text in full: two that look alike when they are shortened need not be the same.

    A text that reads as something else, as '3' does, stands in quotes.
    """
    if isinstance(item, str) and _reads_otherwise(item):
        return repr(item)
    if not isinstance(item, float):
        return str(item)
    text = f"{item:g}"
    return text if float(text) == item else repr(item)


def _reads_otherwise(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in {"True", "False", "None"}
    return True


def told_apart(items: Iterable[object], longest: int) -> dict[str, str]:
    """Return how each of *items*, by its whole text, is shown: short where that tells it from the others, else by its end."""
    texts = {whole(item): value(item, longest) for item in items}
    for longer in (_begun, _ended):
        alike = Counter(texts.values())
        texts = {full: text if alike[text] == 1 else longer(full) for full, text in texts.items()}
    return texts


def _begun(full: str) -> str:
    return value(full, _ROOM)


def _ended(full: str) -> str:
    return full if len(full) <= _ROOM else f"…{full[1 - _ROOM :]}"


def ordered_names(names: Iterable[str]) -> list[str]:
    """Return *names* with a step's (``scale__copy``) behind the notebook's own, and what is seldom chosen last."""
    return sorted(names, key=lambda name: (name.rpartition("__")[2] in _SELDOM, "__" in name))


def listed(params: Mapping[str, object], most: int, longest: int = 30) -> str:
    """Return *params* on one line, at most *most* of them; the others are counted."""
    telling = ordered_names(name for name, item in params.items() if not says_little(item))[:most]
    left = len(params) - len(telling)
    said = " · ".join(f"{name} {value(params[name], longest)}" for name in telling)
    return f"{said}  (+{left})".strip() if left else said
