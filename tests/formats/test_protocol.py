"""What a format hands back, and that each of ours is one."""

from __future__ import annotations

import inspect

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.formats import FORMATS, named
from jupyter_mlops.formats.protocol import Format, Saved


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_answers_to_its_name_with_the_calls_of_a_format(name: str) -> None:
    ours = named(name)
    assert ours.name in FORMATS
    for call in ("accepts", "save", "load"):
        asked = list(inspect.signature(getattr(Format, call)).parameters)[1:]
        assert list(inspect.signature(getattr(ours, call)).parameters) == asked


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("thing", [None, 0, "text", {}, object(), type, lambda: 1])
def test_no_format_claims_what_is_no_model(name: str, thing: object) -> None:
    assert not named(name).accepts(thing)


def test_what_was_saved_cannot_be_changed_afterwards() -> None:
    files, needs = {"a": b"1"}, {"numpy": "2.0"}
    saved = Saved(format="skops", kind="x", files=files, requirements=needs)
    files["a"], needs["numpy"] = b"2", "1.0"
    assert (saved.files["a"], saved.requirements["numpy"]) == (b"1", "2.0")
    with pytest.raises(TypeError):
        saved.files["b"] = b""  # type: ignore[index]


def test_a_format_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(Invalid, match="'mojo'") as refusal:
        named("mojo")
    assert all(name in refusal.value.remedy for name in FORMATS)
