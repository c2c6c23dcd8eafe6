"""Two displays, each a bundle of media types: compared by the richest type that both have."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlops.jobs.outputs.images import compare_images
from jupyter_mlops.jobs.outputs.masks import masked
from jupyter_mlops.jobs.outputs.rules import SAME, Compared, Rules, differs, was, within
from jupyter_mlops.jobs.outputs.structures import compare_structures
from jupyter_mlops.jobs.outputs.tables import compare_tables, read_page
from jupyter_mlops.jobs.outputs.texts import compare_lines, compare_texts

__all__ = ["compare_bundles", "says_nothing"]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_OURS = '<div class="jmlops-'  # a card of this package: it shows run ids, times and states, and is no result
_PIXELS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_DRAWING = "image/svg+xml"
_TEXTS = ("text/latex", "text/markdown", "text/plain")
_MADE_UP_IN_A_DRAWING = re.compile(
    r"(?<=[\"#_])[a-z]?[0-9a-f]{10}\b|(?<=<dc:date>)[^<]*|<!--.*?-->", re.DOTALL
)

Bundle = Mapping[str, Any]


def says_nothing(bundle: Bundle) -> bool:
    """Tell whether a display is no result: a card that this package shows of its own books."""
    return _text(bundle.get("text/html", "")).lstrip().startswith(_OURS)


def compare_bundles(before: Bundle, after: Bundle, rules: Rules) -> Compared:
    """Compare two displays by what of them says most and both have; ids that are made up each time are masked."""
    if before == after:
        return SAME
    if _WIDGET in before and _WIDGET in after:
        # Its model's id is made up, and its state stands in the notebook's own metadata.
        return _plain(before, after, rules)
    shared = _richest([kind for kind in before if kind in after])
    if shared is None or shared != _richest(list(before)):
        kinds = [_richest(list(bundle)) or "nothing" for bundle in (before, after)]
        if kinds[0] != kinds[1]:
            return differs(f"shows another kind: it {was(*kinds)}")
    return SAME if shared is None else _comparer(shared)(before[shared], after[shared], rules)


def _plain(before: Bundle, after: Bundle, rules: Rules) -> Compared:
    return compare_texts(_text(before.get("text/plain", "")), _text(after.get("text/plain", "")), rules)


def _richest(kinds: list[str]) -> str | None:
    """Return which of *kinds* says most: an image, data, a page, a text."""
    data = sorted(kind for kind in kinds if kind.endswith("json") and kind != _WIDGET)
    order = (*_PIXELS, _DRAWING, *data, "text/html", *_TEXTS, *sorted(kinds))
    return next((kind for kind in order if kind in kinds), None)


def _comparer(kind: str) -> Callable[[Any, Any, Rules], Compared]:
    if kind in _PIXELS:
        return lambda before, after, _: compare_images(_bytes(before), _bytes(after))
    if kind == _DRAWING:
        return _compare_drawings
    if kind.endswith("json"):
        return compare_structures
    return _compare_pages if kind == "text/html" else _compare_as_text


def _text(part: Any) -> str:
    return "".join(map(str, part)) if isinstance(part, list) else str(part)


def _bytes(part: Any) -> bytes:
    try:
        return base64.b64decode(_text(part))
    except ValueError:
        return _text(part).encode("utf-8", "replace")


def _compare_as_text(before: Any, after: Any, rules: Rules) -> Compared:
    return compare_texts(_text(before), _text(after), rules)


def _compare_drawings(before: Any, after: Any, rules: Rules) -> Compared:
    one, two = (masked(_MADE_UP_IN_A_DRAWING.sub("", _text(part)), rules.masks) for part in (before, after))
    compared = compare_lines(one, two, rules)
    return differs(f"of the drawing, {compared.says}") if compared.differs else compared


def _compare_pages(before: Any, after: Any, rules: Rules) -> Compared:
    """Compare what a reader of two pages sees: tables by their cells, then the text; markup only where it is all there is."""
    pages = read_page(_text(before)), read_page(_text(after))
    tables = compare_tables(pages[0].tables, pages[1].tables, rules)
    if tables.differs:
        return tables
    texts = [masked(page.text, rules.masks) for page in pages]
    if not any(texts) and not pages[0].tables:
        texts = [masked(_text(part), rules.masks) for part in (before, after)]
    around = compare_lines(texts[0], texts[1], rules)
    return around if tables is SAME or around.differs else within(tables.says)
