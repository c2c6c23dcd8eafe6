"""Steps that need each other as a drawing without scripts: a box each, from left to right, and a line where one needs another.

It takes the colour of the text around it; what became of a step is said by a sign and a word, which a colour only helps.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from html import escape

from jupyter_mlops.render.blocks import Box, Flow, Tone
from jupyter_mlops.render.layers import Layered, layered
from jupyter_mlops.render.plain import plain

__all__ = ["drawn_flow"]

_WIDE, _BETWEEN = 158, 34  # a box, and the room for lines between two layers: five of them fit into a card
_EDGE = 2  # around the drawing, so that no line is cut
_LETTERS, _LETTERS_BELOW = 16, 21  # of a name that have room in a box, and of what stands below it
_MANY = 10  # boxes above each other, from which on each has one line only
_TALL, _GAP = 44, 14
_LOW, _CLOSE = 26, 8
_LINE = 'fill="none" stroke="currentColor" stroke-opacity=".5"'
_OUTLINE = 'fill="currentColor" fill-opacity=".04" stroke="currentColor" stroke-opacity=".45"'
_DASHES = ' stroke-dasharray="4 3"'


def drawn_flow(flow: Flow, colours: Mapping[Tone, str]) -> str:
    """Draw *flow*; *colours* are those of the tones that have one."""
    needs = [box.needs for box in flow.boxes]
    tall, gap = _TALL, _GAP
    found = layered(needs, tall=tall, gap=gap)
    if found.widest > _MANY:
        tall, gap = _LOW, _CLOSE
        found = layered(needs, tall=tall, gap=gap)
    width = _left_of(max(found.layers, default=0)) + _WIDE + _EDGE
    lowest = [height + tall / 2 for height in found.heights]
    height = round(
        max([*lowest, *(point for *_, way in found.lines for point in way)], default=0.0) + 2 * _EDGE
    )
    parts = [*_lines(flow, found), *_boxes(flow, found, tall, colours)]
    label = _safe(flow.title)
    return (
        # What can be scrolled must be reached by keys, too.
        f'<div style="overflow-x:auto;margin:6px 0" role="group" tabindex="0" aria-label="{label}">'
        f'<svg role="img" aria-label="{label}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'style="display:block;font-family:inherit"><title>{label}</title> {" ".join(parts)}</svg></div>'
    )


def _safe(text: str) -> str:
    return escape(plain(text))


def _clip(text: str, most: int) -> str:
    """Leave out the middle: names of steps often differ in their ends only. Some letters take the room of two."""
    wide = sum(unicodedata.east_asian_width(c) in {"W", "F"} for c in text)
    most = most * len(text) // (len(text) + wide) if wide else most
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}" if len(text) > most else text


def _left_of(layer: int) -> int:
    return _EDGE + layer * (_WIDE + _BETWEEN)


def _lines(flow: Flow, found: Layered) -> Iterator[str]:
    for before, box, way in found.lines:
        x, y = _left_of(found.layers[before]) + _WIDE, found.heights[before] + _EDGE
        path = f"M{x} {y:.1f}"
        for at, height in enumerate(way, found.layers[before] + 1):
            path += f"{_curve(x, y, _left_of(at), height + _EDGE)}h{_WIDE}"
            x, y = _left_of(at) + _WIDE, height + _EDGE
        end, middle = _left_of(found.layers[box]), found.heights[box] + _EDGE
        dashes = _DASHES if flow.boxes[box].faint else ""
        yield f'<path d="{path}{_curve(x, y, end - 1, middle)}" {_LINE}{dashes}/>'
        yield f'<path d="M{end - 7} {middle - 3.5:.1f}L{end - 1} {middle:.1f}L{end - 7} {middle + 3.5:.1f}" {_LINE}/>'


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (x + to_x) / 2
    return f"C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"


def _boxes(flow: Flow, found: Layered, tall: int, colours: Mapping[Tone, str]) -> Iterator[str]:
    places = zip(flow.boxes, found.layers, found.heights, strict=True)
    # From left to right and from the top down, as they are read where only the words are left.
    for box, layer, middle in sorted(places, key=lambda place: place[1:]):
        x, y = _left_of(layer), middle - tall / 2 + _EDGE
        yield (
            # An SVG of its own cuts off what has no room: letters are of many widths.
            f'<svg x="{x}" y="{y:.1f}" width="{_WIDE}" height="{tall}"><title>{_safe(box.whole)}</title> '
            f"{_frame(box, tall, colours)}{_words(box, tall, colours)}</svg>"
        )


def _frame(box: Box, tall: int, colours: Mapping[Tone, str]) -> str:
    dashes = _DASHES if box.faint else ""
    outline = (
        f"M5 .5H{_WIDE - 5}q4.5 0 4.5 4.5V{tall - 5}q0 4.5 -4.5 4.5H5q-4.5 0 -4.5 -4.5V5q0 -4.5 4.5 -4.5z"
    )
    bar = (
        f'<path d="M2.5 4V{tall - 4}" stroke-width="3" stroke="currentColor" style="stroke:{colours[box.tone]}"/>'
        if box.tone in colours
        else ""
    )
    return f'<path d="{outline}" {_OUTLINE}{dashes}/>{bar}'


def _words(box: Box, tall: int, colours: Mapping[Tone, str]) -> str:
    line = tall / 2 + 4 if tall == _LOW else 18
    sign = ""
    if box.sign:
        look = f' style="fill:{colours[box.tone]}"' if box.tone in colours else ""
        sign = f'<text x="17" y="{line:.4g}" text-anchor="middle" font-size="12" font-weight="700" fill="currentColor"{look}>{_safe(box.sign)}</text> '
    left = 28 if box.sign else 11
    name = f'<text x="{left}" y="{line:.4g}" font-size="12" font-weight="600" fill="currentColor">{_safe(_clip(box.name, _LETTERS))}</text>'
    if tall == _LOW or not box.text:
        return sign + name
    below = _safe(_clip(box.text, _LETTERS_BELOW))
    return f'{sign}{name} <text x="{left}" y="34" font-size="11" fill="currentColor" fill-opacity=".85">{below}</text>'
