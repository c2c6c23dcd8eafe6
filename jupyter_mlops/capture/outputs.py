"""What a cell showed: open figures and display data as named bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Output", "display_outputs", "figures", "output_mark"]

_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
    "text/html": "html",
    "text/markdown": "md",
    "text/latex": "tex",
    "text/plain": "txt",
    "application/json": "json",
}
_BINARY = frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf"})
_PIXELS = ("image/png", "image/jpeg", "image/gif")
# How Python calls an object that says nothing of what is in it.
_BARE = re.compile(r"<[\w.]+(?: object)?(?: at 0x[0-9a-fA-F]+)?>")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
# Names that libraries make up whenever they write markup: UUIDs, and a styled table's; a drawing's parts and its date.
_MADE_UP = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b|\bT_[0-9a-f]{5}")
_DRAWING = "image/svg+xml"
_MADE_UP_IN_A_DRAWING = re.compile(r"(?<=[\"#_])[a-z]?[0-9a-f]{10}\b|(?<=<dc:date>)[^<]*")
_OURS = '<div class="jmlops-'


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file made of what was shown. ``digest`` is the SHA-256 of ``content``."""

    name: str  # relative, forward slashes
    content: bytes
    media_type: str
    digest: str


def _output(name: str, content: bytes, media_type: str) -> Output:
    return Output(
        name=name, content=content, media_type=media_type, digest=hashlib.sha256(content).hexdigest()
    )


def figures(prefix: str = "figures") -> tuple[Output, ...]:
    """Return every open matplotlib figure as PNG, named by its label or number; nothing where matplotlib is not in use.

    Figures stay open and unchanged. One that cannot be drawn is left out.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return ()
    drawn = []
    for number in pyplot.get_fignums():
        try:
            figure = _figure(number)
            if figure is not None:
                drawn.append(
                    figure_output(figure, f"{prefix}/{_file_name(figure.get_label() or f'figure-{number}')}")
                )
        except Exception:  # noqa: BLE001, S112 - a half-built figure of the user
            continue
    return tuple(drawn)


def _figure(number: int) -> Any:
    # pyplot.figure(number) would make it the current one.
    from matplotlib import _pylab_helpers as helpers

    manager = helpers.Gcf.figs.get(number)
    return None if manager is None else manager.canvas.figure


def figure_output(figure: Any, name: str) -> Output:
    """Return one matplotlib figure as the PNG file *name* (without ending)."""
    buffer = io.BytesIO()
    # Without the date and version in it, equal figures are equal bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return _output(f"{name}.png", buffer.getvalue(), "image/png")


def display_outputs(bundle: Mapping[str, Any], name: str) -> tuple[Output, ...]:
    """Return the parts of a display's MIME bundle that are worth a file, the richest first; others are left out.

    Plain text is kept only where it is all there is.
    """
    rich = [kind for kind in _ENDINGS if kind in bundle and kind != "text/plain"]
    rich += sorted(kind for kind in bundle if kind.endswith("+json") and kind not in rich)
    kinds = rich or [kind for kind in bundle if kind == "text/plain"]
    outputs = []
    for kind in kinds:
        content = _content(bundle[kind], kind)
        if content is not None:
            ending = _ENDINGS.get(kind, "json")
            outputs.append(_output(f"{_file_name(name)}.{ending}", content, kind))
    return tuple(outputs)


def output_mark(bundle: Mapping[str, Any]) -> str:
    """Return what tells one display from another: a media type and a digest, such as ``image/png:3f2a…``.

    Of pixels it is the digest of the file that is kept of them. Else the plain text counts where it says anything,
    without what is another each time: addresses in memory, and in markup names made up for the occasion. Empty for
    what this package shows of its own books.
    """
    if "".join(bundle.get("text/html", ""))[: len(_OURS)] == _OURS:
        return ""
    for kind in _PIXELS:
        content = _content(bundle[kind], kind) if kind in bundle else None
        if content is not None:
            return f"{kind}:{hashlib.sha256(content).hexdigest()}"
    kind = _telling(bundle)
    content = _content(bundle[kind], kind) if kind else None
    if content is None:
        return ""
    text = _ADDRESS.sub("0x", content.decode("utf-8", "replace"))
    if kind != "text/plain":
        text = _MADE_UP.sub("", text)
    if kind == _DRAWING:
        text = _MADE_UP_IN_A_DRAWING.sub("", text)
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _telling(bundle: Mapping[str, Any]) -> str:
    """Return the media type of *bundle* that says what is shown; empty where there is none."""
    plain = "".join(bundle.get("text/plain", ""))
    if _DRAWING in bundle:
        return _DRAWING  # the plain text only tells its size
    if plain and not _BARE.fullmatch(plain.strip()):
        return "text/plain"
    known = [kind for kind in _ENDINGS if kind in bundle and kind != "text/plain"]
    return next(iter([*known, *sorted(set(bundle) - {"text/plain"}), *bundle]), "")


def _content(data: Any, kind: str) -> bytes | None:
    try:
        if isinstance(data, bytes):
            return data
        if kind in _BINARY:
            return base64.b64decode("".join(data), validate=False)
        if kind.endswith("json"):
            return json.dumps(data, sort_keys=True).encode()
        return "".join(data).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError):
        return None


def _file_name(label: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-_." else "-" for c in label).strip("-.")
    return kept[:80] or "output"
