"""A file of a run, looked at: what can be shown is shown, and of the rest it is said why not."""

from __future__ import annotations

import base64

import pytest

from jupyter_mlops.errors import NotFound
from jupyter_mlops.tracking import finish_run, get_artifact, log_artifact, start_run

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def run(ws) -> str:
    return start_run(ws, name="one").id


def look(ws, run: str, name: str, content: bytes, media_type: str | None = None):
    log_artifact(
        ws, run=run, content=content, name=name, **({"media_type": media_type} if media_type else {})
    )
    finish_run(ws, run=run)
    return get_artifact(ws, run[-6:], name)


def test_a_text_is_shown_as_it_is_whatever_its_kind_is_called(ws, run):
    shown = look(ws, run, "notes.bin", "größer\n日本".encode(), "application/octet-stream")
    assert (shown.text, shown.picture, shown.note) == ("größer\n日本", None, "")


def test_a_picture_comes_with_all_its_bytes(ws, run):
    shown = look(ws, run, "figures/a.png", PIXEL)
    assert base64.b64decode(shown.picture) == PIXEL
    assert shown.artifact.media_type == "image/png"
    assert shown.text is None


def test_bytes_that_are_neither_are_named_and_not_shown(ws, run):
    for place, content in enumerate((b"\xff\xfe\x00\x01", b"text with \0 in it")):
        other = start_run(ws, name=f"bytes-{place}").id
        shown = look(ws, other, "model.bin", content)
        assert (shown.text, shown.picture) == (None, None)
        assert "neither a text nor a picture" in shown.note


def test_a_long_text_is_cut_between_two_characters_and_says_so(ws, run):
    shown = look(ws, run, "long.txt", ("x" + "ü" * 150_000).encode())  # 200,000 bytes end inside an ü
    assert set(shown.text) == {"x", "ü"}
    assert len(shown.text.encode()) == 199_999
    assert "200,000 bytes" in shown.note


def test_the_beginning_of_large_bytes_is_no_text(ws, run):
    assert look(ws, run, "large.bin", b"\xff" * 300_000).text is None


def test_a_picture_that_no_page_would_take_is_not_sent(ws, run):
    shown = look(ws, run, "huge.png", b"\x89PNG" + b"0" * 5_000_000)
    assert shown.picture is None
    assert "too large" in shown.note


def test_a_file_that_is_not_there_is_told_with_what_lists_them(ws, run):
    finish_run(ws, run=run)
    with pytest.raises(NotFound) as missing:
        get_artifact(ws, run, "figures/none.png")
    assert "jupyter mlops artifacts" in missing.value.remedy
