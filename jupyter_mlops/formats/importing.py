"""skops, imported without what it imports for nobody."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__all__ = ["skops_module"]

_FOLDER = "sklearn.externals.array_api_compat"
_BRIDGED = ("torch", "cupy", "dask")  # packages of scikit-learn's that import a library of the same name


def skops_module(name: str = "skops.io") -> Any:
    """Return a module of skops.

    While it is imported, skops looks through every module of scikit-learn. Some only bridge to PyTorch and the like and
    hold no estimator, yet looking there imports those libraries wherever they are installed: seconds and hundreds of
    megabytes in a kernel that never asked for them. They are passed over, unless their library is in use already.
    """
    if "skops.io" in sys.modules:
        return importlib.import_module(name)
    passed = [f"{_FOLDER}.{library}" for library in _BRIDGED if library not in sys.modules]
    passed = [bridge for bridge in passed if bridge not in sys.modules]
    sys.modules.update({bridge: ModuleType(bridge) for bridge in passed})
    try:
        return importlib.import_module(name)
    finally:
        for bridge in passed:
            sys.modules.pop(bridge, None)
