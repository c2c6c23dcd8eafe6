"""Who is calling, and what the data are called there."""

from __future__ import annotations

import sys
import traceback
import warnings

import pytest

from jupyter_mlops.capture.estimators.frames import SKIPPED, called_by_library, local_names, name_of, skipped


def frame_of(module, **names):
    """Return a frame of code that runs in *module*."""
    space = {"__name__": module, "sys": sys, **names}
    exec("frame = sys._getframe()", space)
    return space["frame"]


def test_a_known_library_is_told_from_the_user():
    assert called_by_library(frame_of("sklearn.ensemble._bagging"))
    assert called_by_library(frame_of("joblib.parallel"))
    assert not called_by_library(frame_of("__main__"))
    assert not called_by_library(frame_of("my_sklearn_project.train"))


def test_a_method_that_its_own_object_calls_is_followed_outward():
    model = object()
    frame = frame_of("sklearn.base", self=model)
    assert called_by_library(frame)
    assert not called_by_library(frame, model)


def test_the_shortest_public_name_is_the_datas():
    data = [1]
    frame = frame_of("__main__", _=data, X_test_again=data, X_test=data)
    assert name_of(data, frame) == "X_test"
    assert name_of([1], frame) == ""
    assert name_of(data, None) == ""


def test_a_functions_names_are_read_without_keeping_their_values_alive():
    import gc
    import weakref

    class Thing:
        pass

    def look():
        thing = Thing()
        gone = weakref.ref(thing)
        assert local_names(sys._getframe())["thing"] is thing
        del thing
        gc.collect()
        return gone()

    assert look() is None


def test_what_a_functions_own_locals_gave_is_not_changed_by_looking():
    def look(alpha, data):
        given = locals()
        local_names(sys._getframe())
        name_of(data, sys._getframe())
        return given

    assert look(2.0, data := [1]) == {"alpha": 2.0, "data": data}


def test_a_name_that_exec_left_in_a_function_stays_there():
    def look():
        exec("threshold = 0.5")
        local_names(sys._getframe())
        exec("assert threshold == 0.5")

    if sys.version_info < (3, 13):  # since then it leaves none
        look()


def old():
    warnings.warn("old", DeprecationWarning, stacklevel=2)


@skipped
def wrapper():
    old()


def test_a_warning_passes_over_a_frame_that_is_skipped_and_a_traceback_shows_it():
    with pytest.warns(DeprecationWarning, match="old") as heard:
        wrapper()
    line = sys._getframe().f_lineno - 1
    assert [(one.filename, one.lineno) for one in heard] == [(__file__, line)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning) as failed:
            wrapper()
    names = [(frame.filename, frame.name) for frame in traceback.extract_tb(failed.value.__traceback__)]
    assert names[1:] == [(SKIPPED, "wrapper"), (__file__, "old")]
