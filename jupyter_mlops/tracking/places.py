"""Where running runs keep their points: always on local disk."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from jupyter_mlops.settings import Settings
from jupyter_mlops.store.spare import machine_folder

__all__ = ["journal_folder", "machine_folder"]

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "lustre", "gpfs", "beegfs", "ceph", "afs", "fuse.sshfs"}
)


@cache
def journal_folder(settings: Settings) -> Path:
    """Return where this workspace's running runs keep their points: always on local disk."""
    if settings.store.startswith("memory:"):
        return _passing_folder()  # nobody else will ever see that store
    if settings.journal is not None and not _on_network(settings.journal):
        return settings.journal
    from jupyter_core.paths import jupyter_data_dir

    name = hashlib.sha256(settings.store.encode()).hexdigest()[:16]
    home = Path(jupyter_data_dir()) / "mlops" / "journal"
    return ((machine_folder() or _own_folder()) if _on_network(home) else home) / name


def _own_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="jupyter-mlops-"))


def _passing_folder() -> Path:
    """Make a folder that goes with this process, as a store in its memory does."""
    folder = _own_folder()
    maker = os.getpid()

    def remove() -> None:
        if os.getpid() == maker:  # a fork has our exits, too
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def _on_network(path: Path) -> bool:
    import psutil

    place = path.resolve()
    mounts = sorted(psutil.disk_partitions(all=True), key=lambda m: len(m.mountpoint), reverse=True)
    return next((m.fstype in _NETWORK for m in mounts if place.is_relative_to(m.mountpoint)), False)
