"""A secret that is known is found in every form in which it may stand in a text."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.capture.known_secrets import Secret, forget, forms_of, keep, mask_known
from jupyter_mlops.capture.secrets import is_secret, mask_secrets, mask_shown, mask_tokens

VALUE = "pa\"ss'wörd &1/x+"


@pytest.fixture
def known() -> Iterator[str]:
    keep(VALUE)
    yield VALUE
    forget(VALUE)


@pytest.mark.parametrize(
    "text",
    [
        f"it is {VALUE}.",
        repr({"a": VALUE}),
        json.dumps([VALUE]),
        json.dumps([VALUE], ensure_ascii=False),
        f"https://example.org/?key={quote(VALUE)}",
        f"https://example.org/?key={quote(VALUE, safe='')}",
        html.escape(f"<b>{VALUE}</b>"),
        VALUE.encode().hex(),
        *(base64.b64encode(f"{'x' * n}{VALUE}{'y' * m}".encode()).decode() for n in range(3) for m in range(3)),
        base64.urlsafe_b64encode(f"?{VALUE}".encode()).decode(),
    ],
    ids=[
        "plain", "repr", "json", "json of unicode", "address", "quoted", "html", "hex",
        *(f"base64 {n} {m}" for n in range(3) for m in range(3)), "base64 of addresses",
    ],
)  # fmt: skip
def test_each_form_is_masked_whatever_is_looked_for_beside_it(text: str, known: str) -> None:
    masked, found = mask_known(text)

    assert found
    assert "***" in masked
    assert not any(form in masked for form in forms_of(VALUE))
    for mask in (mask_secrets, mask_shown, mask_tokens):
        assert not any(form in mask(text).text for form in forms_of(VALUE))
        assert mask(text).found


def test_a_harmless_word_that_is_a_secret_is_masked_too() -> None:
    keep("swordfish")
    try:
        assert mask_secrets("swordfish").text == "***"
    finally:
        forget("swordfish")
    assert mask_secrets("swordfish").text == "swordfish"


@given(
    st.text(min_size=4, max_size=30).filter(lambda t: len(t.strip()) > 3),
    st.binary(max_size=5),
    st.binary(max_size=5),
)
def test_base64_has_the_secret_at_any_place(value: str, before: bytes, after: bytes) -> None:
    content = value.encode("utf-8", "surrogatepass")
    text = base64.b64encode(before + content + after).decode()

    if len(content) >= 8:
        assert any(form in text for form in forms_of(value))


def test_lines_of_a_long_secret_are_secrets_but_not_its_frame() -> None:
    forms = forms_of("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END KEY-----")

    assert "MIIEvQIBADANBgkqhkiG9w0" in forms
    assert not any(form in {"-----BEGIN KEY-----", "-----END KEY-----"} for form in forms)


def test_a_secret_is_text_that_does_not_show_itself() -> None:
    secret = Secret("hunter2hunter2")

    assert (repr(secret), f"{[secret]}") == ("Secret('***')", "[Secret('***')]")
    assert secret == "hunter2hunter2"
    assert type(secret.get_secret_value()) is str


def test_where_a_secret_is_to_be_found_is_none() -> None:
    assert is_secret("db_password", "hunter2hunter2")
    assert not is_secret("db_password", "env:DB_PASSWORD")


@pytest.mark.parametrize("secrets", [("admin", "admin123xyz"), ("admin123xyz", "admin")])
def test_nothing_of_a_secret_that_begins_with_another_stays(secrets: tuple[str, ...]) -> None:
    for secret in secrets:
        keep(secret)
    try:
        assert mask_known("admin123xyz, admin") == ("***, ***", 2)
    finally:
        for secret in secrets:
            forget(secret)


def test_a_secret_of_two_jobs_is_known_until_both_are_done() -> None:
    keep("swordfish")
    keep("swordfish")

    forget("swordfish")
    assert mask_known("swordfish") == ("***", 1)
    forget("swordfish")
    assert mask_known("swordfish") == ("swordfish", 0)
    forget("swordfish")  # once more than it was kept
    keep("swordfish")
    try:
        assert mask_known("swordfish") == ("***", 1)
    finally:
        forget("swordfish")
