"""Pictures that go along with a page are small: as they are, made smaller, or not at all."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image

from jupyter_mlops.widgets.shrinking import Bounds, shrunk
from tests.widgets.pictures import a_picture

SMALL = Bounds(width=320, bytes=40_000, untouched=60_000, pictures=12)


def opened(found: tuple[bytes, str] | None) -> Image.Image:
    assert found is not None
    return Image.open(io.BytesIO(found[0]))


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_what_is_small_enough_stays_as_it_is(kind):
    content = a_picture(320, 100, kind.upper())
    assert shrunk(content, f"image/{kind}", SMALL) == (content, f"image/{kind}")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "I;16", "1"])
def test_a_wide_picture_is_as_wide_as_it_may_be_and_keeps_its_shape(mode):
    small = opened(shrunk(a_picture(1280, 960, mode=mode), "image/png", SMALL))
    assert (small.size, small.format) == ((320, 240), "PNG")


def test_what_no_exact_format_makes_small_is_blurred_on_white_and_then_made_narrower():
    found = shrunk(a_picture(1500, 1500, noisy=True), "image/png", SMALL)
    assert found is not None
    assert len(found[0]) <= SMALL.bytes
    assert found[1] == "image/jpeg"
    clear = Image.new("RGBA", (1500, 1500), (0, 0, 0, 0))
    clear.paste(Image.open(io.BytesIO(a_picture(1500, 700, noisy=True))), (0, 0))
    buffer = io.BytesIO()
    clear.save(buffer, "PNG")
    small = opened(shrunk(buffer.getvalue(), "image/png", SMALL))
    assert small.format == "JPEG"
    assert min(small.getpixel((small.width // 2, small.height - 3))) > 250
    tight = Bounds(width=320, bytes=8_000, untouched=60_000, pictures=12)
    assert opened(shrunk(a_picture(1500, 1500, noisy=True), "image/png", tight)).width < 320


def test_no_picture_comes_of_what_is_none_of_what_acts_or_of_what_stays_too_large(monkeypatch):
    assert shrunk(b"<svg onload='alert(1)'/>", "image/svg+xml", SMALL) is None
    assert shrunk(b"<p>", "text/html", SMALL) is None
    assert shrunk(b"\x89PNG, and no more", "image/png", SMALL) is None
    whole = a_picture(1280, 960, noisy=True)
    assert shrunk(whole[: len(whole) // 2], "image/png", SMALL) is None
    none = Bounds(width=320, bytes=100, untouched=60_000, pictures=12)
    assert shrunk(a_picture(1280, 960, noisy=True), "image/png", none) is None
    monkeypatch.setattr("jupyter_mlops.widgets.shrinking._MOST_PIXELS", 1_000)
    assert shrunk(a_picture(1280, 960), "image/png", SMALL) is None  # a bomb is not unpacked


def test_without_pillow_what_is_small_goes_as_it_is_and_the_rest_stays_away(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert shrunk(b"1" * 60_000, "image/png", SMALL) == (b"1" * 60_000, "image/png")
    assert shrunk(b"1" * 60_001, "image/png", SMALL) is None
    assert shrunk(b"<svg/>", "image/svg+xml", SMALL) is None
