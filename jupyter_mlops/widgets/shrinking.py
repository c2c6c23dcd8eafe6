"""A picture small enough to go along with a page: smaller by Pillow, where that is there."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

__all__ = ["SHOWN", "Bounds", "shrunk"]

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MOST_PIXELS = 40_000_000  # of a picture that is opened to be made smaller
_STEPS = 4
_STEP = 0.7  # from one width to the next, where a picture is still too large
_QUALITY = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How large a picture may be, and how many of them there may be."""

    width: int  # pixels
    bytes: int
    untouched: int  # bytes, where nothing is there to make it smaller
    pictures: int


def shrunk(content: bytes, kind: str, bounds: Bounds) -> tuple[bytes, str] | None:
    """Return *content* within *bounds*, with its media type; None where that cannot be."""
    if kind not in SHOWN:
        return None
    try:
        from PIL import Image
    except ImportError:
        return (content, kind) if len(content) <= bounds.untouched else None
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if len(content) <= bounds.bytes and picture.width <= bounds.width:
                return content, kind
            return None if picture.width * picture.height > _MOST_PIXELS else _smaller(picture, bounds)
    except Exception:  # noqa: BLE001 - bytes of a user, and a library of many formats: a picture less
        return None


def _smaller(picture: Any, bounds: Bounds) -> tuple[bytes, str] | None:
    """Try widths downwards; at each the exact format first, then one that blurs."""
    picture.draft("RGB", (bounds.width, picture.height))
    whole = picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")
    width = min(bounds.width, whole.width)
    for _ in range(_STEPS):
        height = max(1, round(whole.height * width / whole.width))
        small = whole if width == whole.width else whole.resize((width, height), reducing_gap=2.0)
        for written in (_png(small), _jpeg(small)):
            if len(written[0]) <= bounds.bytes:
                return written
        width = max(1, round(width * _STEP))
    return None


def _png(picture: Any) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue(), "image/png"


def _jpeg(picture: Any) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    if picture.mode == "RGBA":  # a JPEG has no glass; figures are looked at on white
        on_white = picture.convert("RGB")
        on_white.paste((255, 255, 255), (0, 0, *picture.size))
        on_white.paste(picture, mask=picture.getchannel("A"))
        picture = on_white
    picture.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue(), "image/jpeg"
