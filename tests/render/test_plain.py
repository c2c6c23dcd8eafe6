"""What would act in a terminal or hide in a page is taken out of a text, and nothing else is."""

from __future__ import annotations

import pytest

from jupyter_mlops.render.plain import plain


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[38:2::255:0:0mred\x1b[m", "red"),
        ("\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1b]0;title\x07rest", "rest"),
        # What is never closed takes nothing with it.
        ("\x1b]0;title\nkept", "]0;title\nkept"),
        ("a\tb\nc\r\nd", "a\tb\nc\nd"),
        ("größer 日本 🚀 −1", "größer 日本 🚀 −1"),
    ],
)
def test_what_acts_is_taken_out_and_the_words_around_it_stay(text: str, left: str) -> None:
    assert plain(text) == left
