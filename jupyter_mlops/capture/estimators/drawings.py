"""The confusion matrix and the curves of a classifier as small SVG pictures, drawn from their numbers.

On white, as a figure is: a page shows them as images, which know nothing of its theme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["drawings"]

_SIDE = 240  # of the square that is drawn into
_LEFT, _TOP, _RIGHT, _BOTTOM = 84, 34, 16, 56
_MOST_COUNTED = 12  # classes whose cells hold their number
_MOST_NAMED = 24  # and whose names stand at the sides
_LONGEST_NAME = 10  # characters
_CHARACTER = 6  # pixels that one takes
_BLUE, _GREY, _INK = "#0072b2", "#999999", "#222222"
_SAID = {"train": "training data", "test": "test data"}
_LIGHT = 0.55  # from this share on a cell is so dark that its number is white


def drawings(numbers: Mapping[str, Any], data: str) -> dict[str, bytes]:
    """Return the pictures that *numbers* make, by file name; *data* says of which data they are.

    Parameters
    ----------
    numbers
        What ``training.training_metrics`` tells: ``classes`` with ``confusion_matrix``, ``roc_curve`` and
        ``precision_recall_curve``, any of them.
    """
    found: dict[str, str] = {}
    if numbers.get("confusion_matrix"):
        found["confusion_matrix"] = _confusion(numbers["classes"], numbers["confusion_matrix"], data)
    if numbers.get("roc_curve"):
        found["roc_curve"] = _curve(
            numbers["roc_curve"],
            (f"ROC curve, {_SAID[data]}", "false positive rate", "true positive rate"),
            chance=True,
        )
    if numbers.get("precision_recall_curve"):
        found["precision_recall_curve"] = _curve(
            numbers["precision_recall_curve"],
            (f"Precision and recall, {_SAID[data]}", "recall", "precision"),
        )
    return {f"evaluation/{data}_{name}.svg": drawn.encode() for name, drawn in found.items()}


def _confusion(classes: Sequence[str], matrix: Sequence[Sequence[int]], data: str) -> str:
    step = _SIDE / len(classes)
    parts = [_frame()]
    turned = max(map(len, map(_short, classes))) * _CHARACTER > step
    for row, counts in enumerate(matrix):
        whole = sum(counts)
        for column, count in enumerate(counts):
            if not count:
                continue
            share = count / whole if whole else 0.0
            x, y = _LEFT + column * step, _TOP + row * step
            told = f"{classes[row]} taken for {classes[column]}: {count:,} ({share:.0%})"
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{step:.1f}" height="{step:.1f}" fill="{_BLUE}" '
                f'fill-opacity="{share:.3f}" stroke="#dddddd" stroke-width="0.5"><title>{escape(told)}</title></rect>'
            )
            if len(classes) <= _MOST_COUNTED:
                ink = "#ffffff" if share > _LIGHT else _INK
                parts.append(_text(x + step / 2, y + step / 2 + 4, f"{share:.0%}", fill=ink))
    if len(classes) <= _MOST_NAMED:
        for place, name in enumerate(classes):
            middle, said = (place + 0.5) * step, _short(name)
            parts.append(_text(_LEFT - 6, _TOP + middle + 4, said, anchor="end"))
            parts.append(_text(_LEFT + middle, _TOP + _SIDE + 14, said, turned=turned))
    return _picture(
        parts, (f"Confusion matrix, {_SAID[data]}: shares of each true class", "predicted", "true")
    )


def _curve(points: Sequence[Sequence[float]], words: tuple[str, str, str], *, chance: bool = False) -> str:
    parts = [_frame()]
    for tick in (0.0, 0.5, 1.0):
        parts.append(_text(_LEFT - 6, _TOP + (1 - tick) * _SIDE + 4, f"{tick:g}", anchor="end"))
        parts.append(_text(_LEFT + tick * _SIDE, _TOP + _SIDE + 14, f"{tick:g}"))
    if chance:
        parts.append(
            f'<line x1="{_LEFT}" y1="{_TOP + _SIDE}" x2="{_LEFT + _SIDE}" y2="{_TOP}" '
            f'stroke="{_GREY}" stroke-dasharray="4 3"/>'
        )
    path = " ".join(f"{_LEFT + x * _SIDE:.1f},{_TOP + (1 - y) * _SIDE:.1f}" for x, y in points)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{_BLUE}" stroke-width="2"/>')
    return _picture(parts, words)


def _frame() -> str:
    return f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="{_GREY}"/>'


def _picture(parts: Sequence[str], words: tuple[str, str, str]) -> str:
    title, across, up = words
    width, height = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BOTTOM
    middle = _TOP + _SIDE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="11" role="img" aria-label="{escape(title)}">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        + _text(width / 2, 20, title, weight="bold")
        + "".join(parts)
        + _text(_LEFT + _SIDE / 2, height - 8, across)
        + f'<g transform="rotate(-90 14 {middle})">{_text(14, middle + 4, up)}</g></svg>\n'
    )


def _text(
    x: float,
    y: float,
    said: str,
    *,
    anchor: str = "middle",
    fill: str = _INK,
    weight: str = "normal",
    turned: bool = False,
) -> str:
    turn = f' transform="rotate(-40 {x:.1f} {y:.1f})"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{"end" if turned else anchor}" fill="{fill}" '
        f'font-weight="{weight}"{turn}>{escape(said)}</text>'
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
