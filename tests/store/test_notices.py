"""What opening a store has to say reaches somebody: at once, or when the next cell asks."""

from __future__ import annotations

import threading
import warnings

import pytest

from jupyter_mlops.store.notices import BACKGROUND, listen, notice, taken


def test_whoever_opens_a_store_is_warned_at_once() -> None:
    with pytest.warns(RuntimeWarning, match="slow"):
        notice("it is slow")
    assert taken() == []


def test_what_the_background_meets_waits_until_it_is_taken_and_is_said_once() -> None:
    def meet() -> None:
        for text in ("it is slow", "it is old", "it is slow"):
            notice(text)

    background = threading.Thread(target=meet, name=BACKGROUND)
    listen(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            background.start()
            background.join()
    finally:
        listen(False)
    assert taken() == ["it is slow", "it is old"]
    assert taken() == []


def test_where_nobody_listens_the_background_warns_itself() -> None:
    background = threading.Thread(target=lambda: notice("it is slow"), name=BACKGROUND)
    with pytest.warns(RuntimeWarning, match="slow"):
        background.start()
        background.join()
    assert taken() == []
