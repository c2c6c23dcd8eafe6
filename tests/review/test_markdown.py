"""Text from the books stays readable in Markdown, and stays text."""

from __future__ import annotations

import mistune
import pytest

from jupyter_mlops.review.markdown import code, escaped


@pytest.mark.parametrize(
    "text",
    ["fit_seconds", "X_train (14,610 rows)", "n__jobs", "mae 41.2 > 40", "a-b + c = d", "R&D", "pm25:7", "-1.5", "3.11.4", "12 #3"],
)  # fmt: skip
def test_what_is_no_markup_is_left_as_it_is(text):
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _leaning_ __init__", r"\*bold\* \_leaning\_ \_\_init\_\_"),
        ("[a](http://b) ![c](d)", r"\[a\](http://b) !\[c\](d)"),
        ("a | b", "a &#124; b"),
        ("<b>x</b> &lt; &#60;", "&lt;b>x&lt;/b> &amp;lt; &amp;#60;"),
        ("`code` ~~gone~~ $x$", r"\`code\` \~\~gone\~\~ \$x\$"),
        (r"C:\data \(x\) \[y\]", r"C:\\data &#92;(x&#92;) &#92;\[y&#92;\]"),
        ("# head", r"\# head"),
        ("head ##", r"head \##"),
        ("> said", r"\> said"),
        ("- item", r"\- item"),
        ("---", r"\---"),
        ("1. first", r"1\. first"),
        ("two\n# lines", "two # lines"),
    ],
)
def test_what_would_be_markup_is_made_plain(text, shown):
    assert escaped(text) == shown


def test_a_reader_of_markdown_gives_back_the_very_text():
    for text in (
        "__init__ of *a* [b](c) <img src=x> &amp; `d` | e",
        "# x #",
        "- y",
        "1) z",
        "===",
        "_a_b_ ~~c~~",
    ):
        html = mistune.create_markdown(escape=False, plugins=["strikethrough", "table"])(escaped(text))
        found = html.strip().removeprefix("<p>").removesuffix("</p>")
        assert "<" not in found
        for entity, sign in (("&#124;", "|"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
            found = found.replace(entity, sign)
        assert found == text


def test_code_in_a_line_ends_only_where_it_ends():
    assert code("sklearn.linear_model._ridge.Ridge") == "`sklearn.linear_model._ridge.Ridge`"
    assert code("a`b") == "`` a`b ``"
