"""Secret parameters of a job: read where their references say, handed to the kernel's memory, kept out of what is kept.

The store, the notebook, the run and the log have the reference alone. The value goes over the kernel's own socket, in a
request that leaves no trace in the notebook and none in the history.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_mlops.capture import known_secrets
from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.jobs.places import find_output
from jupyter_mlops.jobs.secret_scan import Screen
from jupyter_mlops.jobs.values import refused
from jupyter_mlops.records.job import JobError, JobStatus
from jupyter_mlops.records.parameter import Parameter
from jupyter_mlops.settings import Settings

__all__ = ["JobSecrets", "read_secrets"]

_LARGEST = 16 * 1024  # bytes of a file with a secret: a key, not a data set
_HANDOVER = """\
try:
    from jupyter_mlops.capture.known_secrets import keep as _mlops_keep
except ImportError:
    _mlops_keep = str
{lines}
del _mlops_keep
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A secret of a job."""

    name: str
    reference: str
    value: str


class JobSecrets:
    """The secrets of one job, from its start to its end.

    Parameters
    ----------
    given
        The secrets.
    cells
        The ids of the cells that declare and set parameters: the kernel is told before the first cell behind them.
    """

    def __init__(self, given: Sequence[_Given] = (), cells: Sequence[str] = ()) -> None:
        self._given, self._ahead = tuple(given), set(cells)
        self._told = not self._given
        self.screen = Screen({one.name: one.value for one in self._given}) if self._given else None
        for one in self._given:
            known_secrets.keep(one.value)

    @property
    def hidden(self) -> frozenset[str]:
        """The variables of the environment that a secret was read from: the kernel does not get them."""
        named = (one.reference.partition(":") for one in self._given)
        return frozenset(name for scheme, _, name in named if scheme == "env")

    def before(self, cell: str) -> str:
        """Return the code that hands the secrets over, where *cell* is the first that may need them; else nothing."""
        if self._told or self._ahead:
            self._ahead.discard(cell)
            return ""
        self._told = True
        lines = "\n".join(f"{one.name} = _mlops_keep({one.value!r})" for one in self._given)
        return _HANDOVER.format(lines=lines)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was withheld, in a sentence for each cell."""
        return self.screen.warnings if self.screen is not None else ()

    def verdict(
        self, status: JobStatus, error: JobError | None, *, fail: bool
    ) -> tuple[JobStatus, JobError | None]:
        """Return how the job ends: as it would, unless *fail* says that a secret in an output is a failure."""
        if not fail or not self.warnings or status is not JobStatus.SUCCEEDED:
            return status, error
        return JobStatus.FAILED, JobError(
            kind="secret_in_output",
            message=self.warnings[0],
            remedy="Show nothing that holds the secret, or set secret_fails = false to be warned only.",
        )

    def forget(self) -> None:
        """Know the values no more."""
        for one in self._given:
            known_secrets.forget(one.value)


def read_secrets(
    settings: Settings, parameters: Sequence[Parameter], values: Mapping[str, object], cells: Sequence[str]
) -> JobSecrets:
    """Read the secrets of *parameters* that are given by *values*, or by their defaults.

    Raises
    ------
    Invalid
        There is nothing where a reference says; the message names the parameter and the reference.
    Unavailable
        The keyring cannot be asked.
    """
    given = []
    for parameter in parameters:
        reference = values.get(parameter.name, parameter.default)
        if parameter.type.kind == "secret" and isinstance(reference, str):
            value = _read(settings, parameter.name, reference)
            given.append(_Given(name=parameter.name, reference=reference, value=value))
    return JobSecrets(given, cells)


def _read(settings: Settings, name: str, reference: str) -> str:
    scheme, _, place = reference.partition(":")
    found = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}[scheme](settings, place)
    if found is None:
        raise refused(
            name,
            "secret",
            f"= {reference}: there is no such secret where the job runs",
            "Set it there, for the account that runs the job, and try again.",
        )
    if not _is_text(found):
        raise refused(
            name,
            "unicode",
            f"= {reference}: it is no text in UTF-8",
            "Give it in another form, such as base64.",
        )
    if len(found) < known_secrets.SHORTEST:
        raise refused(
            name,
            "secret_length",
            f"= {reference}: it has fewer than {known_secrets.SHORTEST} characters, and so could not be told from other text",
            "Give a longer secret: outputs are looked through for it.",
        )
    return found


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # bytes of another encoding, as an environment may have them
        return False
    return True


def _from_environment(_settings: Settings, variable: str) -> str | None:
    return os.environ.get(variable)


def _from_file(settings: Settings, place: str) -> str | None:
    path: Path = find_output(settings, place)
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise Invalid(
                f"file:{place} is larger than {_LARGEST // 1024} kB: no secret is",
                remedy="Name the file that holds the secret, and nothing else.",
            )
        return content.decode().removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as failure:
        why = getattr(failure, "strerror", None) or "it is no text"
        raise Invalid(
            f"file:{place} cannot be read: {why}",
            remedy="Check that this account may read it, and that it is text.",
        ) from None


def _from_keyring(_settings: Settings, place: str) -> str | None:
    service, _, user = place.partition("/")
    try:
        import keyring
    except ImportError:
        raise Unavailable(
            "a secret in a keyring was asked for, and keyring is not installed",
            remedy='pip install "jupyter-mlops[keyring]", or give the secret by env:NAME or file:PATH.',
        ) from None
    try:
        found: Any = keyring.get_password(service, user)
    except Exception as failure:  # noqa: BLE001  # each backend has errors of its own
        raise Unavailable(
            f"the keyring cannot be asked for {service}/{user}: {type(failure).__name__}",
            remedy="Unlock it for the account that runs the job, or give the secret by env:NAME or file:PATH.",
        ) from None
    return None if found is None else str(found)
