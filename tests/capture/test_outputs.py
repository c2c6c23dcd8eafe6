"""Figures and displays as bytes."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys

import matplotlib.pyplot as plt
import pytest

from jupyter_mlops.capture.outputs import display_outputs, figures


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
