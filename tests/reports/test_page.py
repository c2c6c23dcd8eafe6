"""A report while it is put together: the same in both bodies, and nothing in it is markup by accident."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.reports.page import Section, as_html, as_markdown

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


class Read(HTMLParser):
    """The elements and the texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@given(st.lists(st.builds(Section, title=TEXT, sentences=st.lists(TEXT, max_size=2)), max_size=3), TEXT)
def test_no_text_becomes_an_element(sections: list[Section], title: str) -> None:
    read = Read(as_html(title, sections))
    assert read.open == []
    assert set(read.tags) <= {"article", "h1", "h2", "section", "ul", "li"}
    said = title + "".join(s.title + "".join(s.sentences) for s in sections)
    assert "".join(read.texts) == said


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "</article><img src=x onerror=1>", "&lt;b&gt;", '"><b>']
)
def test_what_looks_like_markup_is_text_wherever_it_stands(hostile: str) -> None:
    section = Section(title=hostile, sentences=[hostile], heads=[hostile], rows=[[hostile]])
    read = Read(as_html(hostile, [section]))
    assert read.texts == [hostile] * 5
    assert "script" not in read.tags
    assert "<script" not in as_markdown(hostile, [section])
    assert "<img" not in as_markdown(hostile, [section])


def test_a_section_is_told_with_what_it_has_and_no_empty_list_or_table() -> None:
    bare = as_html("R", [Section(title="Data")])
    assert bare == "<article><h1>R</h1><section><h2>Data</h2></section></article>"
    assert as_markdown("R", [Section(title="Data", heads=["a"])]) == "# R\n\n## Data\n"


def test_both_bodies_say_the_same_in_the_same_order() -> None:
    sections = [
        Section(
            title="Runs",
            sentences=["Two ran.", "One failed."],
            heads=["run", "mae"],
            rows=[["a1", 4.5], ["b2", None]],
        ),
        Section(title="Models"),
    ]
    page, text = as_html("May", sections), as_markdown("May", sections)
    for words in (["May", "Runs", "Two ran", "One failed", "a1", "4.5", "b2", "None", "Models"],):
        for body in (page, text):
            places = [body.index(word) for word in words]
            assert places == sorted(places)


def test_a_cell_that_holds_a_bar_or_a_line_end_breaks_no_table() -> None:
    text = as_markdown("R", [Section(title="T", heads=["a", "b"], rows=[["x|y", "one\ntwo"]])])
    (row,) = [line for line in text.splitlines() if "x" in line]
    assert row.replace("\\|", "").count("|") == 3
