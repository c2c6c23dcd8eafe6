from __future__ import annotations

import unicodedata

import pytest

from jupyter_mlops.notifications.channels.wording import line, text_of, title_of
from jupyter_mlops.records.notification import Notification


def test_whatever_somebody_wrote_becomes_a_title_in_one_line_and_a_text(hostile: Notification) -> None:
    title, text = title_of(hostile), text_of(hostile)

    assert 1 <= len(title) <= 200
    assert len(text) <= 4_000
    for each in (title, text.replace("\n", "")):
        assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(one) for one in each}
        each.encode()


def test_a_text_keeps_its_lines_and_a_title_has_one(message) -> None:
    told = message(title=" a\r\nb\tc ", text="\r\na\r\nb\rc\u2028d\n\n  e\n")
    assert title_of(told) == "a b c"
    assert text_of(message(text=" \n\t")) == ""
    assert text_of(told) == "a\nb\nc\nd\n\n  e"


@pytest.mark.parametrize(("length", "cut"), [(199, False), (200, False), (201, True), (9_999, True)])
def test_what_is_cut_says_so(message, length: int, cut: bool) -> None:
    title = title_of(message(title="x" * length))
    assert (len(title), title.endswith("…")) == (min(length, 200), cut)


@pytest.mark.parametrize(("length", "cut"), [(4_000, False), (4_001, True)])
def test_a_text_is_cut_at_its_own_length(message, length: int, cut: bool) -> None:
    text = text_of(message(text="y" * length))
    assert (len(text), text.endswith("…")) == (4_000, cut)


def test_half_a_character_is_shown_as_one_that_is_lost() -> None:
    assert line("a\ud800b") == "a\ufffdb"
