from __future__ import annotations

import pytest

from jupyter_mlops.notifications.channels.undelivered import Undelivered


@pytest.mark.parametrize("final", [True, False])
def test_it_says_why_and_whether_another_try_can_help(final: bool) -> None:
    failure = Undelivered("https://example.org answered 500", final=final)
    assert (failure.message, str(failure), failure.final) == (
        str(failure),
        "https://example.org answered 500",
        final,
    )
