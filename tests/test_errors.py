"""Every error this package raises on purpose."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops import errors
from jupyter_mlops.errors import Forbidden, Invalid, MlopsError, NotFound, Unavailable, Untrusted

KINDS = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_says_what_happened_and_what_to_do_next(kind: type[MlopsError]) -> None:
    failure = kind("quorum is 0", remedy="Give 1 or more.", data={"quorum": 0})
    assert str(failure) == "quorum is 0. Give 1 or more."
    assert (failure.message, failure.remedy, failure.data) == (
        "quorum is 0",
        "Give 1 or more.",
        {"quorum": 0},
    )
    assert str(kind("quorum is 0")) == "quorum is 0"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("no such run.", "no such run. Look."),
        ("really?", "really? Look."),
        ("stop!", "stop! Look."),
        ("at:", "at: Look."),
        ("", ". Look."),
    ],
)
def test_a_sentence_gets_a_stop_only_where_it_has_none(message: str, shown: str) -> None:
    assert str(MlopsError(message, remedy="Look.")) == shown


def test_each_kind_has_its_own_code_that_never_changes() -> None:
    assert {kind.__name__: kind.code for kind in KINDS} == {
        "MlopsError": "error", "NotFound": "not_found", "Invalid": "invalid", "Conflict": "conflict",
        "Forbidden": "forbidden", "Untrusted": "untrusted", "JobFailed": "job_failed", "Unavailable": "unavailable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (NotFound, LookupError),
        (Invalid, ValueError),
        (Forbidden, PermissionError),
        (Untrusted, PermissionError),
        (Unavailable, ConnectionError),
    ],
)
def test_who_expects_pythons_own_error_catches_ours(kind: type[MlopsError], builtin: type[Exception]) -> None:
    with pytest.raises(builtin, match=r"gone\. Look\."):
        raise kind("gone", remedy="Look.")


def test_what_is_handed_in_may_be_changed_afterwards() -> None:
    data: dict[str, object] = {"a": 1}
    failure = Invalid("x", data=data)
    data["a"] = 2
    assert failure.data == {"a": 1}


@given(st.sampled_from(KINDS), st.text(), st.text(), st.dictionaries(st.text(), st.integers()))
def test_an_error_crosses_to_another_process_whole(
    kind: type[MlopsError], message: str, remedy: str, data: dict[str, object]
) -> None:
    again = pickle.loads(pickle.dumps(kind(message, remedy=remedy, data=data)))
    assert type(again) is kind
    assert (again.message, again.remedy, again.data, str(again)) == (
        message,
        remedy,
        data,
        str(kind(message, remedy=remedy)),
    )
