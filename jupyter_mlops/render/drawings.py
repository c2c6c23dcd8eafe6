"""Pictures of several runs as drawings without scripts: curves over each other, lines across axes, points over two.

Colours are those of Okabe and Ito, drawn towards the colour of the text so that they stand out on light and on dark;
a pattern of dashes goes with each, for those who do not tell colours apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise

from jupyter_mlops.render.blocks import Axis, Overlay, Scatter, Series, Strands
from jupyter_mlops.render.plain import plain
from jupyter_mlops.render.sparks import as_characters, share
from jupyter_mlops.render.words import number

__all__ = ["drawn_overlay", "drawn_scatter", "drawn_strands"]

_LINES = (
    ("#0072b2", 78, ""),
    ("#d55e00", 85, "6 3"),
    ("#009e73", 75, "2 2"),
    ("#cc79a7", 75, "8 2 2 2"),
    ("#888888", 20, "1 3"),
)
_LABEL = 'font-size="11" fill="currentColor"'
_FAINT = 'stroke="currentColor" stroke-opacity=".4" fill="none"'
_LETTER = 6.6  # the widest a letter of a label is, as a rule
_CLIPPED = 16  # letters of a name

Spot = tuple[float, float]


def _safe(text: str) -> str:
    return escape(plain(text))


def _clip(name: str, most: int = _CLIPPED) -> str:
    """Leave out the middle: names of runs often differ in their ends only."""
    tail = (most - 1) // 2
    return f"{name[: most - 1 - tail]}…{name[len(name) - tail :]}" if len(name) > most else name


def _text(x: float, y: float, said: str, anchor: str = "start", look: str = "") -> str:
    return f'<text x="{x:.4g}" y="{y:.4g}" text-anchor="{anchor}" {_LABEL}{look}>{_safe(said)}</text>'


def _svg(width: int, height: int, label: str, parts: Iterable[str]) -> str:
    """Where a sanitiser takes the drawing away and leaves its words, they begin with a sentence and have space between them."""
    return (
        f'<div style="overflow-x:auto"><svg role="img" aria-label="{_safe(label)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" style="display:block;font-family:inherit">'
        + " ".join((f"<title>{_safe(label)}</title>", *parts))
        + "</svg></div>"
    )


def _stroke(colour: int) -> str:
    """The mixed colour where a browser knows it, else the plain one."""
    plain_one, much, dashes = _LINES[colour % len(_LINES)]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'stroke="{plain_one}" style="stroke:{_mixed(plain_one, much)}"{dashed}'


def _fill(colour: int) -> str:
    plain_one, much, _ = _LINES[colour % len(_LINES)]
    return f'fill="{plain_one}" style="fill:{_mixed(plain_one, much)}"'


def _mixed(colour: str, much: int) -> str:
    return f"color-mix(in srgb, {colour} {much}%, currentColor)"


def _spread(places: Sequence[float], gap: float, bottom: float) -> list[float]:
    """Move *places* down, and those at the bottom up, until there is a *gap* between any two."""
    order = sorted(range(len(places)), key=places.__getitem__)
    found = list(places)
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + gap)
    limit = bottom
    for place in reversed(order):
        found[place] = min(found[place], limit)
        limit = found[place] - gap
    return found


# --- curves over each other ---------------------------------------------------------------------------------------

_WIDE, _HIGH = 520, 150
_LEFT, _TOP, _BOTTOM = 64, 10, 26  # left at least, for what is said of the height


def drawn_overlay(overlay: Overlay) -> str:
    """Each line is named at its end with what it came to, so that there is no legend to decode."""
    shown = [(colour, line, _in_order(line)) for colour, line in enumerate(overlay.lines)]
    shown = [one for one in shown if one[2]]
    xs = [x for *_, spots in shown for x, _ in spots]
    ys = [y for *_, spots in shown for _, y in spots]
    left = max(_LEFT, 14 + _LETTER * max(map(len, overlay.reach)))
    right = _WIDE - 12 - _LETTER * max(len(_named(line)) for _, line, _ in shown)

    def at(spot: Spot) -> Spot:
        x = left + share(spot[0], min(xs), max(xs)) * (right - left)
        return x, _TOP + (1 - share(spot[1], min(ys), max(ys))) * (_HIGH - _TOP - _BOTTOM)

    ends = _spread([at(spots[-1])[1] for *_, spots in shown], 13, _HIGH - _BOTTOM + 4)
    label = f"{overlay.title}: " + "; ".join(f"{line.name} {line.text}" for _, line, _ in shown)
    return _svg(
        _WIDE,
        _HIGH,
        label,
        (
            *_frame(overlay, (left, right), low_is_high=min(ys) == max(ys)),
            *(_curve(colour, line, [at(spot) for spot in spots]) for colour, line, spots in shown),
            *(_text(right + 8, y + 4, _named(line)) for (_, line, _), y in zip(shown, ends, strict=True)),
        ),
    )


def _named(line: Series) -> str:
    return f"{_clip(line.name)} {number(_in_order(line)[-1][1])}"


def _in_order(line: Series) -> list[Spot]:
    """Return what can be drawn, from left to right; at one step in the order in which it was logged."""
    return sorted((spot for spot in line.points if math.isfinite(spot[1])), key=lambda spot: spot[0])


def _frame(overlay: Overlay, ends: tuple[float, float], *, low_is_high: bool) -> Iterator[str]:
    left, right = ends
    floor = _HIGH - _BOTTOM
    yield f'<path d="M{left - 6:.4g} {_TOP - 4}V{floor + 6}H{right:.4g}" {_FAINT}/>'
    if low_is_high:
        yield _text(left - 10, (_TOP + floor) / 2 + 4, overlay.reach[0], "end")
    else:
        yield _text(left - 10, floor + 4, overlay.reach[0], "end")
        yield _text(left - 10, _TOP + 4, overlay.reach[1], "end")
    yield _text(left, _HIGH - 5, overlay.ends[0])
    if overlay.ends[1]:
        yield _text(right, _HIGH - 5, overlay.ends[1], "end")


def _curve(colour: int, line: Series, places: Sequence[Spot]) -> str:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    (x, y) = places[-1]
    return (
        f'<path d="{path}" fill="none" stroke-width="1.6" stroke-linejoin="round" {_stroke(colour)}>'
        f"<title>{_safe(line.name)} {as_characters(line.points)}</title></path>"
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" {_fill(colour)}/>'
    )


# --- lines across axes --------------------------------------------------------------------------------------------

_CARD, _WIDEST = 890, 120  # so wide are all axes together where they can be, and so wide is each at most
_BOLD = 7.4  # the widest a letter of an axis' name is
_HEAD, _TALL, _FOOT = 34, 190, 20


def drawn_strands(strands: Strands) -> str:
    """The best run stands out, and those that have a colour in the curves have it here, too."""
    step = min(_WIDEST, _CARD // len(strands.axes))
    order = sorted(
        range(len(strands.names)),
        key=lambda place: (place == strands.best, strands.colours[place] is not None),
    )
    label = f"{len(strands.names)} runs across {', '.join(axis.name for axis in strands.axes)}; the table below says the same in numbers"
    return _svg(
        step * len(strands.axes),
        _HEAD + _TALL + _FOOT,
        label,
        (
            *(
                part
                for index, axis in enumerate(strands.axes)
                for part in _axis((index + 0.5) * step, step, axis)
            ),
            *(_strand(strands, place, step) for place in order),
        ),
    )


def _axis(x: float, step: float, axis: Axis) -> Iterator[str]:
    letters = int(step / _BOLD)
    yield f'<path d="M{x} {_HEAD}V{_HEAD + _TALL}" {_FAINT}/>'
    yield _text(x, 12, _clip(axis.name, letters), "middle", ' font-weight="600"')
    yield _text(x, _HEAD - 6, _clip(axis.greatest, letters), "middle")
    if axis.least != axis.greatest:
        yield _text(x, _HEAD + _TALL + 14, _clip(axis.least, letters), "middle")


def _strand(strands: Strands, place: int, step: float) -> str:
    """A run without a value leaves a gap."""
    pen, path = "M", ""
    for index, axis in enumerate(strands.axes):
        at = axis.places[place]
        if at is None:
            pen = "M"
            continue
        path += f"{pen}{(index + 0.5) * step:.4g} {_HEAD + (1 - at) * _TALL:.1f}"
        pen = "L"
    colour, best = strands.colours[place], place == strands.best
    stroke = (
        _stroke(colour)
        if colour is not None
        else f'stroke="currentColor" stroke-opacity="{1 if best else 0.35}"'
    )
    thick = 2.6 if best else 1.4
    return f'<path d="{path}" fill="none" stroke-width="{thick}" {stroke}><title>{_safe(strands.names[place])}</title></path>'


# --- points over two ----------------------------------------------------------------------------------------------

_BROAD, _LOFTY = 460, 240
_ASIDE, _BELOW, _EDGE = 66, 34, 12
_NAMED = 8  # points with names beside them; more would lie on each other
_ROOM = 90  # right of the points, for a name


def drawn_scatter(scatter: Scatter) -> str:
    """A run is named beside its point where there are few of them, else on asking."""
    floor = _LOFTY - _BELOW
    spots = [
        (
            place,
            (_ASIDE + 10 + x * (_BROAD - _ASIDE - _EDGE - _ROOM), _EDGE + 8 + (1 - y) * (floor - _EDGE - 16)),
        )
        for place, (x, y) in enumerate(zip(scatter.x.places, scatter.y.places, strict=True))
        if x is not None and y is not None
    ]
    return _svg(
        _BROAD,
        _LOFTY,
        f"{len(spots)} runs, {scatter.title}",
        (
            f'<path d="M{_ASIDE} {_EDGE}V{floor}H{_BROAD - _EDGE}" {_FAINT}/>',
            _text(
                _ASIDE + 10,
                floor + 14,
                scatter.x.least,
                "middle" if len(scatter.x.least) < _CLIPPED else "start",
            ),
            *(
                [_text(_BROAD - _ROOM - 2, floor + 14, _clip(scatter.x.greatest), "middle")]
                if scatter.x.least != scatter.x.greatest
                else []
            ),
            _text(_ASIDE - 6, floor - 4, _clip(scatter.y.least, 9), "end"),
            *(
                [_text(_ASIDE - 6, _EDGE + 12, _clip(scatter.y.greatest, 9), "end")]
                if scatter.y.least != scatter.y.greatest
                else []
            ),
            _text((_ASIDE + _BROAD - _EDGE) / 2, _LOFTY - 5, scatter.x.name, "middle"),
            *(_point(scatter, place, spot) for place, spot in spots),
        ),
    )


def _point(scatter: Scatter, place: int, spot: Spot) -> str:
    x, y = spot
    name, colour = scatter.names[place], scatter.colours[place]
    best = place == scatter.best
    fill = _fill(colour) if colour is not None else f'fill="currentColor" fill-opacity="{1 if best else 0.5}"'
    said = f"{name}: {scatter.x.name} {scatter.x.said[place]}, {scatter.y.name} {scatter.y.said[place]}"
    beside = (
        _text(x + 8, y + 4, ("★ " if best else "") + _clip(name, 14))
        if best or len(scatter.names) <= _NAMED
        else ""
    )
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" {fill}><title>{_safe(said)}</title></circle>{beside}'
