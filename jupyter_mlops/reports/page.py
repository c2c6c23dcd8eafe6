"""A report while it is put together: sections of sentences and tables, written as Markdown and as HTML alike."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jupyter_mlops.review.markdown import escaped, table

__all__ = ["Section", "as_html", "as_markdown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, sentences, and perhaps a table. All texts are plain: escaping is the writers' business."""

    title: str
    sentences: Sequence[str] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """Return the report as Markdown."""
    return "\n".join(
        [f"# {escaped(title)}", "", *(line for section in sections for line in _markdown(section))]
    )


def _markdown(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    yield ""
    for sentence in section.sentences:
        yield f"- {escaped(sentence)}"
    if section.sentences:
        yield ""
    if section.rows:
        yield from table([escaped(head) for head in section.heads], section.rows)
        yield ""


def as_html(title: str, sections: Sequence[Section]) -> str:
    """Return the report as one HTML fragment without scripts."""
    return f"<article><h1>{html.escape(title)}</h1>{''.join(map(_html, sections))}</article>"


def _html(section: Section) -> str:
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in section.sentences)
    heads = "".join(f"<th>{html.escape(head)}</th>" for head in section.heads)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in section.rows
    )
    shown = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    return f"<section><h2>{html.escape(section.title)}</h2>{f'<ul>{items}</ul>' if items else ''}{shown}</section>"
