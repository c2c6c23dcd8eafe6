"""Values that are read from the environment as a message is sent, because they are secrets: ``env:NAME``."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlops.capture.secret_references import is_reference
from jupyter_mlops.notifications.channels.undelivered import Undelivered

__all__ = ["is_variable", "read_variable"]

_SCHEME = "env:"


def is_variable(text: str) -> bool:
    """Tell whether *text* names a variable of the environment."""
    return text.startswith(_SCHEME) and is_reference(text)


def read_variable(reference: str, meaning: str, environ: Mapping[str, str]) -> str:
    """Return what the variable that *reference* names holds.

    Raises
    ------
    Undelivered
        There is no such variable, or it is empty, or *reference* names none.
    """
    if not is_variable(reference):
        raise Undelivered(f"{meaning} must be given as env:NAME, never itself", final=True)
    name = reference.removeprefix(_SCHEME)
    value = environ.get(name, "").strip()
    if not value:
        raise Undelivered(
            f"{meaning} is to be read from the variable {name}, which is not set where messages are sent",
            final=False,
            elsewhere=True,
        )
    return value
