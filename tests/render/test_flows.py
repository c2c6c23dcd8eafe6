"""The drawing of steps: each is named, lies within its frame, and tells what became of it by more than a colour."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from jupyter_mlops.render.blocks import Box, Flow, Tone
from jupyter_mlops.render.flows import drawn_flow
from tests.render.records_shown import EVIL

COLOURS = {Tone.GOOD: "var(--good, #070)", Tone.BAD: "var(--bad, #700)", Tone.WARN: "var(--warn, #760)"}
FLOW = Flow(
    "air: 1 ran, 1 failed, 1 blocked",
    (
        Box("clean", "ran · 2 s", "clean ran", (), "✓", Tone.GOOD),
        Box("train", "failed", "train failed: MemoryError", (0,), "✕", Tone.BAD),
        Box("report", "blocked", "report blocked", (1,), "■", Tone.WARN, faint=True),
    ),
)


def drawn(flow: Flow) -> str:
    return drawn_flow(flow, COLOURS)


def words(html: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", html)


def frame(html: str) -> tuple[float, float]:
    return tuple(map(float, re.findall(r'viewBox="0 0 (\d+) (\d+)"', html)[0]))


def boxes(html: str) -> list[tuple[float, float, float, float]]:
    found = re.findall(r'<svg x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)">', html)
    return [tuple(map(float, one)) for one in found]


def test_each_step_has_its_sign_its_name_what_became_of_it_and_all_of_it_on_asking() -> None:
    html = drawn(FLOW)

    assert words(html) == ["✓", "clean", "ran · 2 s", "✕", "train", "failed", "■", "report", "blocked"]
    assert re.findall(r"<title>([^<]*)</title>", html) == [FLOW.title, *(box.whole for box in FLOW.boxes)]
    assert html.count("stroke-dasharray") == 2  # the box that did not come about, and the line to it


def test_the_drawing_has_a_name_and_can_be_reached_by_keys() -> None:
    html = drawn(FLOW)

    assert f'<svg role="img" aria-label="{FLOW.title}"' in html
    assert re.match(r'<div style="overflow-x:auto[^"]*" role="group" tabindex="0" aria-label="air: ', html)


def test_it_takes_the_colour_of_the_page_and_each_colour_of_its_own_has_a_fallback() -> None:
    html = drawn(FLOW)

    assert set(re.findall(r' (?:stroke|fill)="([^"]*)"', html)) == {"currentColor", "none"}
    assert set(re.findall(r'style="(?:stroke|fill):([^"]*)"', html)) == set(COLOURS.values())
    assert "style=" not in "".join(
        re.findall(r"<(?:path|text)[^>]*>", drawn(Flow("x", (Box("a", "", "a"),))))
    )


@pytest.mark.parametrize(
    "flow",
    [
        Flow("none", ()),
        Flow("one", (Box("a", "b", "c"),)),
        Flow("row", tuple(Box(f"step {n}", "ran", "", (n - 1,) if n else ()) for n in range(60))),
        Flow("fan", (Box("a", "", ""), *(Box(str(n), "", "", (0,)) for n in range(58)), Box("z", "", "", tuple(range(1, 59))))),
        Flow("long way", (*(Box(str(n), "", "", (n - 1,) if n else ()) for n in range(6)), Box("b", "", ""), Box("z", "", "", (5, 6)))),
    ],
    ids=lambda flow: flow.title,
)  # fmt: skip
def test_everything_lies_within_the_frame_and_no_box_on_another(flow: Flow) -> None:
    html = drawn(flow)
    width, height = frame(html)
    found = boxes(html)

    assert len(found) == len(flow.boxes)
    assert all(x + wide <= width and y + high <= height for x, y, wide, high in found)
    for at, (x, y, wide, high) in enumerate(found):
        for left, top, *_ in found[:at]:
            assert abs(x - left) >= wide or abs(y - top) >= high
    ends = [
        (float(x), float(y))
        for path in re.findall(r'<path d="(M[^"]*C[^"]*)"', html)
        for x, y in re.findall(r"([\d.]+) ([\d.]+)(?=[CML]|h\d|$)", path)
    ]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in ends)


def test_many_above_each_other_are_low_and_keep_their_names() -> None:
    ten, eleven = (Flow("x", tuple(Box(f"step {n}", "ran", "") for n in range(count))) for count in (10, 11))

    assert frame(drawn(eleven))[1] < frame(drawn(ten))[1]
    assert words(drawn(eleven)) == [f"step {n}" for n in range(11)]
    assert words(drawn(ten)).count("ran") == 10


@pytest.mark.parametrize("name", ["x" * 300, "清洗" * 40, "a" * 8 + "清" * 12])
def test_a_long_name_loses_its_middle_and_is_whole_on_asking(name: str) -> None:
    html = drawn(Flow("x", (Box(name, name, name, sign="✓"),)))
    _, shown, below = words(html)

    assert shown[0] == name[0]
    assert shown[-1] == name[-1]
    assert "…" in shown
    for text, most in ((shown, 16), (below, 21)):
        assert sum(2 if unicodedata.east_asian_width(c) == "W" else 1 for c in text) <= most + 2
    assert f"<title>{name}</title>" in html


def test_names_from_files_stay_text() -> None:
    class Elements(HTMLParser):
        found: set[str] = set()

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.found.add(tag)

    html = drawn(
        Flow(EVIL, tuple(replace(box, name=EVIL, text=EVIL, whole=EVIL, sign=EVIL) for box in FLOW.boxes))
    )
    Elements().feed(html)

    assert Elements.found == {"div", "svg", "title", "path", "text"}
    assert "\x1b" not in html
