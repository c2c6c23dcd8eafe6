"""JSON from strangers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.serving.bodies import read_object

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_an_object_is_read_as_it_was_written(value: dict[str, object]) -> None:
    assert read_object(json.dumps(value).encode()) == value
    assert read_object(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")) == value


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"\xc3\x28", "not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"1", "not a JSON object"),
        (b'"{}"', "not a JSON object"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": [Infinity]}', "Infinity is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b'{"a": 1, "a": 2}', "the key 'a' twice"),
        (b'{"x": {"a": 1, "a": 2}}', "the key 'a' twice"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"a":' * 200_000, "nested too deep"),
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refusal:
        read_object(content)
    assert refusal.value.remedy


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_are_refused(content: bytes) -> None:
    try:
        assert isinstance(read_object(content), dict)
    except Invalid as refusal:
        assert refusal.remedy
