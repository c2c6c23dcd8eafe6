"""A secret is given by where it is."""

from __future__ import annotations

import pytest

from jupyter_mlops.capture.secret_references import checked_reference


@pytest.mark.parametrize("text", ["env:TOKEN", "file:/run/secrets/a b", "keyring:service/ana@example.org"])
def test_a_reference_says_where_the_secret_is(text: str) -> None:
    assert checked_reference(f" {text} ") == text


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "env:",
        "env:A B",
        "env:A\nB",
        "file:",
        "keyring:service",
        "keyring:/name",
        "http:x",
        5,
        None,
    ],
)
def test_anything_else_is_refused_without_being_said(value: object) -> None:
    with pytest.raises(ValueError, match="env:NAME, file:PATH or keyring:SERVICE/NAME") as refused:
        checked_reference(value)

    assert "hunter2" not in str(refused.value)
