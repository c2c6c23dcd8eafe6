"""Images as an eye compares them: real figures, drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jupyter_mlops.jobs.outputs.images import compare_images
from jupyter_mlops.jobs.outputs.rules import SAME

X = np.linspace(0, 6, 200)


def drawn(draw: Callable[[Any], object], **settings: Any) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(settings):
        figure = Figure()
        draw(figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


def sine(axes: Any) -> None:
    axes.plot(X, np.sin(X))


def written(content: bytes, kind: str, **more: Any) -> bytes:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.convert("RGB").save(buffer, kind, **more)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "settings",
    [{"font.family": "DejaVu Serif", "font.size": 10.2}, {"lines.linewidth": 1.6}, {"axes.linewidth": 0.9}],
    ids=["font", "line", "frame"],
)
def test_another_rendering_of_a_figure_is_within_tolerance(settings) -> None:
    assert compare_images(drawn(sine), drawn(sine, **settings)).verdict == "within_tolerance"


def test_the_same_pixels_in_other_bytes_are_identical_and_with_loss_near() -> None:
    one = drawn(sine)
    assert compare_images(one, written(one, "PNG", compress_level=1)) is SAME
    assert compare_images(one, written(one, "JPEG", quality=85)).verdict == "within_tolerance"


@pytest.mark.parametrize(
    "draw",
    [
        lambda axes: axes.plot(X, np.cos(X)),
        lambda axes: axes.plot(X, np.sin(X) * 1.02),
        lambda axes: axes.plot(X, np.sin(X), color="tab:red"),
        lambda axes: (sine(axes), axes.plot([3], [0.5], "o")),
        lambda axes: (sine(axes), axes.set_title("another")),
        lambda _: None,
    ],
    ids=["curve", "scale", "colour", "point", "title", "empty"],
)
def test_another_figure_differs(draw) -> None:
    found = compare_images(drawn(sine), drawn(draw))
    assert found.differs
    assert "of what is drawn differs" in found.says or "pixels" in found.says


def test_a_bar_of_another_height_differs() -> None:
    one, two = (drawn(lambda axes, h=h: axes.bar([1, 2, 3], [3, h, 5])) for h in (4, 4.1))
    assert compare_images(one, two).differs


def test_another_size_is_told_and_a_box_a_pixel_wider_is_near() -> None:
    one = drawn(sine)
    with Image.open(io.BytesIO(one)) as image:
        wide, high = image.size
        buffer = io.BytesIO()
        image.crop((0, 0, wide - 2, high)).save(buffer, "PNG")
    assert compare_images(one, buffer.getvalue()).verdict == "within_tolerance"
    larger = drawn(sine, **{"figure.dpi": 50, "savefig.dpi": 50})
    assert compare_images(one, larger).says == "was 640 x 480 pixels and is 320 x 240 pixels"


def test_what_cannot_be_decoded_is_compared_by_digest() -> None:
    assert compare_images(b"no image", b"no image") is SAME
    found = compare_images(b"no image", drawn(sine))
    assert found.differs
    assert "cannot be decoded" in found.says


def moving(*colours: str, high: int = 40) -> bytes:
    frames = [Image.new("RGB", (40, high), colour) for colour in colours]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def test_every_frame_of_a_moving_picture_counts() -> None:
    one = moving("red", "green", "blue")
    assert "frame 3: " in compare_images(one, moving("red", "green", "yellow")).says
    assert compare_images(one, moving("red", "green")).says == "was 3 frames and is 2 frames"
    assert compare_images(one, one + b"\0") is SAME
    assert compare_images(one, one[:-300]).differs


def test_what_is_too_large_or_too_long_is_compared_by_digest() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4000, 2001)).save(buffer, "PNG")
    for content in (buffer.getvalue(), moving(*(f"#{shade:02x}0000" for shade in range(0, 202, 2)))):
        assert ": sha was" in compare_images(content, content + b"\0").says
