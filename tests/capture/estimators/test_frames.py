"""Who is calling, and what the data are called there."""

from __future__ import annotations

import sys

from jupyter_mlops.capture.estimators.frames import called_by_library, local_names, name_of


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
