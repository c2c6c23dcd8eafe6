"""A file of a run, looked at: texts and pictures of a size that a page takes."""

from __future__ import annotations

import base64
from codecs import getincrementaldecoder

from jupyter_mlops.records.artifact import PICTURES, Artifact, ArtifactContent
from jupyter_mlops.tracking.attached import artifact_of, content_of
from jupyter_mlops.tracking.finding import get_run
from jupyter_mlops.workspace import Workspace

__all__ = ["get_artifact"]

_LONGEST_TEXT = 200_000  # bytes
_LARGEST_PICTURE = 5_000_000  # bytes


def get_artifact(ws: Workspace, run: str, name: str) -> ArtifactContent:
    """Show a file of a run: a text, or a picture; of anything else what it is.

    Parameters
    ----------
    run
        The run's id, or a tail of it.
    name
        The file's name, as ``artifacts`` lists it, such as ``figures/figure-1.png``.

    Raises
    ------
    NotFound
        There is no such run, or it left no file of that name.
    """
    found = get_run(ws, run)
    artifact = artifact_of(ws, found, name)
    most = _LARGEST_PICTURE if artifact.media_type in PICTURES else _LONGEST_TEXT
    with content_of(ws, found, artifact) as content:
        read = content.read(most)
    if artifact.media_type in PICTURES:
        return _picture(artifact, read)
    return _text(artifact, read)


def _picture(artifact: Artifact, read: bytes) -> ArtifactContent:
    if artifact.size > len(read):
        return ArtifactContent(artifact=artifact, note="a picture too large to be shown here")
    return ArtifactContent(artifact=artifact, picture=base64.b64encode(read).decode())


def _text(artifact: Artifact, read: bytes) -> ArtifactContent:
    cut = artifact.size > len(read)
    try:
        # The last character may have been cut in two.
        text = getincrementaldecoder("utf-8")().decode(read, final=not cut)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return ArtifactContent(artifact=artifact, note="neither a text nor a picture")
    return ArtifactContent(
        artifact=artifact, text=text, note=f"only the first {len(read):,} bytes are shown" if cut else ""
    )
