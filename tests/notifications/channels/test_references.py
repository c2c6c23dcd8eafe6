from __future__ import annotations

import pytest

from jupyter_mlops.notifications.channels.references import is_variable, read_variable
from jupyter_mlops.notifications.channels.undelivered import Undelivered


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("env:HOOK", True), ("env:", False), ("env:A B", False), ("env:A\n", False), ("file:hook", False), ("HOOK", False)],
)  # fmt: skip
def test_only_a_variable_of_the_environment_is_named(text: str, is_one: bool) -> None:
    assert is_variable(text) is is_one


def test_it_is_read_without_the_blanks_around_it() -> None:
    assert (
        read_variable("env:HOOK", "the address", {"HOOK": " https://example.org/x\n"})
        == "https://example.org/x"
    )


@pytest.mark.parametrize("environ", [{}, {"HOOK": ""}, {"HOOK": " \n"}], ids=["missing", "empty", "blank"])
def test_what_is_not_there_is_named_and_left_to_a_process_that_has_it(environ: dict[str, str]) -> None:
    with pytest.raises(Undelivered, match="the address .* HOOK") as failure:
        read_variable("env:HOOK", "the address", environ)
    assert (failure.value.final, failure.value.elsewhere) == (False, True)


def test_a_value_in_place_of_a_reference_is_not_repeated() -> None:
    with pytest.raises(Undelivered, match="env:NAME") as failure:
        read_variable("hunter2", "the secret", {"hunter2": "x"})
    assert "hunter2" not in failure.value.message
