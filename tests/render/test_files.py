"""A file of a run as it is shown: its words, or what it is and how to get it."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.records.artifact import Artifact, ArtifactContent
from jupyter_mlops.render.html import as_html
from jupyter_mlops.render.text import as_text
from tests.render.records_shown import EVIL

FILE = Artifact(
    run="01m7xwy4ft6vjr09ecnrx4ah70", name="notes.txt", digest="ab" * 32, size=2048, media_type="text/plain"
)


def test_a_text_is_read_under_its_name_size_and_digest():
    shown = as_text(ArtifactContent(artifact=FILE, text="first\nsecond"))
    head, *rest = shown.splitlines()
    assert head.startswith("notes.txt")
    for said in ("text/plain", "2.0 kB", "ababab", "x4ah70"):
        assert said in head
    assert [line.strip() for line in rest] == ["Content", "first", "second"]


def test_what_is_not_shown_is_said():
    shown = as_text(ArtifactContent(artifact=FILE, note="neither a text nor a picture"))
    assert "neither a text nor a picture" in shown
    assert "Content" not in shown


def test_nothing_acts_that_stands_in_a_file_or_in_its_name():
    shown = as_html(ArtifactContent(artifact=replace(FILE, name=EVIL), text=EVIL))
    assert EVIL not in shown
    assert "<script" not in shown


def test_a_picture_is_drawn_and_a_large_one_or_one_that_could_hold_more_is_told():
    def drawn(**changes) -> str:
        return as_html(
            ArtifactContent(artifact=replace(FILE, name="figures/a.png", **changes), picture="iVBORw0K")
        )

    assert '<img src="data:image/png;base64,iVBORw0K"' in drawn(media_type="image/png")
    assert "<img" not in drawn(media_type="image/png", size=5_000_000)
    for kind in ("image/svg+xml", 'image/png" onerror="x'):
        assert "<img" not in drawn(media_type=kind)
    shown = as_text(ArtifactContent(artifact=replace(FILE, name="figures/a.png"), picture="iVBORw0K"))
    assert "jupyter mlops download x4ah70 figures/a.png writes it to a file" in shown


def test_an_empty_text_is_no_picture():
    assert "picture" not in as_text(ArtifactContent(artifact=FILE, text=""))
