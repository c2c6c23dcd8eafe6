"""Whether a folder lies on a network file system, where SQLite's write-ahead log does not work."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["MOUNTS", "network_kind"]

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|drvfs|afs|ceph|lustre|gpfs|glusterfs|beegfs|ncpfs|davfs|vboxsf|virtiofs|"
    r"fuse\.(?!ext|ntfs|exfat|bindfs|mergerfs|encfs|gocryptfs)\S+"
)
MOUNTS = Path("/proc/mounts")


def network_kind(folder: Path, *, mounts: Path | None = None) -> str | None:
    """Return the type of the network file system that *folder* lies on; None: on none that can be seen."""
    try:
        lines = (mounts or MOUNTS).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    place = folder.resolve()
    best, kind = -1, ""
    for line in lines:
        fields = line.split()
        point = Path(_unescaped(fields[1]))
        # The last of equal ones is the one mounted on top.
        if (point == place or point in place.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind if _NETWORK.fullmatch(kind) else None


def _unescaped(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)
