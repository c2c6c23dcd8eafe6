"""A file of a run."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.records.artifact import ArtifactContent
from jupyter_mlops.render.blocks import Block, Fold, Line, Picture, Pictures, Title
from jupyter_mlops.render.words import short, size

__all__ = ["content_blocks"]

_DRAWN = 500_000  # bytes of a picture that goes into a saved notebook


def content_blocks(content: ArtifactContent) -> Iterator[Block]:
    """What a file says; of a picture or other bytes what they are."""
    file = content.artifact
    aside = " · ".join(
        [file.media_type, size(file.size), f"sha {short(file.digest)}", f"run {file.run[-6:]}"]
    )
    yield Title(file.name, aside=aside)
    if content.note:
        yield Line(content.note, faint=True)
    if content.text is not None:
        yield Fold("Content", content.text, open=True)
    if content.picture is not None:
        address = f"data:{file.media_type};base64,{content.picture}" if file.size <= _DRAWN else ""
        how = f"a picture; jupyter mlops download {file.run[-6:]} {file.name} writes it to a file"
        yield Pictures("Content", (Picture("", how, address),))
