"""HTML without scripts: whatever a text holds stays text, and the elements carry the meaning without their styles."""

from __future__ import annotations

import math
import re
import unicodedata
from html.parser import HTMLParser

import pytest

from jupyter_mlops.render.blocks import (
    Bullets,
    Column,
    Facts,
    Fold,
    Item,
    Line,
    Series,
    Sparks,
    Table,
    Title,
    Tone,
)
from jupyter_mlops.render.html import as_html, html_of
from jupyter_mlops.render.plain import plain
from tests.render.blocks_shown import every_block

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '" style="background:url(http://evil.example)" x="',
    "</title></svg></summary></details></pre></td></table></div><iframe src=//evil.example>",
    "<!-- <b>",
    "]]><a href='javascript:alert(1)'>x</a>",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "half a pair \udc80, turned \u202e round, nothing \x00 at all",
)
ELEMENTS = {
    "div", "p", "strong", "span", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "details", "summary", "pre",
    "svg", "title", "path", "circle", "figure", "figcaption", "img", "text",
}  # fmt: skip
ATTRIBUTES = {
    "style", "class", "scope", "open", "role", "aria-label", "width", "height", "viewbox", "d", "fill", "stroke", "stroke-width",
    "stroke-linejoin", "cx", "cy", "r", "src", "alt", "x", "y", "text-anchor", "font-size",
    "font-weight", "stroke-dasharray", "stroke-opacity", "fill-opacity", "tabindex",
}  # fmt: skip


class Page(HTMLParser):
    """What a browser makes of it: the elements in their order, their attributes, the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.roots = 0
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.roots += not self.open
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_becomes_an_element_or_an_attribute_wherever_it_stands(hostile: str) -> None:
    page, harmless = Page(html_of(every_block(hostile))), Page(html_of(every_block("x")))

    assert page.elements == harmless.elements
    assert [name for name, _ in page.attributes] == [name for name, _ in harmless.attributes]
    assert set(page.elements) <= ELEMENTS
    assert {name for name, _ in page.attributes} <= ATTRIBUTES
    for name, value in page.attributes:
        assert name != "src" or value == "data:image/png;base64,AAAA"
        if name not in {"aria-label", "alt"}:
            assert not re.search(r"url\(|expression|javascript|@import|evil", value)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_is_read_is_what_was_written_without_what_acts(hostile: str) -> None:
    page = Page(html_of([Line(hostile), Facts(((hostile, hostile),)), Fold(hostile, hostile)]))

    assert page.texts == [plain(hostile)] * 5
    assert not [c for text in page.texts for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}]
    assert html_of(every_block(hostile)).encode("utf-8")  # half a pair would keep a notebook from being saved


def test_everything_stands_in_one_element_even_where_there_is_nothing() -> None:
    assert Page(html_of(every_block("x"))).roots == 1
    assert Page(html_of([])).roots == 1


def test_where_a_code_host_drops_the_styles_the_elements_still_tell() -> None:
    bare = re.sub(r' (style|class)="[^"]*"', "", html_of(every_block("x")))

    assert "<p><span>x</span> <strong>x</strong></p>" in bare  # the line that answers
    assert "<p>x</p>" in bare  # one that does not
    assert bare.count('<th scope="col">x</th>') == 3
    assert '<tr><th scope="row">x</th><td>x</td></tr>' in bare
    assert "<ul><li><span>x</span> x</li><li>x</li></ul>" in bare
    assert "<details><summary>x</summary><pre>x</pre></details>" in bare
    assert "<details open>" in bare
    assert "<pre><span>+x</span>\n<span>-x</span>\n x</pre>" in bare


def test_every_style_stands_on_its_element_and_every_colour_has_a_fallback() -> None:
    drawn = html_of(every_block("x"))

    assert "<style" not in drawn
    assert re.findall(r"var\(--jp-[\w-]+\)", drawn) == []
    # The text takes the colour of its page: a fixed one would vanish in the dark. Pictures are drawn for white.
    assert not re.search(r"background(-color)?:", re.sub(r"<img [^>]*>", "", drawn))


def test_numbers_stand_at_the_right_and_a_long_text_may_break() -> None:
    table = Table((Column("name"), Column("mae", numeric=True)), (("a" * 40, "41.2"), ("b " * 40, "1")))
    drawn = html_of([table])
    styles = {text: style for style, text in re.findall(r'<t[dh][^>]*style="([^"]*)"[^>]*>([^<]*)<', drawn)}

    found = re.findall(r'<(t[dh])(?: scope="col")? style="text-align:(\w+);[^"]*"', drawn)
    assert found == [
        ("th", "left"),
        ("th", "right"),
        ("td", "left"),
        ("td", "right"),
        ("td", "left"),
        ("td", "right"),
    ]
    assert "nowrap" not in styles["b " * 40]
    assert drawn.count("white-space:nowrap") == 5
    assert drawn.count("overflow-x:auto") == 1


def test_a_row_that_does_not_fit_its_columns_is_a_fault_and_not_a_shifted_table() -> None:
    with pytest.raises(ValueError, match="zip"):
        html_of([Table((Column("a"), Column("b")), (("only one",),))])


def test_a_sign_has_a_colour_only_where_its_tone_has_one() -> None:
    plain_sign = html_of([Line("x", sign="■"), Title("x", sign="■"), Bullets("t", (Item("x", "■"),))])

    assert "color:" not in re.sub(r"border-color|var\([^)]*\)", "", plain_sign.partition(">")[2])
    assert "--jp-error-color1" in html_of([Line("x", sign="✕", tone=Tone.BAD)])
    assert "<span" not in html_of([Line("x", tone=Tone.BAD)])  # without a sign there is nothing to colour


def light(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return sum(share * x for share, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("ground", "text", "success", "error", "warn", "brand"),
    [
        ("#111111", "#ffffff", "#4caf50", "#f44336", "#ff9800", "#2196f3"),  # JupyterLab Dark: the page
        ("#212121", "#ffffff", "#4caf50", "#f44336", "#ff9800", "#2196f3"),  # and every other row of a table
        ("#ffffff", "#212121", "#388e3c", "#d32f2f", "#f57c00", "#1976d2"),  # JupyterLab Light
        ("#1f1f1f", "#cccccc", "", "", "", ""),  # dark elsewhere, where the fallbacks count
        ("#ffffff", "#3b3b3b", "", "", "", ""),
    ],
)
def test_what_has_a_colour_stands_out_in_the_light_and_in_the_dark(
    ground: str, text: str, success: str, error: str, warn: str, brand: str
) -> None:
    themes = {"success": success, "error": error, "warn": warn, "brand": brand}
    drawn = html_of([Line("x", sign="●", tone=tone) for tone in (Tone.GOOD, Tone.BAD, Tone.WARN, Tone.BUSY)])
    found = re.findall(
        r"color:color-mix\(in srgb, var\(--jp-(\w+)-color1, (#\w+)\) (\d+)%, currentColor\)", drawn
    )
    assert len(found) == 4
    for name, fallback, share in found:
        mixed = "#" + "".join(
            f"{round(int(one, 16) * int(share) / 100 + int(other, 16) * (1 - int(share) / 100)):02x}"
            for one, other in zip(
                re.findall("..", (themes[name] or fallback)[1:]), re.findall("..", text[1:]), strict=True
            )
        )
        dark, bright = sorted((light(mixed), light(ground)))
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, name


def test_a_difference_keeps_its_plus_and_minus_and_colours_only_those_lines() -> None:
    body = "--- a\n+++ b\n@@ -1 +1 @@\n-alpha = 0.3\n+alpha = 0.1\n print(alpha)\n\n+<b>"
    page = Page(html_of([Fold("Code", body, diff=True)]))

    assert "".join(page.texts) == f"Code{body}"
    assert page.elements.count("span") == 5


def test_a_curve_is_a_drawing_whose_title_draws_it_in_characters() -> None:
    drawn = html_of([Sparks((Series("mae ↓", ((0, 60.0), (1, 41.2)), "60 → 41.2"),))])

    assert drawn.count("<svg") == 1
    assert 'role="img" aria-label="mae ↓, 60 → 41.2"' in drawn
    assert "<title>█▁</title>" in drawn
    assert re.search(r'<path d="M3 3L117 21"', drawn)


@pytest.mark.parametrize("points", [(), ((0, math.nan),), ((0, 1.0),), ((0, math.inf), (1, 2.0))])
def test_a_curve_without_two_points_is_no_broken_drawing(points: tuple[tuple[float, float], ...]) -> None:
    drawn = html_of([Sparks((Series("mae", points, "1"),))])

    assert "nan" not in drawn.lower()
    assert "inf" not in drawn.lower()
    assert Page(drawn).elements.count("svg") == 1


def test_plain_data_is_drawn_as_well() -> None:
    assert Page(as_html({"<b>": 1.5})).texts == ["<b>", "1.5"]
    assert Page(as_html(None)).texts == ["None"]


def test_no_dollar_sign_begins_a_formula() -> None:
    assert 'class="jmlops-still mathjax_ignore tex2jax_ignore"' in as_html({"path": "$HOME/x · $TMP"})
