"""The limits and retries that a job is submitted with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs.limits import check_limits, read_size
from jupyter_mlops.records.job import JobOptions
from jupyter_mlops.records.retry import FailureClass


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MB", 512_000_000),
        ("2GB", 2_000_000_000),
        ("2 GiB", 2 * 2**30),
        ("1.5g", 3 * 2**29),
        ("100m", 100 * 2**20),
        ("7kb", 7_000),
        ("67108864", 67_108_864),
        ("10B", 10),
    ],
)
def test_a_size_is_read_as_people_write_it(text: str, size: int) -> None:
    assert read_size(text, "memory") == size


@pytest.mark.parametrize("text", ["", "much", "-2GB", "2XB", "GB", "1e9", "2GB!", "0x10"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid, match="memory is .* which is no size") as refusal:
        read_size(text, "memory")
    assert "2GB" in refusal.value.remedy


@given(st.text())
def test_any_text_is_a_size_or_refused(text: str) -> None:
    try:
        assert read_size(text, "memory") >= 0
    except Invalid as refusal:
        assert refusal.remedy


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (JobOptions(timeout=0), "a time limit of 0 seconds"),
        (JobOptions(cell_timeout=-1.0), "a time limit of -1"),
        (JobOptions(timeout=float("nan")), "a time limit of nan"),
        (JobOptions(retries=-1), "between 0 and 100"),
        (JobOptions(retries=101), "between 0 and 100"),
        (JobOptions(cpus=0.0), "cpus is 0.0"),
        (JobOptions(cpus=float("nan")), "cpus is nan"),
        (JobOptions(memory="10MB"), "memory is 10MB; a kernel that does nothing needs 64 MB"),
        (JobOptions(retry=("lunch=2",)), "'lunch' is no class of failure"),
    ],
    ids=str,
)
def test_a_limit_that_cannot_be_kept_is_refused(options: JobOptions, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_limits(options)
    assert says in refusal.value.message
    assert refusal.value.remedy


def test_what_is_said_is_read() -> None:
    found = check_limits(JobOptions(memory="1GB", retry=("timeout=2",), cpus=1, timeout=3, retries=100))
    assert found.memory == 10**9
    assert [(rule.failure, rule.times) for rule in found.retry] == [(FailureClass.TIMEOUT, 2)]
    assert check_limits(JobOptions()).memory is None
