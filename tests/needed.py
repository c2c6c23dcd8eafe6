"""A library that tests need and that is too large to ask of every developer; in CI a missing one is a failure."""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

import pytest


def needed(name: str) -> ModuleType:
    """Return the module called *name*; where it is missing, skip the tests of this file, unless this is CI."""
    try:
        return import_module(name)
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{name} is not installed: pip install '.[test-torch]'", allow_module_level=True)
