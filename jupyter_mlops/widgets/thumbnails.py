"""Pictures that compared runs left behind, where they are not the same: as data, small enough to go along."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.comparison import RunComparison
from jupyter_mlops.widgets.shrinking import SHOWN, Bounds, shrunk
from jupyter_mlops.workspace import Workspace

__all__ = ["LIVE", "STILL", "thumbnails"]

LIVE = Bounds(width=640, bytes=120_000, untouched=300_000, pictures=24)
STILL = Bounds(
    width=320, bytes=40_000, untouched=60_000, pictures=12
)  # each save of the notebook writes them
_LARGEST = 5_000_000  # bytes of a file that is read to be made smaller


def thumbnails(ws: Workspace, comparison: RunComparison, bounds: Bounds) -> dict[str, str]:
    """Return data addresses by the digests of the files; what is compared goes along as a whole or not at all."""
    found: dict[str, str] = {}
    for files in _compared(comparison):
        new = {file.digest: file for file in files if file.digest not in found}
        if len(found) + len(new) <= bounds.pictures:
            read = {digest: _address(ws, file, bounds) for digest, file in new.items()}
            found |= {digest: address for digest, address in read.items() if address}
    return found


def _compared(comparison: RunComparison) -> Iterator[list[Artifact]]:
    """Files that stand beside each other, in the order in which they are shown."""
    pairs = [(o.before, o.after) for difference in comparison.code for o in difference.outputs]
    for files in (*pairs, *(row.files for row in comparison.figures)):
        yield [file for file in files if file is not None and file.media_type in SHOWN]


def _address(ws: Workspace, file: Artifact, bounds: Bounds) -> str:
    if file.size > _LARGEST:
        return ""
    try:
        with ws.blobs.open(file.digest) as content:
            small = shrunk(content.read(), file.media_type, bounds)
    except MlopsError:
        return ""  # a comparison without its picture is better than none
    return f"data:{small[1]};base64,{base64.b64encode(small[0]).decode()}" if small else ""
