"""Every error this package raises on purpose, each with a stable code and a next step.

::

    MlopsError
     ├ NotFound       also LookupError
     ├ Invalid        also ValueError
     ├ Conflict
     ├ Forbidden      also PermissionError
     ├ Untrusted      also PermissionError    a format or file that would execute code
     ├ JobFailed      carries the cell and the error class
     └ Unavailable    also ConnectionError    store, blob folder or optional library missing

How a door shows an error (HTTP status, exit code, message) stands once in that door, never here.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "Conflict",
    "Forbidden",
    "Invalid",
    "JobFailed",
    "MlopsError",
    "NotFound",
    "Unavailable",
    "Untrusted",
]


class MlopsError(Exception):
    """The root: what happened, and in ``remedy`` what to do next.

    Parameters
    ----------
    message
        One sentence that names the rule and the value that broke it.
    remedy
        One sentence that names the next step; empty where there is none.
    data
        The values behind the sentence, for programs; JSON-ready.
    """

    code: str = "error"

    def __init__(self, message: str, *, remedy: str = "", data: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.data: dict[str, object] = dict(data or {})

    def __str__(self) -> str:
        if not self.remedy:
            return self.message
        stop = "" if self.message.endswith((".", "!", "?", ":")) else "."
        return f"{self.message}{stop} {self.remedy}"


class NotFound(MlopsError, LookupError):
    """Nothing is kept under that name."""

    code = "not_found"


class Invalid(MlopsError, ValueError):
    """The request itself is wrong: a name, a type, a range, a piece of syntax."""

    code = "invalid"


class Conflict(MlopsError):
    """Somebody was faster, or the thing is no longer in a state that allows this."""

    code = "conflict"


class Forbidden(MlopsError, PermissionError):
    """A policy or a boundary says no to this actor."""

    code = "forbidden"

    # OSError.__str__ (a base of PermissionError) would win over ours.
    __str__ = MlopsError.__str__


class Untrusted(MlopsError, PermissionError):
    """A file or format that would, or could, execute code when it is loaded."""

    code = "untrusted"

    __str__ = MlopsError.__str__


class JobFailed(MlopsError):
    """A notebook job ended without success.

    ``data`` holds ``job``, ``status`` and, where a cell raised, ``cell`` (its id), ``index`` (from 0) and
    ``error`` (the exception's class name).
    """

    code = "job_failed"


class Unavailable(MlopsError, ConnectionError):
    """The store, the blob folder or an optional library cannot be reached."""

    code = "unavailable"

    __str__ = MlopsError.__str__
