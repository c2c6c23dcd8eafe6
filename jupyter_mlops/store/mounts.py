"""What file system a folder lies on.

SQLite's write-ahead log does not work on one of the network, and a journal may only be written through memory where
space once given is kept.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["MOUNTS", "keeps_space", "network_kind"]

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|drvfs|afs|ceph|lustre|gpfs|glusterfs|beegfs|ncpfs|davfs|vboxsf|virtiofs|"
    r"fuse\.(?!ext|ntfs|exfat|bindfs|mergerfs|encfs|gocryptfs)\S+"
)
_FIRM = frozenset({"ext2", "ext3", "ext4", "xfs", "f2fs", "tmpfs"})
MOUNTS = Path("/proc/mounts")


def network_kind(folder: Path, *, mounts: Path | None = None) -> str | None:
    """Return the type of the network file system that *folder* lies on; None: on none that can be seen."""
    kind = _kind(folder, mounts or MOUNTS)
    return kind if _NETWORK.fullmatch(kind) else None


@cache
def keeps_space(folder: Path) -> bool:
    """Tell whether *folder* is known to lie where allocated space is there when it is written to.

    Writing to memory mapped to a file kills the process where it is not.
    """
    return _kind(folder, MOUNTS) in _FIRM


def _kind(folder: Path, mounts: Path) -> str:
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    place = folder.resolve()
    best, kind = -1, ""
    for line in lines:
        fields = line.split()
        point = Path(_unescaped(fields[1]))
        # The last of equal ones is the one mounted on top.
        if (point == place or point in place.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


def _unescaped(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)
