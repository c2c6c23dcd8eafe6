"""Names that are handed on when they are asked for."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops import tracking


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of two modules, one of which cannot be imported."""
    home = tmp_path / "lazy_sample"
    home.mkdir()
    (home / "__init__.py").write_text(
        "from jupyter_mlops.lazy import hand_on\n"
        "__getattr__, __dir__ = hand_on(__name__, {'good': 'one', 'bad': 'two', 'gone': 'one'})\n"
    )
    (home / "one.py").write_text("good = object()\n")
    (home / "two.py").write_text("raise RuntimeError('not this one')\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.startswith("lazy_sample")]:
        monkeypatch.delitem(sys.modules, name)
    return "lazy_sample"


def test_a_name_brings_its_module_and_stays(package: str) -> None:
    found = importlib.import_module(package)
    assert f"{package}.one" not in sys.modules
    assert found.good is sys.modules[f"{package}.one"].good
    assert vars(found)["good"] is found.good
    assert f"{package}.two" not in sys.modules


def test_an_unknown_name_is_missing_and_a_failure_is_not_hidden(package: str) -> None:
    found = importlib.import_module(package)
    with pytest.raises(AttributeError, match="module 'lazy_sample' has no attribute 'nobody'"):
        _ = found.nobody
    with pytest.raises(AttributeError, match="gone"):
        _ = found.gone
    with pytest.raises(RuntimeError, match="not this one"):
        _ = found.bad
    assert not hasattr(found, "nobody")
    assert {"good", "bad", "gone"} <= set(dir(found))


def test_every_name_of_tracking_is_what_its_module_calls_so() -> None:
    for name in tracking.__all__:
        assert getattr(tracking, name).__name__ == name
        assert getattr(tracking, name).__module__.startswith(
            ("jupyter_mlops.tracking.", "jupyter_mlops.records.")
        )


def test_importing_tracking_alone_imports_nothing_behind_it() -> None:
    code = (
        "import sys, jupyter_mlops.tracking;"
        "assert [m for m in sys.modules if m.startswith('jupyter_mlops.tracking.')] == []"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
