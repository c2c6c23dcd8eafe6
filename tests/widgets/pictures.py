"""Pictures as a library writes them, each another by its size."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def a_picture(
    width: int, height: int = 2, kind: str = "PNG", *, noisy: bool = False, mode: str = "RGB"
) -> bytes:
    """A picture of one colour, or one that hardly any format makes smaller."""
    picture = Image.new(mode, (width, height))
    if noisy:
        pixels = np.random.default_rng(0).integers(0, 255, (height, width, len(picture.getbands())))
        picture = Image.fromarray(pixels.astype("uint8"), mode)
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()
