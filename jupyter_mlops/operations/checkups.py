"""What the doctor looks at: one check per thing that can be wrong on a machine."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

from jupyter_mlops.settings import Settings

__all__ = ["CHECKS", "Check", "Finding", "State", "broken", "installed_version"]

_OLDEST = (3, 11)
_PACKAGE = "jupyter-mlops"
_LAB = "jupyter-mlops-lab"
_PATIENCE = 60  # seconds for one child process
_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smbfs",
    "smb3",
    "afs",
    "9p",
    "fuse.sshfs",
    "lustre",
    "glusterfs",
    "ceph",
    "beegfs",
}
# The other process: tells whether it could begin to write, without waiting.
_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
    print("free")
except sqlite3.OperationalError as failure:
    print("locked" if "locked" in str(failure) else failure)
"""


class State(StrEnum):
    """How a thing is."""

    FINE = "fine"
    ADVICE = "advice"  # works, but could be better
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    text: str
    remedy: str = ""


def fine(name: str, text: str) -> Finding:
    """Something that works."""
    return Finding(name=name, state=State.FINE, text=text)


def advice(name: str, text: str, remedy: str) -> Finding:
    """Something that works, and could be better."""
    return Finding(name=name, state=State.ADVICE, text=text, remedy=remedy)


def broken(name: str, text: str, remedy: str) -> Finding:
    """Something that does not work."""
    return Finding(name=name, state=State.BROKEN, text=text, remedy=remedy)


def installed_version() -> str:
    """Return the installed version, empty for a checkout that is only on the path."""
    try:
        return metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return ""


Check = Callable[[Any], Iterator[Finding]]  # of Settings; None where they cannot be read and are not needed


def _python(_: Settings | None) -> Iterator[Finding]:
    text = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] >= _OLDEST:
        yield fine("python", text)
    else:
        yield broken("python", text, f"Use Python {'.'.join(map(str, _OLDEST))} or newer.")


def _packages(_: Settings | None) -> Iterator[Finding]:
    from packaging.requirements import Requirement

    version = installed_version()
    if not version:
        yield advice(
            "packages", f"{_PACKAGE} is on the path but not installed", "Say: pip install . in its folder."
        )
        return
    wanted = [Requirement(line) for line in metadata.requires(_PACKAGE) or ()]
    wrong = []
    for need in wanted:
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            have = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{need.name} is missing")
            continue
        if not need.specifier.contains(have, prereleases=True):
            wrong.append(f"{need.name} is {have}, wanted {need.specifier}")
    if wrong:
        yield broken("packages", "; ".join(wrong), f"Say, in the checkout: {sys.executable} -m pip install .")
    else:
        yield fine("packages", f"{_PACKAGE} {version} and all it needs")


def _workspace(settings: Settings) -> Iterator[Finding]:
    from jupyter_mlops.store import open_store

    folder = settings.folder
    if folder is not None and not folder.is_dir():
        parent = next(place for place in folder.parents if place.is_dir())
        if os.access(parent, os.W_OK):
            yield fine("workspace", f"none yet; the first run makes {folder}")
        else:
            yield broken("workspace", f"{folder} cannot be made", "Give another place with --workspace.")
        return
    store = open_store(settings.store)
    with store.read() as tx:
        head = tx.events.head()
    store.close()
    yield fine(
        "workspace", f"{folder or settings.store}, {head.sequence if head else 0} events in its ledger"
    )
    if folder is not None and folder.stat().st_mode & 0o077:
        yield advice("workspace", f"{folder} can be read by other accounts", f"Say: chmod 700 {folder}")


def _locking(settings: Settings) -> Iterator[Finding]:
    """Two processes must not both write: some network file systems only pretend to lock."""
    if not settings.store.startswith("sqlite:"):
        yield fine("locking", "left to the database server")
        return
    import sqlite3

    with tempfile.TemporaryDirectory(prefix="doctor-", dir=_existing(settings)) as place:
        file = str(Path(place) / "lock.db")
        here = sqlite3.connect(file, isolation_level=None)
        here.execute("CREATE TABLE t (x)")
        here.execute("BEGIN IMMEDIATE")
        during = _child(["-c", _WRITER, file])
        here.execute("ROLLBACK")
        after = _child(["-c", _WRITER, file])
        here.close()
    if (during, after) == ("locked", "free"):
        yield fine("locking", "a second process waits for the first")
    else:
        yield broken(
            "locking",
            f"two processes at once: the second found {during!r}, and {after!r} when the first was done",
            "Put the workspace on a local disk, or use PostgreSQL with JUPYTER_MLOPS_STORE.",
        )


def _existing(settings: Settings) -> Path:
    folder = settings.folder or settings.root
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _child(arguments: list[str], program: str = sys.executable) -> str:
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    return (done.stdout.strip() or done.stderr.strip()).rpartition("\n")[2]


def _journal(settings: Settings) -> Iterator[Finding]:
    import psutil

    journal = settings.journal or settings.root
    place = next(p for p in (journal, *journal.parents) if p.is_dir())
    with tempfile.NamedTemporaryFile(dir=place) as file:
        file.write(b"x" * 4096)
        file.flush()
        os.fsync(file.fileno())
    mounts = [m for m in psutil.disk_partitions(all=True) if place.resolve().is_relative_to(m.mountpoint)]
    kind = max(mounts, key=lambda m: len(m.mountpoint)).fstype if mounts else ""
    free = shutil.disk_usage(place).free
    if kind in _NETWORK:
        yield advice(
            "journal", f"{journal} lies on {kind}", "Set journal in config.toml to a folder on a local disk."
        )
    elif free < 2**28:
        yield advice("journal", f"{journal} has {free >> 20} MB left", "Make room before long runs.")
    else:
        yield fine("journal", f"{journal} can be written, {free >> 30} GB free")


def _lab(_: Settings | None) -> Iterator[Finding]:
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    enabled = [
        Path(place) / "jupyter_server_config.d" / "jupyter_mlops.json"
        for place in jupyter_config_path()
        if (Path(place) / "jupyter_server_config.d" / "jupyter_mlops.json").is_file()
    ]
    if enabled:
        yield fine("server", f"the Jupyter server loads the extension ({enabled[0]})")
    else:
        yield broken("server", "the Jupyter server does not know the extension", _reinstall())
    try:
        lab = metadata.version("jupyterlab")
    except metadata.PackageNotFoundError:
        yield fine("lab", "JupyterLab is not installed here; magics and the command line need none")
        return
    built = [Path(place) / _LAB for place in jupyter_path("labextensions")]
    found = next((place for place in built if (place / "package.json").is_file()), None)
    if found is None:
        yield broken("lab", f"JupyterLab {lab} has no extension {_LAB}", _reinstall())
    elif _disabled():
        yield broken("lab", f"the extension {_LAB} is disabled", f"Say: jupyter labextension enable {_LAB}")
    else:
        version = json.loads((found / "package.json").read_text(encoding="utf-8")).get("version", "")
        yield fine("lab", f"JupyterLab {lab} with extension {version} ({found})")


def _reinstall() -> str:
    return f"Say, in the checkout: {sys.executable} -m pip install ."


def _disabled() -> bool:
    from jupyter_core.paths import jupyter_config_path

    for place in jupyter_config_path():
        for file in Path(place, "labconfig").glob("page_config*.json"):
            listed = json.loads(file.read_text(encoding="utf-8")).get("disabledExtensions", {})
            names = [name for name, off in listed.items() if off] if isinstance(listed, dict) else listed
            if any(name.split(":")[0] == _LAB for name in names):
                return True
    return False


def _git(settings: Settings | None) -> Iterator[Finding]:
    program = shutil.which("git")
    if program is None:
        yield advice(
            "git", "git is not installed: runs will not say which commit they come from", "Install git."
        )
        return
    said = _child(
        ["-C", str(Path.cwd() if settings is None else settings.root), "rev-parse", "--short", "HEAD"],
        program,
    )
    inside = bool(said) and not said.startswith("fatal")
    yield fine(
        "git", f"runs record the commit, now {said}" if inside else "installed; this folder is no repository"
    )


def _kernel(_: Settings | None) -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec: Any = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        yield broken(
            "kernel", "there is no kernel python3", f"Say: {sys.executable} -m ipykernel install --user"
        )
        return
    # A bare "python" means the interpreter that asks, as jupyter_client starts it.
    named = Path(spec.argv[0]).name == spec.argv[0] and spec.argv[0].rstrip("0123456789.") == "python"
    program = sys.executable if named else spec.argv[0]
    said = _child(["-c", "import jupyter_mlops; print('here')"], program)
    if said == "here":
        yield fine("kernel", f"python3 runs {program}")
    else:
        remedy = f"Say, in the checkout: {program} -m pip install ."
        yield broken("kernel", f"python3 runs {program}, which cannot import jupyter_mlops: {said}", remedy)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", _python),
    ("packages", _packages),
    ("workspace", _workspace),
    ("locking", _locking),
    ("journal", _journal),
    ("lab", _lab),
    ("git", _git),
    ("kernel", _kernel),
)
