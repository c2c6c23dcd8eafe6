from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.registry.names import Reference, checked_alias, checked_name, read_reference


@pytest.mark.parametrize("name", ["pm25", "churn-eu", "a", "A_1.b", "1b", "x" * 100])
def test_ordinary_names_are_taken(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "x" * 101, "a b", "a/b", "a%2Fb", "a:b", "a@b", ".hidden", "-x", "end.", "..", "latest", "Latest", "é", "e\u0301",
     "p\u043c25", "pm\u200b25", "ｐｍ", "a\n", "a\x00b", "~", "$HOME", "{x}"],
)  # fmt: skip
def test_names_that_could_be_mistaken_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        checked_name(name)


def test_the_refusal_names_the_letter_that_looks_like_another() -> None:
    with pytest.raises(Invalid, match="cyrillic small letter em"):
        checked_name("p\u043c25")


@pytest.mark.parametrize("alias", ["1", "42", "v1", "V7", "latest", "a b"])
def test_an_alias_cannot_hide_a_version_number(alias: str) -> None:
    with pytest.raises(Invalid):
        checked_alias(alias)


def test_the_three_notations_are_read() -> None:
    assert read_reference("pm25:2") == Reference(model="pm25", version=2)
    assert read_reference("pm25@champion") == Reference(model="pm25", alias="champion")
    assert read_reference("pm25") == Reference(model="pm25")


@pytest.mark.parametrize(
    "text",
    ["pm25:", "pm25:0", "pm25:-1", "pm25:x", "pm25:1.0", "pm25:02", "pm25@", "@x", ":1", "a@b@c", "a:1@b"],
)
def test_anything_else_is_no_reference(text: str) -> None:
    with pytest.raises(Invalid):
        read_reference(text)
