"""The environment that a run was recorded in: held beside this one, and made again where that is asked for.

What is made again is a virtual environment with the recorded versions of the packages that differ. Everything else it
takes from this environment, so that little is installed, and a worker finds this package in it.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.records.reproduced import RunIn
from jupyter_mlops.records.run import Run
from jupyter_mlops.records.source import Environment
from jupyter_mlops.tracking.differing import differing
from jupyter_mlops.tracking.environment import read_environment, this_environment
from jupyter_mlops.workspace import Workspace

__all__ = ["Place", "place_for"]

_FOLDER = "environments"
_DONE = "complete"
_OURS = frozenset({"jupyter-mlops", "jupyter_mlops", "pip", "setuptools", "wheel"})
_NAMED = 3  # packages in the sentence
_SECONDS = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run is run again: the interpreter (None: this one), and what is to be said of it."""

    python: str | None = None
    says: str = ""


def place_for(ws: Workspace, run: Run, where: RunIn) -> Place:
    """Return where *run* is run again, once its environment is compared with this one.

    Raises
    ------
    Invalid
        It shall be recreated, and none was recorded.
    Unavailable
        It cannot be recreated here: another version of Python, no pip, or packages that cannot be had.
    """
    recorded = read_environment(ws, run.source.environment)
    if recorded is None:
        if where is RunIn.RECREATE:
            raise Invalid(
                f"no environment was recorded with run {run.short}",
                remedy="Run it again in this one: leave --environment out.",
            )
        return Place(says="this environment; none was recorded")
    wanted = _wanted(recorded, this_environment())
    if recorded.python == this_environment().python and not wanted:
        return Place(says="the recorded environment")
    if where is RunIn.THIS:
        return Place(says=f"this environment, where {_told(recorded, wanted)}")
    _require_same_python(recorded)
    python = _recreated(ws, recorded, wanted)
    return Place(
        python=str(python), says=f"the recorded environment, recreated with {_a_few(_pins(recorded, wanted))}"
    )


def _wanted(recorded: Environment, now: Environment) -> Mapping[str, str | None]:
    """Return the packages that differ, each with its version here. One that was not there then is no part of it."""
    changed = {
        name: here for name, then, here in differing(recorded.packages, now.packages) if then is not None
    }
    return {name: here for name, here in changed.items() if name.lower() not in _OURS}


def _told(recorded: Environment, wanted: Mapping[str, str | None]) -> str:
    here = this_environment().python
    said = [f"Python is {here} and was {recorded.python}"] if here != recorded.python else []
    said += [f"{name} is {now or 'absent'} and was {recorded.packages[name]}" for name, now in wanted.items()]
    return _a_few(said)


def _pins(recorded: Environment, wanted: Mapping[str, str | None]) -> list[str]:
    return [f"{name}=={recorded.packages[name]}" for name in wanted]


def _a_few(said: Sequence[str]) -> str:
    left = len(said) - _NAMED
    return ", ".join([*said[:_NAMED], *([f"{left} more"] if left > 0 else [])])


def _require_same_python(recorded: Environment) -> None:
    then, now = (version.split(".")[:2] for version in (recorded.python, this_environment().python))
    if then != now:
        raise Unavailable(
            f"the run was recorded with Python {recorded.python}, and this is {this_environment().python}",
            remedy=f"Install jupyter-mlops for Python {'.'.join(then)} and say reproduce with that, or leave --environment out.",
        )


def _recreated(ws: Workspace, recorded: Environment, wanted: Mapping[str, str | None]) -> Path:
    """Return the interpreter of the environment, made once and kept in the workspace's folder."""
    pins = _pins(recorded, wanted)
    home = ws.settings.folder or Path(tempfile.gettempdir()) / "jupyter-mlops"
    folder = home / _FOLDER / _key(pins)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / _DONE).exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)  # one that was begun and not finished
    folder.parent.mkdir(parents=True, exist_ok=True)
    _say(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], "the virtual environment cannot be made"
    )
    _see_this_one(python)
    if pins:
        install = ["-m", "pip", "--python", str(python), "install", "--no-deps", "--no-input", "--quiet"]
        _say([sys.executable, *install, *pins], f"pip cannot install {_a_few(pins)}")
    (folder / _DONE).touch()
    return python


def _key(pins: Sequence[str]) -> str:
    import hashlib

    told = "\n".join([sys.executable, *pins])  # it rests on this environment, too
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _see_this_one(python: Path) -> None:
    """Have the new environment find what is installed here, behind what is installed in itself."""
    places = dict.fromkeys([*site.getsitepackages(), sysconfig.get_path("purelib")])
    own = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    lines = [f"import site; site.addsitedir({place!r})" for place in places]
    (Path(own) / "zz-recorded-beside.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _say(command: list[str], failed: str) -> None:
    try:
        subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except (subprocess.SubprocessError, OSError) as failure:
        said = (getattr(failure, "stderr", None) or str(failure)).strip().splitlines()
        told = next((line for line in said if line.startswith("ERROR:")), said[-1] if said else "")
        raise Unavailable(
            f"{failed}: {told.removeprefix('ERROR:').strip():.200}",
            remedy="Let pip reach an index, or name a folder with the files in PIP_FIND_LINKS; or leave --environment out.",
        ) from failure
