"""Two displays, each a bundle of media types: compared by the richest type that both have."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_mlops.jobs.outputs.images import compare_images
from jupyter_mlops.jobs.outputs.masks import masked, masked_ids
from jupyter_mlops.jobs.outputs.rules import SAME, Compared, Rules, differs, incomparable, was, within
from jupyter_mlops.jobs.outputs.structures import compare_structures
from jupyter_mlops.jobs.outputs.tables import Page, compare_tables, read_page
from jupyter_mlops.jobs.outputs.texts import compare_lines, compare_texts

__all__ = ["compare_bundles", "says_nothing"]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_OURS = '<div class="jmlops-'  # a card of this package: it shows run ids, times and states, and is no result
_PIXELS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_DRAWING = "image/svg+xml"
_TEXTS = ("text/latex", "text/markdown", "text/plain")
_MADE_UP_IN_A_DRAWING = re.compile(r"(?<=[\"#_])[a-z]?[0-9a-f]{10}\b|(?<=<dc:date>)[^<]*")
# What libraries call a thing in a page, such as map_3f…: the digits of a random UUID.
_MADE_UP_IN_A_PAGE = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_BREAKS = re.compile(r"(?<=[;,{}>])")

Bundle = Mapping[str, Any]


def says_nothing(bundle: Any) -> bool:
    """Tell whether a display is no result: a card that this package shows of its own books."""
    # What is no bundle at all is left to the comparison, which says so.
    return isinstance(bundle, Mapping) and _text(bundle.get("text/html", "")).lstrip().startswith(_OURS)


def compare_bundles(before: Bundle, after: Bundle, rules: Rules) -> Compared:
    """Compare two displays by what of them says most and both have; ids that are made up each time are masked.

    What cannot be compared, for whatever reason, counts as different, and the reason is said.
    """
    if before == after:
        return SAME
    try:
        return _compare(before, after, rules)
    except Exception as failure:  # noqa: BLE001
        return incomparable(failure)


def _compare(before: Bundle, after: Bundle, rules: Rules) -> Compared:
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
    drawn = (_MADE_UP_IN_A_DRAWING.sub("", _without_comments(_text(part))) for part in (before, after))
    one, two = (masked(drawing, rules.masks) for drawing in drawn)
    compared = compare_lines(one, two, rules)
    return differs(f"of the drawing, {compared.says}") if compared.differs else compared


def _without_comments(markup: str) -> str:
    """Cut out comments. A pattern would look for the end of each anew, however often there is none."""
    kept, at = [], 0
    while (start := markup.find("<!--", at)) >= 0 and (end := markup.find("-->", start + 4)) >= 0:
        kept.append(markup[at:start])
        at = end + 3
    return "".join([*kept, markup[at:]])


def _compare_pages(before: Any, after: Any, rules: Rules) -> Compared:
    """Compare what a reader of two pages sees: tables by their cells, the text, then what they embed.

    Markup counts only where it is all there is.
    """
    pages = read_page(_text(before)), read_page(_text(after))
    tables = compare_tables(pages[0].tables, pages[1].tables, rules)
    if tables.differs:
        return tables
    texts = [masked(page.text, rules.masks) for page in pages]
    if not any(texts) and not pages[0].tables:
        texts = [masked(_text(part), rules.masks) for part in (before, after)]
    around = compare_lines(texts[0], texts[1], rules)
    if around.differs:
        return around
    embedded = _compare_embedded(pages[0], pages[1], rules)
    if embedded.differs:
        return embedded
    return around if tables is SAME else within(tables.says)


def _compare_embedded(before: Page, after: Page, rules: Rules) -> Compared:
    """Compare scripts, sources and values by their digests: what they show is not known here."""
    if [name for name, _ in before.embedded] != [name for name, _ in after.embedded]:
        return differs("the page embeds other things")
    for (name, one), (_, two) in zip(before.embedded, after.embedded, strict=True):
        digests = [
            ""
            if one == two
            else hashlib.sha256(_named_alike(part, rules).encode("utf-8", "replace")).hexdigest()
            for part in (one, two)
        ]
        if digests[0] != digests[1]:
            return differs(f"{name}, which the page embeds: sha {was(digests[0][:6], digests[1][:6])}")
    return SAME


def _named_alike(part: str, rules: Rules) -> str:
    """Mask made-up names; a script written in one line is cut first, since nothing is masked in a line that long."""
    return _MADE_UP_IN_A_PAGE.sub("<id>", masked_ids(_BREAKS.sub("\n", part), rules.masks))
