"""Text that databases refuse, hidden and shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.store.sql.mapping import to_text
from jupyter_mlops.store.sql.words import hide, hide_all, show, show_all

anything = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\ud800\udfff\ue0ff0\\u"))
data = st.recursive(
    st.none() | st.booleans() | st.integers() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
)


@given(anything)
def test_what_is_hidden_is_shown_again(text: str) -> None:
    assert show(hide(text)) == text
    assert "\x00" not in hide(text)
    hide(text).encode()


@given(anything, anything)
def test_different_texts_stay_different(first: str, second: str) -> None:
    assert (hide(first) == hide(second)) == (first == second)


def test_ordinary_text_is_left_alone() -> None:
    text = "Größe 日本 \U0001f600 \\u0000"
    assert hide(text) is text
    assert show(text) is text


@given(data)
def test_no_body_holds_what_a_database_refuses(value: object) -> None:
    body = to_text(value)
    body.encode()
    assert "\\u0000" not in body.replace("\\\\", "")
    assert show_all(hide_all(value)) == value
