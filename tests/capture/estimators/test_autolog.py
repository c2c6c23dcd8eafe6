"""On, off, and between: every replaced object comes back, and nothing of ours reaches the user."""

from __future__ import annotations

import subprocess
import sys

from sklearn import metrics, model_selection
from sklearn.base import BaseEstimator
from sklearn.cluster import MiniBatchKMeans
from sklearn.linear_model import Ridge
from sklearn.metrics._scorer import _BaseScorer

from jupyter_mlops.capture.estimators import autolog, autolog_off, is_on


def _methods_and_bodies():
    """Everything that is replaced while autolog is on, by where it stands."""
    from jupyter_mlops.capture.estimators.scikit_learn import _descendants

    found = {"meta_path": tuple(sys.meta_path), "hook": vars(BaseEstimator).get("__init_subclass__")}
    for cls in {one for name in _descendants(BaseEstimator) for one in name.__mro__} | {_BaseScorer}:
        for name, method in vars(cls).items():
            if callable(method) or hasattr(method, "fn"):
                found[cls, name] = (method, getattr(method, "fn", None))
    for module in (metrics, model_selection):
        for name in module.__all__:
            function = vars(module).get(name)
            found[module.__name__, name] = (function, getattr(function, "__code__", None))
    return found


def test_off_puts_every_object_back_and_twice_on_doubles_nothing(sink, diabetes):
    before = _methods_and_bodies()
    autolog(type(sink)())
    autolog(sink)
    assert is_on()
    during = _methods_and_bodies()
    changed = {
        place for place, things in before.items() if during[place] is not things and during[place] != things
    }
    assert {(Ridge, "fit"), (MiniBatchKMeans, "partial_fit"), (_BaseScorer, "__call__")} <= changed
    assert {("sklearn.metrics", "f1_score"), ("sklearn.model_selection", "cross_validate")} <= changed
    assert all(
        during["sklearn.metrics", name][0] is before["sklearn.metrics", name][0] for name in metrics.__all__
    )
    Ridge().fit(diabetes[0], diabetes[2])
    assert len(sink.fits) == 1
    assert autolog_off() == ()
    assert not is_on()
    after = _methods_and_bodies()
    assert after.keys() == before.keys()
    different = []
    for place, things in before.items():
        pairs = (
            zip(things, after[place], strict=True) if isinstance(things, tuple) else [(things, after[place])]
        )
        different += [place for one, other in pairs if one is not other]
    assert different == []


def test_what_somebody_else_replaced_meanwhile_is_left_alone(sink):
    original = vars(Ridge)["fit"]
    autolog(sink)

    def theirs(self, X, y):
        return original(self, X, y)

    Ridge.fit = theirs
    try:
        assert autolog_off() == ("Ridge.fit",)
        assert vars(Ridge)["fit"] is theirs
    finally:
        Ridge.fit = original


def test_a_failing_sink_never_reaches_the_user(heard, diabetes, monkeypatch):
    def full(seen):
        raise RuntimeError("disk full")

    monkeypatch.setattr(heard, "fit", full)
    Ridge().fit(diabetes[0], diabetes[2])
    assert "disk full" in heard.notes[0]


def test_nothing_is_observed_while_nobody_listens(heard, diabetes):
    heard.listening = False
    Ridge().fit(diabetes[0], diabetes[2])
    assert heard.fits == []


def test_a_library_imported_in_the_same_cell_is_seen_and_none_is_imported_for_it():
    script = """
import sys
from jupyter_mlops.capture.estimators import autolog
from jupyter_mlops.records.autolog import AutologOptions
fits, metrics = [], []
class Sink:
    def fit(self, seen): fits.append(seen)
    def metric(self, seen): metrics.append(seen)
    def note(self, text): print(text)
    def wanted(self): return True
    def keeps(self): return True
    def options(self): return AutologOptions()
    def predicted(self, seen): seen.inputs()
autolog(Sink())
assert not any(name.partition('.')[0] in {'sklearn', 'numpy', 'pandas', 'scipy'} for name in sys.modules)
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
import numpy as np
X = np.arange(20.0).reshape(10, 2)
model = Ridge().fit(X, X[:, 0])
mean_absolute_error(X[:, 0], model.predict(X))
print(len(fits), [m.name for m in metrics])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 ['train_mae']"
