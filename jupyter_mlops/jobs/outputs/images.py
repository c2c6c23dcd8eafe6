"""Two images as an eye compares them: another rendering of one figure is near, another curve is not.

The measure is the structural similarity of Wang, Bovik, Sheikh and Simoncelli (Image quality assessment: from error
visibility to structural similarity, IEEE Transactions on Image Processing 13, 2004), over blocks of eight pixels and in
each colour; beside it the mean colour of a block, which the similarity hardly sees where nothing but it changes. What is
drawn decides and not the empty page around it: the share of the blocks that hold anything.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

from jupyter_mlops.jobs.outputs.rules import SAME, Compared, differs, was, within

__all__ = ["compare_images"]

_BLOCK = 8  # pixels a side
_LIKE = 0.5  # similarity from which two blocks hold the same; that of unlike ones lies about 0
_SHADE = 0.15  # by which the mean of a colour, from 0 to 1, may differ in a block
_SHARE = 0.006  # of the blocks that hold anything, as many may be unlike: letters that are smoothed otherwise
_EDGE = 3  # pixels by which a tight box may grow or shrink with the metrics of a font
_LARGEST = 8_000_000  # pixels that are decoded: a comparison holds each several times
_FRAMES = 100  # of a picture that moves
_K1, _K2 = 0.01, 0.03  # the constants of the paper, for values from 0 to 1
_FLAT = 1e-4  # variance below which a block holds nothing


def compare_images(before: bytes, after: bytes) -> Compared:
    """Compare two images of pixels, PNG or JPEG or GIF, frame by frame; by digest where they cannot be decoded."""
    if before == after:
        return SAME
    one, two = _opened(before), _opened(after)
    if one is None or two is None:
        return _by_digest(before, after)
    counts = [getattr(image, "n_frames", 1) for image in (one, two)]
    if counts[0] != counts[1]:
        return differs(was(*(f"{count} frames" for count in counts)))
    found = _compare_all(one, two, counts[0]) if counts[0] <= _FRAMES else None
    return found or _by_digest(before, after)


def _compare_all(one: Any, two: Any, count: int) -> Compared | None:
    """Compare every frame with its counterpart; None where one of them cannot be decoded."""
    found = SAME
    for number in range(count):
        before, after = _pixels(one, number), _pixels(two, number)
        if before is None or after is None:
            return None
        compared = _compare_frames(before, after)
        if compared.differs:
            return differs(f"frame {number + 1}: {compared.says}") if count > 1 else compared
        found = compared if found is SAME else found
    return found


def _by_digest(before: bytes, after: bytes) -> Compared:
    digests = [hashlib.sha256(content).hexdigest()[:6] for content in (before, after)]
    return differs(f"its bytes differ, and it is too large or cannot be decoded here: sha {was(*digests)}")


def _compare_frames(one: Any, two: Any) -> Compared:
    sizes = [f"{image.shape[1]} x {image.shape[0]} pixels" for image in (one, two)]
    if max(abs(a - b) for a, b in zip(one.shape[:2], two.shape[:2], strict=True)) > _EDGE:
        return differs(was(*sizes))
    high, wide = (min(pair) for pair in zip(one.shape[:2], two.shape[:2], strict=True))
    one, two = one[:high, :wide], two[:high, :wide]
    if sizes[0] == sizes[1] and (one == two).all():
        return SAME
    share = _unlike(one, two)
    if share > _SHARE:
        return differs(f"{share:.1%} of what is drawn differs")
    return within("the same is drawn, with other pixels")


def _opened(content: bytes) -> Any | None:
    """Return an image of which nothing is decoded yet; None where nothing can decode it, or it is too large."""
    try:
        from PIL import Image
    except ImportError:
        return None
    try:
        image = Image.open(io.BytesIO(content))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return image if image.width * image.height <= _LARGEST else None


def _pixels(image: Any, frame: int) -> Any | None:
    """Return red, green and blue from 0 to 1 as seen on a white page; None where they cannot be decoded."""
    import numpy as np

    try:
        if frame:  # an image of one frame may know no others
            image.seek(frame)
        rgba = np.asarray(image.convert("RGBA"), dtype=np.float32) / 255
    except (OSError, ValueError, SyntaxError, EOFError):
        return None
    alpha = rgba[..., 3:]
    return rgba[..., :3] * alpha + (1 - alpha)


def _unlike(before: Any, after: Any) -> float:
    """Return the share of the blocks that hold anything and are not alike, also when moved by a pixel."""
    one = _blocks(_inner(before, 0, 0))
    alike, drawn = _compare_blocks(one, _blocks(_inner(after, 0, 0)))
    for down, right in _moves():
        if alike.all():
            break
        alike = alike | _compare_blocks(one, _blocks(_inner(after, down, right)))[0]
    return float((drawn & ~alike).sum() / max(1, drawn.sum()))


def _moves() -> Iterator[tuple[int, int]]:
    yield from ((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right)


def _inner(image: Any, down: int, right: int) -> Any:
    """Return the image moved, without its outermost pixels, on a page of whole blocks."""
    import numpy as np

    page = np.pad(image, ((1, 1 + _BLOCK), (1, 1 + _BLOCK), (0, 0)), constant_values=1.0)
    high, wide = (-(-side // _BLOCK) * _BLOCK for side in image.shape[:2])
    return page[1 + down : 1 + down + high, 1 + right : 1 + right + wide]


def _blocks(image: Any) -> Any:
    """Return a row of pixels for each block and colour."""
    high, wide, colours = image.shape
    cut = image.reshape(high // _BLOCK, _BLOCK, wide // _BLOCK, _BLOCK, colours)
    return cut.transpose(0, 2, 4, 1, 3).reshape(-1, colours, _BLOCK * _BLOCK)


def _compare_blocks(one: Any, two: Any) -> tuple[Any, Any]:
    """Return of each block whether the two are alike in every colour, and whether either of them holds anything."""
    mean_one, mean_two = one.mean(-1), two.mean(-1)
    spread_one, spread_two = one.var(-1), two.var(-1)
    together = (one * two).mean(-1) - mean_one * mean_two
    luminance = (2 * mean_one * mean_two + _K1**2) / (mean_one**2 + mean_two**2 + _K1**2)
    structure = (2 * together + _K2**2) / (spread_one + spread_two + _K2**2)
    shade = abs(mean_one - mean_two)
    alike = (luminance * structure >= _LIKE) & (shade <= _SHADE)
    page = (spread_one <= _FLAT) & (spread_two <= _FLAT) & (mean_one > 1 - _K2) & (mean_two > 1 - _K2)
    return alike.all(-1), ~page.all(-1)
