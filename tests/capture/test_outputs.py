"""Figures and displays as bytes."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys

import matplotlib.pyplot as plt
import pytest

from jupyter_mlops.capture.outputs import display_outputs, figures, output_mark


@pytest.fixture(autouse=True)
def _own_figures():
    plt.switch_backend("agg")
    plt.close("all")
    yield
    plt.close("all")


def test_open_figures_become_named_pictures_and_stay_as_they_were() -> None:
    plt.figure(num="loss curve")
    plt.plot([1, 2])
    second = plt.figure()
    first, other = figures()
    assert (first.name, other.name) == ("figures/loss-curve.png", f"figures/figure-{second.number}.png")
    assert first.content.startswith(b"\x89PNG")
    assert first.digest == hashlib.sha256(first.content).hexdigest()
    assert plt.gcf() is second
    assert len(plt.get_fignums()) == 2


def test_equal_figures_are_equal_bytes() -> None:
    plt.plot([1, 2])
    assert figures() == figures()


def test_a_figure_that_cannot_be_drawn_is_left_out() -> None:
    plt.figure()
    plt.figure().savefig = None  # type: ignore[assignment]
    assert len(figures()) == 1


def test_matplotlib_is_not_imported_for_it() -> None:
    code = "import sys; from jupyter_mlops.capture.outputs import figures; assert figures() == (); assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_rich_parts_of_a_display_become_files() -> None:
    png = base64.b64encode(b"\x89PNG...").decode()
    bundle = {
        "text/plain": "<Figure>",
        "image/png": png,
        "text/html": "<b>x</b>",
        "application/vnd.plotly.v1+json": {"a": 1},
    }
    found = display_outputs(bundle, "out 1")
    assert [(o.name, o.media_type, o.content) for o in found] == [
        ("out-1.png", "image/png", b"\x89PNG..."),
        ("out-1.html", "text/html", b"<b>x</b>"),
        ("out-1.json", "application/vnd.plotly.v1+json", b'{"a": 1}'),
    ]


def test_plain_text_is_kept_only_where_it_is_all_there_is() -> None:
    (only,) = display_outputs({"text/plain": ["a", "b"]}, "o")
    assert (only.name, only.content) == ("o.txt", b"ab")


def test_what_cannot_be_written_is_left_out() -> None:
    assert display_outputs({"image/png": 3, "application/x+json": object(), "text/unknown": "x"}, "o") == ()


PNG = base64.b64encode(b"\x89PNG one").decode()
STYLED = {"text/plain": "<pandas.io.formats.style.Styler at 0x7f00aa11>"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"image/png": PNG, "text/plain": "<Figure 1>"},
            {"image/png": b"\x89PNG one", "text/plain": "<Figure 2>"},
        ),
        ({"text/plain": "<a.Model at 0x7f00aa11>"}, {"text/plain": "<a.Model at 0x7f00bb22>"}),
        (
            {"text/plain": "Ridge()", "text/html": "<p id=sk-1>"},
            {"text/plain": "Ridge()", "text/html": "<p id=sk-2>"},
        ),
        ({**STYLED, "text/html": "<p id=T_0a1b2_row0>"}, {**STYLED, "text/html": "<p id=T_ffa00_row0>"}),
        (
            {"text/html": f"<p id='{'0a' * 4}-{'0a' * 2}-{'0a' * 2}-{'0a' * 2}-{'0a' * 6}'>"},
            {"text/html": f"<p id='{'1b' * 4}-{'1b' * 2}-{'1b' * 2}-{'1b' * 2}-{'1b' * 6}'>"},
        ),
        (
            {"image/svg+xml": '<svg id="p0123456789" url(#m0123456789)><dc:date>2026-01-05</dc:date>'},
            {"image/svg+xml": '<svg id="pabcdef0123" url(#mabcdef0123)><dc:date>2026-01-06</dc:date>'},
        ),
    ],
)
def test_what_is_another_each_time_is_no_difference(one, other) -> None:
    assert output_mark(one) == output_mark(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"image/png": PNG}, {"image/png": base64.b64encode(b"\x89PNG two").decode()}),
        ({"text/plain": "3"}, {"text/plain": "4"}),
        ({"text/plain": "", "text/html": "<b>1</b>"}, {"text/plain": "", "text/html": "<b>2</b>"}),
        ({**STYLED, "text/html": "<p>3"}, {**STYLED, "text/html": "<p>4"}),
        ({**STYLED, "text/html": "<p>1234567890"}, {**STYLED, "text/html": "<p>1234567891"}),
        (
            {"text/plain": "<Figure>", "image/svg+xml": "<svg>1"},
            {"text/plain": "<Figure>", "image/svg+xml": "<svg>2"},
        ),
        ({"application/x+json": {"a": 1}}, {"application/x+json": {"a": 2}}),
        ({"text/html": ["<b>", "1"]}, {"text/html": ["<b>", "2"]}),
    ],
)
def test_what_differs_has_another_mark(one, other) -> None:
    assert output_mark(one) != output_mark(other)


def test_a_mark_names_its_kind_and_of_pixels_is_the_digest_of_the_file_that_is_kept() -> None:
    (file,) = display_outputs({"image/png": PNG, "text/plain": "<Figure>"}, "figure-1")
    assert output_mark({"image/png": PNG, "text/plain": "<Figure>"}) == f"image/png:{file.digest}"
    assert output_mark({"text/plain": "3", "text/html": "<b>3</b>"}).startswith("text/plain:")


def test_what_this_package_shows_of_its_books_and_what_shows_nothing_have_no_mark() -> None:
    assert output_mark({"text/html": '<div class="jmlops-still" style="">', "text/plain": "run 1"}) == ""
    assert output_mark({}) == ""
    assert output_mark({"application/octet-stream": object()}) == ""
