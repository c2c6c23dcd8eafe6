"""Secrets that are told by their own form."""

from __future__ import annotations

import random
import string

import pytest

from jupyter_mlops.capture.secret_looks import FORMED, mask_formed

LETTERS = string.ascii_letters
ALL = LETTERS + string.digits
URL = f"{ALL}-_"
HEX = "0123456789abcdef"


def made(begun: str, letters: str, length: int) -> str:
    chosen = random.Random(begun)
    return begun + "".join(chosen.choice(letters) for _ in range(length))


def masked(text: str) -> str:
    return mask_formed(text, text.lower())[0]


TOKENS = [
    made("ghp_", ALL, 36),
    made("hf_", LETTERS, 34),
    made("AIza", URL, 35),
    made("gsk_", ALL, 52),
    made("npm_", ALL, 36),
    made("pypi-AgEIcHlwaS5vcmc", URL, 100),
    made("SG.", ALL, 22) + made(".", URL, 43),
    made("xapp-1-A02-", ALL, 40),
    made("dapi", HEX, 32),
    made("r8_", ALL, 37),
    made("sk_live_", ALL, 24),
    made("eyJ", ALL, 20) + made(".eyJ", ALL, 30) + made(".", URL, 43),
    made("AKIA", string.ascii_uppercase, 16),
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "\\n{}", "\\t{}", "%3D{}", "\x1b[33m{}", "={} "])
def test_a_token_is_told_at_the_start_of_a_line_that_was_written_down_and_in_an_address_too(token, around):
    assert masked(around.format(token)) == around.format("***")


@pytest.mark.parametrize("begun", ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "sk-ant-api03-"])
def test_a_key_with_hyphens_and_underscores_anywhere_is_masked_whole(begun):
    chosen = random.Random(begun)
    for _ in range(300):
        key = begun + "".join(chosen.choice(URL) for _ in range(95))
        assert masked(f"key: {key}!") == "key: ***!"


@pytest.mark.parametrize(
    "text",
    [
        "hf_dataset_to_dataframe(rows)",
        "sk_test_split_with_groups = pk_test_size_as_fraction",
        "docker://python:3.11@sha256:abcdef0123456789",
        "ghs_of_a_name_that_has_many_parts_in_it",
        "http://host:8888/tree?user=me@example.org",
        "https://cdn.example.org:443/npm/vega@5",
        "Authorization: Basic authentication is needed",
        "Authorization: Bearer <token>",
        "{'Authorization': f'Bearer {token}'}",
    ],
)
def test_names_in_a_program_and_addresses_stay(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic dXNlcjpwYXNz",
        "'Authorization': 'Bearer abcdefghijklmnopqrstuvwxyzab'",
        'headers["Authorization"] = "token abcdefgh"',
        "postgresql://u:pa/ss@h",
        "https://u:a?b@h",
    ],
)
def test_a_header_and_a_password_with_a_slash_are_masked(text):
    assert "***" in masked(text)
    assert not [word for word in ("dXNl", "abcd", "pa/ss", "a?b") if word in masked(text)]


LINE = made("MII", ALL, 61)


@pytest.mark.parametrize("mark", ["-", "+", "> ", "| ", ""])
@pytest.mark.parametrize("end", [True, False], ids=["whole", "cut off"])
@pytest.mark.parametrize("kind", ["RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_a_private_key_is_masked_in_a_patch_and_a_quotation_too(mark, end, kind):
    lines = [f"-----BEGIN {kind}-----", LINE, LINE, *([f"-----END {kind}-----"] if end else [])]
    text = "".join(f"{mark}{line}\n" for line in lines)
    assert LINE not in masked(text)
    assert masked(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "unit",
    [
        "authorization: bearer " + "a" * 300 + " ",
        "://a:" + "b" * 190 + " ",
        "://a:/b",
        "sk-proj-aaa ",
        "\\nghp_a",
        "SG.aaaaaaaaaaaaaaaaa",
        "hf_" + "a" * 29 + " ",
        "-----BEGIN PRIVATE KEY BLOCK-----\n-",
        "-----BEGIN PRIVATE KEY-----\n" + "a" * 64 + "\n",
    ],
)
def test_a_long_text_that_means_no_good_costs_what_its_length_says(unit):
    """The suite's own time is the guard."""
    assert masked(unit * (1_000_000 // len(unit)))


def test_every_look_can_be_compiled_and_names_its_value() -> None:
    for look in FORMED:
        assert "value" in look.pattern.groupindex
        assert look.hints
        assert all(hint == hint.lower() for hint in look.hints)
