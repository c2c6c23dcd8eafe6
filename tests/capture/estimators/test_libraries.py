"""Which libraries are observed, and how another package adds one."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from jupyter_mlops.capture.estimators.libraries import GROUP, OURS, observer_of

PROJECT = Path(__file__).parents[3] / "pyproject.toml"

LIBRARY = """
class Counter:
    def fit(self, X): return self
"""
OBSERVER = """
from jupyter_mlops.capture.estimators.seen import FitSeen
def observe(module, observer):
    def wrap(original):
        def fit(self, X):
            result = original(self, X)
            observer.sink.fit(FitSeen(estimator=self, features=None, kind="counting.Counter", kept=False))
            return result
        return fit
    observer.patches.attribute(module.Counter, "fit", wrap)
"""
SESSION = """
import sys
from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.estimators.seen import Sink
fits = []
class Sink:
    def fit(self, seen): fits.append(seen.kind)
    def metric(self, seen): pass
    def note(self, text): fits.append(text)
    def wanted(self): return True
    def keeps(self): return True
autolog(Sink())
assert "counting_observer" not in sys.modules
import counting
plain = counting.Counter
plain().fit([1])
autolog_off()
plain().fit([1])
import broken_library
autolog(Sink())
print(fits)
"""


def test_ours_are_registered_like_anybody_elses():
    table = tomllib.loads(PROJECT.read_text())["project"]["entry-points"][GROUP]
    assert table == dict(OURS)
    assert all(callable(observer_of(place)) for place in table.values())


def test_another_package_adds_a_library_and_a_broken_one_hurts_nobody(tmp_path):
    (tmp_path / "counting.py").write_text(LIBRARY)
    (tmp_path / "counting_observer.py").write_text(OBSERVER)
    (tmp_path / "broken_library.py").write_text("")
    metadata = tmp_path / "counting-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        f"[{GROUP}]\ncounting = counting_observer:observe\nbroken_library = nowhere:observe\n"
    )
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{SESSION}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith(
        "['counting.Counter', \"broken_library is not observed: ModuleNotFoundError"
    )
