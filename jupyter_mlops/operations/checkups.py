"""What the doctor looks at: one check per thing that can be wrong on a machine."""

from __future__ import annotations

import json
import os
import platform
import shlex
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

from jupyter_mlops.operations.workspaces import file_of, has_store
from jupyter_mlops.settings import Settings
from jupyter_mlops.store import masked

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

    folder, file = settings.folder, file_of(settings)
    if file is not None and not has_store(settings):
        first = file if folder is None or folder.is_dir() else folder
        if os.access(_existing(first), os.W_OK):
            yield fine("workspace", f"none yet; the first run makes {first}")
        else:
            yield broken("workspace", f"{first} cannot be made", "Give another place with --workspace.")
        return
    store = open_store(settings.store)
    with store.read() as tx:
        head = tx.events.head()
    store.close()
    inside = folder is not None and file is not None and file.is_relative_to(folder)
    yield fine(
        "workspace",
        f"{folder if inside else masked(settings.store)}, {head.sequence if head else 0} events in its ledger",
    )
    if folder is not None and folder.is_dir() and folder.stat().st_mode & 0o077:
        yield advice("workspace", f"{folder} can be read by other accounts", f"Say: chmod 700 {folder}")


def _existing(place: Path) -> Path:
    """Return the folder that *place* lies in, or would be made in."""
    return next(each for each in (place, *place.parents) if each.is_dir())


def _locking(settings: Settings) -> Iterator[Finding]:
    """Two processes must not both write: some network file systems only pretend to lock."""
    file = file_of(settings)
    if file is None:
        yield fine("locking", "left to the database server")
        return
    import sqlite3

    place = _existing(file.parent)
    try:
        trial = tempfile.TemporaryDirectory(prefix="doctor-", dir=place)
    except OSError as failure:
        yield _unwritable("locking", place, failure)
        return
    with trial as inside:
        lock = str(Path(inside) / "lock.db")
        here = sqlite3.connect(lock, isolation_level=None)
        here.execute("CREATE TABLE t (x)")
        here.execute("BEGIN IMMEDIATE")
        during = _child(["-c", _WRITER, lock])
        here.execute("ROLLBACK")
        after = _child(["-c", _WRITER, lock])
        here.close()
    if (during, after) == ("locked", "free"):
        yield fine("locking", "a second process waits for the first")
    else:
        yield broken(
            "locking",
            f"two processes at once: the second found {during!r}, and {after!r} when the first was done",
            "Put the workspace on a local disk, or use PostgreSQL with JUPYTER_MLOPS_STORE.",
        )


def _unwritable(name: str, place: Path, failure: OSError) -> Finding:
    return broken(
        name,
        f"{place} cannot be written: {failure.strerror}",
        "Give this account a place that it may write: with --workspace or JUPYTER_MLOPS_WORKSPACE.",
    )


def _child(arguments: list[str], program: str = sys.executable) -> str:
    done = _asked([program, *arguments])
    return (done.stdout.strip() or done.stderr.strip()).rpartition("\n")[2]


def _asked(words: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, **environ}
    return subprocess.run(words, env=told, capture_output=True, text=True, timeout=_PATIENCE, check=False)


def _journal(settings: Settings) -> Iterator[Finding]:
    import psutil

    journal = settings.journal or settings.root
    place = _existing(journal)
    try:
        with tempfile.NamedTemporaryFile(dir=place) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as failure:
        yield _unwritable("journal", place, failure)
        return
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
    elif name := _disabled():
        yield broken("lab", f"the extension {name} is disabled", f"Say: jupyter labextension enable {name}")
    else:
        version = json.loads((found / "package.json").read_text(encoding="utf-8")).get("version", "")
        yield fine("lab", f"JupyterLab {lab} with extension {version} ({found})")


def _reinstall() -> str:
    return f"Say, in the checkout: {sys.executable} -m pip install ."


def _disabled() -> str:
    """Return the name of what is disabled, all of the extension or a part of it; of two files the nearer one counts."""
    from jupyter_core.paths import jupyter_config_path

    listed: dict[str, bool] = {}
    for place in reversed(jupyter_config_path()):
        for file in sorted(Path(place, "labconfig").glob("page_config*.json")):
            told = json.loads(file.read_text(encoding="utf-8")).get("disabledExtensions", {})
            listed |= told if isinstance(told, dict) else dict.fromkeys(told, True)
    return next((name for name, off in sorted(listed.items()) if off and name.split(":")[0] == _LAB), "")


def _git(settings: Settings | None) -> Iterator[Finding]:
    program = shutil.which("git")
    if program is None:
        yield advice(
            "git", "git is not installed: runs will not say which commit they come from", "Install git."
        )
        return
    folder = str(Path.cwd() if settings is None else settings.root)
    done = _asked([program, "-C", folder, "rev-parse", "--short", "HEAD"], LC_ALL="C")
    if done.returncode == 0:
        yield fine("git", f"runs record the commit, now {done.stdout.strip()}")
    elif "safe.directory" in done.stderr:
        yield advice(
            "git",
            f"{folder} belongs to another account, so git tells no commit",
            f"Say: git config --global --add safe.directory {shlex.quote(folder)}",
        )
    elif "not a git repository" in done.stderr:
        yield fine("git", "installed; this folder is no repository")
    else:
        yield fine("git", "installed; this repository has no commit yet")


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
    try:
        said = _child(["-c", "import jupyter_mlops; print('here')"], program)
    except OSError as failure:  # its environment was deleted or moved
        yield broken(
            "kernel",
            f"python3 runs {program}, which cannot be started: {failure.strerror}",
            f"Say: {sys.executable} -m ipykernel install --user",
        )
        return
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
