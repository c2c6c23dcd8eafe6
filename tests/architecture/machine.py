"""A machine for the scripts in ``.ci``: a folder whose ``path`` holds the only programs there are, most of them stand-ins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def real(name: str) -> str:
    """Return where this machine has *name*, a tool of every system."""
    found = shutil.which(name, path="/usr/bin:/bin")
    assert found, name
    return found


def tools(folder: Path, *names: str) -> None:
    """Put the real *names* on the machine's path."""
    for name in names:
        program(folder / "path" / name, f'exec {real(name)} "$@"')


def user(folder: Path, *, root: bool) -> None:
    program(folder / "path/id", f"echo {0 if root else 1000}")


def sudo(folder: Path) -> None:
    """Let the machine's user be root without a password; what runs as root is told so in ``AS``."""
    program(folder / "path/sudo", '[ "$1" != -n ] || shift\nAS=root exec "$@"')


def apt(folder: Path, does: str) -> None:
    """Give the machine an apt, which writes its words down before it *does* that."""
    program(folder / "path/apt-get", f'echo "$*" >> {folder}/asked\n{does}')


def asked(folder: Path) -> list[str]:
    """Return what apt was asked for."""
    file = folder / "asked"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def functions() -> str:
    """Return the first functions of ``.ci/environment``, which the other sourced files call."""
    text = (HOUSE / ".ci/environment").read_text(encoding="utf-8")
    return text[: text.index("give_pip() {")]


def shell(folder: Path, text: str, **variables: str | Path) -> subprocess.CompletedProcess[str]:
    """Run *text* on the machine, in *folder*, with nobody else's programs on the path."""
    return subprocess.run(
        ["/bin/sh", "-c", text],
        cwd=folder,
        env={"PATH": str(folder / "path"), **{name: str(value) for name, value in variables.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
