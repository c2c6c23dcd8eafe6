"""Records as HTML without scripts: what a saved notebook, an export and a code host show.

Everything is escaped, every style stands on its element (a sanitiser drops style sheets), text takes the colour of
the page it stands in, and colours are JupyterLab's variables with a fallback. Code hosts drop the styles, too: the
elements alone must carry the meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from jupyter_mlops.render.blocks import (
    Block,
    Bullets,
    Cell,
    Facts,
    Flow,
    Fold,
    Line,
    Overlay,
    Picture,
    Pictures,
    Scatter,
    Series,
    Sparks,
    Strands,
    Table,
    Title,
    Tone,
)
from jupyter_mlops.render.drawings import drawn_overlay, drawn_scatter, drawn_strands
from jupyter_mlops.render.flows import drawn_flow
from jupyter_mlops.render.plain import plain
from jupyter_mlops.render.sparks import as_characters, as_path
from jupyter_mlops.render.views import blocks_of

__all__ = ["as_html", "html_of"]

# Drawn towards the text, whichever way that is: alone, a theme's red and orange are too near to its ground to be read.
_COLOURS = {
    tone: f"color-mix(in srgb, var(--jp-{theme}-color1, {fallback}) 65%, currentColor)"
    for tone, theme, fallback in (
        (Tone.GOOD, "success", "#388e3c"),
        (Tone.BAD, "error", "#d32f2f"),
        (Tone.WARN, "warn", "#e65100"),
        (Tone.BUSY, "brand", "#1976d2"),
    )
}
_BORDER = "1px solid var(--jp-border-color2, rgba(128,128,128,.4))"
_CARD = (
    f"border:{_BORDER};border-radius:4px;padding:8px 12px;margin:4px 0;max-width:72em;line-height:1.5;"
    "font-family:var(--jp-ui-font-family, system-ui, sans-serif);font-size:13px;overflow-wrap:break-word"
)
# A page without a document type lets tables forget the font; JupyterLab gives them one of its own.
_PLAIN_TABLE = "border-collapse:collapse;border:none;margin:2px 0;font-size:inherit;color:inherit"
_SPARK = (120, 24)  # width and height of a small curve
_SPARK_IN_A_ROW = (80, 18)
_NARROW = 40  # characters of a cell that stay on one line
_SHOWN = re.compile(
    r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}"
)  # pixels, nothing that acts
_THUMBNAIL = (
    "flex:1 1 120px;min-width:0;max-width:280px"  # two stand beside each other in a narrow place, too
)
_MONO = "font-family:var(--jp-code-font-family, monospace);font-size:12px"


def as_html(record: object, kind: str = "", *, narrowed: bool = False) -> str:
    """Return *record* (or a page, a tuple of records of *kind*, plain data) as one HTML element."""
    return html_of(blocks_of(record, kind, narrowed=narrowed))


def html_of(blocks: Iterable[Block]) -> str:
    """Return *blocks* as one HTML element, in which no dollar sign begins a formula: page and notebook typeset what stands between two."""
    return f'<div class="jmlops-still mathjax_ignore tex2jax_ignore" style="{_CARD}">{"".join(_element(block) for block in blocks)}</div>'


def _safe(text: str) -> str:
    return escape(plain(text))


def _sign(sign: str, tone: Tone) -> str:
    if not sign:
        return ""
    colour = f";color:{_COLOURS[tone]}" if tone in _COLOURS else ""
    return f'<span style="font-weight:700{colour}">{_safe(sign)}</span> '


def _element(block: Block) -> str:
    return _DRAWN[type(block)](block)


def _title(title: Title) -> str:
    state = f" <strong>{_safe(title.state)}</strong>" if title.state else ""
    aside = f' <span style="opacity:.8"> · {_safe(title.aside)}</span>' if title.aside else ""
    return (
        f'<p style="margin:0 0 4px"><strong style="font-size:1.15em">{_sign(title.sign, title.tone)}'
        f"{_safe(title.text)}</strong>{state}{aside}</p>"
    )


def _line(line: Line) -> str:
    text = f"<strong>{_safe(line.text)}</strong>" if line.strong else _safe(line.text)
    look = ";opacity:.8" if line.faint else ";font-size:1.08em" if line.strong else ""
    return f'<p style="margin:3px 0{look}">{_sign(line.sign, line.tone)}{text}</p>'


def _facts(facts: Facts) -> str:
    rows = "".join(_row(_safe(name), _safe(text)) for name, text in facts.pairs)
    return f'<table style="{_PLAIN_TABLE}">{rows}</table>'


def _row(name: str, content: str) -> str:
    return (
        '<tr><th scope="row" style="text-align:left;font-weight:400;opacity:.8;padding:1px 12px 1px 0;'
        f'vertical-align:top;white-space:nowrap">{name}</th>'
        f'<td style="text-align:left;padding:1px 0;font-variant-numeric:tabular-nums">{content}</td></tr>'
    )


def _table(table: Table) -> str:
    def cell(tag: str, said: Cell, *, numeric: bool) -> str:
        side = "right" if numeric else "left"
        figures = ";font-variant-numeric:tabular-nums" if numeric else ""
        figures += ";white-space:nowrap" if isinstance(said, Series) or len(said) <= _NARROW else ""
        scope = ' scope="col"' if tag == "th" else ""
        shown = _spark_in_a_row(said) if isinstance(said, Series) else _safe(said)
        return f'<{tag}{scope} style="text-align:{side};padding:2px 10px 2px 0;vertical-align:top{figures}">{shown}</{tag}>'

    head = "".join(cell("th", column.name, numeric=column.numeric) for column in table.columns)
    rows = "".join(
        f'<tr style="border-top:{_BORDER}">'
        + "".join(
            cell("td", text, numeric=column.numeric) for text, column in zip(row, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    title = f'<p style="margin:8px 0 2px"><strong>{_safe(table.title)}</strong></p>' if table.title else ""
    note = f'<p style="margin:2px 0;opacity:.8">{_safe(table.note)}</p>' if table.note else ""
    return (
        f'{title}<div style="overflow-x:auto"><table style="{_PLAIN_TABLE}">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def _bullets(bullets: Bullets) -> str:
    items = "".join(f"<li>{_sign(item.sign, item.tone)}{_safe(item.text)}</li>" for item in bullets.items)
    # Where each begins with a sign of its own, that is its bullet.
    signed = all(item.sign for item in bullets.items)
    look = "list-style:none;padding-left:0" if signed else "padding-left:1.2em"
    return (
        f'<p style="margin:8px 0 2px"><strong>{_safe(bullets.title)}</strong></p>'
        f'<ul style="margin:0;{look}">{items}</ul>'
    )


def _fold(fold: Fold) -> str:
    body = _diff(fold.body) if fold.diff else _safe(fold.body)
    opened = " open" if fold.open else ""
    return (
        f'<details style="margin:4px 0"{opened}><summary>{_safe(fold.title)}</summary>'
        f'<pre style="{_MONO};overflow-x:auto;white-space:pre;padding:6px;margin:4px 0;'
        f'border-left:2px solid rgba(128,128,128,.4)">{body}</pre></details>'
    )


def _sparks(sparks: Sparks) -> str:
    rows = [
        _row(_safe(series.name), f"{_spark(series, _SPARK)} {_safe(series.text)}") for series in sparks.series
    ]
    return f'<table style="{_PLAIN_TABLE}">{"".join(rows)}</table>'


def _spark_in_a_row(series: Series) -> str:
    return f"{_spark(series, _SPARK_IN_A_ROW)} {_safe(series.name)}".rstrip()


def _spark(series: Series, box: tuple[int, int]) -> str:
    """A curve as a drawing; where a sanitiser takes a drawing away, its title stays, and that draws in characters."""
    path, (x, y) = as_path(series.points, *box)
    label = ", ".join(filter(None, (_safe(series.name), _safe(series.text))))
    return (
        f'<svg role="img" aria-label="{label}" width="{box[0]}" height="{box[1]}" '
        f'viewBox="0 0 {box[0]} {box[1]}" style="vertical-align:middle;color:{_COLOURS[Tone.BUSY]}">'
        f"<title>{as_characters(series.points)}</title>"
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/>'
        f'<circle cx="{x}" cy="{y}" r="2" fill="currentColor"/></svg>'
    )


def _overlay(overlay: Overlay) -> str:
    return _headed(overlay.title, drawn_overlay(overlay))


def _strands(strands: Strands) -> str:
    return _headed(strands.title, drawn_strands(strands))


def _scatter(scatter: Scatter) -> str:
    return _headed(scatter.title, drawn_scatter(scatter))


def _flow(flow: Flow) -> str:
    return drawn_flow(flow, _COLOURS)


def _headed(title: str, drawing: str) -> str:
    return f'<p style="margin:8px 0 2px"><strong>{_safe(title)}</strong></p>{drawing}'


def _pictures(pictures: Pictures) -> str:
    """Without the styles the pictures stand below each other, each with its name."""
    sides = [(side, bool(_SHOWN.fullmatch(side.address))) for side in pictures.sides]
    if not any(shown for _, shown in sides):
        said = " | ".join(f"{_safe(side.name)} {_safe(side.text)}" for side in pictures.sides)
        return f'<p style="margin:3px 0">{_safe(pictures.title)} <span style="opacity:.8">{said}</span></p>'
    drawn = "".join(_side(side, shown=shown) for side, shown in sides)
    return (
        f'<p style="margin:8px 0 2px">{_safe(pictures.title)}</p>'
        f'<div style="display:flex;flex-wrap:wrap;gap:8px 16px;align-items:flex-end">{drawn}</div>'
    )


def _side(side: Picture, *, shown: bool) -> str:
    # On white, as figures are drawn: the labels of one without a background are black.
    look = "display:block;max-width:100%;height:auto;background:#fff"
    image = f'<img src="{side.address}" alt="picture of {_safe(side.name)}" style="{look}"/>' if shown else ""
    return (
        f'<figure style="margin:0;{_THUMBNAIL}">{image}<figcaption style="opacity:.8">'
        f"{_safe(side.name)} {_safe(side.text)}</figcaption></figure>"
    )


def _diff(body: str) -> str:
    """A plus or minus says it; the colour only helps."""
    lines = []
    for line in plain(body).splitlines():
        tone = Tone.GOOD if line[:1] == "+" else Tone.BAD if line[:1] == "-" else None
        text = escape(line)
        lines.append(f'<span style="color:{_COLOURS[tone]}">{text}</span>' if tone else text)
    return "\n".join(lines)


_DRAWN: Mapping[type, Callable[[Any], str]] = {
    Title: _title,
    Line: _line,
    Facts: _facts,
    Table: _table,
    Bullets: _bullets,
    Fold: _fold,
    Sparks: _sparks,
    Overlay: _overlay,
    Strands: _strands,
    Scatter: _scatter,
    Flow: _flow,
    Pictures: _pictures,
}
